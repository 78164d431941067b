import Primitives

/// Somebody who watches a machine run.
///
/// Without a tracer the interpreter runs a loop in which these calls do not exist. Frames are
/// numbered from 0, the transaction's own.
public protocol Tracer: AnyObject {
  /// Whether `step` and `stepDone` are to be called; asked once per message.
  var watchesSteps: Bool { get }
  /// Whether the machine is to stop, with `ExecutionStop.aborted`; asked before each frame, and
  /// before each step that is watched.
  var wantsAbort: Bool { get }
  /// A frame begins, also one that calls a precompiled contract or fails at once.
  func enter(_ message: Message, depth: Int)
  /// The frame that began last, and has not ended, ends.
  func exit(_ result: MessageResult, depth: Int)
  /// An instruction is about to run; there is none in an account without code.
  func step(_ step: TraceStep)
  /// The instruction of the last `step` cost this much gas, what a call (but not a creation) hands
  /// on included.
  ///
  /// Called before the frame that a call begins. If the instruction halts the frame, this is what
  /// it would have cost as far as it got, which may be more than there was. `stepFailed` comes
  /// first then.
  func stepDone(cost: UInt64)
  /// The instruction of the last `step` halts its frame, after it asked for this much gas.
  func stepFailed(_ halt: Halt, cost: UInt64)
  /// A log is written.
  func log(_ log: Log, depth: Int)
  /// A contract gives its balance away by SELFDESTRUCT.
  func selfDestruct(_ contract: Address, beneficiary: Address, balance: UInt256, depth: Int)
  /// A transaction begins on this journal; nothing is paid yet.
  func transactionBegins(_ journal: Journal)
  /// The transaction is over, and what it destroyed is gone from the journal.
  func transactionEnds(_ journal: Journal)
}

extension Tracer {
  /// Does nothing.
  public func stepFailed(_ halt: Halt, cost: UInt64) {}
  /// Does nothing.
  public func transactionBegins(_ journal: Journal) {}
  /// Does nothing.
  public func transactionEnds(_ journal: Journal) {}
}

/// The machine before an instruction.
///
/// The stack, the memory and the return data can be read while `Tracer.step` runs, and not after.
public struct TraceStep {
  /// The instruction's position in the code.
  public let position: Int
  /// The instruction.
  public let opcode: UInt8
  /// The gas before the instruction.
  public let gas: UInt64
  /// The number of the frame, from 0 on.
  public let depth: Int
  /// The refund counter.
  public let refund: Int64
  /// Whose storage the frame works on.
  public let address: Address
  /// The words on the stack, the deepest first; made on demand.
  public var stack: [UInt256] { registers.stackWords }
  /// How many words are on the stack.
  public var stackHeight: Int { registers.height }
  /// The word at an index from the top of the stack, which must be below `stackHeight`.
  public func word(_ index: Int) -> UInt256 {
    precondition(index >= 0 && index < registers.height, "the stack has that word")
    return registers[index]
  }
  /// A range of the memory, with zeros where that has not grown so far; nil above `limit` bytes.
  public func memory(_ offset: UInt256, _ count: UInt256, limit: Int = 1 << 20) -> Bytes? {
    guard let count = count.asInt, count <= limit else { return nil }
    var bytes = Bytes(repeating: 0, count: count)
    guard let start = offset.asInt, start < registers.memorySize else { return bytes }
    let known = Swift.min(count, registers.memorySize - start)
    bytes.replaceSubrange(
      0..<known, with: registers.bytes(MemoryRange(offset: start, count: known)))
    return bytes
  }
  /// The memory; made on demand.
  public var memory: Bytes { registers.memoryBytes }
  /// How many bytes of memory the frame has.
  public var memorySize: Int { registers.memorySize }
  /// What the last call of the frame gave back; made on demand.
  public var returnData: Bytes { output.copy }

  let registers: Registers
  let output: OutputBuffer
}
