import Contracts
import Cryptography
import Derivation
import EVM
import EventLog
import Execution
import Ledger
import NativeCryptography
import Node
import Primitives
import SQLite
import TransparencyLog

/// Somebody who reads the log as it grows, forgets nothing, and believes only what it says.
///
/// Every row is applied a second time, without the node's hints. What the log has once had it must
/// have for ever, with the same commitment; and the invariants hold after every row.
struct Witness {
  private(set) var replay: Replay
  private(set) var paidCount: UInt64 = 0
  /// L1's blocks, for those who follow, by hash.
  private(set) var layerOneBlocks: [Hash: OutsideL1Block] = [:]
  /// The L1 blocks that came since they were last taken.
  var freshBlocks: [OutsideL1Block] = []
  private var ledgers: [Layer: [MoneyRecord]] = [:]
  private var heldAtFirst = UInt256.zero
  private var payments: [(receipt: Hash, number: UInt64)] = []
  private var paid: Set<Hash> = []
  private var log: EventLog?
  /// The tree that was signed last.
  private var signed: (size: UInt64, root: Hash)?
  private var isSignedTreeChecked = false
  private let storage: Storage

  /// How money stood after a block.
  private struct MoneyRecord {
    var number: UInt64
    var state: State
    /// What deposits have created on the second layer up to here, in wei.
    var minted: UInt256
  }

  init(storage: Storage, content: ContentStore) {
    self.storage = storage
    replay = Replay(lastSequence: 0, content: content)
  }

  var world: World { replay.world }

  /// Lets go of the log, whose disk is about to end.
  mutating func close() {
    log = nil
    isSignedTreeChecked = false
  }

  // MARK: The log

  /// Reads what the log has beyond what was seen, and makes sure that it has that still.
  mutating func observe(_ path: String) throws(Finding) {
    let log = try opened(path)
    let count: UInt64
    var known: Hash?
    do throws(EventLogError) {
      count = try log.refresh()
      if world.sequence > 0, world.sequence <= count {
        known = try log.row(at: world.sequence).commitment
      }
    } catch {
      throw Finding(.logIsWhole, "the log cannot be read: \(error)")
    }
    guard known == nil || known == world.commitment else {
      throw Finding(.logOnlyGrows, "event \(world.sequence) is not what it was")
    }
    guard count >= world.sequence else {
      throw Finding(
        .nothingIsLost,
        "the log has \(count) events, \(world.sequence) were acknowledged: lost")
    }
    try take(log)
    try checkSignedTree(log)
  }

  /// What is signed is a tree of this log, and goes on from what was signed before.
  private mutating func checkSignedTree(_ log: EventLog) throws(Finding) {
    guard let tree = signedTree(), tree.size != signed?.size || !isSignedTreeChecked else {
      return
    }
    guard tree.size <= log.count else {
      throw Finding(.nothingIsLost, "\(tree.size) events were signed, the log has \(log.count)")
    }
    for known in [signed, tree].compactMap({ $0 }) {
      let root: Hash
      do throws(EventLogError) {
        root = try log.root(size: known.size)
      } catch {
        throw Finding(.logIsWhole, "the log's tree cannot be read: \(error)")
      }
      guard root == known.root else {
        throw Finding(.logOnlyGrows, "the tree of \(known.size) events is not the one signed")
      }
    }
    signed = tree
    isSignedTreeChecked = true
  }

  /// The size and root in the checkpoint that the node keeps beside its log, if there is one.
  private func signedTree() -> (size: UInt64, root: Hash)? {
    guard case .simulated(let disk) = storage,
      let bytes = (try? disk.read(SimulationPlan.directory.checkpoint)) ?? nil,
      let head = try? SignedTreeHead(bytes)
    else { return nil }
    return (head.head.size, head.head.root)
  }

  private mutating func opened(_ path: String) throws(Finding) -> EventLog {
    if let log { return log }
    do throws(EventLogError) {
      let opened = try EventLog(path: path, mode: .readOnly, storage: storage)
      _ = try opened.verifyTree()
      log = opened
      return opened
    } catch {
      throw Finding(.logIsWhole, "the log does not open: \(error)")
    }
  }

  private mutating func take(_ log: EventLog) throws(Finding) {
    var rows: [Row] = []
    do throws(EventLogError) {
      var cursor = try log.rows(from: world.sequence + 1)
      while let row = try cursor.nextRow() { rows.append(row) }
    } catch {
      throw Finding(.logIsWhole, "the log cannot be read: \(error)")
    }
    for row in rows { try take(row) }
  }

  /// Applies a row again, and checks what follows from it.
  mutating func take(_ row: Row) throws(Finding) {
    let consequences: [Consequence]
    do throws(NodeError) {
      consequences = try replay.apply(row).consequences
    } catch {
      throw Finding(.replayEqualsLive, "replay is not equal to what was: \(error.message)")
    }
    for consequence in consequences { try take(consequence, sequence: row.sequence) }
  }

  // MARK: Money

  private mutating func take(
    _ consequence: Consequence, sequence: UInt64
  ) throws(Finding) {
    switch consequence {
    case .started(let layer, let genesis):
      ledgers[layer] = [MoneyRecord(number: genesis.number, state: genesis.state(), minted: 0)]
      if layer == .one {
        heldAtFirst = Self.held(genesis.state())
        let block = genesis.block()
        keep(OutsideL1Block(encoded: block.encoded, receipts: [], content: []), block.hash)
      }
    case .extended(let layer, let outcome):
      try checkMoney(layer, outcome)
      if layer == .one {
        keep(outside(outcome), outcome.block.hash)
      } else {
        try checkPayments(outcome, sequence: sequence)
      }
    case .reset(let layer, let number, _):
      while let last = ledgers[layer]?.last, last.number > number { ledgers[layer]?.removeLast() }
      if layer == .two { undoPayments(after: number) }
    case .edited(let layer, _, _), .replaced(let layer, _):
      throw Finding(.moneyIsConserved, "event \(sequence) changes accounts of \(layer.name)")
    case .pooled, .dropped, .editsUndone, .usage, .inputDropped, .digested, .snapshotTaken:
      break
    }
  }

  /// What a block adds to all accounts is what deposits bring; what it takes away is the base fee.
  private mutating func checkMoney(_ layer: Layer, _ outcome: BlockOutcome) throws(Finding) {
    guard let before = ledgers[layer]?.last else {
      throw Finding(.replayEqualsLive, "a block of \(layer.name) before there is a chain")
    }
    let header = outcome.block.header
    var had = UInt256.zero
    var has = UInt256.zero
    for change in outcome.diff.accounts {
      had = had &+ ((try? before.state.account(change.address)) ?? nil ?? .empty).balance
      has = has &+ (change.account?.balance ?? .zero)
    }
    var minted = UInt256.zero
    for transaction in outcome.block.transactions {
      minted = minted &+ (transaction.deposit?.mint ?? .zero)
    }
    let burned =
      layer == .one ? (header.baseFee ?? .zero) &* UInt256(header.gasUsed) : UInt256.zero
    guard has &+ burned == had &+ minted else {
      throw Finding(
        .moneyIsConserved,
        "block \(header.number) of \(layer.name) does not conserve money: before "
          + "\(had.decimalString) wei, minted \(minted.decimalString), after "
          + "\(has.decimalString), burned \(burned.decimalString)")
    }
    let total = before.minted &+ minted
    ledgers[layer]?.append(
      MoneyRecord(number: header.number, state: outcome.state, minted: total))
    if let count = ledgers[layer]?.count, count > 4_096 { ledgers[layer]?.removeFirst(2_048) }
    try checkPortal()
  }

  /// The portal on L1 holds at least what its deposits have created on L2, beside what it began
  /// with.
  private func checkPortal() throws(Finding) {
    guard let one = ledgers[.one]?.last, let two = ledgers[.two]?.last else { return }
    let held = Self.held(one.state)
    guard held >= heldAtFirst &+ two.minted else {
      throw Finding(
        .moneyIsConserved,
        "the portal holds \(held.decimalString) wei, of which it began with "
          + "\(heldAtFirst.decimalString), and \(two.minted.decimalString) were created on l2")
    }
  }

  private static func held(_ state: State) -> UInt256 {
    ((try? state.account(PortalContract.address)) ?? nil ?? .empty).balance
  }

  // MARK: Payments

  private mutating func checkPayments(
    _ outcome: BlockOutcome, sequence: UInt64
  ) throws(Finding) {
    for log in outcome.receipts.flatMap(\.logs) where log.address == AttributionContract.address {
      guard let settled = UsageSettled(topics: log.topics, data: log.data) else { continue }
      try pay(settled.receipt, number: outcome.block.header.number, sequence: sequence)
    }
  }

  /// Notes that a receipt was paid.
  mutating func pay(_ receipt: Hash, number: UInt64, sequence: UInt64) throws(Finding) {
    guard paid.insert(receipt).inserted else {
      throw Finding(
        .receiptsArePaidOnce,
        "receipt \(receipt.hexadecimal) is paid a second time by event \(sequence)")
    }
    payments.append((receipt, number))
    paidCount += 1
  }

  private mutating func undoPayments(after number: UInt64) {
    while let last = payments.last, last.number > number {
      payments.removeLast()
      paid.remove(last.receipt)
      paidCount -= 1
    }
  }

  // MARK: L1 for followers

  private mutating func keep(_ block: OutsideL1Block, _ hash: Hash) {
    layerOneBlocks[hash] = block
    freshBlocks.append(block)
  }

  private func outside(_ outcome: BlockOutcome) -> OutsideL1Block {
    var content: [ContentReference] = []
    for transaction in outcome.block.transactions {
      var names = transaction.blobHashes
      if let commitment = Self.commitment(in: transaction) {
        let name = commitment.contentName
        if isRefused(commitment, in: outcome) {
          content.append(ContentReference(name: name, content: ContentReference.refused))
        } else {
          names.append(name)
        }
      }
      content += names.compactMap { name in
        world.carried[name].map { ContentReference(name: name, content: $0) }
      }
    }
    return OutsideL1Block(
      encoded: outcome.block.encoded, receipts: outcome.receipts.map(\.encoded), content: content)
  }

  private static func commitment(in transaction: Transaction) -> AltDACommitment? {
    guard transaction.data.first == AltDACommitment.version else { return nil }
    return try? AltDACommitment.decode(transaction.data[1...])
  }

  /// Whether L1's verifier refuses a certificate in a block, as whoever asks an L1 node hears.
  private func isRefused(_ commitment: AltDACommitment, in outcome: BlockOutcome) -> Bool {
    guard case .generic = commitment, let configuration = world.rollup?.configuration,
      let rules = configuration.altDA?.certificates
    else { return false }
    let header = outcome.block.header
    guard let certificate = try? rules.certificate(of: commitment, inL1Block: header.number)
    else { return true }
    do throws(CertificateCheckError) {
      try rules.check(
        certificate, chainID: configuration.l1ChainID, header: header, state: outcome.state,
        provider: NativeCryptographyProvider.shared)
      return false
    } catch {
      return true
    }
  }
}
