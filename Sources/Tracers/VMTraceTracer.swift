import EVM
import Execution
import JSON
import Primitives

/// Tells of each instruction with what it left behind, as Parity's `vmTrace`.
public final class VMTraceTracer: ResultTracer {
  /// An instruction whose effects the next one shows.
  private struct Pending {
    var position: Int
    var cost: UInt64 = 0
    var gas: UInt64
    var pushed: Int
    var memory: (offset: UInt256, count: UInt256)?
    var store: JSON = .null
    var sub: JSON = .null
  }

  private struct Frame {
    var code: Bytes
    var pending: Pending?
    var operations: [JSON] = []
  }

  /// The trace is given up once it has more steps.
  private static let stepLimit = 1_000_000

  private let table: OpcodeTable
  private let isLate: @Sendable () -> Bool
  private var journal: Journal?
  private var frames: [Frame] = []
  private var steps = 0
  private var whole: JSON = .null
  /// True: each step is told.
  public var watchesSteps: Bool { true }

  /// A tracer of a transaction.
  public init(_ context: TraceContext) {
    table = OpcodeTable(context.fork)
    isLate = context.isLate
  }

  /// Whether there are too many steps, or the time is over.
  public var wantsAbort: Bool {
    steps > Self.stepLimit || (steps & 1023 == 0 && steps > 0 && isLate())
  }

  /// Keeps the journal, which has the code.
  public func transactionBegins(_ journal: Journal) { self.journal = journal }

  /// A frame begins.
  public func enter(_ message: Message, depth: Int) {
    let code =
      message.isCreation ? message.input : (try? journal?.code(message.codeAddress)) ?? []
    frames.append(Frame(code: code))
  }

  /// A frame is over.
  public func exit(_ result: MessageResult, depth: Int) {
    guard var frame = frames.popLast() else { return }
    if let pending = frame.pending {
      // What halts a frame has no effect.
      let hasHalted = if case .halt = result.status { true } else { false }
      frame.operations.append(
        Self.json(
          pending,
          hasHalted
            ? .null
            : [
              "mem": .null, "push": [], "store": pending.store,
              "used": .integer(result.gasLeft),
            ]))
    }
    let trace: JSON = ["code": .data(frame.code), "ops": .array(frame.operations)]
    if frames.isEmpty {
      whole = trace
    } else {
      frames[frames.count - 1].pending?.sub = trace
    }
  }

  /// An instruction is about to run.
  public func step(_ step: TraceStep) {
    steps += 1
    guard let last = frames.indices.last else { return }
    finishPending(of: last, step)
    var pending = Pending(
      position: step.position, gas: step.gas, pushed: pushed(step.opcode),
      memory: Self.memory(step))
    if step.opcode == 0x55, step.stackHeight >= 2 {
      pending.store = ["key": .quantity(step.word(0)), "val": .quantity(step.word(1))]
    }
    frames[last].pending = pending
  }

  /// The instruction cost this.
  public func stepDone(cost: UInt64) {
    guard let last = frames.indices.last else { return }
    frames[last].pending?.cost = cost
  }

  /// The whole trace.
  public func result() -> JSON { whole }

  /// The instruction before has left behind what is there now.
  private func finishPending(of index: Int, _ step: TraceStep) {
    guard let pending = frames[index].pending else { return }
    let count = min(pending.pushed, step.stackHeight)
    let push = (0..<count).reversed().map { JSON.quantity(step.word($0)) }
    var memory: JSON = .null
    if let (offset, size) = pending.memory, !size.isZero, let place = offset.asUInt64,
      let bytes = step.memory(offset, size)
    {
      memory = ["data": .data(bytes), "off": .integer(place)]
    }
    frames[index].operations.append(
      Self.json(
        pending,
        [
          "mem": memory, "push": .array(push), "store": pending.store,
          "used": .integer(step.gas),
        ]))
    frames[index].pending = nil
  }

  private static func json(_ pending: Pending, _ effect: JSON) -> JSON {
    [
      "cost": .integer(pending.cost), "ex": effect, "pc": .integer(pending.position),
      "sub": pending.sub,
    ]
  }

  /// How many words of the stack an instruction has written.
  private func pushed(_ opcode: UInt8) -> Int {
    switch opcode {
    case 0x80...0x8f: Int(opcode - 0x80) + 2
    case 0x90...0x9f: Int(opcode - 0x90) + 2
    default: Int(table.entry(opcode)?.outputs ?? 0)
    }
  }

  /// The part of the memory that an instruction reads into or writes.
  private static func memory(_ step: TraceStep) -> (offset: UInt256, count: UInt256)? {
    func words(_ place: Int, _ count: Int) -> (offset: UInt256, count: UInt256)? {
      guard max(place, count) < step.stackHeight else { return nil }
      return (step.word(place), step.word(count))
    }
    switch step.opcode {
    case 0x51, 0x52: return step.stackHeight > 0 ? (step.word(0), 32) : nil
    case 0x53: return step.stackHeight > 0 ? (step.word(0), 1) : nil
    case 0x37, 0x39, 0x3e, 0x5e: return words(0, 2)
    case 0x3c: return words(1, 3)
    case 0xf1, 0xf2: return words(5, 6)
    case 0xf4, 0xfa: return words(4, 5)
    default: return nil
    }
  }
}
