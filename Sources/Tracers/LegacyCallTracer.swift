import EVM
import Execution
import JSON
import Primitives

/// Tells of calls as geth's first call tracer did (`callTracerLegacy`): from instructions alone, so
/// calls of precompiled contracts are missing, and a failed call knows less.
public final class LegacyCallTracer: ResultTracer {
  private struct Call {
    var type = ""
    var from = Address.zero
    var to: Address?
    var value: UInt256?
    var input: Bytes?
    var output: Bytes?
    var gas: UInt64?
    var gasUsed: UInt64?
    var gasBefore: UInt64 = 0
    var cost: UInt64 = 0
    var outputRange: (offset: UInt256, count: UInt256) = (.zero, .zero)
    var error: String?
    var calls: [Call] = []
    var isCreation: Bool { type == "CREATE" || type == "CREATE2" }
  }

  /// What an instruction means, noted before it runs.
  private struct Pending {
    var opcode: UInt8
    var depth: Int
    var gas: UInt64
    var begun: Call?
    var destruction: Call?
    /// The top of the stack, and the part of memory where the last call's output is.
    var top: UInt256
    var output: Bytes?
  }

  private let context: TraceContext
  private let precompiles: [Address]
  private var journal: Journal?
  private var stack = [Call()]
  private var hasDescended = false
  private var pending: Pending?
  private var failing: (halt: Halt, hasRun: Bool)?
  private var output: Bytes = []
  private var error: String?
  private var gasUsed: UInt64 = 0
  /// True: it looks at nothing else.
  public var watchesSteps: Bool { true }

  /// A tracer of a transaction.
  public init(_ context: TraceContext) {
    self.context = context
    precompiles = Journal.precompiles(of: context.fork, rollup: context.rollup)
  }

  /// Keeps the journal, whose code and balances are shown.
  public func transactionBegins(_ journal: Journal) { self.journal = journal }

  /// An instruction is about to run.
  public func step(_ step: TraceStep) {
    finishStep(cost: 0)
    var noted = Pending(
      opcode: step.opcode, depth: step.depth + 1, gas: step.gas,
      top: step.stackHeight > 0 ? step.word(0) : .zero)
    switch step.opcode {
    case 0xf0, 0xf5: if step.stackHeight >= 3 { noted.begun = creation(step) }
    case 0xff: if step.stackHeight >= 1 { noted.destruction = destruction(step) }
    case 0xf1, 0xf2, 0xf4, 0xfa: if step.stackHeight >= 6 { noted.begun = call(step) }
    default: break
    }
    if noted.depth == stack.count - 1, let last = stack.last, !last.isCreation {
      noted.output = step.memory(last.outputRange.offset, last.outputRange.count) ?? []
    }
    pending = noted
  }

  private func creation(_ step: TraceStep) -> Call {
    Call(
      type: step.opcode == 0xf0 ? "CREATE" : "CREATE2", from: step.address, value: step.word(0),
      input: step.memory(step.word(1), step.word(2)) ?? [], gasBefore: step.gas)
  }

  private func destruction(_ step: TraceStep) -> Call {
    Call(
      type: "SELFDESTRUCT", from: step.address, to: Address(step.word(0)),
      value: (try? journal?.balance(step.address)) ?? .zero)
  }

  private func call(_ step: TraceStep) -> Call? {
    let target = Address(step.word(1))
    if precompiles.contains(target) { return nil }
    let names: [UInt8: String] = [
      0xf1: "CALL", 0xf2: "CALLCODE", 0xf4: "DELEGATECALL", 0xfa: "STATICCALL",
    ]
    let hasValue = step.opcode == 0xf1 || step.opcode == 0xf2
    let first = hasValue ? 3 : 2
    guard step.stackHeight >= first + 4 else { return nil }
    var call = Call(
      type: names[step.opcode] ?? "", from: step.address, to: target,
      value: hasValue ? step.word(2) : nil,
      input: step.memory(step.word(first), step.word(first + 1)) ?? [], gasBefore: step.gas)
    call.outputRange = (step.word(first + 2), step.word(first + 3))
    return call
  }

  /// The instruction cost this much.
  public func stepDone(cost: UInt64) { if failing == nil { finishStep(cost: cost) } }

  /// The instruction halts its frame.
  public func stepFailed(_ halt: Halt, cost: UInt64) {
    switch halt {
    case .outOfGas, .stackUnderflow, .stackOverflow: pending = nil
    default: finishStep(cost: cost)
    }
    failing = (halt, pending == nil)
  }

  private func finishStep(cost: UInt64) {
    guard let step = pending else { return }
    pending = nil
    if step.begun != nil || isCallOfPrecompile(step) {
      guard var call = step.begun else { return }
      call.cost = cost
      stack.append(call)
      hasDescended = true
      return
    }
    if let destruction = step.destruction {
      stack[stack.count - 1].calls.append(destruction)
      return
    }
    if hasDescended {
      if step.depth >= stack.count { stack[stack.count - 1].gas = step.gas }
      hasDescended = false
    }
    if step.opcode == 0xfd {
      stack[stack.count - 1].error = "execution reverted"
      return
    }
    if step.depth == stack.count - 1 { pop(step) }
  }

  private func isCallOfPrecompile(_ step: Pending) -> Bool {
    [0xf1, 0xf2, 0xf4, 0xfa].contains(step.opcode)
  }

  /// Takes a call that has returned off the stack.
  private func pop(_ step: Pending) {
    guard stack.count > 1 else { return }
    var call = stack.removeLast()
    let spent = call.gasBefore &- call.cost
    if call.isCreation {
      call.gasUsed = spent &- step.gas
      if !step.top.isZero {
        let address = Address(step.top)
        call.to = address
        call.output = (try? journal?.code(address)) ?? []
      } else if call.error == nil {
        call.error = "internal failure"
      }
    } else {
      if let gas = call.gas { call.gasUsed = spent &+ gas &- step.gas }
      if !step.top.isZero {
        call.output = step.output ?? []
      } else if call.error == nil {
        call.error = "internal failure"
      }
    }
    stack[stack.count - 1].calls.append(call)
  }

  /// A frame ends.
  public func exit(_ result: MessageResult, depth: Int) {
    finishStep(cost: 0)
    if failing != nil {
      failing = nil
      fault(result.failure ?? "")
    }
    guard depth == 0 else { return }
    error = result.failure
    output = result.output
  }

  private func fault(_ message: String) {
    guard var call = stack.popLast() else { return }
    if call.error != nil {
      stack.append(call)
      return
    }
    call.error = message
    if call.gas != nil { call.gasUsed = call.gas }
    if stack.isEmpty {
      stack.append(call)
    } else {
      stack[stack.count - 1].calls.append(call)
    }
  }

  /// Takes what the transaction used.
  public func finish(gasUsed: UInt64) { self.gasUsed = gasUsed }

  /// The tree of calls.
  public func result() -> JSON {
    var outer = Call()
    let transaction = context.transaction
    outer.type = transaction.isCreation ? "CREATE" : "CALL"
    outer.from = context.sender
    outer.to =
      transaction.to
      ?? Address.contract(createdBy: context.sender, nonce: transaction.nonce)
    outer.value = transaction.value
    outer.gas = transaction.gasLimit
    outer.gasUsed = gasUsed
    outer.input = transaction.data
    outer.output = output
    outer.calls = stack[0].calls
    outer.error = stack[0].error ?? error
    if let error = outer.error, error != "execution reverted" || output.isEmpty {
      outer.output = nil
    }
    return Self.json(outer)
  }

  private static func json(_ call: Call) -> JSON {
    var json = JSONObject()
    json["type"] = .string(call.type)
    json["from"] = .data(call.from)
    if let to = call.to { json["to"] = .data(to) }
    if let value = call.value { json["value"] = .quantity(value) }
    if let gas = call.gas { json["gas"] = .quantity(gas) }
    if let used = call.gasUsed { json["gasUsed"] = .quantity(used) }
    if let input = call.input { json["input"] = .data(input) }
    if let output = call.output { json["output"] = .data(output) }
    if let error = call.error { json["error"] = .string(error) }
    if !call.calls.isEmpty { json["calls"] = .array(call.calls.map(Self.json)) }
    return .object(json)
  }
}
