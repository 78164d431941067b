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

/// A blob transaction as its sender signed it, and where its blobs are.
public struct BlobTransactionAcceptance: Hashable, Sendable {
  /// The chain whose pool it entered.
  public var layer: Layer
  /// The transaction in its EIP-2718 encoding, without its blobs.
  public var encoded: Bytes
  /// The Keccak-256 of each blob with its commitment and proof, in the content store.
  public var sidecars: [Hash]

  /// Makes an acceptance.
  public init(layer: Layer, encoded: Bytes, sidecars: [Hash]) {
    self.layer = layer
    self.encoded = encoded
    self.sidecars = sidecars
  }
}

/// An L1 block as somebody else's node gave it.
public struct OutsideL1Block: Hashable, Sendable {
  /// The block in Ethereum's RLP encoding.
  public var encoded: Bytes
  /// Its receipts in their consensus form.
  public var receipts: [Bytes]
  /// The Keccak-256 of each blob that came with it, in the content store.
  public var sidecars: [Hash]

  /// Makes an arrival.
  public init(encoded: Bytes, receipts: [Bytes], sidecars: [Hash]) {
    self.encoded = encoded
    self.receipts = receipts
    self.sidecars = sidecars
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

extension BlobTransactionAcceptance {
  func write(to list: inout RLPWriter) {
    list.append(uint64: UInt64(layer.rawValue))
    list.append(bytes: encoded)
    list.append(hashes: sidecars)
  }

  init?(from list: inout RLPReader) throws(RLPError) {
    guard let layer = try Layer(from: &list) else { return nil }
    self.layer = layer
    encoded = Bytes(try list.bytes())
    sidecars = try list.hashes()
  }
}

extension OutsideL1Block {
  func write(to list: inout RLPWriter) {
    list.append(bytes: encoded)
    list.list { list in
      for receipt in receipts { list.append(bytes: receipt) }
    }
    list.append(hashes: sidecars)
  }

  init(from list: inout RLPReader) throws(RLPError) {
    encoded = Bytes(try list.bytes())
    receipts = []
    var entries = try list.list()
    while !entries.isAtEnd { receipts.append(Bytes(try entries.bytes())) }
    sidecars = try list.hashes()
  }
}

extension RLPWriter {
  mutating func append(hashes: [Hash]) {
    list { list in
      for hash in hashes { list.append(hash: hash) }
    }
  }
}

extension RLPReader {
  mutating func hashes() throws(RLPError) -> [Hash] {
    var hashes: [Hash] = []
    var entries = try list()
    while !entries.isAtEnd { hashes.append(try entries.hash()) }
    return hashes
  }
}
