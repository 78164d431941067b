import EVM
import Execution
import JSON
import NativeCryptography
import Primitives
import Tracers

/// What the transition tool writes down while transactions run: a file of steps for each, or what a
/// tracer has to say; and how often each instruction ran.
public final class TransitionTrace {
  /// What is written for each transaction.
  private enum Content {
    case nothing
    case steps(StepTrace.Options)
    case results(TracerSelection)
  }

  private let folder: String
  private let content: Content
  private var file: OutputFile?
  private var tracer: (any ResultTracer)?
  private var logCount = 0
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
    content =
      writesSteps
      ? .steps(
        StepTrace.Options(
          hasMemory: memory, hasStack: stack, hasReturnData: returnData, tellsEnds: true,
          tellsBeginnings: callFrames)) : .nothing
    if countsInstructions { counts = [Int](repeating: 0, count: 256) }
  }

  /// What one of geth's tracers says, into files `trace-<index>-<transaction hash>.json`.
  ///
  /// - Throws: `TransitionError` for a tracer that there is not, or settings that it does not take.
  public init(
    folder: String, tracer name: String, settings: JSON, countsInstructions: Bool = false
  ) throws(TransitionError) {
    self.folder = folder
    do throws(TracerError) { content = .results(try TracerSelection(name, settings)) } catch {
      throw TransitionError(.configuration, "failed instantiating tracer: \(error.message)")
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

  func begin(
    _ index: Int, _ candidate: Candidate, _ header: BlockHeader,
    _ specification: ChainSpecification
  ) -> (any Tracer)? {
    fork = specification.fork(of: header)
    let name = "trace-\(index)-\(candidate.transaction.hash.hexadecimal)"
    var inner: (any Tracer)?
    switch content {
    case .nothing: break
    case .steps(let options):
      file = open(name + ".jsonl")
      if let file { inner = StepTrace(fork: fork, options: options) { file.write($0 + "\n") } }
    case .results(let selection):
      file = open(name + ".json")
      var context = TraceContext(
        specification: specification, header: header, transaction: candidate.transaction,
        sender: candidate.sender)
      context.transactionHash = candidate.transaction.hash
      context.transactionIndex = index
      context.firstLogIndex = logCount
      context.authorities = candidate.transaction.authorizations.compactMap {
        $0.authority(NativeCryptographyProvider.shared)
      }
      tracer = selection.tracer(context)
      inner = tracer
    }
    guard counts != nil else { return inner }
    return InstructionCounter(then: inner) { self.counts?[Int($0)] += 1 }
  }

  private func open(_ name: String) -> OutputFile? {
    do throws(TransitionError) {
      return try OutputFile(TransitionFiles.path(name, in: folder))
    } catch {
      failure = failure ?? error
      return nil
    }
  }

  /// Takes what became of the transaction; nothing where it was refused.
  func end(_ receipt: Receipt?) {
    if let receipt, let tracer {
      tracer.finish(gasUsed: receipt.gasUsed)
      file?.write(String(decoding: tracer.result().serialized(), as: UTF8.self) + "\n")
    }
    logCount += receipt?.logs.count ?? 0
    tracer = nil
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
  func stepFailed(_ halt: Halt, cost: UInt64) { next?.stepFailed(halt, cost: cost) }
  func transactionBegins(_ journal: Journal) { next?.transactionBegins(journal) }
  func transactionEnds(_ journal: Journal) { next?.transactionEnds(journal) }
  func enter(_ message: Message, depth: Int) { next?.enter(message, depth: depth) }
  func exit(_ result: MessageResult, depth: Int) { next?.exit(result, depth: depth) }
  func log(_ log: Log, depth: Int) { next?.log(log, depth: depth) }
  func selfDestruct(_ contract: Address, beneficiary: Address, balance: UInt256, depth: Int) {
    next?.selfDestruct(contract, beneficiary: beneficiary, balance: balance, depth: depth)
  }
}
