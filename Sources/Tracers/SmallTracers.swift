import Cryptography
import EVM
import Execution
import JSON
import Primitives

/// Says nothing, as geth's `noopTracer`.
public final class NoopTracer: ResultTracer {
  /// The tracer.
  public init() {}

  /// An empty object.
  public func result() -> JSON { [:] }
}

/// Counts the selectors that calls begin with, as geth's `4byteTracer`: each with the size of the
/// data that follows it.
public final class FourByteTracer: ResultTracer {
  private let precompiles: [Address]
  private var counts: [String: Int] = [:]

  /// A tracer of a transaction.
  public init(_ context: TraceContext) {
    precompiles = Journal.precompiles(of: context.fork, rollup: context.rollup)
  }

  /// A frame begins.
  public func enter(_ message: Message, depth: Int) {
    guard !message.isCreation, message.input.count >= 4,
      !precompiles.contains(message.tracedRecipient)
    else { return }
    let name =
      Hexadecimal.encodePrefixed(message.input.prefix(4)) + "-" + String(message.input.count - 4)
    counts[name, default: 0] += 1
  }

  /// How often each was seen, by name.
  public func result() -> JSON {
    var json = JSONObject()
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) { json[name] = .integer(count) }
    return .object(json)
  }
}

/// Keeps what was hashed, as geth's `keccak256PreimageTracer`: each input under its hash.
public final class HashInputTracer: ResultTracer {
  private var inputs: [Hash: Bytes] = [:]
  /// True: KECCAK256 is a step.
  public var watchesSteps: Bool { true }

  /// The tracer.
  public init() {}

  /// An instruction is about to run.
  public func step(_ step: TraceStep) {
    guard step.opcode == 0x20, step.stackHeight >= 2,
      let input = step.memory(step.word(0), step.word(1))
    else { return }
    inputs[Keccak256.hash(input)] = input
  }

  /// The inputs under their hashes.
  public func result() -> JSON {
    var json = JSONObject()
    for (hash, input) in inputs.sorted(by: { $0.key < $1.key }) {
      json[hash.hexadecimal] = .data(input)
    }
    return .object(json)
  }
}

/// Runs several tracers at once, as geth's `muxTracer`.
public final class MuxTracer: ResultTracer {
  private let tracers: [(name: String, tracer: any ResultTracer)]
  /// Whether one of the tracers watches steps.
  public let watchesSteps: Bool

  /// These tracers, whose results stand under their names.
  public init(_ tracers: [(name: String, tracer: any ResultTracer)]) {
    self.tracers = tracers
    watchesSteps = tracers.contains { $0.tracer.watchesSteps }
  }

  /// Whether one of the tracers asks to stop.
  public var wantsAbort: Bool { tracers.contains { $0.tracer.wantsAbort } }
  /// Hands on.
  public func enter(_ message: Message, depth: Int) {
    for (_, tracer) in tracers { tracer.enter(message, depth: depth) }
  }
  /// Hands on.
  public func exit(_ result: MessageResult, depth: Int) {
    for (_, tracer) in tracers { tracer.exit(result, depth: depth) }
  }
  /// Hands on.
  public func step(_ step: TraceStep) {
    for (_, tracer) in tracers where tracer.watchesSteps { tracer.step(step) }
  }
  /// Hands on.
  public func stepDone(cost: UInt64) {
    for (_, tracer) in tracers where tracer.watchesSteps { tracer.stepDone(cost: cost) }
  }
  /// Hands on.
  public func stepFailed(_ halt: Halt, cost: UInt64) {
    for (_, tracer) in tracers where tracer.watchesSteps { tracer.stepFailed(halt, cost: cost) }
  }
  /// Hands on.
  public func log(_ log: Log, depth: Int) {
    for (_, tracer) in tracers { tracer.log(log, depth: depth) }
  }
  /// Hands on.
  public func selfDestruct(
    _ contract: Address, beneficiary: Address, balance: UInt256, depth: Int
  ) {
    for (_, tracer) in tracers {
      tracer.selfDestruct(contract, beneficiary: beneficiary, balance: balance, depth: depth)
    }
  }
  /// Hands on.
  public func transactionBegins(_ journal: Journal) {
    for (_, tracer) in tracers { tracer.transactionBegins(journal) }
  }
  /// Hands on.
  public func transactionEnds(_ journal: Journal) {
    for (_, tracer) in tracers { tracer.transactionEnds(journal) }
  }
  /// Hands on.
  public func finish(gasUsed: UInt64) {
    for (_, tracer) in tracers { tracer.finish(gasUsed: gasUsed) }
  }

  /// The results under their names.
  public func result() -> JSON {
    var json = JSONObject()
    for (name, tracer) in tracers.sorted(by: { $0.name < $1.name }) {
      json[name] = tracer.result()
    }
    return .object(json)
  }
}
