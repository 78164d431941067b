import Cryptography
import JSON
import Primitives

/// The first form of typed data: a list of values with their types and names, and no structures.
///
/// Source: EIP-712's predecessor, as MetaMask's `eth_signTypedData` (version 1) hashes it.
enum TypedList {
  /// The hash that is signed: of the types and names, and of the values, each packed.
  static func digest(_ list: RPCValue) throws(RPCError) -> Hash {
    var schema: Bytes = []
    var values: Bytes = []
    let elements = try list.elements()
    guard !elements.isEmpty else { throw list.error("has no values") }
    for element in elements {
      let type = try element.required("type").string()
      let name = try element.required("name").string()
      schema += Bytes("\(type) \(name)".utf8)
      values += try packed(type, try element.required("value"))
    }
    return Keccak256.hash(Keccak256.hash(schema).bytes + Keccak256.hash(values).bytes)
  }

  /// A value without padding, as Solidity's `abi.encodePacked` has it; a list's elements are words.
  private static func packed(_ type: String, _ value: RPCValue) throws(RPCError) -> Bytes {
    if type.hasSuffix("]"), let bracket = type.lastIndex(of: "[") {
      let inner = String(type[..<bracket])
      guard !["string", "bytes"].contains(inner), !inner.hasSuffix("]") else {
        throw value.error("\(type) cannot be packed")
      }
      var words: Bytes = []
      for element in try value.elements() {
        let bytes = try packed(inner, element)
        let padding = Bytes(repeating: 0, count: 32 - min(32, bytes.count))
        let isNegative = inner.hasPrefix("int") && (bytes.first ?? 0) >= 0x80
        words +=
          inner.hasPrefix("bytes")
          ? bytes + padding : padding.map { isNegative ? 0xff : $0 } + bytes
      }
      return words
    }
    switch type {
    case "string": return Bytes(try value.string().utf8)
    case "bytes": return try value.data()
    case "address": return try value.address().bytes
    case "bool": return [try value.bool() ? 1 : 0]
    default: break
    }
    if type.hasPrefix("bytes"), let count = Int(type.dropFirst(5)), 1...32 ~= count {
      return try value.data(count: count)
    }
    let (word, size) = try value.integer(type)
    return Bytes(word.bigEndianBytes.suffix(size))
  }
}
