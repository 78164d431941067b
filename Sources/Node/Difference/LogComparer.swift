import Cryptography
import EventLog
import Execution
import Ledger
import NativeCryptography
import Primitives

/// Finds the first place at which two logs part.
///
/// The event is found by bisection over the roots of their trees. What they have in common is
/// applied once; from there on each log has a world of its own, and their blocks are compared one by
/// one.
public struct LogComparer {
  private let first: DataDirectory
  private let second: DataDirectory
  private let logs: (first: EventLog, second: EventLog)

  /// The most events that are applied in search of a block that differs.
  private static let eventLimit = 1 << 20

  /// Opens two directories.
  ///
  /// - Throws: ``NodeError``.
  public init(_ first: DataDirectory, _ second: DataDirectory) throws(NodeError) {
    self.first = first
    self.second = second
    logs = (try Self.open(first), try Self.open(second))
  }

  private static func open(_ directory: DataDirectory) throws(NodeError) -> EventLog {
    guard directory.holdsLog else { throw .noLog(path: directory.path) }
    return try LogBundle.attempt { () throws(EventLogError) in
      try EventLog(path: directory.log, mode: .readOnly)
    }
  }

  /// Compares the logs.
  ///
  /// - Throws: ``NodeError``, also where what both have in common is not what a replay gives.
  public func run(
    progress: (ReplayProgress) -> Void = { _ in }
  ) throws(NodeError) -> LogComparison {
    let common = try LogBundle.attempt { () throws(EventLogError) in try commonCount() }
    let counts = (logs.first.count, logs.second.count)
    if common == min(counts.0, counts.1) {
      if counts.0 == counts.1 { return .same(count: common) }
      return .extends(
        common: common, isFirstLonger: counts.0 > counts.1, count: max(counts.0, counts.1))
    }
    return .parts(try explain(common + 1, progress))
  }

  /// How many events both logs begin with: the largest size at which their trees have one root.
  private func commonCount() throws(EventLogError) -> UInt64 {
    var (low, high) = (0 as UInt64, min(logs.first.count, logs.second.count))
    if logs.first.format != logs.second.format { return try commonRows(high) }
    if try logs.first.root(size: high) == logs.second.root(size: high) { return high }
    // The roots at `low` agree, those at `high` do not.
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if try logs.first.root(size: middle) == logs.second.root(size: middle) {
        low = middle
      } else {
        high = middle
      }
    }
    return low
  }

  /// The same of logs in different formats, whose trees differ where their events do not.
  private func commonRows(_ limit: UInt64) throws(EventLogError) -> UInt64 {
    var cursor = try logs.second.rows(through: limit)
    var count: UInt64 = 0
    var others = try logs.first.rows(through: limit)
    while let row = try others.nextRow(), try cursor.nextRow() == row { count += 1 }
    return count
  }

  private func explain(
    _ sequence: UInt64, _ progress: (ReplayProgress) -> Void
  ) throws(NodeError) -> LogDifference {
    let rows = try LogBundle.attempt { () throws(EventLogError) in
      (try logs.first.row(at: sequence), try logs.second.row(at: sequence))
    }
    var difference = LogDifference(
      sequence: sequence, fields: RowDifference.fields(rows.0, rows.1), replayed: nil, block: nil,
      slot: RowDifference.slot(rows.0, rows.1), remark: nil)
    var replay = Replay(
      lastSequence: sequence,
      content: JoinedContent(stores: [first, second].map { ContentStore(reading: $0.content) }),
      states: JoinedStates(stores: [first, second].map { ForkStore(reading: $0.fork) }))
    var cursor = try LogBundle.attempt { () throws(EventLogError) in
      try logs.first.rows(through: sequence - 1)
    }
    while let row = try Audit.next(&cursor) {
      try replay.apply(row)
      if row.sequence % 1_024 == 0 { progress(replay.progress) }
    }
    if rows.0.kind == rows.1.kind, rows.0.payload == rows.1.payload {
      // The same decision: only one of the commitments can be what follows from it.
      difference.replayed = Self.commitment(after: rows.0, in: replay.world)
      difference.remark = "the same event, so the same blocks follow from it in both"
      return difference
    }
    do throws(NodeError) {
      difference.block = try firstBlock(after: replay, sequence)
      if difference.block == nil { difference.remark = "no block of theirs differs" }
    } catch {
      difference.remark = error.message
    }
    return difference
  }

  /// The commitment that an event leads to.
  private static func commitment(after row: Row, in world: World) -> Hash? {
    var world = world
    guard let event = try? Event.decode(kind: row.kind, payload: row.payload),
      let application = try? world.apply(event)
    else { return nil }
    return application.commitment
  }

  /// The first block that differs, of all that follow from the events from a sequence on.
  private func firstBlock(
    after replay: Replay, _ sequence: UInt64
  ) throws(NodeError) -> LogDifference.Block? {
    var sides = [
      try BlockStream(logs.first, from: sequence, replay),
      try BlockStream(logs.second, from: sequence, replay),
    ]
    var applied = 0
    while applied < Self.eventLimit {
      var hasMoved = false
      for side in sides.indices where try sides[side].advance() { hasMoved = true }
      applied += 1
      for layer in Layer.allCases {
        while let left = sides[0].next(layer), let right = sides[1].next(layer) {
          sides[0].drop(layer)
          sides[1].drop(layer)
          if left.hash != right.hash { return try BlockComparison(left, right).difference() }
        }
      }
      if !hasMoved { return nil }
    }
    throw .refused("no block differs within \(Self.eventLimit) events")
  }
}

/// The blocks that follow from a log's events, layer by layer, each with the chain before it.
struct BlockStream {
  /// A block, or a head that went back.
  struct Item {
    var layer: Layer
    var number: UInt64
    var hash: Hash
    /// The chain on which the block stands, before it.
    var chain: Chain?
    /// Nil for a head that went back.
    var outcome: BlockOutcome?
  }

  private let rows: RowStream
  private var replay: Replay
  private var waiting: [Layer: [Item]] = [:]

  init(_ log: EventLog, from sequence: UInt64, _ replay: Replay) throws(NodeError) {
    rows = RowStream(log: log, next: sequence)
    self.replay = replay
  }

  /// Applies the next event; false after the last.
  mutating func advance() throws(NodeError) -> Bool {
    guard let row = try rows.take() else { return false }
    let before = replay.world
    // An event may make several blocks, each on top of the one before.
    var chains: [Layer: Chain] = [:]
    for layer in Layer.allCases { chains[layer] = before[layer] }
    for consequence in try replay.apply(row, isCounted: false).consequences {
      switch consequence {
      case .extended(let layer, let outcome):
        let header = outcome.block.header
        let chain = chains[layer].flatMap { $0.number == header.number &- 1 ? $0 : nil }
        chains[layer] = chain?.extended(by: outcome, at: row.sequence)
        waiting[layer, default: []].append(
          Item(
            layer: layer, number: header.number, hash: header.hash, chain: chain,
            outcome: outcome))
      case .reset(let layer, let number, let hash):
        chains[layer] = chains[layer]?.truncated(to: number)
        waiting[layer, default: []].append(
          Item(layer: layer, number: number, hash: hash, chain: nil, outcome: nil))
      default: break
      }
    }
    return true
  }

  /// The first block of a layer that was not taken yet.
  func next(_ layer: Layer) -> Item? { waiting[layer]?.first }

  /// Takes it.
  mutating func drop(_ layer: Layer) { waiting[layer]?.removeFirst() }
}

/// Rows one by one, each read by itself, so that two logs can be read in turns.
final class RowStream {
  private let log: EventLog
  private var next: UInt64

  init(log: EventLog, next: UInt64) {
    self.log = log
    self.next = next
  }

  func take() throws(NodeError) -> Row? {
    guard next <= log.count else { return nil }
    let row = try LogBundle.attempt { () throws(EventLogError) in try log.row(at: next) }
    next += 1
    return row
  }
}

/// What either of two directories has.
final class JoinedContent: ContentSource {
  private let stores: [ContentStore]

  init(stores: [ContentStore]) { self.stores = stores }

  func content(of hash: Hash) -> Bytes? {
    for store in stores {
      if let bytes = store.content(of: hash) { return bytes }
    }
    return nil
  }
}

/// What either of two directories knows of another chain's state.
final class JoinedStates: StateSource {
  private let stores: [ForkStore]

  init(stores: [ForkStore]) { self.stores = stores }

  func node(_ hash: Hash) -> Bytes? { stores.lazy.compactMap { $0.node(hash) }.first }

  func code(_ hash: Hash) -> Bytes? { node(hash) }
}
