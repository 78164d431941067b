import EVM
import JSON
import Primitives

/// Writes each instruction as a line of JSON, once it is known what it cost and how it ended.
///
/// Source: EIP-3155; the members' order is geth's.
final class StepTrace: Tracer {
  private let table: OpcodeTable
  private let write: (String) -> Void
  private var pending: (line: JSONObject, depth: Int)?

  init(fork: Fork, write: @escaping (String) -> Void) {
    table = OpcodeTable(fork)
    self.write = write
  }

  var watchesSteps: Bool { true }
  var wantsAbort: Bool { false }

  func step(_ step: TraceStep) {
    flush(error: nil)
    var line = JSONObject()
    line["pc"] = .integer(step.position)
    line["op"] = .integer(step.opcode)
    line["gas"] = .quantity(step.gas)
    line["gasCost"] = .quantity(0 as UInt64)
    line["memSize"] = .integer(step.memorySize)
    line["stack"] = .array(step.stack.map { .quantity($0) })
    line["returnData"] = .data(step.returnData)
    line["depth"] = .integer(step.depth + 1)
    line["refund"] = .integer(step.refund)
    line["opName"] = .string(name(of: step.opcode))
    pending = (line, step.depth)
  }

  func stepDone(cost: UInt64) { pending?.line["gasCost"] = .quantity(cost) }

  func enter(_ message: Message, depth: Int) { flush(error: nil) }

  func exit(_ result: MessageResult, depth: Int) {
    var error: String?
    // A call that fails before its first instruction is no error of the calling one.
    if case .halt(let halt) = result.status, pending?.depth == depth {
      error = halt.message(result.haltDetail)
    }
    flush(error: error)
  }

  func log(_ log: Log, depth: Int) {}

  func selfDestruct(_ contract: Address, beneficiary: Address, balance: UInt256, depth: Int) {}

  private func flush(error: String?) {
    guard var line = pending?.line else { return }
    pending = nil
    if let error { line["error"] = .string(error) }
    write(String(decoding: JSON.object(line).serialized(), as: UTF8.self))
  }

  private func name(of opcode: UInt8) -> String {
    guard let entry = table.entry(opcode) else {
      return "opcode 0x\(String(opcode, radix: 16)) not defined"
    }
    return entry.name.withUTF8Buffer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}
