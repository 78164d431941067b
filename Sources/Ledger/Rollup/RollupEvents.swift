import Primitives

/// That the second layer settles on the first, and how.
public struct RollupDeclaration: Hashable, Sendable {
  /// The configuration in op-node's JSON form, see ``RollupDocument``.
  public var document: Bytes

  /// Makes a declaration of a JSON text.
  public init(document: Bytes) { self.document = document }
}

/// What a rollup's sequencer decides about a block: its L1 origin and the order of transactions.
///
/// All else follows: the time from the parent, randomness and deposits from the origin.
public struct RollupBlockSealing: Hashable, Sendable {
  /// The number of the L1 block that is the origin.
  public var originNumber: UInt64
  /// The hash of that block.
  public var originHash: Hash
  /// The pooled transactions to try after the deposits, in this order.
  public var order: [Hash]

  /// Makes a sealing.
  public init(originNumber: UInt64, originHash: Hash, order: [Hash]) {
    self.originNumber = originNumber
    self.originHash = originHash
    self.order = order
  }
}

/// Where large bytes are that L1 names in a way of its own.
public struct ContentReference: Hashable, Sendable {
  /// How L1 names them: a blob's versioned hash, the hash that a commitment is, or the Keccak-256
  /// of a DA layer's certificate.
  public var name: Hash
  /// The Keccak-256 of what the content store has: the bytes, for a blob also its commitment and
  /// proof.
  public var content: Hash

  /// Stands for content that the DA layer says is none: derivation drops the commitment.
  public static let refused = Hash.zero

  /// Makes a reference.
  public init(name: Hash, content: Hash) {
    self.name = name
    self.content = content
  }
}

/// A transaction as its sender signed it, and the large bytes that came with it.
public struct CarrierAcceptance: Hashable, Sendable {
  /// The chain whose pool it entered.
  public var layer: Layer
  /// The transaction in its EIP-2718 encoding, without its blobs.
  public var encoded: Bytes
  /// What came with it.
  public var content: [ContentReference]

  /// Makes an acceptance.
  public init(layer: Layer, encoded: Bytes, content: [ContentReference]) {
    self.layer = layer
    self.encoded = encoded
    self.content = content
  }
}

/// An L1 block as somebody else's node gave it.
public struct OutsideL1Block: Hashable, Sendable {
  /// The block in Ethereum's RLP encoding.
  public var encoded: Bytes
  /// Its receipts in their consensus form.
  public var receipts: [Bytes]
  /// What came with it: blobs, and what commitments stand for.
  public var content: [ContentReference]

  /// Makes an arrival.
  public init(encoded: Bytes, receipts: [Bytes], content: [ContentReference]) {
    self.encoded = encoded
    self.receipts = receipts
    self.content = content
  }
}

extension RollupBlockSealing {
  func write(to list: inout RLPWriter) {
    list.append(uint64: originNumber)
    list.append(hash: originHash)
    list.append(hashes: order)
  }

  init(from list: inout RLPReader) throws(RLPError) {
    originNumber = try list.uint64()
    originHash = try list.hash()
    order = try list.hashes()
  }
}

extension CarrierAcceptance {
  func write(to list: inout RLPWriter) {
    list.append(uint64: UInt64(layer.rawValue))
    list.append(bytes: encoded)
    list.append(references: content)
  }

  init?(from list: inout RLPReader) throws(RLPError) {
    guard let layer = try Layer(from: &list) else { return nil }
    self.layer = layer
    encoded = Bytes(try list.bytes())
    content = try list.references()
  }
}

extension OutsideL1Block {
  func write(to list: inout RLPWriter) {
    list.append(bytes: encoded)
    list.list { list in
      for receipt in receipts { list.append(bytes: receipt) }
    }
    list.append(references: content)
  }

  init(from list: inout RLPReader) throws(RLPError) {
    encoded = Bytes(try list.bytes())
    receipts = []
    var entries = try list.list()
    while !entries.isAtEnd { receipts.append(Bytes(try entries.bytes())) }
    content = try list.references()
  }
}

extension RLPWriter {
  mutating func append(hashes: [Hash]) {
    list { list in
      for hash in hashes { list.append(hash: hash) }
    }
  }
}

extension RLPWriter {
  mutating func append(references: [ContentReference]) {
    list { list in
      for reference in references {
        list.list { pair in
          pair.append(hash: reference.name)
          pair.append(hash: reference.content)
        }
      }
    }
  }
}

extension RLPReader {
  mutating func references() throws(RLPError) -> [ContentReference] {
    var references: [ContentReference] = []
    var entries = try list()
    while !entries.isAtEnd {
      var pair = try entries.list()
      references.append(ContentReference(name: try pair.hash(), content: try pair.hash()))
      try pair.end()
    }
    return references
  }

  mutating func hashes() throws(RLPError) -> [Hash] {
    var hashes: [Hash] = []
    var entries = try list()
    while !entries.isAtEnd { hashes.append(try entries.hash()) }
    return hashes
  }
}
