import EVM
import Execution
import JSON
import Primitives

/// Counts the instructions of a transaction, and the gas that each kind used, what its calls used
/// left out: `trace_transactionOpcodeGas`, as reth has it.
public final class OpcodeGasTracer: ResultTracer {
  private var counts: [UInt8: (count: UInt64, gas: UInt64)] = [:]
  private let table: OpcodeTable
  private var current: UInt8 = 0
  /// True: each step is counted.
  public var watchesSteps: Bool { true }

  /// A tracer of a transaction.
  public init(_ context: TraceContext) { table = OpcodeTable(context.fork) }

  /// An instruction is about to run.
  public func step(_ step: TraceStep) { current = step.opcode }

  /// The instruction cost this.
  public func stepDone(cost: UInt64) {
    let (count, gas) = counts[current] ?? (0, 0)
    counts[current] = (count + 1, gas &+ cost)
  }

  /// What a call hands on is not what it costs; the stipend was never the caller's.
  public func enter(_ message: Message, depth: Int) {
    guard depth > 0, var entry = counts[current] else { return }
    let hasStipend =
      !message.value.isZero && (message.kind == .call || message.kind == .callCode)
    // A creation's cost is told without what it hands on.
    guard !message.isCreation else { return }
    let handedOn = message.gasLimit - min(message.gasLimit, hasStipend ? 2_300 : 0)
    entry.gas -= min(entry.gas, handedOn)
    counts[current] = entry
  }

  /// The kinds with their counts, the dearest first.
  public func result() -> JSON {
    let sorted = counts.sorted { left, right in
      (right.value.gas, left.key) < (left.value.gas, right.key)
    }
    return .array(
      sorted.map { opcode, entry in
        [
          "opcode": .string(
            table.entry(opcode).map { "\($0.name)" } ?? "0x" + String(opcode, radix: 16)),
          "count": .integer(entry.count), "gasUsed": .integer(entry.gas),
        ]
      })
  }
}
