import Cryptography
import Primitives

/// The state while a block is executed: what the reader gave, and every change since.
///
/// A view goes in (`StateReader`), a diff comes out (`diff()`); nothing is written in between.
/// Changes can be undone back to a checkpoint, which is how a call reverts. What lasts for one
/// transaction (warmth, original values, refunds, logs) starts afresh at `beginTransaction`.
///
/// Every method that must ask the reader throws what the reader lacks; the journal is unchanged
/// then, apart from what it has learnt.
public final class Journal {
  /// The rules.
  public let fork: Fork
  /// The OP Stack's rules on top of them; nil on other chains.
  public let rollup: RollupFork?
  let reader: any StateReader
  /// Buffers and analysed code, kept between calls.
  let workspace: Workspace
  let accounts: RecordTable<AccountRecord>
  let slots: RecordTable<SlotRecord>
  let transients: RecordTable<TransientRecord>
  let undos: Pile<Undo>
  let logPile: LogPile
  /// What the five are parts of, which goes back to the workspace.
  private let tables: JournalTables
  /// The codes that the records refer to.
  var codes: [Code] = []
  /// Accounts that the end of the transaction must look at, with repetitions.
  var candidates: [Int32] = []
  /// The number of the current transaction, from 1 on.
  var transaction: UInt32 = 1
  var isInTransaction = false
  /// The most recently found account, since most look-ups repeat.
  var latest: (address: Address, index: Int)?

  /// Precompiled contracts that are elsewhere or gone; nil for none, as on every real chain.
  var movedPrecompiles: MovedPrecompiles?

  /// The logs of the current transaction, oldest first; made anew each time.
  public var logs: [Log] { logPile.all }
  private var refundCounter: Int64 = 0

  /// A journal over the state that a reader gives; buffers may be shared with earlier journals.
  public init(
    reader: any StateReader, fork: Fork, rollup: RollupFork? = nil,
    workspace: Workspace = Workspace()
  ) {
    self.reader = reader
    self.fork = fork
    self.rollup = rollup
    self.workspace = workspace
    tables = workspace.takeTables()
    accounts = tables.accounts
    slots = tables.slots
    transients = tables.transients
    undos = tables.undos
    logPile = tables.logs
  }

  deinit { workspace.giveBack(tables) }

  /// A point to which changes can be undone, within one transaction.
  public struct Checkpoint: Sendable {
    let undos: Int
    let logs: Int
    let refund: Int64
  }

  /// The point now.
  public func checkpoint() -> Checkpoint {
    Checkpoint(undos: undos.count, logs: logPile.count, refund: refundCounter)
  }

  /// Undoes every change, log and refund since a checkpoint of this transaction.
  public func revert(to checkpoint: Checkpoint) {
    precondition(checkpoint.undos <= undos.count, "a checkpoint is of this transaction")
    while undos.count > checkpoint.undos { undo(undos.removeLast()) }
    if logPile.count > checkpoint.logs { logPile.cut(to: checkpoint.logs) }
    refundCounter = checkpoint.refund
  }

  private func undo(_ change: Undo) {
    switch change {
    case .balance(let account, let balance):
      accounts[Int(account)].balance = balance
    case .nonce(let account, let nonce):
      accounts[Int(account)].nonce = nonce
    case .code(let account, let hash, let code, let hadNewCode):
      accounts[Int(account)].codeHash = hash
      accounts[Int(account)].code = code
      accounts[Int(account)].hasNewCode = hadNewCode
    case .existence(let account):
      accounts[Int(account)].exists = false
    case .flag(let account, let flag):
      // The touch of the RIPEMD-160 contract survives, as it did on the main chain, where an
      // out-of-gas call to it in block 2,675,119 removed the empty account all the same.
      if flag == .touched, accounts[Int(account)].key == Address(0, 0, 3) { return }
      accounts[Int(account)].flags.remove(flag)
    case .storage(let slot, let value):
      slots[Int(slot)].value = value
    case .warmSlot(let slot):
      slots[Int(slot)].isWarm = false
    case .transient(let index, let value):
      transients[Int(index)].value = value
    }
  }

  /// Adds a log to the current transaction.
  public func addLog(_ log: Log) { logPile.append(log) }

  /// The gas that the current transaction has earned back so far, before the cap (EIP-3529).
  public var refund: Int64 { refundCounter }

  /// Adds to the refund counter; the amount may be negative.
  public func addRefund(_ gas: Int64) { refundCounter &+= gas }

  /// Takes the logs, and forgets the refund.
  func takeLogs() -> [Log] {
    let taken = logPile.all
    logPile.removeAll()
    refundCounter = 0
    return taken
  }
}
