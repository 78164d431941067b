import EVM
import JSON
import Primitives

/// What the transition tool writes down while transactions run: a file of steps for each, and how
/// often each instruction ran.
public final class TransitionTrace {
  private let folder: String
  private let options: StepTrace.Options?
  private var file: OutputFile?
  private var fork = Fork.frontier
  private var counts: [Int]?
  /// Why a file could not be written; what runs goes on.
  public private(set) var failure: TransitionError?

  /// A trace into files of a folder, `trace-<index>-<transaction hash>.jsonl`.
  public init(
    folder: String, writesSteps: Bool, memory: Bool = false, stack: Bool = true,
    returnData: Bool = false, callFrames: Bool = false, countsInstructions: Bool = false
  ) {
    self.folder = folder
    if writesSteps {
      options = StepTrace.Options(
        hasMemory: memory, hasStack: stack, hasReturnData: returnData, tellsEnds: true,
        tellsBeginnings: callFrames)
    } else {
      options = nil
    }
    if countsInstructions { counts = [Int](repeating: 0, count: 256) }
  }

  /// How often each instruction ran, by name.
  public var instructionCounts: JSON {
    let table = OpcodeTable(fork)
    var json = JSONObject()
    for (byte, count) in (counts ?? []).enumerated() where count > 0 {
      let name = StepTrace.name(of: UInt8(truncatingIfNeeded: byte), in: table)
      json[name] = .integer(count)
    }
    return .object(json)
  }

  func begin(_ index: Int, _ hash: Hash, fork: Fork) -> (any Tracer)? {
    self.fork = fork
    var steps: StepTrace?
    if let options {
      let path = TransitionFiles.path("trace-\(index)-\(hash.hexadecimal).jsonl", in: folder)
      do throws(TransitionError) {
        let file = try OutputFile(path)
        self.file = file
        steps = StepTrace(fork: fork, options: options) { file.write($0 + "\n") }
      } catch {
        failure = failure ?? error
      }
    }
    guard counts != nil else { return steps }
    return InstructionCounter(then: steps) { self.counts?[Int($0)] += 1 }
  }

  func end() {
    guard let file else { return }
    self.file = nil
    do throws(TransitionError) { try file.close() } catch { failure = failure ?? error }
  }
}

/// Counts instructions, and hands everything on.
private final class InstructionCounter: Tracer {
  private let next: (any Tracer)?
  private let count: (UInt8) -> Void

  init(then next: (any Tracer)?, count: @escaping (UInt8) -> Void) {
    self.next = next
    self.count = count
  }

  var watchesSteps: Bool { true }
  var wantsAbort: Bool { false }

  func step(_ step: TraceStep) {
    count(step.opcode)
    next?.step(step)
  }
  func stepDone(cost: UInt64) { next?.stepDone(cost: cost) }
  func enter(_ message: Message, depth: Int) { next?.enter(message, depth: depth) }
  func exit(_ result: MessageResult, depth: Int) { next?.exit(result, depth: depth) }
  func log(_ log: Log, depth: Int) { next?.log(log, depth: depth) }
  func selfDestruct(_ contract: Address, beneficiary: Address, balance: UInt256, depth: Int) {
    next?.selfDestruct(contract, beneficiary: beneficiary, balance: balance, depth: depth)
  }
}
