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

/// Shows what contracts in new blocks say to the console, and the calls of transactions if asked.
///
/// Blocks are run again for it, on a thread of its own, and for the console only once a contract
/// was created whose code knows its address: whoever does not use it pays nothing.
public final class ConsoleListener: Sendable {
  private let node: Node
  private let layer: Layer
  private let show: @Sendable (String) -> Void
  private let lines: (@Sendable (JSON) -> [String])?
  private let worker = SerialWorker()
  private let isUsed: Atomic<Bool>
  private let observation = Mutex<Observation?>(nil)

  /// Listens to a node, and hands each line to `show`.
  ///
  /// `lines` makes lines of what geth's callTracer gives of a transaction, if calls are to be shown.
  public init(
    node: Node, layer: Layer = .two, lines: (@Sendable (JSON) -> [String])? = nil,
    show: @escaping @Sendable (String) -> Void
  ) {
    self.lines = lines
    self.node = node
    self.layer = layer
    self.show = show
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
        if !isUsed.load(ordering: .relaxed),
          outcome.diff.accounts.contains(where: { Self.knowsConsole($0.newCode) })
        {
          isUsed.store(true, ordering: .relaxed)
        }
        let mayHaveSpoken =
          isUsed.load(ordering: .relaxed)
          && outcome.receipts.contains(where: { $0.gasUsed > 21_000 })
        guard lines != nil || mayHaveSpoken else { continue }
        worker.enqueue { [weak self] in self?.listen(to: outcome) }
      }
    }
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

  /// Runs a block once more; one whose parent is no longer at hand is passed over.
  private func listen(to outcome: BlockOutcome) {
    guard let chain = node.world[layer], chain.operatorState.isLogging,
      outcome.block.header.number > 0,
      let parent = chain.block(outcome.block.header.number - 1),
      parent.hash == outcome.block.header.parentHash
    else { return }
    let oldest = chain.recent[0].header.number
    let first = max(oldest, parent.header.number > 255 ? parent.header.number - 255 : 0)
    let hashes = (first...parent.header.number).compactMap { chain.block($0)?.hash }
    guard
      var replay = try? BlockReplay(
        specification: chain.specification, header: outcome.block.header, parent: parent.header,
        state: parent.state, ancestorHashes: RecentHashes(first: first, hashes: hashes),
        provider: chain.provider(NativeCryptographyProvider.shared))
    else { return }
    for (index, transaction) in outcome.block.transactions.enumerated() {
      let watch = CallWatch()
      let candidate = Candidate(transaction: transaction, sender: outcome.senders[index])
      if let lines {
        var copy = replay
        let tracer = CallTracer(
          TraceContext(
            specification: chain.specification, header: outcome.block.header,
            transaction: transaction, sender: outcome.senders[index]), hasLogs: true)
        guard (try? copy.run(candidate, tracer: tracer)) != nil else { return }
        tracer.finish(gasUsed: outcome.receipts[index].gasUsed)
        show("calls of \(transaction.hash.hexadecimal)")
        for line in lines((try? JSON.parse(tracer.result().serialized())) ?? .null) {
          show("  " + line)
        }
      }
      guard (try? replay.run(candidate, tracer: watch)) != nil else { return }
      if watch.lines.isEmpty { continue }
      show("console.log of \(transaction.hash.hexadecimal)")
      for line in watch.lines { show("  " + line) }
    }
  }
}
