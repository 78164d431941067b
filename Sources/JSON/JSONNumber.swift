/// A JSON number as it was written, so that nothing is lost before somebody asks for a type.
public struct JSONNumber: Sendable, Hashable {
  /// The number's text, in JSON's grammar.
  public let text: String

  /// An integer.
  public init(_ value: some BinaryInteger) { text = String(value) }

  /// A double, written so that reading gives it back; `nil` for infinities and NaN.
  public init?(exactly value: Double) {
    guard value.isFinite else { return nil }
    text = value.description
  }

  /// A number from its text; `nil` if that is not in JSON's grammar.
  public init?(text: String) {
    var parser = JSONParser(bytes: [UInt8](text.utf8), limits: .standard)
    guard let json = try? parser.document(), case .number(let number) = json,
      number.text.utf8.count == text.utf8.count
    else { return nil }
    self = number
  }

  /// A number from text that the parser has checked.
  init(checked text: String) { self.text = text }

  /// The exact value, if it is written without fraction or exponent and fits.
  public var int64: Int64? { Int64(text) }

  /// The exact value, if it is written without fraction or exponent and fits.
  public var uint64: UInt64? { UInt64(text) ?? (text == "-0" ? 0 : nil) }

  /// The exact value, if it is written without fraction or exponent and fits.
  public var int: Int? { Int(text) }

  /// The nearest double; `nil` where it would be infinite.
  public var double: Double? {
    guard let value = Double(text), value.isFinite else { return nil }
    return value
  }
}
