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
    /// In a store beside L1, which has only a commitment.
    case commitments
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
      rollup.safe.systemConfiguration.batcher == address, !l1.pool.holdsTransactions(of: address)
    else { return [] }
    let waiting = rollup.unsafeBlocks.prefix(channelLimitInBlocks)
    guard !waiting.isEmpty else { return [] }
    let last = rollup.safeHeads.last?.l1.number ?? 0
    if l1.number >= last &+ channelDurationInBlocks { return waiting }
    var size = 0
    for block in waiting { size += block.transactions.reduce(0) { $0 + $1.count } }
    return size >= channelTargetInBytes ? waiting : []
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
    let singular = blocks.map(SingularBatch.init)
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
    let limit = carrier == .blobs ? BlobCodec.payloadLimitInBytes : transactionLimitInBytes
    return ChannelWriter.frames(
      of: compression.channelBytes(compressed: compressed),
      channel: ChannelIdentifier(high: name.word0, low: name.word1), frameLimit: limit - 1) ?? []
  }

  /// What is to be posted to L1, unsigned, in the order of the nonces.
  public struct Posting: Sendable {
    /// The transactions.
    public var transactions: [Transaction]
    /// For each transaction what goes into its blobs.
    public var blobs: [[Bytes]]
    /// What commitments in them stand for: the content store must have it before they go out.
    public var content: [Bytes]
  }

  /// What is due, if something is.
  public func due(
    _ world: World, compress: (Bytes, ChannelCompression) -> Bytes?
  ) -> Posting? {
    let blocks = blocksDue(world)
    guard !blocks.isEmpty, let l1 = world.layerOne, let configuration = world.rollup?.configuration
    else { return nil }
    let frames = frames(of: blocks, world, compress: compress)
    guard !frames.isEmpty else { return nil }
    var posting = Posting(transactions: [], blobs: [], content: [])
    let account = (try? l1.head.state.account(address)) ?? nil
    var nonce = account?.nonce ?? 0
    func add(_ data: Bytes, blobs: [Bytes] = []) {
      var transaction = Transaction(
        to: configuration.batchInbox, chainID: configuration.l1ChainID, nonce: nonce,
        maxFeePerGas: l1.baseFeeOfNextBlock &* 10 &+ Batcher.tip, maxPriorityFeePerGas: Batcher.tip,
        gasLimit: Batcher.gas(of: data), value: .zero, data: data)
      if !blobs.isEmpty { transaction = transaction.withBlobs(count: blobs.count) }
      posting.transactions.append(transaction)
      posting.blobs.append(blobs)
      nonce += 1
    }
    switch carrier {
    case .calldata:
      for frame in frames { add(Frame.encode([frame])) }
    case .commitments:
      for frame in frames {
        let content = Frame.encode([frame])
        posting.content.append(content)
        add(AltDACommitment.keccak(of: content))
      }
    case .blobs:
      for group in stride(from: 0, to: frames.count, by: Batcher.blobsPerTransaction) {
        let end = min(frames.count, group + Batcher.blobsPerTransaction)
        add([], blobs: frames[group..<end].map { Frame.encode([$0]) })
      }
    }
    return posting
  }

  /// Priority fee of what is posted, in wei.
  private static var tip: UInt256 { 1_000_000_000 }
  private static let blobsPerTransaction = 6

  /// The gas that an input needs: 40 a byte is the floor of EIP-7623.
  private static func gas(of data: Bytes) -> UInt64 { 21_000 + 40 * UInt64(data.count) }
}

extension SingularBatch {
  /// The decisions for a block.
  init(_ block: RollupBlock) {
    let reference = block.reference
    self.init(
      parentHash: reference.parentHash, epochNumber: reference.l1Origin.number,
      epochHash: reference.l1Origin.hash, timestamp: reference.timestamp,
      transactions: block.sequenced)
  }
}

/// Commitments that stand on L1 in the place of the data.
public enum AltDACommitment {
  /// The version byte of a batcher transaction that holds one.
  public static let version: UInt8 = 1

  /// The input of a batcher transaction that commits to data by its Keccak-256.
  public static func keccak(of data: Bytes) -> Bytes { [version, 0] + Keccak256.hash(data).bytes }
}
