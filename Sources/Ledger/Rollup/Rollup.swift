import Cryptography
import Derivation
import Execution
import Primitives

/// A block of the second layer as its rollup knows it.
///
/// A class, so that handing a thousand of them to readers copies a thousand pointers.
public final class RollupBlock: Sendable {
  /// Where the block stands, and the configuration as of its L1 origin.
  public let head: L2Head
  private let content: Content

  private enum Content: Sendable {
    case held([Bytes])
    case stored(any PastEvents)
  }

  init(head: L2Head, transactions: [Bytes]) {
    self.head = head
    content = .held(transactions)
  }

  /// A block whose transactions are read when somebody wants to know them.
  init(head: L2Head, in past: any PastEvents) {
    self.head = head
    content = .stored(past)
  }

  /// Its transactions in their encoding, deposits first; nil where they cannot be read.
  var body: [Bytes]? {
    switch content {
    case .held(let transactions): transactions
    case .stored(let past):
      past.transactions(inBlock: reference.number, hash: reference.hash)
    }
  }

  /// Its transactions in their encoding, deposits first.
  public var transactions: [Bytes] { body ?? [] }

  /// Where the block stands.
  public var reference: L2BlockReference { head.reference }

  /// The transactions that the sequencer chose: all but the deposits.
  public var sequenced: [Bytes] {
    transactions.filter { $0.first != TransactionKind.deposit.rawValue }
  }
}

/// The second layer as a rollup of the first: what L1 says of it, and how far that goes.
public struct Rollup: Sendable {
  /// The configuration as it was declared.
  public let document: RollupDocument
  /// Whether the sequencer makes blocks.
  public internal(set) var isSequencing = true
  /// The latest L1 blocks, oldest first, as far as L2 blocks may have them as origin.
  public internal(set) var epochs: [L1Epoch] = []
  /// The latest L2 blocks, oldest first; the last is the unsafe head.
  public internal(set) var blocks: [RollupBlock]
  /// Blocks before those, for spans that overlap them.
  var olderBlocks = OlderBlocks()
  /// The latest L2 block that follows from L1.
  public internal(set) var safe: L2Head
  /// The safe heads by the L1 blocks that moved them, oldest first.
  public internal(set) var safeHeads: [SafeHead] = []
  /// The L1 block that was said to be final last, by more than the blocks on top of it.
  public internal(set) var finalitySignal: BlockIdentifier?
  /// What derivation passed over lately, oldest first.
  public internal(set) var droppedInputs: [DroppedInput] = []
  /// What to go back to when L1 does.
  var history: [Snapshot] = []
  /// The L1 blocks from which derivation can begin again.
  var inputs = L1Inputs()
  var deriver: Deriver

  /// A safe head, and the L1 block from which it follows.
  public struct SafeHead: Hashable, Sendable {
    /// The L1 block.
    public var l1: BlockIdentifier
    /// The L2 block.
    public var l2: L2BlockReference
  }

  /// How things stood after an L1 block.
  struct Snapshot: Sendable {
    var l1: BlockIdentifier
    var safe: L2Head
    var deriver: Deriver
  }

  init(document: RollupDocument, genesis: L2Head, provider: any CryptographyProvider) {
    self.document = document
    blocks = [RollupBlock(head: genesis, transactions: [])]
    safe = genesis
    deriver = Deriver(configuration: document.configuration, provider: provider)
  }

  /// What everybody who derives the chain agrees on.
  public var configuration: RollupConfiguration { document.configuration }

  /// Why nothing can be derived from L1 any more; nil while all is well.
  public var derivationFailure: String? { deriver.failure }

  /// Whose batches count, as of the last L1 block that was derived from.
  public var batcher: Address { deriver.batcher }

  /// The latest L2 block, safe or not.
  public var unsafe: L2Head { blocks[blocks.count - 1].head }

  /// The latest L1 block; nil before the first.
  public var l1Head: L1BlockReference? { epochs.last?.reference }

  /// The latest L1 block that will not be reverted; nil before the first.
  ///
  /// The one that was said to be, or that has enough blocks on top: the later one.
  public var l1Finalized: L1BlockReference? {
    let deep = l1Block(beforeHead: document.finalityDepth)
    guard let signal = finalitySignal, signal.number > deep?.number ?? 0 else { return deep }
    return epoch(signal.number)?.reference ?? deep
  }

  /// The latest L1 block that is unlikely to be reverted: half as deep as a final one.
  public var l1Safe: L1BlockReference? {
    let deep = l1Block(beforeHead: document.finalityDepth / 2)
    guard let final = l1Finalized, final.number > deep?.number ?? 0 else { return deep }
    return final
  }

  private func l1Block(beforeHead depth: UInt64) -> L1BlockReference? {
    guard let head = l1Head, let first = epochs.first?.reference else { return nil }
    let number = head.number >= depth ? head.number - depth : 0
    return epoch(max(number, first.number))?.reference
  }

  /// The latest L2 block that follows from a final L1 block.
  public var finalized: L2BlockReference {
    let genesis = L2Head(genesisOf: configuration).reference
    guard let final = l1Finalized else { return genesis }
    return safeHead(at: final.number)?.l2 ?? genesis
  }

  /// The safe head after the L1 block of a number; nil before the first.
  public func safeHead(at number: UInt64) -> SafeHead? {
    var low = 0
    var high = safeHeads.count
    while low < high {
      let middle = (low + high) / 2
      if safeHeads[middle].l1.number <= number { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? safeHeads[low - 1] : nil
  }

  /// What L2 blocks take from the L1 block of a number, if it is at hand.
  public func epoch(_ number: UInt64) -> L1Epoch? {
    guard let first = epochs.first?.reference.number, number >= first,
      number - first < UInt64(epochs.count)
    else { return nil }
    return epochs[Int(number - first)]
  }

  /// The L2 block of a number, if it is at hand.
  public func block(_ number: UInt64) -> RollupBlock? {
    let first = blocks[0].reference.number
    guard number >= first, number - first < UInt64(blocks.count) else { return nil }
    return blocks[Int(number - first)]
  }

  /// The L2 blocks above the safe head, which are not known to follow from L1.
  public var unsafeBlocks: ArraySlice<RollupBlock> {
    let first = blocks[0].reference.number
    let next = safe.reference.number + 1
    return blocks[min(blocks.count, max(0, Int(next) - Int(first)))...]
  }
}

extension Rollup {
  /// Puts an L2 block on top.
  mutating func append(_ block: RollupBlock) {
    if blocks.count >= Limits.recentBlockCount * 2 {
      let excess = blocks.count - Limits.recentBlockCount
      olderBlocks.add(blocks[..<excess])
      blocks.removeFirst(excess)
      // A window before where derivation stands, and as much more as L1 may go back.
      let span = configuration.sequencingWindowSize + document.finalityDepth + 3
      let origin = deriver.origin?.number ?? 0
      olderBlocks.forget(beforeOrigin: origin > span ? origin - span : 0)
    }
    blocks.append(block)
  }

  /// Takes the L2 blocks above a number away.
  mutating func truncateBlocks(after number: UInt64) {
    while blocks.count > 1, blocks[blocks.count - 1].reference.number > number {
      blocks.removeLast()
    }
  }

  /// Puts an L1 block on top.
  mutating func append(_ epoch: L1Epoch) {
    if epochs.count >= Limits.recentEpochCount * 2 {
      epochs.removeFirst(epochs.count - Limits.recentEpochCount)
    }
    epochs.append(epoch)
  }

  /// Remembers how things stand after the latest L1 block.
  mutating func remember() {
    guard let l1 = l1Head?.identifier else { return }
    if safeHeads.last?.l2 != safe.reference {
      if safeHeads.count >= Limits.safeHeadCount * 2 {
        safeHeads.removeFirst(safeHeads.count - Limits.safeHeadCount)
      }
      safeHeads.append(SafeHead(l1: l1, l2: safe.reference))
    }
    let count = Int(min(document.finalityDepth, UInt64(Limits.recentBlockCount))) + 1
    if history.count >= count * 2 { history.removeFirst(history.count - count) }
    history.append(Snapshot(l1: l1, safe: safe, deriver: deriver))
    // The oldest of them is the lowest that the safe head may become.
    let oldest = history[0].safe.reference.l1Origin.number
    let timeout = configuration.longestChannelTimeout
    inputs.forget(before: oldest > timeout ? oldest - timeout : 0)
  }

  /// Takes in what derivation passed over, in L1 blocks above a number if one is given.
  mutating func takeDrops(above number: UInt64? = nil) -> [DroppedInput] {
    let drops = deriver.takeDrops().filter { number == nil || $0.l1Block.number > number ?? 0 }
    guard !drops.isEmpty else { return [] }
    droppedInputs += drops
    if droppedInputs.count >= Limits.droppedInputCount * 2 {
      droppedInputs.removeFirst(droppedInputs.count - Limits.droppedInputCount)
    }
    return drops
  }

  /// Goes back to how things stood after the L1 block of a number; false if that is forgotten.
  mutating func restore(toL1 number: UInt64) -> Bool {
    guard let index = history.lastIndex(where: { $0.l1.number == number }) else { return false }
    let snapshot = history[index]
    history.removeLast(history.count - index - 1)
    safe = snapshot.safe
    deriver = snapshot.deriver
    while let last = epochs.last, last.reference.number > number { epochs.removeLast() }
    inputs.truncate(after: number)
    while let last = safeHeads.last, last.l1.number > number { safeHeads.removeLast() }
    droppedInputs.removeAll { $0.l1Block.number > number }
    return true
  }

  /// The last L2 block whose L1 origin is still there.
  var lastWithKnownOrigin: RollupBlock {
    blocks.last { block in
      let origin = block.reference.l1Origin
      return epoch(origin.number)?.reference.hash == origin.hash
    } ?? blocks[0]
  }
}
