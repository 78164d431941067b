import Contracts
import Cryptography
import Primitives

/// Reads what contracts say with hardhat's `console.log`: static calls to an address without code.
///
/// Source: hardhat, `packages/hardhat-core/console.sol`.
public enum ConsoleLog {
  /// The address whose last bytes spell `console.log`.
  public static let address = Address(
    Bytes(repeating: 0, count: 9) + Bytes("console.log".utf8))

  /// Lines of one call or transaction that are kept.
  static let lineLimit = 1_000

  /// The line that a call's data says; nil for data that no `console.log` makes.
  public static func decode(_ input: Bytes) -> String? {
    guard input.count >= 4 else { return nil }
    let selector = input[..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard let types = signatures[selector],
      let values = try? ABI.decode(types, Bytes(input[4...]))
    else { return nil }
    return format(values)
  }

  /// The values one after the other; a first text's `%s`, `%d` and their like take the next ones.
  private static func format(_ values: [ABIValue]) -> String {
    var rest = values[...]
    var line = ""
    if values.count > 1, case .string(let bytes)? = rest.first {
      rest = rest.dropFirst()
      var text = String(decoding: bytes, as: UTF8.self)[...]
      while let percent = text.firstIndex(of: "%") {
        line += text[..<percent]
        let next = text.index(after: percent)
        let kind = next < text.endIndex ? text[next] : " "
        if kind == "%" {
          line += "%"
        } else if "sdifjoO".contains(kind), let value = rest.popFirst() {
          line += plain(value)
        } else {
          line += text[percent..<(next < text.endIndex ? text.index(after: next) : next)]
        }
        text = next < text.endIndex ? text[text.index(after: next)...] : ""
      }
      line += text
      if rest.isEmpty { return line }
      line += " "
    }
    return line + rest.map(plain).joined(separator: " ")
  }

  private static func plain(_ value: ABIValue) -> String {
    if case .string(let bytes) = value { return String(decoding: bytes, as: UTF8.self) }
    return value.text
  }

  /// All overloads by selector: one to four of four types, and the single ones.
  private static let signatures: [UInt32: [ABIType]] = {
    let four: [ABIType] = [.uint256, .string, .bool, .address]
    var lists: [[ABIType]] = [[]]
    var found: [[ABIType]] = [[], [.int(bits: 256)], [.bytes]] + (1...32).map { [.fixedBytes($0)] }
    for _ in 0..<4 {
      lists = lists.flatMap { list in four.map { list + [$0] } }
      found += lists
    }
    var signatures: [UInt32: [ABIType]] = [:]
    for types in found {
      // The first versions of the library wrote uint where it now writes uint256.
      for name in ["uint256", "uint"] {
        let names = types.map { $0 == .uint256 ? name : $0.canonicalName }
        for function in ["log"] + (types.count == 1 ? ["log" + capitalised(types[0])] : []) {
          let text = function + "(" + names.joined(separator: ",") + ")"
          let hash = Keccak256.hash(Bytes(text.utf8)).bytes
          signatures[hash[..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }] = types
        }
      }
    }
    return signatures
  }()

  private static func capitalised(_ type: ABIType) -> String {
    let name = type.canonicalName.replacing("256", with: "")
    return name.prefix(1).uppercased() + name.dropFirst()
  }
}
