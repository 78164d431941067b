import Cryptography
import EVM
import Execution
import JSON
import Primitives

/// Tells what a transaction needs of the state as geth's first tracer of it did
/// (`prestateTracerLegacy`).
///
/// It knows instructions alone. An account is shown as it was when an instruction first named it,
/// which need not be as it was before the transaction; only what the transaction itself moves is
/// taken back, from its sender and its recipient. Users who want the truth take `PrestateTracer`.
///
/// Source: go-ethereum, `eth/tracers/js/internal/tracers/prestate_tracer_legacy.js`.
public final class LegacyPrestateTracer: ResultTracer {
  private struct AccountState {
    var balance: UInt256
    var nonce: UInt64
    var code: Bytes
    var storage: [UInt256: UInt256] = [:]
  }

  private enum LookUp {
    case account(Address, AccountState)
    case slot(Address, UInt256, UInt256)
  }

  private let context: TraceContext
  private let recipient: Address
  private var journal: Journal?
  private var accounts: [Address: AccountState] = [:]
  private var hasSteps = false
  /// What the step that runs would look up, unless it fails before it runs.
  private var pending: [LookUp] = []
  private var steps: UInt32 = 0
  private var gasUsed: UInt64 = 0
  /// True: instructions name what is needed.
  public var watchesSteps: Bool { true }

  /// A tracer of a transaction.
  public init(_ context: TraceContext) {
    self.context = context
    recipient =
      context.transaction.to
      ?? Address.contract(createdBy: context.sender, nonce: context.transaction.nonce)
  }

  /// Whether the time is over, looked at every 4,096 steps.
  public var wantsAbort: Bool { steps & 4095 == 0 && steps > 0 && context.isLate() }

  /// Keeps the journal, whose accounts are shown.
  public func transactionBegins(_ journal: Journal) { self.journal = journal }

  private func lookUp(_ address: Address) {
    guard accounts[address] == nil, let journal, let balance = try? journal.balance(address),
      let nonce = try? journal.nonce(address), let code = try? journal.code(address)
    else { return }
    pending.append(.account(address, AccountState(balance: balance, nonce: nonce, code: code)))
  }

  private func commit() {
    for lookUp in pending {
      switch lookUp {
      case .account(let address, let state):
        if accounts[address] == nil { accounts[address] = state }
      case .slot(let address, let slot, let word):
        if accounts[address]?.storage[slot] == nil { accounts[address]?.storage[slot] = word }
      }
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// Notes what an instruction is about to ask for.
  public func step(_ step: TraceStep) {
    commit()
    steps &+= 1
    if !hasSteps {
      hasSteps = true
      lookUp(step.address)
      commit()
    }
    switch step.opcode {
    case 0x31, 0x3b, 0x3c, 0x3f:
      if step.stackHeight >= 1 { lookUp(Address(step.word(0))) }
    case 0xf1, 0xf2, 0xf4, 0xfa:
      if step.stackHeight >= 2 { lookUp(Address(step.word(1))) }
    case 0xf0:
      let nonce = (try? journal?.nonce(step.address)) ?? 0
      lookUp(Address.contract(createdBy: step.address, nonce: nonce))
    case 0xf5:
      guard step.stackHeight >= 4, let code = step.memory(step.word(1), step.word(2)) else {
        return
      }
      lookUp(
        Address.contract(
          createdBy: step.address, salt: step.word(3), initCodeHash: Keccak256.hash(code)))
    case 0x54, 0x55:
      guard step.stackHeight >= 1, let word = try? journal?.storage(step.address, step.word(0))
      else { return }
      pending.append(.slot(step.address, step.word(0), word))
    default: break
    }
  }

  /// Forgets what an instruction asked for that could not be paid or had no operands.
  public func stepFailed(_ halt: Halt, cost: UInt64) {
    switch halt {
    case .outOfGas, .stackUnderflow, .stackOverflow, .writeProtection: pending = []
    default: break
    }
  }

  /// Looks up those whom no instruction had to name.
  public func transactionEnds(_ journal: Journal) {
    commit()
    if !hasSteps { lookUp(recipient) }
    lookUp(context.sender)
    commit()
  }

  /// Takes what the transaction used.
  public func finish(gasUsed: UInt64) { self.gasUsed = gasUsed }

  /// The accounts by address, with what the transaction moved where it was before.
  public func result() -> JSON {
    var shown = accounts
    let transaction = context.transaction
    let fee = UInt256(gasUsed) &* transaction.effectiveGasPrice(baseFee: context.baseFee)
    if let balance = shown[recipient]?.balance {
      shown[recipient]?.balance = balance &- transaction.value
    }
    if let sender = shown[context.sender] {
      shown[context.sender]?.balance = sender.balance &+ transaction.value &+ fee
      shown[context.sender]?.nonce = sender.nonce &- 1
    }
    if transaction.isCreation { shown[recipient] = nil }
    var json = JSONObject()
    for (address, state) in shown.sorted(by: { $0.key < $1.key }) {
      var storage = JSONObject()
      for (slot, word) in state.storage.sorted(by: { $0.key < $1.key }) {
        storage[Hash(slot).hexadecimal] = .data(Hash(word))
      }
      json[address.hexadecimal] = [
        "balance": .quantity(state.balance), "nonce": .integer(state.nonce),
        "code": .data(state.code), "storage": .object(storage),
      ]
    }
    return .object(json)
  }
}
