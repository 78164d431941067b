import Execution
import Primitives

// [[block, …], controls, controls' root, [[sequence, controls], …], [[from, to], …],
//  [[transaction, sender, arrival], …], [pooled, …], history's start,
//  [[sequence, change, transaction], …]]
//
// A block is [header, sequence, root, [[sequence, root before it], …]].

extension Chain {
  func write(to list: inout RLPWriter) {
    list.list { blocks in for block in recent { blocks.list { block.write(to: &$0) } } }
    list.list { ControlChange(layer: layer, controls: controls).write(to: &$0) }
    list.append(hash: controlsRoot)
    list.list { list in
      for former in formerControls {
        list.list { pair in
          pair.append(uint64: former.sequence)
          pair.list { ControlChange(layer: layer, controls: former.before).write(to: &$0) }
        }
      }
    }
    list.list { list in
      for range in abandoned {
        list.append(uint64: range.lowerBound)
        list.append(uint64: range.upperBound)
      }
    }
    write(pool, to: &list)
  }

  private func write(_ pool: Pool, to list: inout RLPWriter) {
    var transactions: [PooledTransaction] = []
    var places: [Hash: Int] = [:]
    func place(_ pooled: PooledTransaction) -> UInt64 {
      if let known = places[pooled.hash], transactions[known].arrival == pooled.arrival {
        return UInt64(known)
      }
      places[pooled.hash] = transactions.count
      transactions.append(pooled)
      return UInt64(transactions.count - 1)
    }
    let pooled = pool.all.map(place)
    let history = pool.history.entries.map { ($0, place($0.pooled)) }
    list.list { list in
      for transaction in transactions {
        list.append(bytes: transaction.transaction.encoded)
        list.append(address: transaction.sender)
        list.append(uint64: transaction.arrival)
      }
    }
    list.list { list in for index in pooled { list.append(uint64: index) } }
    list.append(uint64: pool.history.start)
    list.list { list in
      for (entry, index) in history {
        list.append(uint64: entry.sequence)
        list.append(uint64: entry.change.rawValue)
        list.append(uint64: index)
      }
    }
  }

  /// Takes in what was written down of the same chain.
  mutating func restore(
    from list: inout RLPReader, state: (SnapshotState) throws(SnapshotError) -> State
  ) throws {
    recent = try Self.blocks(from: &list, layer, state)
    try restoreControls(from: &list)
    var ranges = try list.list()
    abandoned = []
    while !ranges.isAtEnd {
      let (lower, upper) = (try ranges.uint64(), try ranges.uint64())
      guard lower <= upper else { throw SnapshotError.malformed }
      abandoned.append(lower..<upper)
    }
    pool = try Self.pool(from: &list)
    try list.end()
  }

  private mutating func restoreControls(from list: inout RLPReader) throws {
    let now = try Self.controls(from: &list)
    controlsRoot = try list.hash()
    var former = Window<(sequence: UInt64, before: ChainControls)>()
    var entries = try list.list()
    while !entries.isAtEnd {
      var pair = try entries.list()
      former.append((try pair.uint64(), try Self.controls(from: &pair)))
      try pair.end()
    }
    restore(controls: now, former: former)
  }

  private static func controls(from list: inout RLPReader) throws -> ChainControls {
    var fields = try list.list()
    guard let change = try ControlChange(from: &fields) else { throw SnapshotError.malformed }
    try fields.end()
    return change.controls
  }

  private static func blocks(
    from list: inout RLPReader, _ layer: Layer,
    _ state: (SnapshotState) throws(SnapshotError) -> State
  ) throws -> Window<RecentBlock> {
    var entries = try list.list()
    var blocks = Window<RecentBlock>()
    while !entries.isAtEnd {
      var fields = try entries.list()
      let header = try BlockHeader(from: &fields)
      let sequence = try fields.uint64()
      let root = try fields.hash()
      var edits: [(sequence: UInt64, before: State)] = []
      var list = try fields.list()
      while !list.isAtEnd {
        let edited = try list.uint64()
        let before = SnapshotState(
          layer: layer, number: header.number, through: edited - min(edited, 1),
          root: try list.hash(), isHead: false)
        edits.append((edited, try state(before)))
      }
      try fields.end()
      if let last = blocks.last, last.hash != header.parentHash {
        throw SnapshotError("its blocks do not follow each other")
      }
      let after = SnapshotState(
        layer: layer, number: header.number, through: .max, root: root,
        isHead: entries.isAtEnd)
      blocks.append(
        RecentBlock(
          header: header, hash: header.hash, state: try state(after), sequence: sequence,
          edits: edits))
    }
    guard let head = blocks.last, head.state.root == head.header.stateRoot || !head.edits.isEmpty
    else { throw SnapshotError("the head's state is not the header's") }
    return blocks
  }

  private static func pool(from list: inout RLPReader) throws -> Pool {
    var entries = try list.list()
    var transactions: [PooledTransaction] = []
    while !entries.isAtEnd {
      let transaction = try Transaction.decode(Bytes(try entries.bytes()))
      transactions.append(
        PooledTransaction(
          transaction: transaction, hash: transaction.hash, sender: try entries.address(),
          arrival: try entries.uint64()))
    }
    func transaction(_ index: UInt64) throws -> PooledTransaction {
      guard index < UInt64(transactions.count) else { throw SnapshotError.malformed }
      return transactions[Int(index)]
    }
    var pooled = try list.list()
    var waiting: [PooledTransaction] = []
    while !pooled.isAtEnd { waiting.append(try transaction(try pooled.uint64())) }
    var history = PoolHistory(start: try list.uint64())
    var changes = try list.list()
    while !changes.isAtEnd {
      let sequence = try changes.uint64()
      guard let change = PoolHistory.Change(rawValue: try changes.uint64()) else {
        throw SnapshotError.malformed
      }
      history.append(
        .init(
          sequence: sequence, change: change, pooled: try transaction(try changes.uint64())))
    }
    return Pool(waiting: waiting, history: history)
  }
}

extension RecentBlock {
  fileprivate func write(to list: inout RLPWriter) {
    list.append(raw: header.encoded)
    list.append(uint64: sequence)
    list.append(hash: state.root)
    list.list { list in
      for edit in edits {
        list.append(uint64: edit.sequence)
        list.append(hash: edit.before.root)
      }
    }
  }
}
