import EVM
import JSON
import Primitives

/// Writes each instruction as a line of JSON, once it is known what it cost and how it ended.
///
/// Source: EIP-3155; the members, their order and the lines of frames are geth's. Where geth
/// repeats an instruction that fails, to say why, one line says both.
final class StepTrace: Tracer {
  /// What the lines hold.
  struct Options: Sendable {
    /// Whether they have the whole memory.
    var hasMemory = false
    /// Whether they have the stack; otherwise it is null.
    var hasStack = true
    /// Whether they have what the last call gave back.
    var hasReturnData = true
    /// Whether a line tells of each frame's end, and of the first one's.
    var tellsEnds = false
    /// Whether a line tells of each frame's beginning.
    var tellsBeginnings = false
  }

  private let table: OpcodeTable
  private let options: Options
  private let write: (String) -> Void
  private var pending: (line: JSONObject, opcode: UInt8, depth: Int)?
  /// What follows the pending line.
  private var following: [JSONObject] = []
  /// The gas of the frames that have begun and not ended.
  private var gasLimits: [UInt64] = []

  init(fork: Fork, options: Options = Options(), write: @escaping (String) -> Void) {
    table = OpcodeTable(fork)
    self.options = options
    self.write = write
  }

  var watchesSteps: Bool { true }
  var wantsAbort: Bool { false }

  func step(_ step: TraceStep) {
    // The field's tools show the refund that a write earns with the write.
    if pending?.opcode == 0x55 { pending?.line["refund"] = .integer(step.refund) }
    flush()
    var line = JSONObject()
    line["pc"] = .integer(step.position)
    line["op"] = .integer(step.opcode)
    line["gas"] = .quantity(step.gas)
    line["gasCost"] = .quantity(0 as UInt64)
    if options.hasMemory, step.memorySize > 0 { line["memory"] = .data(step.memory) }
    line["memSize"] = .integer(step.memorySize)
    line["stack"] = options.hasStack ? .array(step.stack.map { .quantity($0) }) : .null
    if options.hasReturnData, !(options.tellsEnds && step.returnData.isEmpty) {
      line["returnData"] = .data(step.returnData)
    }
    line["depth"] = .integer(step.depth + 1)
    line["refund"] = .integer(step.refund)
    line["opName"] = .string(Self.name(of: step.opcode, in: table))
    pending = (line, step.opcode, step.depth)
  }

  func stepDone(cost: UInt64) { pending?.line["gasCost"] = .quantity(cost) }

  func enter(_ message: Message, depth: Int) {
    flush()
    gasLimits.append(message.gasLimit)
    if options.tellsBeginnings { write(Self.text(beginning(of: message))) }
  }

  func exit(_ result: MessageResult, depth: Int) {
    let error = Self.error(of: result)
    // A call that fails before its first instruction is no error of the calling one.
    if let error, pending?.depth == depth { pending?.line["error"] = .string(error) }
    if pending?.opcode == 0xff, pending?.depth == depth, error == nil {
      pending?.line["refund"] = .integer(result.refund)
    }
    flush()
    guard let gasLimit = gasLimits.popLast(), options.tellsEnds else { return }
    let used = gasLimit - min(result.gasLeft, gasLimit)
    write(Self.text(Self.end(output: result.output, gasUsed: used, error: error)))
  }

  func log(_ log: Log, depth: Int) {}

  /// geth shows the transfer as a frame of its own.
  func selfDestruct(_ contract: Address, beneficiary: Address, balance: UInt256, depth: Int) {
    if options.tellsBeginnings {
      var line = JSONObject()
      line["from"] = .data(contract)
      line["to"] = .data(beneficiary)
      line["gas"] = .quantity(0 as UInt64)
      line["value"] = .quantity(balance)
      line["type"] = "SELFDESTRUCT"
      following.append(line)
    }
    if options.tellsEnds { following.append(Self.end(output: [], gasUsed: 0, error: nil)) }
  }

  private func flush() {
    guard let line = pending?.line else { return }
    pending = nil
    write(Self.text(line))
    for line in following { write(Self.text(line)) }
    following = []
  }

  private func beginning(of message: Message) -> JSONObject {
    var line = JSONObject()
    line["from"] = .data(message.caller)
    line["to"] = .data(message.isCreation ? message.target : message.codeAddress)
    if options.hasMemory, !message.input.isEmpty { line["input"] = .data(message.input) }
    line["gas"] = .quantity(message.gasLimit)
    line["value"] = message.kind == .staticCall ? .null : .quantity(message.value)
    line["type"] = .string(message.kind.opcodeName)
    return line
  }

  private static func end(output: Bytes, gasUsed: UInt64, error: String?) -> JSONObject {
    var line = JSONObject()
    line["output"] = .string(Hexadecimal.encode(output))
    line["gasUsed"] = .quantity(gasUsed)
    if let error { line["error"] = .string(error) }
    return line
  }

  /// Why a frame did not end by itself, in geth's words; nil if it did.
  static func error(of result: MessageResult) -> String? {
    switch result.status {
    case .success: nil
    case .revert: "execution reverted"
    case .halt(let halt): halt.message(result.haltDetail)
    }
  }

  private static func text(_ line: JSONObject) -> String {
    String(decoding: JSON.object(line).serialized(), as: UTF8.self)
  }

  /// An instruction's name, or geth's words for a byte that names none.
  static func name(of opcode: UInt8, in table: OpcodeTable) -> String {
    guard let entry = table.entry(opcode) else {
      return "opcode 0x\(String(opcode, radix: 16)) not defined"
    }
    return entry.name.withUTF8Buffer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}

extension Message.Kind {
  /// The instruction that sends such a message.
  fileprivate var opcodeName: String {
    switch self {
    case .call: "CALL"
    case .callCode: "CALLCODE"
    case .delegateCall: "DELEGATECALL"
    case .staticCall: "STATICCALL"
    case .create: "CREATE"
    case .create2: "CREATE2"
    }
  }
}
