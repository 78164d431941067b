import Cryptography
import Derivation
import EVM
import Execution
import Primitives

/// Brings the second layer's blocks to the first, so that anybody can derive them.
///
/// A policy: its memory is the world. What L1 has said already is the safe head; what is on its way
/// there waits in L1's pool. So a crash loses nothing, and nothing is posted twice: a channel goes
/// out when none of ours is under way, and begins where the safe head ends.
public struct Batcher: Sendable {
  /// How the bytes of a channel get to those who derive.
  public enum Carrier: Hashable, Sendable {
    /// In the input of L1 transactions.
    case calldata
    /// In blobs beside L1 transactions.
    case blobs
    /// In a store beside L1, which has only their Keccak-256.
    case commitments
    /// With a DA layer, whose commitment stands on L1: a certificate, or the Keccak-256; the posting
    /// has the bytes, and the input to fall back on where the layer does not answer.
    case layer
  }

  /// How the decisions for blocks are written.
  public enum BatchForm: Hashable, Sendable {
    /// Each block alone.
    case singular
    /// Many blocks together.
    case span
  }

  /// The address that signs; the system configuration's batcher, or nothing counts.
  public var address: Address
  /// How the bytes travel.
  public var carrier: Carrier
  /// How the decisions are written.
  public var form: BatchForm
  /// How channels are compressed.
  public var compression: ChannelCompression
  /// The most L1 blocks between one channel and the next; a channel is closed no later.
  public var channelDurationInBlocks: UInt64 = 1
  /// The uncompressed bytes of transactions after which a channel is closed earlier.
  public var channelTargetInBytes = 500_000
  /// The most bytes of one L1 transaction's frames.
  public var transactionLimitInBytes = 120_000
  /// The most blocks of one channel.
  public var channelLimitInBlocks = 800

  /// Makes a batcher.
  public init(
    address: Address, carrier: Carrier = .calldata, form: BatchForm = .span,
    compression: ChannelCompression = .zlib
  ) {
    self.address = address
    self.carrier = carrier
    self.form = form
    self.compression = compression
  }

  /// The L2 blocks that should go out now; none while what went out is under way.
  public func blocksDue(_ world: World) -> ArraySlice<RollupBlock> {
    guard let rollup = world.rollup, let l1 = world.layerOne,
      rollup.batcher == address, !l1.isSending(address)
    else { return [] }
    let waiting = rollup.unsafeBlocks.prefix(channelLimitInBlocks)
    guard !waiting.isEmpty, waiting.allSatisfy({ $0.body != nil }) else { return [] }
    let last = rollup.safeHeads.last?.l1.number ?? 0
    if l1.number &+ 1 >= last &+ channelDurationInBlocks { return waiting }
    var size = 0
    for block in waiting { size += block.transactions.reduce(0) { $0 + $1.count } }
    return size >= channelTargetInBytes ? waiting : []
  }

  /// How many bytes of transactions the batches of blocks have.
  public static func batchSize(of blocks: ArraySlice<RollupBlock>) -> Int {
    blocks.reduce(0) { size, block in block.sequenced.reduce(size) { $0 + $1.count } }
  }

  /// Transactions that were made a while ago, with the nonces and fees of now.
  public func renewed(_ transactions: [Transaction], _ world: World) -> [Transaction] {
    guard let l1 = world.layerOne else { return [] }
    let nonce = ((try? l1.head.state.account(address)) ?? nil)?.nonce ?? 0
    return transactions.enumerated().map { index, transaction in
      var transaction = transaction
      transaction.nonce = nonce + UInt64(index)
      transaction.maxFeePerGas = Batcher.feeLimit(l1)
      if transaction.kind == .blob {
        transaction.maxFeePerBlobGas = Batcher.blobFeeLimit(l1)
      }
      return transaction
    }
  }

  /// The channel of L2 blocks, cut into frames.
  ///
  /// `compress` is the host's; nil where it fails. The channel's name follows from what is in it
  /// and from L1's head, so that one that is tried again is another one.
  public func frames(
    of blocks: ArraySlice<RollupBlock>, _ world: World,
    compress: (Bytes, ChannelCompression) -> Bytes?
  ) -> [Frame] {
    guard let rollup = world.rollup, let l1 = world.layerOne, let first = blocks.first,
      let last = blocks.last
    else { return [] }
    let configuration = rollup.configuration
    let singular = blocks.map(\.batch)
    let batches: [Batch] =
      switch form {
      case .singular: singular.map { .singular($0) }
      case .span:
        [
          .span(
            SpanBatch(
              singular, firstSequenceNumber: first.reference.sequenceNumber,
              genesisTime: configuration.genesis.l2Time))
        ]
      }
    guard let content = try? ChannelWriter.content(batches, chainID: configuration.l2ChainID),
      let compressed = compress(content, compression)
    else { return [] }
    let name = Keccak256.hash(
      first.reference.hash.bytes + last.reference.hash.bytes + l1.head.hash.bytes)
    let limit = carrier == .blobs ? BlobData.capacityInBytes : transactionLimitInBytes
    return ChannelWriter.frames(
      of: compression.channelBytes(compressed: compressed),
      channel: ChannelIdentifier(high: name.word0, low: name.word1), frameLimit: limit - 1) ?? []
  }

  /// A transaction that is to go to L1, unsigned.
  public struct Posting: Sendable {
    /// The transaction.
    public var transaction: Transaction
    /// The blobs that it carries, whose hashes it lacks yet.
    public var blobs: [Bytes] = []
    /// What the commitment in it stands for.
    public var content: Bytes?

    /// Makes a posting.
    public init(transaction: Transaction, blobs: [Bytes] = [], content: Bytes? = nil) {
      self.transaction = transaction
      self.blobs = blobs
      self.content = content
    }
  }

  /// What is due, in the order of the nonces.
  public func due(_ world: World, compress: (Bytes, ChannelCompression) -> Bytes?) -> [Posting] {
    let blocks = blocksDue(world)
    guard !blocks.isEmpty, let l1 = world.layerOne, let configuration = world.rollup?.configuration
    else { return [] }
    var postings = frames(of: blocks, world, compress: compress).map { frame in
      let data = Frame.encode([frame])
      guard carrier == .commitments else {
        return Posting(
          transaction: transaction(data, configuration, l1),
          content: carrier == .layer ? data : nil)
      }
      let commitment = AltDACommitment.keccak256(Keccak256.hash(data)).transactionData
      return Posting(transaction: transaction(commitment, configuration, l1), content: data)
    }
    if carrier == .blobs { postings = blobPostings(postings, configuration, l1) }
    let transactions = renewed(postings.map(\.transaction), world)
    for index in postings.indices { postings[index].transaction = transactions[index] }
    return postings
  }

  private func transaction(
    _ data: Bytes, _ configuration: RollupConfiguration, _ l1: Chain
  ) -> Transaction {
    Transaction(
      to: configuration.batchInbox, chainID: configuration.l1ChainID, nonce: 0,
      maxFeePerGas: Batcher.feeLimit(l1),
      maxPriorityFeePerGas: Batcher.tip, gasLimit: Batcher.gas(of: data), value: .zero, data: data)
  }

  /// The inputs of transactions as blobs of fewer ones.
  private func blobPostings(
    _ postings: [Posting], _ configuration: RollupConfiguration, _ l1: Chain
  ) -> [Posting] {
    stride(from: 0, to: postings.count, by: Batcher.blobsPerTransaction).map { start in
      let group = postings[start..<min(postings.count, start + Batcher.blobsPerTransaction)]
      var carrier = transaction([], configuration, l1)
      carrier.kind = .blob
      carrier.maxFeePerBlobGas = Batcher.blobFeeLimit(l1)
      return Posting(
        transaction: carrier, blobs: group.compactMap { BlobData.encode($0.transaction.data) })
    }
  }

  /// What a transaction pays at most for gas, with room for fees that rise until it is taken in.
  private static func feeLimit(_ l1: Chain) -> UInt256 { l1.baseFeeOfNextBlock &* 10 &+ tip }

  private static func blobFeeLimit(_ l1: Chain) -> UInt256 { l1.blobBaseFeeOfNextBlock &* 10 }

  /// Priority fee of what is posted, in wei.
  private static var tip: UInt256 { 1_000_000_000 }
  private static let blobsPerTransaction = 6

  /// A transaction with another input.
  public static func transaction(_ transaction: Transaction, with data: Bytes) -> Transaction {
    var transaction = transaction
    transaction.data = data
    transaction.gasLimit = gas(of: data)
    return transaction
  }

  /// The gas that an input needs: 40 a byte is the floor of EIP-7623.
  private static func gas(of data: Bytes) -> UInt64 { 21_000 + 40 * UInt64(data.count) }
}

extension RollupBlock {
  /// The sequencer's decisions for the block.
  public var batch: SingularBatch {
    SingularBatch(
      parentHash: reference.parentHash, epochNumber: reference.l1Origin.number,
      epochHash: reference.l1Origin.hash, timestamp: reference.timestamp, transactions: sequenced)
  }
}
