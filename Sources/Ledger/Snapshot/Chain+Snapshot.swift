import Cryptography
import Derivation
import Execution
import Primitives

// [[block, …], controls, controls' root, [[sequence, controls], …], [[from, to], …],
//  [arrival, sender, transaction, …], history's start, [[sequence, change, arrival, size], …],
//  operator, [fork's number]?, is replaced, chain's number, [ancestor, …], [beginning]?, [anchor, …]]
//
// An anchor is [position, header, sequence, root, [ancestor, …], [arrival, sender, transaction, …],
// controls]; the last two members are there only if one is not empty.
// A block is [header, sequence, root, [[sequence, root before it], …]]. A transaction of the past is
// named by the event that accepted it.

extension Chain {
  func write(to list: inout RLPWriter) {
    list.append(recent) { list, block in block.write(to: &list) }
    list.list { ControlChange(layer: layer, controls: controls).write(to: &$0) }
    list.append(hash: controlsRoot)
    list.append(formerControls) { list, former in
      list.list { pair in
        pair.append(uint64: former.sequence)
        pair.list { ControlChange(layer: layer, controls: former.before).write(to: &$0) }
      }
    }
    list.append(abandoned) { list, range in
      list.append(uint64: range.lowerBound)
      list.append(uint64: range.upperBound)
    }
    list.append(pool.all) { list, pooled in pooled.write(to: &list) }
    list.append(uint64: pool.history.start)
    list.append(pool.history.entries) { list, entry in
      list.append(uint64: entry.sequence)
      list.append(uint64: entry.change.rawValue)
      list.append(uint64: entry.transaction.arrival)
      list.append(uint64: UInt64(entry.transaction.dataSizeInBytes))
    }
    list.list { operatorState.write(to: &$0) }
    list.append(optional: forkNumber) { list, number in list.append(uint64: number) }
    list.append(bool: isReplaced)
    list.append(uint64: genesisChainID)
    list.append(hashes: foreignAncestors)
    let remembered = anchors.values.sorted { $0.position < $1.position }
    guard isReplaced || !remembered.isEmpty else { return }
    list.append(optional: isReplaced ? beginning : nil) { $1.write(to: &$0, layer) }
    list.list { list in
      for anchor in remembered { list.list { anchor.write(to: &$0, layer) } }
    }
  }

  /// Takes in what was written down of the same chain.
  mutating func restore(
    from list: inout RLPReader, past: any PastEvents,
    state: (SnapshotState) throws(SnapshotError) -> State
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
    pool = try Self.pool(from: &list, past)
    var fields = try list.list()
    operatorState = try OperatorState(from: &fields)
    try fields.end()
    let fork = try list.optional { (list) throws(RLPError) in try list.uint64() }
    restore(
      forkNumber: fork, isReplaced: try list.bool(), chainID: try list.uint64(),
      foreignAncestors: try list.hashes())
    if list.isAtEnd { return }
    var first = try list.list()
    var beginning: Anchor?
    if !first.isAtEnd { beginning = try Self.anchor(from: &first, layer, state) }
    try first.end()
    var remembered: [Anchor] = []
    var entries = try list.list()
    while !entries.isAtEnd {
      var fields = try entries.list()
      remembered.append(try Self.anchor(from: &fields, layer, state))
      try fields.end()
    }
    restore(beginning: beginning, anchors: remembered)
    try list.end()
  }

  private static func anchor(
    from list: inout RLPReader, _ layer: Layer,
    _ state: (SnapshotState) throws(SnapshotError) -> State
  ) throws -> Anchor {
    let position = try list.uint64()
    let header = try BlockHeader(from: &list)
    let sequence = try list.uint64()
    let known = SnapshotState(
      layer: layer, number: header.number, through: position, root: try list.hash(),
      isHead: false)
    let ancestors = try list.hashes()
    let waiting = try transactions(from: &list)
    return Anchor(
      position: position,
      head: RecentBlock(
        header: header, hash: header.hash, state: try state(known), sequence: sequence),
      ancestors: ancestors, pool: waiting, controls: try controls(from: &list))
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
    guard !blocks.isEmpty else { throw SnapshotError.malformed }
    return blocks
  }

  private static func transactions(
    from list: inout RLPReader
  ) throws -> [PooledTransaction] {
    var waiting: [PooledTransaction] = []
    var entries = try list.list()
    while !entries.isAtEnd {
      let arrival = try entries.uint64()
      let sender = try entries.address()
      let encoded = Bytes(try entries.bytes())
      waiting.append(
        PooledTransaction(
          transaction: try Transaction.decode(encoded), hash: Keccak256.hash(encoded),
          sender: sender, arrival: arrival))
    }
    return waiting
  }

  private static func pool(
    from list: inout RLPReader, _ past: any PastEvents
  ) throws -> Pool {
    let waiting = try transactions(from: &list)
    var history = PoolHistory(start: try list.uint64())
    var changes = try list.list()
    while !changes.isAtEnd {
      let sequence = try changes.uint64()
      guard let change = PoolHistory.Change(rawValue: try changes.uint64()) else {
        throw SnapshotError.malformed
      }
      let arrival = try changes.uint64()
      guard let size = Int(exactly: try changes.uint64()) else { throw SnapshotError.malformed }
      history.append(
        .init(
          sequence: sequence, change: change,
          transaction: .logged(arrival: arrival, dataSizeInBytes: size, past)))
    }
    return Pool(waiting: waiting, history: history)
  }
}

extension PooledTransaction {
  fileprivate func write(to list: inout RLPWriter) {
    list.append(uint64: arrival)
    list.append(address: sender)
    list.append(bytes: transaction.encoded)
  }
}

extension Anchor {
  fileprivate func write(to list: inout RLPWriter, _ layer: Layer) {
    list.append(uint64: position)
    list.append(raw: head.header.encoded)
    list.append(uint64: head.sequence)
    list.append(hash: head.state.root)
    list.append(hashes: ancestors)
    list.append(pool) { list, pooled in pooled.write(to: &list) }
    list.list { ControlChange(layer: layer, controls: controls).write(to: &$0) }
  }
}

extension RecentBlock {
  fileprivate func write(to list: inout RLPWriter) {
    list.list { fields in
      fields.append(raw: header.encoded)
      fields.append(uint64: sequence)
      fields.append(hash: state.root)
      fields.append(edits) { list, edit in
        list.append(uint64: edit.sequence)
        list.append(hash: edit.before.root)
      }
    }
  }
}

extension OperatorState {
  /// `[number, sequence, …], last number, [address, …], impersonates all, [name, address, …],
  /// [price]?, is logging`.
  fileprivate func write(to list: inout RLPWriter) {
    list.append(snapshots.sorted { $0.key < $1.key }) { list, snapshot in
      list.append(uint64: snapshot.key)
      list.append(uint64: snapshot.value)
    }
    list.append(uint64: lastSnapshot)
    list.append(impersonated.sorted()) { list, address in list.append(address: address) }
    list.append(bool: impersonatesAll)
    list.append(signers.sorted { $0.key < $1.key }) { list, signer in
      list.append(hash: signer.key)
      list.append(address: signer.value)
    }
    list.append(optional: minimumGasPrice) { list, price in list.append(uint256: price) }
    list.append(bool: isLogging)
  }

  fileprivate init(from list: inout RLPReader) throws(RLPError) {
    self.init()
    var entries = try list.list()
    while !entries.isAtEnd { snapshots[try entries.uint64()] = try entries.uint64() }
    lastSnapshot = try list.uint64()
    impersonated = Set(try list.all { (list) throws(RLPError) in try list.address() })
    impersonatesAll = try list.bool()
    entries = try list.list()
    while !entries.isAtEnd { signers[try entries.hash()] = try entries.address() }
    minimumGasPrice = try list.optional { (list) throws(RLPError) in try list.uint256() }
    isLogging = try list.bool()
  }
}
