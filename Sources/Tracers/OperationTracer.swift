import Cryptography
import EVM
import Execution
import JSON
import Primitives

/// What `OperationTracer` shows.
public struct OperationOptions: Sendable {
  /// Instructions that are not counted; nil for those that every contract uses.
  public var ignored: Set<UInt8>?
  /// Whether logs are shown.
  public var hasLogs = false

  /// The usual.
  public init() {}

  static let usuallyIgnored: Set<UInt8> = Set(0x5f...0x9f).union([
    0x50, 0x01, 0x03, 0x02, 0x04, 0x14, 0x10, 0x11, 0x12, 0x13, 0x1b, 0x1c, 0x16, 0x17, 0x19, 0x15,
  ])
}

/// Tells what bundlers of user operations must know, as geth's `erc7562Tracer` does: calls, with
/// the slots, code and instructions that each used.
public final class OperationTracer: ResultTracer {
  /// What a frame used beside what a call shows.
  struct Usage {
    var reads: [UInt256: UInt256] = [:]
    var writes: [UInt256: Int] = [:]
    var transientReads: [UInt256: Int] = [:]
    var transientWrites: [UInt256: Int] = [:]
    var codeAccesses: [Address] = []
    var opcodes: [UInt8: Int] = [:]
    var codeSizes: [Address: (size: Int, opcode: UInt8)] = [:]
    var isOutOfGas = false
    var calls: [(frame: CallFrame, usage: Usage)] = []
  }

  private let context: TraceContext
  private let ignored: Set<UInt8>
  private let hasLogs: Bool
  private var journal: Journal?
  private var stack: [(frame: CallFrame, usage: Usage)] = []
  private var last: (opcode: UInt8, top: UInt256)?
  private var hashInputs: Set<Bytes> = []
  /// True: instructions are counted.
  public var watchesSteps: Bool { true }

  /// A tracer of a transaction.
  public init(_ context: TraceContext, _ options: OperationOptions = OperationOptions()) {
    self.context = context
    ignored = options.ignored ?? OperationOptions.usuallyIgnored
    hasLogs = options.hasLogs
  }

  /// Keeps the journal, whose code and storage are asked for.
  public func transactionBegins(_ journal: Journal) { self.journal = journal }

  /// A frame begins.
  public func enter(_ message: Message, depth: Int) {
    var frame = CallFrame(message)
    if depth == 0 { frame.gas = context.transaction.gasLimit }
    stack.append((frame, Usage()))
  }

  /// A frame ends.
  public func exit(_ result: MessageResult, depth: Int) {
    guard depth > 0 else {
      if stack.count == 1 { stack[0].frame.end(result) }
      return
    }
    guard stack.count > 1 else { return }
    var (frame, usage) = stack.removeLast()
    if result.status == .halt(.outOfGas) || result.status == .halt(.codeStoreOutOfGas) {
      usage.isOutOfGas = true
    }
    frame.end(result)
    stack[stack.count - 1].usage.calls.append((frame, usage))
  }

  /// A contract gives its balance away.
  public func selfDestruct(
    _ contract: Address, beneficiary: Address, balance: UInt256, depth: Int
  ) {
    guard !stack.isEmpty else { return }
    let frame = CallFrame(destruction: contract, beneficiary: beneficiary, balance: balance)
    stack[stack.count - 1].usage.calls.append((frame, Usage()))
  }

  /// A log is written.
  public func log(_ log: Log, depth: Int) {
    guard hasLogs, !stack.isEmpty else { return }
    let top = stack.count - 1
    let index = context.firstLogIndex + max(0, (journal?.logs.count ?? 1) - 1)
    stack[top].frame.logs.append(
      CallLog(log: log, index: index, position: stack[top].usage.calls.count))
  }

  /// An instruction is about to run.
  public func step(_ step: TraceStep) {
    guard !stack.isEmpty else { return }
    let opcode = step.opcode
    if opcode == 0xfd || opcode == 0xf3 { last = nil }
    noteCodeAccess(opcode)
    noteCodeSize(step)
    let top = stack.count - 1
    if let last, last.opcode == 0x5a, !Self.isCall(opcode) {
      stack[top].usage.opcodes[0x5a, default: 0] += 1
    }
    if opcode != 0x5a, !ignored.contains(opcode) {
      stack[top].usage.opcodes[opcode, default: 0] += 1
    }
    noteStorage(step)
    if opcode == 0x20, step.stackHeight >= 2,
      let input = step.memory(step.word(0), step.word(1))
    {
      hashInputs.insert(input)
    }
    last = (opcode, step.stackHeight > 0 ? step.word(0) : .zero)
  }

  private func noteCodeAccess(_ opcode: UInt8) {
    guard let last, Self.readsCode(last.opcode) else { return }
    if last.opcode == 0x3b && opcode == 0x15 { return }
    stack[stack.count - 1].usage.codeAccesses.append(Address(last.top))
  }

  private func noteCodeSize(_ step: TraceStep) {
    let index = Self.isCall(step.opcode) ? 1 : 0
    guard index == 1 || Self.readsCode(step.opcode), step.stackHeight > index else { return }
    let address = Address(step.word(index))
    guard stack[stack.count - 1].usage.codeSizes[address] == nil else { return }
    let size = (try? journal?.code(address).count) ?? 0
    stack[stack.count - 1].usage.codeSizes[address] = (size, step.opcode)
  }

  private func noteStorage(_ step: TraceStep) {
    guard step.stackHeight >= 1 else { return }
    let top = stack.count - 1
    let slot = step.word(0)
    switch step.opcode {
    case 0x54:
      let isKnown =
        stack[top].usage.reads[slot] != nil || stack[top].usage.writes[slot] != nil
      guard !isKnown else { return }
      stack[top].usage.reads[slot] = (try? journal?.storage(step.address, slot)) ?? .zero
    case 0x55: stack[top].usage.writes[slot, default: 0] += 1
    case 0x5c: stack[top].usage.transientReads[slot, default: 0] += 1
    case 0x5d: stack[top].usage.transientWrites[slot, default: 0] += 1
    default: break
    }
  }

  private static func readsCode(_ opcode: UInt8) -> Bool {
    opcode == 0x3b || opcode == 0x3c || opcode == 0x3f
  }

  private static func isCall(_ opcode: UInt8) -> Bool {
    opcode == 0xf1 || opcode == 0xf2 || opcode == 0xf4 || opcode == 0xfa
  }

  /// Takes what the transaction used.
  public func finish(gasUsed: UInt64) {
    guard !stack.isEmpty else { return }
    stack[0].frame.gasUsed = gasUsed
    if hasLogs { Self.clearFailedLogs(&stack[0], inFailed: false) }
  }

  private static func clearFailedLogs(
    _ entry: inout (frame: CallFrame, usage: Usage), inFailed isFailed: Bool
  ) {
    let hasFailed = isFailed || entry.frame.error != nil
    if hasFailed { entry.frame.logs = [] }
    for index in entry.usage.calls.indices {
      clearFailedLogs(&entry.usage.calls[index], inFailed: hasFailed)
    }
  }

  /// The tree of calls, with all that was hashed at its root.
  public func result() -> JSON {
    guard let first = stack.first else { return .null }
    return Self.json(first.frame, first.usage, hashInputs: hashInputs)
  }

  private static func json(
    _ frame: CallFrame, _ usage: Usage, hashInputs: Set<Bytes>
  ) -> JSON {
    var json = JSONObject()
    json["from"] = .data(frame.from)
    json["gas"] = .quantity(frame.gas)
    json["gasUsed"] = .quantity(frame.gasUsed)
    if let to = frame.to { json["to"] = .data(to) }
    json["input"] = .data(frame.input)
    if !frame.output.isEmpty { json["output"] = .data(frame.output) }
    if let error = frame.error { json["error"] = .string(error) }
    if let reason = frame.revertReason, !reason.isEmpty { json["revertReason"] = .string(reason) }
    if !frame.logs.isEmpty {
      json["logs"] = .array(
        frame.logs.map { log in
          var writer = JSONWriter()
          log.write(to: &writer)
          return .serialized(writer.bytes)
        })
    }
    if let value = frame.value { json["value"] = .quantity(value) }
    usage.write(to: &json)
    if !hashInputs.isEmpty {
      let sorted = hashInputs.sorted { $0.lexicographicallyPrecedes($1) }
      json["keccak"] = .array(sorted.map { .data($0) })
    }
    if !usage.calls.isEmpty {
      json["calls"] = .array(
        usage.calls.map { Self.json($0.frame, $0.usage, hashInputs: []) })
    }
    json["type"] = .string(frame.type)
    return .object(json)
  }
}

extension OperationTracer.Usage {
  fileprivate func write(to json: inout JSONObject) {
    json["accessedSlots"] = [
      "reads": Self.bySlot(reads) { .array([.data(Hash($0))]) },
      "writes": Self.bySlot(writes) { .integer($0) },
      "transientReads": Self.bySlot(transientReads) { .integer($0) },
      "transientWrites": Self.bySlot(transientWrites) { .integer($0) },
    ]
    json["extCodeAccessInfo"] = .array(codeAccesses.map { .data($0) })
    var used = JSONObject()
    for (opcode, count) in opcodes.sorted(by: { $0.key < $1.key }) {
      used["0x" + String(opcode, radix: 16)] = .integer(count)
    }
    json["usedOpcodes"] = .object(used)
    var sizes = JSONObject()
    for (address, entry) in codeSizes.sorted(by: { $0.key < $1.key }) {
      sizes[address.hexadecimal] = [
        "contractSize": .integer(entry.size), "opcode": .integer(entry.opcode),
      ]
    }
    json["contractSize"] = .object(sizes)
    json["outOfGas"] = .bool(isOutOfGas)
  }

  private static func bySlot<Value>(
    _ values: [UInt256: Value], _ body: (Value) -> JSON
  ) -> JSON {
    var json = JSONObject()
    for (slot, value) in values.sorted(by: { $0.key < $1.key }) {
      json[Hash(slot).hexadecimal] = body(value)
    }
    return .object(json)
  }
}
