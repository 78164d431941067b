import Cryptography
import EVM
import Execution
import JSON
import Primitives

/// What `PrestateTracer` shows.
public struct PrestateOptions: Sendable {
  /// Whether to show what changed, before and after, instead of all that was touched.
  public var isDifference = false
  /// Whether code is left out.
  public var omitsCode = false
  /// Whether storage is left out.
  public var omitsStorage = false
  /// Whether accounts that were empty before are shown too.
  public var includesEmpty = false

  /// The usual: everything that was touched, as it was before.
  public init() {}
}

/// Tells what a transaction needs of the state, as geth's `prestateTracer` does.
///
/// Accounts and slots are read when an instruction first names them, which is before it runs.
public final class PrestateTracer: ResultTracer {
  /// An account as it is shown.
  private struct AccountState {
    var balance: UInt256?
    var code: Bytes?
    var codeHash: Hash?
    var nonce: UInt64 = 0
    var storage: [UInt256: UInt256] = [:]

    /// Nothing of an account.
    init() {}

    init(_ account: SeenAccount, _ options: PrestateOptions) {
      balance = account.balance
      nonce = account.nonce
      storage = account.storage
      if account.code.isEmpty { return }
      codeHash = Keccak256.hash(account.code)
      if !options.omitsCode { code = account.code }
    }
  }

  private let context: TraceContext
  private let options: PrestateOptions
  private var lookUps = StateLookUps()
  private var before: [Address: AccountState] = [:]
  private var after: [Address: AccountState] = [:]
  private var steps: UInt32 = 0
  /// True: instructions name what is needed.
  public var watchesSteps: Bool { true }

  /// A tracer of a transaction.
  public init(_ context: TraceContext, _ options: PrestateOptions = PrestateOptions()) {
    self.context = context
    self.options = options
  }

  /// Whether the time is over, looked at every 4,096 steps.
  public var wantsAbort: Bool { steps & 4095 == 0 && steps > 0 && context.isLate() }

  /// Looks up those whom the transaction itself names.
  public func transactionBegins(_ journal: Journal) {
    lookUps.journal = journal
    let sender = context.sender
    let target: Address
    if let to = context.transaction.to {
      target = to
      lookUpDelegate(of: to)
    } else {
      let nonce = (try? journal.nonce(sender)) ?? 0
      target = Address.contract(createdBy: sender, nonce: nonce)
      lookUps.noteCreation(of: target)
    }
    for address in [sender, target, context.feeRecipient] + context.authorities {
      lookUps.look(at: address)
    }
    lookUps.commit()
  }

  private func lookUpDelegate(of address: Address) {
    if context.fork >= .prague { lookUps.look(atDelegateOf: address) }
  }

  /// Notes what an instruction is about to ask for.
  public func step(_ step: TraceStep) {
    // Only a step that failed may not have been committed.
    lookUps.commit()
    steps &+= 1
    switch step.opcode {
    case 0x54, 0x55:
      guard step.stackHeight >= 1, !options.omitsStorage else { return }
      lookUps.look(at: step.word(0), of: step.address)
    case 0x31, 0x3b, 0x3c, 0x3f, 0xff:
      guard step.stackHeight >= 1 else { return }
      lookUps.look(at: Address(step.word(0)))
      if step.opcode == 0xff,
        context.fork < .cancun || lookUps.created.contains(step.address)
      {
        lookUps.noteDeletion(of: step.address)
      }
    case 0xf1, 0xf2, 0xf4, 0xfa:
      guard step.stackHeight >= 5 else { return }
      let target = Address(step.word(1))
      lookUps.look(at: target)
      lookUpDelegate(of: target)
    case 0xf0, 0xf5:
      guard let address = lookUps.addressCreated(by: step) else { return }
      lookUps.look(at: address)
      lookUps.noteCreation(of: address)
    default: break
    }
  }

  /// Forgets what an instruction asked for that could not be paid or had no operands.
  public func stepFailed(_ halt: Halt, cost: UInt64) { lookUps.stepFailed(halt) }

  /// Compares, or drops what was empty.
  public func transactionEnds(_ journal: Journal) {
    lookUps.commit()
    before = lookUps.accounts.mapValues { AccountState($0, options) }
    if options.isDifference { compare(journal) }
    if options.includesEmpty { return }
    before = before.filter { lookUps.accounts[$0.key]?.isEmpty == false }
  }

  private func compare(_ journal: Journal) {
    for (address, old) in before where !lookUps.deleted.contains(address) {
      var new = AccountState()
      var kept = old
      var isModified = false
      let account = (try? journal.account(address)) ?? nil
      let balance = account?.balance ?? .zero
      if balance != old.balance {
        isModified = true
        new.balance = balance
      }
      if account?.nonce ?? 0 != old.nonce {
        isModified = true
        new.nonce = account?.nonce ?? 0
      }
      let codeHash = account?.codeHash ?? .zero
      if codeHash != old.codeHash ?? Keccak256.empty {
        isModified = true
        new.codeHash = codeHash
      }
      if !options.omitsCode {
        let code = (try? journal.code(address)) ?? []
        if code != old.code ?? [] {
          isModified = true
          new.code = code
        }
      }
      for (slot, word) in old.storage {
        let now = (try? journal.storage(address, slot)) ?? .zero
        if word.isZero || word == now { kept.storage[slot] = nil }
        if word == now { continue }
        isModified = true
        if !now.isZero { new.storage[slot] = now }
      }
      before[address] = isModified ? kept : nil
      if isModified { after[address] = new }
    }
  }

  /// The accounts by address; of a comparison both sides.
  public func result() -> JSON {
    guard options.isDifference else { return Self.json(before) }
    return ["post": Self.json(after), "pre": Self.json(before)]
  }

  private static func json(_ accounts: [Address: AccountState]) -> JSON {
    var json = JSONObject()
    for (address, state) in accounts.sorted(by: { $0.key < $1.key }) {
      var account = JSONObject()
      if let balance = state.balance { account["balance"] = .quantity(balance) }
      if let code = state.code { account["code"] = .data(code) }
      if let hash = state.codeHash { account["codeHash"] = .data(hash) }
      if state.nonce != 0 { account["nonce"] = .integer(state.nonce) }
      if !state.storage.isEmpty {
        var storage = JSONObject()
        for (slot, word) in state.storage.sorted(by: { $0.key < $1.key }) {
          storage[Hash(slot).hexadecimal] = .data(Hash(word))
        }
        account["storage"] = .object(storage)
      }
      json[address.hexadecimal] = .object(account)
    }
    return .object(json)
  }
}
