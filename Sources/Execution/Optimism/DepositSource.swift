import Cryptography
import Primitives

/// What caused a deposit; its hash makes it unlike all others.
///
/// Source: the OP Stack specification, deposits, source hash computation.
public enum DepositSource: Hashable, Sendable {
  /// A log of the portal: the L1 block's hash and the log's index in the block.
  case user(l1BlockHash: Hash, logIndex: UInt64)
  /// The attributes of an L1 block, and how many L2 blocks came before with the same.
  case l1Attributes(l1BlockHash: Hash, sequenceNumber: UInt64)
  /// A network upgrade, by what it means to do.
  case upgrade(intent: String)
  /// After forced inclusions (interoperability): the L1 block's hash and the sequence number.
  case afterForceInclude(l1BlockHash: Hash, sequenceNumber: UInt64)

  /// The source hash.
  public var hash: Hash {
    switch self {
    case .user(let block, let index): Self.hash(domain: 0, block, index)
    case .l1Attributes(let block, let index): Self.hash(domain: 1, block, index)
    case .upgrade(let intent): Self.hash(domain: 2, Keccak256.hash(Bytes(intent.utf8)))
    case .afterForceInclude(let block, let index): Self.hash(domain: 3, block, index)
    }
  }

  private static func hash(domain: UInt64, _ block: Hash, _ index: UInt64) -> Hash {
    var bytes = block.bytes
    UInt256(index).append(to: &bytes)
    return hash(domain: domain, Keccak256.hash(bytes))
  }

  private static func hash(domain: UInt64, _ identity: Hash) -> Hash {
    var bytes = UInt256(domain).bigEndianBytes
    identity.append(to: &bytes)
    return Keccak256.hash(bytes)
  }
}
