import JSON

/// The positional parameters of a call, read with geth's rules and messages.
///
/// `null` stands for a parameter that is not there.
public struct RPCParameters: Sendable {
  /// The parameters as they were sent.
  public let values: [JSON]

  /// Parameters made by hand, as tests of methods need them.
  public init(_ values: [JSON] = []) { self.values = values }

  /// The parameters of a request: an array, or nothing.
  init(request params: JSON?) throws(RPCError) {
    switch params {
    case .array(let values): self.values = values
    case nil, .null: values = []
    default: throw .invalidParameters("non-array args")
    }
  }

  /// How many there are.
  public var count: Int { values.count }

  /// Refuses more parameters than the method has.
  ///
  /// - Throws: `RPCError` -32602.
  public func limit(to most: Int) throws(RPCError) {
    if count > most { throw .invalidParameters("too many arguments, want at most \(most)") }
  }

  /// The parameter at that place.
  ///
  /// - Throws: `RPCError` -32602 where it is missing.
  public func required(_ index: Int) throws(RPCError) -> RPCValue {
    guard let value = optional(index) else {
      throw .invalidParameters("missing value for required argument \(index)")
    }
    return value
  }

  /// The parameter at that place, if it is there.
  public func optional(_ index: Int) -> RPCValue? {
    guard values.indices.contains(index), !values[index].isNull else { return nil }
    return RPCValue(values[index], argument: index)
  }
}
