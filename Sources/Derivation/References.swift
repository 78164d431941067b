import Execution
import Primitives

/// A block's hash and number.
public struct BlockIdentifier: Hashable, Sendable {
  /// The hash of its header.
  public var hash: Hash
  /// How many blocks came before.
  public var number: UInt64

  /// The block with this hash and number.
  public init(hash: Hash, number: UInt64) {
    self.hash = hash
    self.number = number
  }
}

/// What derivation must know of an L1 block to place it in its chain.
public struct L1BlockReference: Hashable, Sendable {
  /// The hash of its header.
  public var hash: Hash
  /// How many blocks came before.
  public var number: UInt64
  /// The hash of the block before.
  public var parentHash: Hash
  /// Seconds since 1970.
  public var timestamp: UInt64

  /// A reference with these values.
  public init(hash: Hash, number: UInt64, parentHash: Hash, timestamp: UInt64) {
    self.hash = hash
    self.number = number
    self.parentHash = parentHash
    self.timestamp = timestamp
  }

  /// The reference to the block with `header`, whose hash the caller may know already.
  public init(_ header: BlockHeader, hash: Hash? = nil) {
    self.init(
      hash: hash ?? header.hash, number: header.number, parentHash: header.parentHash,
      timestamp: header.timestamp)
  }

  /// Its hash and number.
  public var identifier: BlockIdentifier { BlockIdentifier(hash: hash, number: number) }
}

/// What derivation must know of an L2 block to build the next one.
public struct L2BlockReference: Hashable, Sendable {
  /// The hash of its header.
  public var hash: Hash
  /// How many blocks came before.
  public var number: UInt64
  /// The hash of the block before.
  public var parentHash: Hash
  /// Seconds since 1970.
  public var timestamp: UInt64
  /// The L1 block whose attributes stand in it: its epoch.
  public var l1Origin: BlockIdentifier
  /// How many L2 blocks came before with the same L1 origin.
  public var sequenceNumber: UInt64

  /// A reference with these values.
  public init(
    hash: Hash, number: UInt64, parentHash: Hash, timestamp: UInt64, l1Origin: BlockIdentifier,
    sequenceNumber: UInt64
  ) {
    self.hash = hash
    self.number = number
    self.parentHash = parentHash
    self.timestamp = timestamp
    self.l1Origin = l1Origin
    self.sequenceNumber = sequenceNumber
  }

  /// Its hash and number.
  public var identifier: BlockIdentifier { BlockIdentifier(hash: hash, number: number) }
}
