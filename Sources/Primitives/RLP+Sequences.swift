extension RLPWriter {
  /// Appends a list with what `write` makes of each value.
  public mutating func append<Values: Sequence>(
    _ values: Values, _ write: (inout RLPWriter, Values.Element) -> Void
  ) {
    list { items in for value in values { write(&items, value) } }
  }

  /// Appends a list of what `write` makes of a value, empty for nil.
  public mutating func append<Value>(
    optional value: Value?, _ write: (inout RLPWriter, Value) -> Void
  ) {
    list { items in if let value { write(&items, value) } }
  }
}

extension RLPReader {
  /// What `read` makes of a list's items, up to its end.
  /// - Throws: `RLPError`.
  public mutating func all<Value>(
    _ read: (inout RLPReader) throws(RLPError) -> Value
  ) throws(RLPError) -> [Value] {
    var items = try list()
    var values: [Value] = []
    while !items.isAtEnd { values.append(try read(&items)) }
    return values
  }

  /// What `read` makes of a list's items, of which there is one value or none; nil for none.
  /// - Throws: `RLPError`.
  public mutating func optional<Value>(
    _ read: (inout RLPReader) throws(RLPError) -> Value
  ) throws(RLPError) -> Value? {
    var items = try list()
    if items.isAtEnd { return nil }
    let value = try read(&items)
    try items.end()
    return value
  }
}
