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
  struct AccountState {
    var balance: UInt256?
    var code: Bytes?
    var codeHash: Hash?
    var nonce: UInt64 = 0
    var storage: [UInt256: UInt256] = [:]
    var isEmpty = false
  }

  private let context: TraceContext
  private let options: PrestateOptions
  private var journal: Journal?
  private var before: [Address: AccountState] = [:]
  private var after: [Address: AccountState] = [:]
  private var created: Set<Address> = []
  private var deleted: Set<Address> = []
  /// What the step that runs would look up, unless it fails before it runs.
  private var pending: [LookUp] = []
  private var steps: UInt32 = 0
  /// True: instructions name what is needed.
  public var watchesSteps: Bool { true }

  private enum LookUp {
    case account(Address, AccountState)
    case slot(Address, UInt256, UInt256)
    case creation(Address)
    case deletion(Address)
  }

  /// A tracer of a transaction.
  public init(_ context: TraceContext, _ options: PrestateOptions = PrestateOptions()) {
    self.context = context
    self.options = options
  }

  /// Whether the time is over, looked at every 4,096 steps.
  public var wantsAbort: Bool { steps & 4095 == 0 && steps > 0 && context.isLate() }

  /// Looks up those whom the transaction itself names.
  public func transactionBegins(_ journal: Journal) {
    self.journal = journal
    let sender = context.sender
    let target: Address
    if let to = context.transaction.to {
      target = to
      lookUpDelegate(of: to)
    } else {
      let nonce = (try? journal.nonce(sender)) ?? 0
      target = Address.contract(createdBy: sender, nonce: nonce)
      pending.append(.creation(target))
    }
    lookUp(sender)
    lookUp(target)
    lookUp(context.feeRecipient)
    for authority in context.authorities { lookUp(authority) }
    commit()
  }

  private func lookUpDelegate(of address: Address) {
    guard context.fork >= .prague, let journal,
      let delegate = (try? journal.delegate(address)) ?? nil
    else { return }
    lookUp(delegate)
  }

  private func lookUp(_ address: Address) {
    guard before[address] == nil, let state = state(of: address) else { return }
    pending.append(.account(address, state))
  }

  private func state(of address: Address) -> AccountState? {
    guard let journal, let balance = try? journal.balance(address),
      let nonce = try? journal.nonce(address), let code = try? journal.code(address)
    else { return nil }
    var state = AccountState(balance: balance, nonce: nonce)
    state.isEmpty = nonce == 0 && code.isEmpty && balance.isZero
    if !code.isEmpty {
      state.codeHash = Keccak256.hash(code)
      if !options.omitsCode { state.code = code }
    }
    return state
  }

  private func commit() {
    for lookUp in pending {
      switch lookUp {
      case .account(let address, let state):
        if before[address] == nil { before[address] = state }
      case .slot(let address, let slot, let word):
        if before[address]?.storage[slot] == nil { before[address]?.storage[slot] = word }
      case .creation(let address): created.insert(address)
      case .deletion(let address): deleted.insert(address)
      }
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// Notes what an instruction is about to ask for.
  public func step(_ step: TraceStep) {
    // Only a step that failed may not have been committed.
    commit()
    steps &+= 1
    switch step.opcode {
    case 0x54, 0x55:
      guard step.stackHeight >= 1, !options.omitsStorage else { return }
      let slot = step.word(0)
      guard before[step.address]?.storage[slot] == nil,
        let word = try? journal?.storage(step.address, slot)
      else { return }
      pending.append(.slot(step.address, slot, word))
    case 0x31, 0x3b, 0x3c, 0x3f, 0xff:
      guard step.stackHeight >= 1 else { return }
      lookUp(Address(step.word(0)))
      if step.opcode == 0xff, context.fork < .cancun || created.contains(step.address) {
        pending.append(.deletion(step.address))
      }
    case 0xf1, 0xf2, 0xf4, 0xfa:
      guard step.stackHeight >= 5 else { return }
      let target = Address(step.word(1))
      lookUp(target)
      lookUpDelegate(of: target)
    case 0xf0, 0xf5: noteCreation(step)
    default: break
    }
  }

  private func noteCreation(_ step: TraceStep) {
    let address: Address
    if step.opcode == 0xf0 {
      let nonce = (try? journal?.nonce(step.address)) ?? 0
      address = Address.contract(createdBy: step.address, nonce: nonce)
    } else {
      guard step.stackHeight >= 4, let code = step.memory(step.word(1), step.word(2)) else {
        return
      }
      address = Address.contract(
        createdBy: step.address, salt: step.word(3), initCodeHash: Keccak256.hash(code))
    }
    lookUp(address)
    pending.append(.creation(address))
  }

  /// Forgets what an instruction asked for that could not be paid or had no operands.
  public func stepFailed(_ halt: Halt, cost: UInt64) {
    switch halt {
    case .outOfGas, .stackUnderflow, .stackOverflow, .writeProtection: pending = []
    default: break
    }
  }

  /// Compares, or drops what was empty.
  public func transactionEnds(_ journal: Journal) {
    commit()
    if options.isDifference { compare(journal) }
    if !options.includesEmpty { before = before.filter { !$0.value.isEmpty } }
  }

  private func compare(_ journal: Journal) {
    for (address, old) in before where !deleted.contains(address) {
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
