import EVM
import Execution
import Primitives

/// A call with those inside it, as geth's call tracer shows it.
struct TracedCall {
  var type = "STOP"
  var from = Address.zero
  var to: Address?
  var value: UInt256?
  var gas: UInt64 = 0
  var gasUsed: UInt64 = 0
  var input: Bytes = []
  var output: Bytes = []
  var error: String?
  var calls: [TracedCall] = []

  /// The first field that a file shows otherwise.
  func compare(with fields: Fixture, at place: String) throws(FixtureError) -> Verdict {
    let calls = try fields.optional("calls")?.elements() ?? []
    let verdict = Verdict.all(
      .compare(place + ".type", try fields.field("type").text(), type),
      .compare(place + ".from", try fields.field("from").address().bytes, from.bytes),
      .compare(
        place + ".to", try fields.optional("to")?.address().bytes ?? [], to?.bytes ?? []),
      .compare(
        place + ".value", try fields.optional("value")?.uint256() ?? .zero, value ?? .zero),
      .compare(place + ".gas", try fields.field("gas").uint256(), UInt256(gas)),
      .compare(place + ".gasUsed", try fields.field("gasUsed").uint256(), UInt256(gasUsed)),
      .compare(place + ".input", try fields.field("input").bytes(), input),
      .compare(place + ".output", try fields.optional("output")?.bytes() ?? [], output),
      .compare(place + ".error", try fields.optional("error")?.text() ?? "", error ?? ""),
      .compare(place + ".calls", UInt256(UInt64(calls.count)), UInt256(UInt64(self.calls.count))))
    guard verdict == .passed else { return verdict }
    for (index, call) in calls.enumerated() {
      let inner = try self.calls[index].compare(with: call, at: "\(place).calls[\(index)]")
      if inner != .passed { return inner }
    }
    return .passed
  }
}

/// Builds the tree of a transaction's calls.
final class CallTree: Tracer {
  private var open: [TracedCall] = []
  private var root: TracedCall?

  var watchesSteps: Bool { false }
  var wantsAbort: Bool { false }

  func enter(_ message: Message, depth: Int) {
    var call = TracedCall()
    call.type = message.kind.opcodeName
    call.from = message.caller
    call.to = message.isCreation ? message.target : message.codeAddress
    call.value = message.kind == .staticCall ? nil : message.value
    call.gas = message.gasLimit
    call.input = message.input
    open.append(call)
  }

  func exit(_ result: MessageResult, depth: Int) {
    guard var call = open.popLast() else { return }
    call.gasUsed = call.gas - min(result.gasLeft, call.gas)
    call.output = result.output
    call.error = StepTrace.error(of: result)
    if open.isEmpty {
      root = call
    } else {
      open[open.count - 1].calls.append(call)
    }
  }

  func step(_ step: TraceStep) {}
  func stepDone(cost: UInt64) {}
  func log(_ log: Log, depth: Int) {}

  func selfDestruct(_ contract: Address, beneficiary: Address, balance: UInt256, depth: Int) {
    guard !open.isEmpty else { return }
    var call = TracedCall()
    call.type = "SELFDESTRUCT"
    call.from = contract
    call.to = beneficiary
    call.value = balance
    open[open.count - 1].calls.append(call)
  }

  /// The whole transaction: its gas limit and what it used, as a receipt says.
  func result(_ transaction: Transaction, outcome: TransactionOutcome) -> TracedCall {
    var call = TracedCall()
    if let root {
      call = root
      call.gas = transaction.gasLimit
    } else {
      // A deposit that cannot be has no call at all.
      call.error = "failed deposit transaction"
    }
    call.gasUsed = outcome.gasUsed
    return call
  }
}
