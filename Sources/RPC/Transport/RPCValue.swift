import JSON
import Primitives

/// A parameter, or a part of one, that knows its place, so that an error can name it.
///
/// All readers throw `RPCError` -32602: `invalid argument 0: from: cannot read address: hex
/// string has length 2, want 40`.
public struct RPCValue: Sendable {
  /// The value as it was sent.
  public let json: JSON

  private let argument: Int
  private let path: String

  init(_ json: JSON, argument: Int, path: String = "") {
    self.json = json
    self.argument = argument
    self.path = path
  }

  /// Another value at the same place.
  func replacing(_ json: JSON) -> RPCValue { RPCValue(json, argument: argument, path: path) }

  /// An error that names this place.
  public func error(_ message: String) -> RPCError {
    .invalidParameters("invalid argument \(argument): \(path.isEmpty ? "" : path + ": ")\(message)")
  }

  private func unreadable(_ type: String, _ cause: String) -> RPCError {
    error("cannot read \(type): \(cause)")
  }

  // MARK: Structure

  /// The member of that name, if the value is an object that has it and it is not `null`.
  public func optional(_ name: String) throws(RPCError) -> RPCValue? {
    guard case .object(let members) = json else { throw unreadable("object", json.kind) }
    guard let value = members[name], !value.isNull else { return nil }
    return RPCValue(value, argument: argument, path: path.isEmpty ? name : path + "." + name)
  }

  /// The first of members that go by several names, if one is there.
  public func optional(_ name: String, or others: String...) throws(RPCError) -> RPCValue? {
    if let value = try optional(name) { return value }
    for other in others {
      if let value = try optional(other) { return value }
    }
    return nil
  }

  /// The member of a name, or of its other one.
  public func required(_ name: String, or other: String) throws(RPCError) -> RPCValue {
    if let value = try optional(name) { return value }
    return try required(other)
  }

  /// The member of that name.
  public func required(_ name: String) throws(RPCError) -> RPCValue {
    guard let value = try optional(name) else { throw error("missing field \(name)") }
    return value
  }

  /// The members in their order.
  public func members() throws(RPCError) -> [(key: String, value: RPCValue)] {
    guard case .object(let members) = json else { throw unreadable("object", json.kind) }
    return members.map { member in
      let inner = path.isEmpty ? member.key : path + "." + member.key
      return (member.key, RPCValue(member.value, argument: argument, path: inner))
    }
  }

  /// The elements.
  public func elements() throws(RPCError) -> [RPCValue] {
    guard case .array(let elements) = json else { throw unreadable("array", json.kind) }
    return elements.enumerated().map { index, element in
      RPCValue(element, argument: argument, path: path + "[\(index)]")
    }
  }

  // MARK: Scalars

  /// A truth value.
  public func bool() throws(RPCError) -> Bool {
    guard case .bool(let value) = json else { throw unreadable("bool", json.kind) }
    return value
  }

  /// A string.
  public func string() throws(RPCError) -> String {
    guard case .string(let value) = json else { throw unreadable("string", json.kind) }
    return value
  }

  /// Bytes: `"0x…"` with two digits each.
  public func data() throws(RPCError) -> Bytes { try bytes(as: "data") }

  /// Bytes, as many as that.
  public func data(count: Int) throws(RPCError) -> Bytes {
    try bytes(as: "\(count) bytes", count: count)
  }

  /// An address: 20 bytes, in any case.
  public func address() throws(RPCError) -> Address {
    Address(try bytes(as: "address", count: 20))
  }

  /// A hash: 32 bytes.
  public func hash() throws(RPCError) -> Hash { Hash(try bytes(as: "hash", count: 32)) }

  /// A quantity: `"0x…"` without leading zeros, up to 256 bits.
  public func quantity() throws(RPCError) -> UInt256 {
    let digits = try digits(ofQuantity: "quantity")
    guard digits.utf8.count <= 64 else { throw unreadable("quantity", "hex number > 256 bits") }
    guard let value = UInt256(hexadecimal: "0x" + digits) else {
      throw unreadable("quantity", "invalid hex string")
    }
    return value
  }

  /// A quantity that fits 64 bits.
  public func uint64() throws(RPCError) -> UInt64 { try uint64(as: "quantity") }

  func uint64(as type: String) throws(RPCError) -> UInt64 {
    let digits = try digits(ofQuantity: type)
    guard digits.utf8.allSatisfy({ Hexadecimal.value(of: $0) != nil }) else {
      throw unreadable(type, "invalid hex string")
    }
    guard let value = UInt64(digits, radix: 16) else {
      throw unreadable(type, "hex number > 64 bits")
    }
    return value
  }

  /// A quantity as the tools for development chains send it: hexadecimal with or without
  /// leading zeros, a decimal string, or a number.
  public func looseQuantity() throws(RPCError) -> UInt256 {
    let value: UInt256? =
      switch json {
      case .number(let number): UInt256(decimal: number.text)
      case .string(let text) where text.utf8.starts(with: "0x".utf8): UInt256(hexadecimal: text)
      case .string(let text): UInt256(decimal: text)
      default: nil
      }
    guard let value else { throw unreadable("quantity", "neither hexadecimal nor decimal") }
    return value
  }

  /// The key of a storage slot: up to 32 bytes, of which the left ones may be left out.
  public func storageKey() throws(RPCError) -> UInt256 {
    let text = try string()
    let digits = text.utf8.starts(with: "0x".utf8) ? text.dropFirst(2) : text[...]
    guard digits.utf8.count <= 64 else {
      throw .invalidParameters(
        "storage key too long (want at most 32 bytes): \"\(text.prefix(80))\"")
    }
    let padded = digits.utf8.count % 2 == 0 ? String(digits) : "0" + digits
    guard let bytes = Hexadecimal.decode(padded) else {
      throw .invalidParameters("invalid hex in storage key: \"\(text)\"")
    }
    return UInt256(bigEndian: bytes)
  }

  // MARK: Hexadecimal

  /// The digits of a quantity's text, one of them at least.
  private func digits(ofQuantity type: String) throws(RPCError) -> String {
    let digits = try hexadecimalDigits(of: type)
    if digits.isEmpty { throw unreadable(type, "hex string \"0x\"") }
    if digits.utf8.count > 1, digits.utf8.first == UInt8(ascii: "0") {
      throw unreadable(type, "hex number with leading zero digits")
    }
    return digits
  }

  private func hexadecimalDigits(of type: String) throws(RPCError) -> String {
    guard case .string(let text) = json else { throw unreadable(type, "non-string") }
    if text.isEmpty { throw unreadable(type, "empty hex string") }
    guard text.utf8.starts(with: "0x".utf8) || text.utf8.starts(with: "0X".utf8) else {
      throw unreadable(type, "hex string without 0x prefix")
    }
    return String(text.utf8.dropFirst(2)) ?? ""
  }

  private func bytes(as type: String, count: Int? = nil) throws(RPCError) -> Bytes {
    let digits = try hexadecimalDigits(of: type)
    if digits.utf8.count % 2 != 0 { throw unreadable(type, "hex string of odd length") }
    if let count, digits.utf8.count != 2 * count {
      throw unreadable(
        type, "hex string has length \(digits.utf8.count), want \(2 * count)")
    }
    // A second prefix would be taken for one by the decoder.
    guard !digits.utf8.starts(with: "0x".utf8), let bytes = Hexadecimal.decode(digits) else {
      throw unreadable(type, "invalid hex string")
    }
    return bytes
  }
}
