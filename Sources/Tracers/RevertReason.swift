import Primitives

/// Reads what Solidity's own two errors say, in geth's words.
public enum RevertReason {
  /// The reason in a revert's output: the text of `Error(string)`, or what a `Panic(uint256)`
  /// means; nil for custom errors and for none.
  public static func decode(_ output: Bytes) -> String? {
    guard output.count >= 4 else { return nil }
    let arguments = output[4...]
    switch Bytes(output[..<4]) {
    case [0x08, 0xc3, 0x79, 0xa0]: return text(Bytes(arguments))
    case [0x4e, 0x48, 0x7b, 0x71]:
      guard arguments.count >= 32 else { return nil }
      return panic(UInt256(bigEndian: arguments.prefix(32)))
    default: return nil
    }
  }

  /// The text in the ABI encoding of one string, which, as in geth, need not be padded to a word.
  private static func text(_ arguments: Bytes) -> String? {
    guard let offset = word(arguments, at: 0), let size = word(arguments, at: offset) else {
      return nil
    }
    let start = offset + 32
    guard size <= arguments.count - start else { return nil }
    return String(decoding: arguments[start..<(start + size)], as: UTF8.self)
  }

  /// The number in the word at an offset, if there is one and it is small.
  private static func word(_ bytes: Bytes, at offset: Int) -> Int? {
    guard offset <= bytes.count - 32 else { return nil }
    let word = UInt256(bigEndian: bytes[offset..<(offset + 32)])
    guard let number = word.asInt, number <= bytes.count else { return nil }
    return number
  }

  /// Source: the Solidity documentation, "Panic via assert"; the words are geth's.
  private static func panic(_ code: UInt256) -> String {
    let words: [UInt64: String] = [
      0x00: "generic panic",
      0x01: "assert(false)",
      0x11: "arithmetic underflow or overflow",
      0x12: "division or modulo by zero",
      0x21: "enum overflow",
      0x22: "invalid encoded storage byte array accessed",
      0x31: "out-of-bounds array access; popping on an empty array",
      0x32: "out-of-bounds access of an array or bytesN",
      0x41: "out of memory",
      0x51: "uninitialized function",
    ]
    if let number = code.asUInt64, let known = words[number] { return known }
    return "unknown panic code: " + code.hexadecimal
  }
}
