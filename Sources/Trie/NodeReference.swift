import Cryptography
import Primitives

/// How a parent names a node: by hash, or, when the encoding is shorter than a hash, by itself.
///
/// Every node has room for one as its first property, which is in the same piece of memory as the
/// count of its holders: whoever copies a branch has touched all that its encoding needs.
struct NodeReference: Hashable, Sendable {
  /// The hash, or the bytes of the encoding and zeros behind them.
  let content: Hash
  /// How many of the bytes count: 32 of a hash, fewer of an encoding; none where there is no node,
  /// or where it was not named yet.
  let count: UInt8

  /// No node, or none that was named.
  static var none: NodeReference { NodeReference(content: .zero, count: 0) }

  /// A node by the hash of its encoding.
  init(_ hash: Hash) { self.init(content: hash, count: 32) }

  /// A node by its encoding, or by the hash of that.
  init(encoding: UnsafeRawBufferPointer) {
    guard encoding.count < 32 else {
      self.init(unsafe Keccak256.hash(encoding))
      return
    }
    var bytes = Bytes(repeating: 0, count: 32)
    for index in encoding.indices { bytes[index] = unsafe encoding[index] }
    self.init(content: Hash(bytes), count: UInt8(encoding.count))
  }

  private init(content: Hash, count: UInt8) {
    self.content = content
    self.count = count
  }

  /// Whether there is no node, or none that was named.
  var isNone: Bool { count == 0 }

  /// The hash; nil of a node that stands inline, and of none.
  var hash: Hash? { count == 32 ? content : nil }

  /// The encoding of a node that stands inline.
  var encoding: Bytes { Bytes(content.bytes.prefix(Int(count))) }

  /// Appends the item by which a parent has the node.
  func append(to list: inout RLPWriter) {
    switch count {
    case 0: list.append(bytes: [])
    case 32: list.append(hash: content)
    default: list.append(raw: encoding)
    }
  }
}
