import EVM
import Execution
import Primitives
import Synchronization

/// A block that is kept at hand: its header, and the state that it left.
///
/// A class, so that handing a thousand of them to readers copies a thousand pointers.
public final class RecentBlock: Sendable {
  /// The block's header.
  public let header: BlockHeader
  /// The header's hash.
  public let hash: Hash
  /// The state after the block.
  public let state: State
  /// The log sequence of the event that made it the head.
  public let sequence: UInt64
  /// The events that edited accounts while it was the head, each with the state before it.
  let edits: [(sequence: UInt64, before: State)]
  /// The account that was asked for last: a transaction's sender, three times in a row.
  private let lastAccount = Mutex<(address: Address, account: Account?)?>(nil)

  init(
    header: BlockHeader, hash: Hash, state: State, sequence: UInt64,
    edits: [(sequence: UInt64, before: State)] = []
  ) {
    self.header = header
    self.hash = hash
    self.state = state
    self.sequence = sequence
    self.edits = edits
  }

  /// An account after the block.
  ///
  /// - Throws: `StateMiss.node` when a node is not here.
  func account(_ address: Address) throws(StateMiss) -> Account? {
    if let last = lastAccount.withLock({ $0 }), last.address == address { return last.account }
    let account = try state.account(address)
    lastAccount.withLock { $0 = (address, account) }
    return account
  }

  /// The block with accounts edited.
  func edited(_ state: State, at sequence: UInt64) -> RecentBlock {
    RecentBlock(
      header: header, hash: hash, state: state, sequence: self.sequence,
      edits: edits + [(sequence, self.state)])
  }

  /// The block as it was after an event.
  func asAfter(_ position: UInt64) -> RecentBlock {
    guard let index = edits.firstIndex(where: { $0.sequence > position }) else { return self }
    return RecentBlock(
      header: header, hash: hash, state: edits[index].before, sequence: sequence,
      edits: Array(edits[..<index]))
  }
}

/// One layer's chain at its head.
public struct Chain: Sendable {
  /// Which layer this is.
  public let layer: Layer
  /// The hash of block 0.
  public let genesisHash: Hash
  /// The time of block 0, in seconds since 1970.
  public let genesisTimestamp: UInt64
  /// What waits for a block.
  @Shared public internal(set) var pool = Pool()
  /// The latest blocks, oldest first, at least the head.
  public internal(set) var recent: Window<RecentBlock>
  /// What most blocks leave as it is.
  @Shared var standing: ChainStanding

  init(layer: Layer, genesis: Genesis, sequence: UInt64) {
    let block = genesis.block()
    let hash = block.header.hash
    self.layer = layer
    genesisHash = hash
    genesisTimestamp = block.header.timestamp
    let first = RecentBlock(
      header: block.header, hash: hash, state: genesis.state(), sequence: sequence)
    recent = Window(first)
    standing = ChainStanding(
      specification: genesis.specification,
      beginning: Anchor(
        position: sequence, head: first, ancestors: [], pool: [], controls: ChainControls()))
  }

  /// The event after which it stood as at its beginning: the genesis, or what it took over last.
  public var firstPosition: UInt64 { beginning.position }

  /// The latest block.
  public var head: RecentBlock { recent[recent.count - 1] }

  /// Whether it goes on from a block of another chain.
  public var isForked: Bool { forkNumber != nil }

  /// The latest block's number.
  public var number: UInt64 { head.header.number }

  /// The block of this number, if it is recent enough to be at hand.
  public func block(_ number: UInt64) -> RecentBlock? {
    let oldest = recent[0].header.number
    guard number >= oldest, number - oldest < UInt64(recent.count) else { return nil }
    return recent[Int(number - oldest)]
  }

  /// Whether a transaction of this sender waits that the next block may take; one behind a nonce
  /// that nobody uses may wait for ever.
  func isSending(_ sender: Address) -> Bool {
    let nonce = ((try? head.account(sender)) ?? nil)?.nonce ?? 0
    return pool.transaction(sender: sender, nonce: nonce) != nil
  }

  /// Puts a block on top.
  ///
  /// What `isPlain` says, that the chain is no part of a rollup, decides which older blocks stay at
  /// hand: derivation may take far more of them back than anybody's wish does.
  mutating func extend(by outcome: BlockOutcome, at sequence: UInt64, isPlain: Bool) {
    let kept = isPlain ? keptCount : keptCountOfRollup
    if kept < recent.count {
      recent.removeFirst(recent.count - kept)
      let first = recent[0].sequence
      if !abandoned.isEmpty { abandoned.removeAll { $0.upperBound <= first } }
      pool.forgetHistory(through: first)
    }
    recent.append(
      RecentBlock(
        header: outcome.block.header, hash: outcome.hash, state: outcome.state,
        sequence: sequence))
    set(controls.afterBlock, at: sequence)
  }

  /// How many of the latest blocks stay at hand: those that used so much gas together that their
  /// states may differ from each other in much, but never so few that code could ask for the hash
  /// of one that is gone.
  private var keptCount: Int {
    guard recent.count % Limits.forgottenBlockCount == 0 else { return recent.count }
    var count = 0
    var gas: UInt64 = 0
    for block in recent.reversed() {
      let (sum, overflow) = gas.addingReportingOverflow(block.header.gasUsed)
      gas = overflow ? .max : sum
      count += 1
      if count == Limits.recentBlockCount { break }
      if count >= Limits.leastRecentBlockCount, gas >= Limits.recentGas { break }
    }
    return count
  }

  private var keptCountOfRollup: Int {
    recent.count < Limits.recentBlockCount * 2 ? recent.count : Limits.recentBlockCount
  }

  /// Puts other controls in place.
  mutating func set(_ controls: ChainControls, at sequence: UInt64) {
    guard controls != self.controls else { return }
    if formerControls.count >= Limits.recentBlockCount * 2 {
      formerControls.removeFirst(Limits.recentBlockCount)
    }
    formerControls.append((sequence, self.controls))
    use(controls)
  }

  /// Puts the controls back in place that held after an event.
  mutating func restoreControls(to position: UInt64) {
    while let last = formerControls.last, last.sequence > position {
      use(formerControls.removeLast().before)
    }
  }

  /// Puts controls in place with those before them, as a snapshot has them.
  mutating func restore(
    controls: ChainControls, former: Window<(sequence: UInt64, before: ChainControls)>
  ) {
    formerControls = former
    use(controls)
  }

  /// Has a past outside of the log, as a snapshot has it.
  mutating func restore(
    forkNumber: UInt64?, isReplaced: Bool, chainID: UInt64, foreignAncestors: [Hash]
  ) {
    genesisChainID = chainID
    self.forkNumber = forkNumber
    self.isReplaced = isReplaced
    self.foreignAncestors = foreignAncestors
    use(controls)
  }

  private mutating func use(_ controls: ChainControls) {
    specification.chainID = controls.chainID ?? genesisChainID
    self.controls = controls
  }

  /// Has the head's state be another one.
  mutating func editHead(_ state: State, at sequence: UInt64) {
    let edited = head.edited(state, at: sequence)
    recent.removeLast()
    recent.append(edited)
  }

  /// Goes on from a block that was not executed here; what was before is no longer at hand.
  mutating func restart(
    at header: BlockHeader, hash: Hash, state: State, ancestors: [Hash], sequence: UInt64,
    chainID: UInt64? = nil
  ) {
    recent = Window(RecentBlock(header: header, hash: hash, state: state, sequence: sequence))
    // Of those that nobody knows, code is told zero.
    let wanted = Int(min(header.number, 255))
    let unknown = [Hash](repeating: .zero, count: max(0, wanted - ancestors.count))
    foreignAncestors = unknown + ancestors.suffix(wanted)
    abandoned = []
    pool = Pool(startingAfter: sequence)
    isReplaced = true
    forgetSnapshots(from: 0)
    if let chainID {
      genesisChainID = chainID
      forkNumber = header.number
      use(controls)
    }
    beginning = anchor(at: sequence)
  }

  /// Puts in place what was remembered, as a snapshot has it.
  mutating func restore(beginning: Anchor?, anchors: [Anchor]) {
    self.beginning = beginning ?? self.beginning
    for anchor in anchors { self.anchors[anchor.position] = anchor }
  }

  /// Remembers how it stands after an event for as long as the snapshot is there.
  mutating func remember(at sequence: UInt64) { anchors[sequence] = anchor(at: sequence) }

  /// Forgets the snapshots from an event on.
  mutating func forgetSnapshots(from position: UInt64) {
    operatorState.forgetSnapshots(from: position)
    anchors = anchors.filter { $0.key < position }
  }

  /// What was remembered after an event is on a branch that is abandoned.
  mutating func forgetAnchors(after position: UInt64) {
    anchors = anchors.filter { $0.key <= position }
  }

  /// How it stood after an event, if that is remembered whatever has been forgotten since.
  func anchor(after position: UInt64) -> Anchor? {
    position == beginning.position ? beginning : anchors[position]
  }

  /// Goes back to where it stood when that was remembered.
  mutating func restore(_ anchor: Anchor) {
    recent = Window(anchor.head)
    foreignAncestors = anchor.ancestors
    pool = Pool(waiting: anchor.pool, history: PoolHistory(start: anchor.position))
    restore(controls: anchor.controls, former: Window())
  }

  /// Makes the controls those that were remembered, where too many changes lie between.
  mutating func useControls(of anchor: Anchor) { use(anchor.controls) }

  /// The hashes that BLOCKHASH can ask for, up to the head's.
  public var ancestorHashes: RecentHashes {
    let recent = recent
    let count = min(256, recent.count)
    let start = recent.count - count
    let first = recent[start].header.number
    if count < 256, !foreignAncestors.isEmpty {
      let foreign = Array(foreignAncestors.suffix(256 - count))
      return RecentHashes(
        first: first - UInt64(foreign.count), hashes: foreign + recent.map(\.hash))
    }
    return RecentHashes(first: first, count: count) { recent[start + $0].hash }
  }
}
