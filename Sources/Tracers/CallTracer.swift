import Cryptography
import EVM
import Execution
import JSON
import Primitives

/// A log with its place among the calls of its frame.
struct CallLog {
  var log: Log
  var index: Int
  var position: Int
}

/// A call, creation or self-destruction, with what happened inside it.
struct CallFrame {
  var type: String
  var from: Address
  var to: Address?
  var gas: UInt64
  var gasUsed: UInt64 = 0
  var input: Bytes
  var output: Bytes = []
  var error: String?
  var isReverted = false
  var revertReason: String?
  var calls: [CallFrame] = []
  var logs: [CallLog] = []
  var value: UInt256?

  init(_ message: Message) {
    type = message.instruction
    from = message.tracedSender
    to = message.tracedRecipient
    gas = message.gasLimit
    input = message.input
    value = message.kind == .staticCall ? nil : message.value
  }

  init(destruction contract: Address, beneficiary: Address, balance: UInt256) {
    type = "SELFDESTRUCT"
    from = contract
    to = beneficiary
    gas = 0
    input = []
    value = balance
  }

  var isCreation: Bool { type == "CREATE" || type == "CREATE2" }

  /// Takes in how the frame ended.
  mutating func end(_ result: MessageResult) {
    gasUsed = gas - min(gas, result.gasLeft)
    guard let failure = result.failure else {
      output = result.output
      return
    }
    error = failure
    isReverted = true
    if isCreation { to = nil }
    guard result.status == .revert, !result.output.isEmpty else { return }
    output = result.output
    if output.count >= 4 { revertReason = RevertReason.decode(output) }
  }

  /// Drops the logs of what failed, since they are in no receipt.
  mutating func clearFailedLogs(inFailed isFailed: Bool = false) {
    let hasFailed = isFailed || (error != nil && isReverted)
    if hasFailed { logs = [] }
    for index in calls.indices { calls[index].clearFailedLogs(inFailed: hasFailed) }
  }
}

/// Tells of calls as geth's `callTracer` does: a tree of frames.
public final class CallTracer: ResultTracer {
  private let context: TraceContext
  private let isTopOnly: Bool
  private let hasLogs: Bool
  private var journal: Journal?
  private var depth = 0
  private(set) var stack: [CallFrame] = []

  /// A tracer of a transaction; `isTopOnly` leaves the inner calls out, `hasLogs` shows logs.
  public init(_ context: TraceContext, isTopOnly: Bool = false, hasLogs: Bool = false) {
    self.context = context
    self.isTopOnly = isTopOnly
    self.hasLogs = hasLogs
  }

  /// Keeps the journal, whose logs give each its index.
  public func transactionBegins(_ journal: Journal) { self.journal = journal }

  /// A frame begins.
  public func enter(_ message: Message, depth: Int) {
    self.depth = depth
    if isTopOnly && depth > 0 { return }
    var frame = CallFrame(message)
    if depth == 0 { frame.gas = context.transaction.gasLimit }
    stack.append(frame)
  }

  /// A frame ends.
  public func exit(_ result: MessageResult, depth: Int) {
    self.depth = max(0, depth - 1)
    if depth == 0 {
      if stack.count == 1 { stack[0].end(result) }
      return
    }
    guard !isTopOnly, stack.count > 1 else { return }
    var frame = stack.removeLast()
    frame.end(result)
    stack[stack.count - 1].calls.append(frame)
  }

  /// A contract gives its balance away.
  public func selfDestruct(
    _ contract: Address, beneficiary: Address, balance: UInt256, depth: Int
  ) {
    guard !isTopOnly, !stack.isEmpty else { return }
    stack[stack.count - 1].calls.append(
      CallFrame(destruction: contract, beneficiary: beneficiary, balance: balance))
  }

  /// A log is written.
  public func log(_ log: Log, depth: Int) {
    guard hasLogs, !stack.isEmpty, !(isTopOnly && depth > 0) else { return }
    let last = stack.count - 1
    let index = context.firstLogIndex + max(0, (journal?.logs.count ?? 1) - 1)
    stack[last].logs.append(
      CallLog(log: log, index: index, position: stack[last].calls.count))
  }

  /// Takes what the transaction used.
  public func finish(gasUsed: UInt64) {
    guard !stack.isEmpty else { return }
    stack[0].gasUsed = gasUsed
    if hasLogs { stack[0].clearFailedLogs() }
  }

  /// The tree of calls.
  public func result() -> JSON {
    guard let first = stack.first else { return .null }
    var writer = JSONWriter()
    first.write(to: &writer)
    return .serialized(writer.bytes)
  }
}

extension CallFrame {
  /// Writes the frame with all inside it; frames are at most 1,024 deep.
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writeOwn(to: &writer)
    if !calls.isEmpty {
      writer.key("calls")
      writer.beginArray()
      for call in calls { call.write(to: &writer) }
      writer.endArray()
    }
    if !logs.isEmpty {
      writer.key("logs")
      writer.beginArray()
      for log in logs { log.write(to: &writer) }
      writer.endArray()
    }
    if let value {
      writer.key("value")
      writer.quantity(value)
    }
    writer.key("type")
    writer.string(type)
    writer.endObject()
  }

  private func writeOwn(to writer: inout JSONWriter) {
    writer.key("from")
    writer.data(from)
    writer.key("gas")
    writer.quantity(gas)
    writer.key("gasUsed")
    writer.quantity(gasUsed)
    if let to {
      writer.key("to")
      writer.data(to)
    }
    writer.key("input")
    writer.data(input)
    if !output.isEmpty {
      writer.key("output")
      writer.data(output)
    }
    if let error {
      writer.key("error")
      writer.string(error)
    }
    if let revertReason, !revertReason.isEmpty {
      writer.key("revertReason")
      writer.string(revertReason)
    }
  }
}

extension CallLog {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("address")
    writer.data(log.address)
    writer.key("topics")
    writer.beginArray()
    for topic in log.topics { writer.data(topic) }
    writer.endArray()
    writer.key("data")
    writer.data(log.data)
    writer.key("index")
    writer.quantity(UInt64(index))
    writer.key("position")
    writer.quantity(UInt64(position))
    writer.endObject()
  }
}
