import Cryptography
import EVM
import Execution
import JSON
import Ledger
import NativeCryptography
import Primitives
import Tracers
import Views

/// A block that is to be run again: what it holds, and what it runs on.
struct TracedBlock {
  var specification: ChainSpecification
  var header: BlockHeader
  var hash: Hash
  var parent: BlockHeader
  var state: State
  var ancestors: RecentHashes
  var candidates: [Candidate]
  var hashes: [Hash]
  /// What code is given for mathematics.
  var provider: any CryptographyProvider

  /// A run of the block, with its first system calls done.
  func replay() throws(RPCError) -> BlockReplay {
    do throws(ExecutionStop) {
      return try BlockReplay(
        specification: specification, header: header, parent: parent, state: state,
        ancestorHashes: ancestors, provider: provider)
    } catch {
      throw .stopped(error)
    }
  }

  /// The context of the transaction at an index.
  func context(_ index: Int, firstLogIndex: Int, _ settings: TraceSettings) -> TraceContext {
    let candidate = candidates[index]
    var context = TraceContext(
      specification: specification, header: header, transaction: candidate.transaction,
      sender: candidate.sender)
    context.authorities = candidate.transaction.authorizations.compactMap {
      $0.authority(NativeCryptographyProvider.shared)
    }
    context.firstLogIndex = firstLogIndex
    context.blockHash = hash
    context.transactionHash = hashes[index]
    context.transactionIndex = index
    context.isLate = settings.deadline()
    return context
  }
}

/// How a trace is to be made.
struct TraceSettings {
  var selection = TracerSelection.structLogs(StructLogOptions())
  var timeoutInMilliseconds: UInt64 = 5_000

  /// Whether the time of one transaction's trace is over, counted from now.
  func deadline() -> @Sendable () -> Bool {
    let end = ContinuousClock.now.advanced(by: .milliseconds(timeoutInMilliseconds))
    return { ContinuousClock.now > end }
  }
}

extension RPCError {
  /// A run was broken off: state is missing, or the time of a trace is over.
  static func stopped(_ stop: ExecutionStop) -> RPCError {
    switch stop {
    case .aborted: .refused("execution timeout")
    default: .refused(BlockRejection.undecided(stop).message)
    }
  }

  /// A transaction of a trace did not run.
  init(tracing failure: ExecutionFailure) {
    switch failure {
    case .refused(let refusal): self = .refused("tracing failed: " + refusal.callMessage)
    case .stopped(let stop): self = .stopped(stop)
    }
  }
}

extension RPCValue {
  /// The last parameter of the tracing methods.
  func traceSettings() throws(RPCError) -> TraceSettings {
    guard json.object != nil else { throw error("cannot read trace settings: \(json.kind)") }
    var settings = TraceSettings()
    do throws(TracerError) {
      settings.selection = try TracerSelection(json)
    } catch {
      throw .refused(error.message)
    }
    if let timeout = try optional("timeout") {
      guard let time = Self.milliseconds(try timeout.string()) else {
        throw .refused("time: invalid duration \"\(try timeout.string().prefix(64))\"")
      }
      settings.timeoutInMilliseconds = time
    }
    return settings
  }

  /// A span of time as Go writes it: `1m30s`, `500ms`.
  private static func milliseconds(_ text: String) -> UInt64? {
    let units: [(String, Double)] = [
      ("ms", 1), ("us", 0.001), ("µs", 0.001), ("ns", 0.000_001), ("h", 3_600_000), ("m", 60_000),
      ("s", 1_000),
    ]
    var rest = text[...]
    var total = 0.0
    guard !rest.isEmpty, text.utf8.count <= 64 else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      guard let number = Double(digits) else { return rest == "0" ? 0 : nil }
      rest = rest.dropFirst(digits.count)
      guard let unit = units.first(where: { rest.hasPrefix($0.0) }) else { return nil }
      rest = rest.dropFirst(unit.0.count)
      total += number * unit.1
    }
    return total.isFinite && total >= 0 && total < 1e12 ? UInt64(total) : nil
  }
}

extension EthereumService {
  /// The block of a number, to be run again.
  ///
  /// - Throws: geth's errors, where there is none, or its parent's state is no longer at hand.
  func tracedBlock(_ number: UInt64, on chain: Chain) throws(RPCError) -> TracedBlock {
    guard number > 0 else { throw .refused("genesis is not traceable") }
    let (block, transactions) = try reading {
      (views) throws(ViewsError) -> (StoredBlock?, [StoredTransaction]) in
      (
        try views.block(layer, number: number),
        try views.transactions(layer, inBlock: number)
      )
    }
    guard let block else { throw .refused("block #\(number) not found") }
    let parent = try point(.number(number - 1), on: chain)
    return TracedBlock(
      specification: chain.specification, header: block.header, hash: block.hash,
      parent: parent.header, state: parent.state, ancestors: parent.ancestors,
      candidates: transactions.map { Candidate(transaction: $0.transaction, sender: $0.sender) },
      hashes: transactions.map(\.hash),
      provider: chain.provider(NativeCryptographyProvider.shared))
  }

  /// The block that a selector means, to be run again.
  func tracedBlock(_ selector: BlockSelector) throws(RPCError) -> TracedBlock {
    let chain = try chain()
    switch (try resolve(selector, on: chain), selector) {
    case (.sealed(let number), _): return try tracedBlock(number, on: chain)
    case (.pending, _): throw .refused("tracing on top of pending is not supported")
    case (.unknown, .hash(let hash, _)): throw .refused("block \(hash.hexadecimal) not found")
    case (.unknown, .number(let number)): throw .refused("block #\(number) not found")
    case (.unknown, _): throw .refused("block not found")
    }
  }

  /// The results of a tracer for each transaction of a block, or for one of them alone.
  func traces(
    _ block: TracedBlock, only index: Int? = nil, _ settings: TraceSettings
  ) throws(RPCError) -> [JSON] {
    try traces(block, only: index, settings) { context in settings.selection.tracer(context) }
      .map { $0.result() }
  }

  /// The tracers that a body makes, after they have watched the transactions of a block, or one.
  func traces<Watcher: ResultTracer>(
    _ block: TracedBlock, only index: Int? = nil, _ settings: TraceSettings = TraceSettings(),
    _ tracer: (TraceContext) -> Watcher
  ) throws(RPCError) -> [Watcher] {
    var list: [Watcher] = []
    try watch(block, only: index, settings) { context in
      let made = tracer(context)
      list.append(made)
      return made
    }
    return list
  }

  private func traces(
    _ block: TracedBlock, only index: Int?, _ settings: TraceSettings,
    _ tracer: (TraceContext) -> any ResultTracer
  ) throws(RPCError) -> [any ResultTracer] {
    var list: [any ResultTracer] = []
    try watch(block, only: index, settings) { context in
      let made = tracer(context)
      list.append(made)
      return made
    }
    return list
  }

  private func watch(
    _ block: TracedBlock, only index: Int?, _ settings: TraceSettings,
    _ tracer: (TraceContext) -> any ResultTracer
  ) throws(RPCError) {
    var replay = try block.replay()
    var logCount = 0
    for (place, candidate) in block.candidates.enumerated() {
      if let index, place > index { break }
      let isWatched = index == nil || index == place
      let watcher =
        isWatched
        ? tracer(block.context(place, firstLogIndex: logCount, settings)) : nil
      do throws(ExecutionFailure) {
        let receipt = try replay.run(candidate, tracer: watcher)
        logCount += receipt.logs.count
        watcher?.finish(gasUsed: receipt.gasUsed)
      } catch {
        throw RPCError(tracing: error)
      }
    }
  }
}
