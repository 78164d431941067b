import EVM
import Execution
import JSON
import Primitives

/// What `StructLogTracer` shows of each step.
public struct StructLogOptions: Sendable {
  /// Whether the memory is shown.
  public var hasMemory = false
  /// Whether the stack is left out.
  public var omitsStack = false
  /// Whether storage is left out.
  public var omitsStorage = false
  /// Whether what the last call gave back is shown.
  public var hasReturnData = false
  /// No further steps are shown once those so far have more bytes than this; 0 for no limit.
  public var limitInBytes = 0
  /// The trace is given up once it has more bytes than this.
  public var sizeLimitInBytes = 512 << 20

  /// The usual.
  public init() {}
}

/// Tells of each instruction, as geth does by default.
public final class StructLogTracer: ResultTracer {
  private struct Pending {
    var position: Int
    var name: String
    var constantCost: Int
    var gas: UInt64
    var depth: Int
    var refund: Int64
    var stack: [UInt256]?
    var memory: Bytes
    var returnData: Bytes
    var storage: [(slot: UInt256, word: UInt256)] = []
    var cost: UInt64?
    var error: String?
  }

  private let context: TraceContext
  private let options: StructLogOptions
  private let table: OpcodeTable
  private var journal: Journal?
  private var pending: Pending?
  private var logs = JSONWriter()
  private var sizeOfLogs = 0
  private var storage: [Address: [UInt256: UInt256]] = [:]
  private var output: Bytes = []
  private var hasFailed = false
  private var gasUsed: UInt64 = 0
  private var steps: UInt32 = 0
  /// Whether the trace was given up because it is too large.
  public private(set) var isTooLarge = false
  /// True: each step is told.
  public var watchesSteps: Bool { true }

  /// A tracer of a transaction.
  public init(_ context: TraceContext, _ options: StructLogOptions = StructLogOptions()) {
    self.context = context
    self.options = options
    table = OpcodeTable(context.fork)
    logs.beginArray()
  }

  /// Whether the time is over, looked at every 1,024 steps, or the trace too large.
  public var wantsAbort: Bool {
    isTooLarge || (steps & 1023 == 0 && steps > 0 && context.isLate())
  }

  /// Keeps the journal, whose storage is shown.
  public func transactionBegins(_ journal: Journal) { self.journal = journal }

  /// An instruction is about to run.
  public func step(_ step: TraceStep) {
    flush()
    steps &+= 1
    if options.limitInBytes > 0, sizeOfLogs > options.limitInBytes { return }
    let entry = table.entry(step.opcode)
    pending = Pending(
      position: step.position,
      name: entry.map { text($0.name) }
        ?? "opcode 0x\(String(step.opcode, radix: 16)) not defined",
      constantCost: entry?.cost ?? 0, gas: step.gas, depth: step.depth + 1, refund: step.refund,
      stack: options.omitsStack ? nil : step.stack,
      memory: options.hasMemory ? step.memory : [],
      returnData: options.hasReturnData ? step.returnData : [])
    if !options.omitsStorage { noteStorage(step) }
  }

  private func text(_ name: StaticString) -> String {
    name.withUTF8Buffer { unsafe String(decoding: $0, as: UTF8.self) }
  }

  /// Adds the slot that SLOAD or SSTORE names to those of the contract, which are all shown then.
  private func noteStorage(_ step: TraceStep) {
    let slot: UInt256
    let word: UInt256
    if step.opcode == 0x54, step.stackHeight >= 1 {
      slot = step.word(0)
      word = (try? journal?.storage(step.address, slot)) ?? .zero
    } else if step.opcode == 0x55, step.stackHeight >= 2 {
      slot = step.word(0)
      word = step.word(1)
    } else {
      return
    }
    storage[step.address, default: [:]][slot] = word
    let all = storage[step.address] ?? [:]
    pending?.storage = all.sorted { $0.key < $1.key }.map { (slot: $0.key, word: $0.value) }
  }

  /// The instruction cost this much.
  public func stepDone(cost: UInt64) {
    if pending?.cost == nil { pending?.cost = cost }
  }

  /// The instruction halts its frame: what cannot run is an error of the step, what runs and fails
  /// is not.
  public func stepFailed(_ halt: Halt, cost: UInt64) {
    guard let step = pending else { return }
    pending?.cost = cost
    switch halt {
    case .outOfGas: pending?.error = ""
    case .stackUnderflow, .stackOverflow:
      pending?.cost = UInt64(step.constantCost)
      pending?.error = ""
    default: break
    }
  }

  /// A frame begins.
  public func enter(_ message: Message, depth: Int) { flush() }

  /// A frame ends.
  public func exit(_ result: MessageResult, depth: Int) {
    if pending?.error == "", pending?.depth == depth + 1 { pending?.error = result.failure }
    flush()
    guard depth == 0 else { return }
    hasFailed = result.status != .success
    if case .halt = result.status { output = [] } else { output = result.output }
  }

  /// Takes what the transaction used.
  public func finish(gasUsed: UInt64) { self.gasUsed = gasUsed }

  /// The outcome with all steps.
  public func result() -> JSON {
    flush()
    var logs = logs
    logs.endArray()
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("gas")
    writer.integer(gasUsed)
    writer.key("failed")
    writer.bool(hasFailed)
    writer.key("returnValue")
    writer.data(output)
    writer.key("structLogs")
    writer.serialized(logs.bytes)
    writer.endObject()
    return .serialized(writer.bytes)
  }

  private func flush() {
    guard let step = pending else { return }
    pending = nil
    let before = logs.bytes.count
    logs.beginObject()
    logs.key("pc")
    logs.integer(step.position)
    logs.key("op")
    logs.string(step.name)
    logs.key("gas")
    logs.integer(step.gas)
    logs.key("gasCost")
    logs.integer(step.cost ?? 0)
    logs.key("depth")
    logs.integer(step.depth)
    if let error = step.error, !error.isEmpty {
      logs.key("error")
      logs.string(error)
    }
    if let stack = step.stack {
      logs.key("stack")
      logs.beginArray()
      for word in stack { logs.quantity(word) }
      logs.endArray()
    }
    if !step.returnData.isEmpty {
      logs.key("returnData")
      logs.data(step.returnData)
    }
    writeState(of: step)
    if step.refund != 0 {
      logs.key("refund")
      logs.integer(step.refund)
    }
    logs.endObject()
    sizeOfLogs += logs.bytes.count - before
    if logs.bytes.count > options.sizeLimitInBytes { isTooLarge = true }
  }

  private func writeState(of step: Pending) {
    if !step.memory.isEmpty {
      logs.key("memory")
      logs.beginArray()
      for start in stride(from: 0, to: step.memory.count, by: 32) {
        logs.data(step.memory[start..<min(start + 32, step.memory.count)])
      }
      logs.endArray()
    }
    if !step.storage.isEmpty {
      logs.key("storage")
      logs.beginObject()
      for (slot, word) in step.storage {
        logs.key(Hash(slot).hexadecimal)
        logs.data(Hash(word))
      }
      logs.endObject()
    }
  }
}
