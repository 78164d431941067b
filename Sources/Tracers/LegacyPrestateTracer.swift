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
  private let context: TraceContext
  private let recipient: Address
  private var lookUps = StateLookUps()
  private var hasSteps = false
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
  public func transactionBegins(_ journal: Journal) { lookUps.journal = journal }

  /// Notes what an instruction is about to ask for.
  public func step(_ step: TraceStep) {
    lookUps.commit()
    steps &+= 1
    if !hasSteps {
      hasSteps = true
      lookUps.look(at: step.address)
      lookUps.commit()
    }
    switch step.opcode {
    case 0x31, 0x3b, 0x3c, 0x3f:
      if step.stackHeight >= 1 { lookUps.look(at: Address(step.word(0))) }
    case 0xf1, 0xf2, 0xf4, 0xfa:
      if step.stackHeight >= 2 { lookUps.look(at: Address(step.word(1))) }
    case 0xf0, 0xf5:
      if let address = lookUps.addressCreated(by: step) { lookUps.look(at: address) }
    case 0x54, 0x55:
      if step.stackHeight >= 1 { lookUps.look(at: step.word(0), of: step.address) }
    default: break
    }
  }

  /// Forgets what an instruction asked for that could not be paid or had no operands.
  public func stepFailed(_ halt: Halt, cost: UInt64) { lookUps.stepFailed(halt) }

  /// Looks up those whom no instruction had to name.
  public func transactionEnds(_ journal: Journal) {
    lookUps.commit()
    if !hasSteps { lookUps.look(at: recipient) }
    lookUps.look(at: context.sender)
    lookUps.commit()
  }

  /// Takes what the transaction used.
  public func finish(gasUsed: UInt64) { self.gasUsed = gasUsed }

  /// The accounts by address, with what the transaction moved where it was before.
  public func result() -> JSON {
    var shown = lookUps.accounts
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
