import Contracts
import EVM
import Execution
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives
import Synchronization
import Tracers
import Views

/// Shows new blocks with their transactions, what contracts in them say to the console, and the calls
/// of transactions if asked.
///
/// Blocks are run again on a thread of its own, and, unless calls are shown, only those with a failed
/// transaction or, once a contract was created whose code knows the console's address, with a call.
public final class ConsoleListener: Sendable {
  private let node: Node
  private let layer: Layer
  private let report: BlockReport
  private let hearsConsole: Bool
  private let show: @Sendable (String) -> Void
  private let lines: (@Sendable (JSON) -> [String])?
  private let worker = SerialWorker(pauseInMilliseconds: 10)
  private let isUsed: Atomic<Bool>
  private let waiting = Atomic<Int>(0)
  private let skipped = Atomic<Int>(0)
  private let observation = Mutex<Observation?>(nil)

  /// Blocks that wait to be shown; what comes while so many do is only counted.
  private static let waitingLimit = 256

  /// Listens to a node, and hands each line to `show`.
  ///
  /// `lines` makes lines of what geth's callTracer gives of a transaction, if calls are to be shown.
  public init(
    node: Node, layer: Layer = .two, lines: (@Sendable (JSON) -> [String])? = nil,
    artifacts: ArtifactBook? = nil, hearsConsole: Bool = true,
    show: @escaping @Sendable (String) -> Void
  ) {
    self.lines = lines
    self.node = node
    self.layer = layer
    self.show = show
    self.hearsConsole = hearsConsole
    report = BlockReport(artifacts: artifacts)
    // What was created before the start is not looked at.
    isUsed = Atomic((node.world[layer]?.number ?? 0) > 0)
    let observation = node.observe { [weak self] in self?.take($0) }
    self.observation.withLock { $0 = observation }
  }

  /// Ends the thread.
  public func stop() {
    observation.withLock { $0 = nil }
    worker.stop()
  }

  private func take(_ entries: [ViewEntry]) {
    for entry in entries {
      for case .extended(layer, let outcome) in entry.consequences {
        if hearsConsole, !isUsed.load(ordering: .relaxed),
          outcome.diff.accounts.contains(where: { Self.knowsConsole($0.newCode) })
        {
          isUsed.store(true, ordering: .relaxed)
        }
        guard outcome.block.transactions.contains(where: { $0.kind != .deposit }) else { continue }
        guard waiting.load(ordering: .relaxed) < Self.waitingLimit else {
          skipped.add(1, ordering: .relaxed)
          continue
        }
        waiting.add(1, ordering: .relaxed)
        worker.enqueue { [weak self] in self?.tell(of: outcome) }
      }
    }
  }

  private func tell(of outcome: BlockOutcome) {
    defer { waiting.subtract(1, ordering: .relaxed) }
    guard let chain = node.chain(layer), chain.operatorState.isLogging else { return }
    let passed = skipped.exchange(0, ordering: .relaxed)
    if passed > 0 { show("\(passed) blocks passed too fast to be shown") }
    let isListening = hearsConsole && isUsed.load(ordering: .relaxed)
    let isRunAgain = outcome.receipts.contains {
      !$0.succeeded || isListening && $0.gasUsed > 21_000
    }
    let watches = isRunAgain || lines != nil ? rerun(outcome, on: chain) : []
    for line in report.lines(of: outcome, watches: watches) { show(line) }
  }

  private static func knowsConsole(_ code: Bytes?) -> Bool {
    guard let code else { return false }
    let name = Bytes("console.log".utf8)
    var place = code.startIndex
    while let first = code[place...].firstIndex(of: name[0]), first + name.count <= code.count {
      if code[first..<first + name.count].elementsEqual(name) { return true }
      place = first + 1
    }
    return false
  }

  /// Runs a block once more, and returns what its transactions said, as far as that is possible: of
  /// one whose parent is no longer at hand, nothing.
  private func rerun(_ outcome: BlockOutcome, on chain: Chain) -> [CallWatch] {
    guard outcome.block.header.number > 0,
      let parent = chain.block(outcome.block.header.number - 1),
      parent.hash == outcome.block.header.parentHash
    else { return [] }
    let oldest = chain.recent[0].header.number
    let first = max(oldest, parent.header.number > 255 ? parent.header.number - 255 : 0)
    let hashes = (first...parent.header.number).compactMap { chain.block($0)?.hash }
    guard
      var replay = try? BlockReplay(
        specification: chain.specification, header: outcome.block.header, parent: parent.header,
        state: parent.state, ancestorHashes: RecentHashes(first: first, hashes: hashes),
        provider: chain.provider(NativeCryptographyProvider.shared))
    else { return [] }
    var watches: [CallWatch] = []
    for (index, transaction) in outcome.block.transactions.enumerated() {
      let watch = CallWatch()
      let candidate = Candidate(transaction: transaction, sender: outcome.senders[index])
      guard let lines else {
        guard (try? replay.run(candidate, tracer: watch)) != nil else { break }
        watches.append(watch)
        continue
      }
      let calls = CallTracer(
        TraceContext(
          specification: chain.specification, header: outcome.block.header,
          transaction: transaction, sender: outcome.senders[index]), hasLogs: true)
      // Both at once: a transaction runs once in a replay.
      let both = MuxTracer([("calls", calls), ("watch", watch)])
      guard (try? replay.run(candidate, tracer: both)) != nil else { break }
      calls.finish(gasUsed: outcome.receipts[index].gasUsed)
      watch.calls = lines((try? JSON.parse(calls.result().serialized())) ?? .null)
      watches.append(watch)
    }
    return watches
  }
}
