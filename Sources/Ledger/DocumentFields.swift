import JSON
import Primitives

/// The members of one JSON object, with the path that errors name.
struct Fields {
  let json: JSON
  let path: String

  func child(_ name: String) throws(GenesisError) -> Fields {
    guard let value = json[name] else {
      throw GenesisError(field: self.name(of: name), reason: "is missing")
    }
    return Fields(json: value, path: self.name(of: name))
  }

  func required<Value>(_ value: Value?, _ name: String) throws(GenesisError) -> Value {
    guard let value else { throw GenesisError(field: self.name(of: name), reason: "is missing") }
    return value
  }

  /// A number in 256 bits: a JSON number, or text in decimal or, after 0x, hexadecimal.
  func quantity(_ name: String) throws(GenesisError) -> UInt256? {
    guard let value = json[name], !value.isNull else { return nil }
    let text = value.string ?? value.number?.text ?? ""
    let number =
      text.utf8.starts(with: "0x".utf8) ? UInt256(hexadecimal: text) : UInt256(decimal: text)
    guard let number else {
      throw GenesisError(field: self.name(of: name), reason: "'\(text)' is not a number")
    }
    return number
  }

  func number(_ name: String) throws(GenesisError) -> UInt64? {
    guard let quantity = try quantity(name) else { return nil }
    guard let number = quantity.asUInt64 else {
      throw GenesisError(field: self.name(of: name), reason: "is above 64 bits")
    }
    return number
  }

  /// A number that is not 0.
  func positive(_ name: String) throws(GenesisError) -> UInt64? {
    guard let number = try number(name) else { return nil }
    guard number > 0 else { throw GenesisError(field: self.name(of: name), reason: "is 0") }
    return number
  }

  func bytes(_ name: String) throws(GenesisError) -> Bytes? {
    guard let value = json[name], !value.isNull else { return nil }
    guard let text = value.string, let bytes = Hexadecimal.decode(text) else {
      throw GenesisError(field: self.name(of: name), reason: "is not hexadecimal data")
    }
    return bytes
  }

  func hash(_ name: String) throws(GenesisError) -> Hash? {
    guard let bytes = try bytes(name) else { return nil }
    return try required(Hash(checking: bytes), name)
  }

  func address(_ name: String) throws(GenesisError) -> Address? {
    guard let bytes = try bytes(name) else { return nil }
    return try required(Address(checking: bytes), name)
  }

  private func name(of member: String) -> String { path.isEmpty ? member : path + "." + member }
}
