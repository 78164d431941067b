/// A JSON value (RFC 8259), as it was written: members in their order, numbers as their text.
///
/// Strings and keys are compared byte for byte, as JSON requires; Swift's own `==` would call
/// `"é"` and its decomposed form the same.
public enum JSON: Sendable, Hashable {
  case null
  case bool(Bool)
  case number(JSONNumber)
  case string(String)
  case array([JSON])
  case object(JSONObject)
  /// A value that is JSON text already, as long answers are made; never what a parser gives.
  case serialized([UInt8])

  /// Whether both values are the same text but for white space and escapes: `1.0` is not `1`.
  public static func == (left: JSON, right: JSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.number(let left), .number(let right)): left == right
    case (.string(let left), .string(let right)): sameBytes(left, right)
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    case (.serialized(let left), .serialized(let right)): left == right
    default: false
    }
  }

  /// Feeds the value's bytes into the hasher.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0 as UInt8)
    case .bool(let value): hasher.combine(value)
    case .number(let value): hasher.combine(value)
    case .string(let value): ExactKey(value).hash(into: &hasher)
    case .array(let value): hasher.combine(value)
    case .object(let value): hasher.combine(value)
    case .serialized(let value): hasher.combine(value)
    }
  }
}

extension JSON {
  /// Reads one JSON document.
  ///
  /// Refuses what RFC 8259 refuses, and also duplicate keys, lone surrogates and what exceeds the
  /// limits. Takes no stack for depth.
  ///
  /// - Throws: `JSONError`, with the offset of the first byte that is wrong.
  public static func parse(
    _ bytes: [UInt8], limits: JSONLimits = .standard
  ) throws(JSONError) -> JSON {
    var parser = JSONParser(bytes: bytes, limits: limits)
    return try parser.document()
  }

  /// Reads one JSON document from text.
  ///
  /// - Throws: `JSONError`, with an offset in UTF-8 bytes.
  public static func parse(
    _ text: String, limits: JSONLimits = .standard
  ) throws(JSONError) -> JSON {
    try parse([UInt8](text.utf8), limits: limits)
  }

  /// The value as JSON text in UTF-8, without white space.
  public func serialized() -> [UInt8] {
    var writer = JSONWriter()
    writer.value(self)
    return writer.bytes
  }

  /// The value as JSON text for people: two spaces of indentation, one member a line.
  public func serializedForPeople() -> [UInt8] {
    var writer = JSONWriter(indentation: 2)
    writer.value(self)
    return writer.bytes
  }
}

extension JSON {
  /// Whether the value is `null`.
  public var isNull: Bool { if case .null = self { true } else { false } }

  /// The truth value, if the value is one.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The string, if the value is one.
  public var string: String? { if case .string(let value) = self { value } else { nil } }

  /// The number, if the value is one.
  public var number: JSONNumber? { if case .number(let value) = self { value } else { nil } }

  /// The elements, if the value is an array.
  public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }

  /// The members, if the value is an object.
  public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

  /// The exact integer, if the value is a number written without fraction or exponent that fits.
  public var int64: Int64? { number?.int64 }

  /// The exact integer, if the value is a number written without fraction or exponent that fits.
  public var uint64: UInt64? { number?.uint64 }

  /// The exact integer, if the value is a number written without fraction or exponent that fits.
  public var int: Int? { number?.int }

  /// The nearest finite double, if the value is a number that has one.
  public var double: Double? { number?.double }

  /// The value of the member of that name, if the value is an object that has it.
  public subscript(_ key: String) -> JSON? { object?[key] }

  /// The element at that place, if the value is an array that has it.
  public subscript(_ index: Int) -> JSON? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// What the value is, as error messages name it.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "bool"
    case .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    case .serialized: "JSON text"
    }
  }
}

extension JSON {
  /// A number that is an integer.
  public static func integer(_ value: some BinaryInteger) -> JSON { .number(JSONNumber(value)) }

  /// A number that is a finite double; `null` for what JSON cannot say (infinities, NaN).
  public static func double(_ value: Double) -> JSON {
    JSONNumber(exactly: value).map { .number($0) } ?? .null
  }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByStringLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// `null`.
  public init(nilLiteral: ()) { self = .null }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// An integer.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// An array.
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  /// An object; a key that is there twice keeps its last value.
  public init(dictionaryLiteral elements: (String, JSON)...) {
    var object = JSONObject()
    for (key, value) in elements { object[key] = value }
    self = .object(object)
  }
}
