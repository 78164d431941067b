import Cryptography
import Derivation
import Execution
import JSON
import Primitives

// [document, shelf, [is sequencing, [epoch, …], [block, …], [[block, …], …], safe,
//  [l1, l2, …], [finality]?, [dropped, …], [[l1, safe, deriver], …], deriver]]
//
// A block that follows from L1 is where it stands alone: its transactions are in the views. Those
// above the safe head may give way to others, and so they have their transactions beside them.

extension Rollup {
  /// Whether it stands so that it can be written down.
  var isAtRest: Bool {
    deriver.pipeline.isAtRest && history.allSatisfy { $0.deriver.pipeline.isAtRest }
      && unsafeBlocks.allSatisfy { $0.body != nil }
  }

  func write(to list: inout RLPWriter) {
    var shelf = ByteShelf()
    var content = RLPWriter()
    content.list { write(to: &$0, on: &shelf) }
    list.append(bytes: document.json.serialized())
    list.list { shelf.write(to: &$0) }
    list.append(raw: content.bytes)
  }

  private func write(to list: inout RLPWriter, on shelf: inout ByteShelf) {
    list.append(bool: isSequencing)
    list.append(epochs) { list, epoch in epoch.write(snapshot: &list) }
    let safeNumber = safe.reference.number
    list.list { items in
      for block in blocks { block.write(to: &items, on: &shelf, safe: safeNumber) }
    }
    list.list { stretches in
      for stretch in olderBlocks.stretches {
        stretches.list { items in
          for block in stretch { block.write(to: &items, on: &shelf, safe: safeNumber) }
        }
      }
    }
    list.list { safe.write(snapshot: &$0, on: &shelf) }
    list.append(safeHeads) { list, head in
      head.l1.write(snapshot: &list)
      head.l2.write(snapshot: &list)
    }
    list.append(optional: finalitySignal) { list, block in block.write(snapshot: &list) }
    list.append(droppedInputs) { list, input in input.write(snapshot: &list) }
    list.list { items in
      for moment in history {
        items.list { fields in
          moment.l1.write(snapshot: &fields)
          moment.safe.write(snapshot: &fields, on: &shelf)
          moment.deriver.write(to: &fields, on: &shelf)
        }
      }
    }
    list.list { deriver.write(to: &$0, on: &shelf) }
  }

  init(
    from list: inout RLPReader, past: any PastEvents, provider: any CryptographyProvider
  ) throws {
    let document = try RollupDocument(parsing: Bytes(try list.bytes()))
    var part = try list.list()
    let shelf = try ByteShelf(from: &part)
    try part.end()
    self.init(
      document: document, genesis: L2Head(genesisOf: document.configuration), provider: provider)
    part = try list.list()
    try restore(from: &part, on: shelf, past, provider)
    try part.end()
  }

  private mutating func restore(
    from list: inout RLPReader, on shelf: ByteShelf, _ past: any PastEvents,
    _ provider: any CryptographyProvider
  ) throws(RLPError) {
    isSequencing = try list.bool()
    epochs = try list.all { (list) throws(RLPError) in try L1Epoch(snapshot: &list) }
    inputs = L1Inputs(epochs, in: past)
    blocks = try list.all { (list) throws(RLPError) in
      try RollupBlock(from: &list, on: shelf, past)
    }
    guard !blocks.isEmpty else { throw .truncated }
    var stretches = try list.list()
    while !stretches.isAtEnd {
      let stretch = try stretches.all { (list) throws(RLPError) in
        try RollupBlock(from: &list, on: shelf, past)
      }
      guard !stretch.isEmpty else { throw .truncated }
      olderBlocks.add(stretch[...])
    }
    var fields = try list.list()
    safe = try L2Head(snapshot: &fields, on: shelf)
    try fields.end()
    safeHeads = try list.all { (list) throws(RLPError) in
      SafeHead(
        l1: try BlockIdentifier(snapshot: &list), l2: try L2BlockReference(snapshot: &list))
    }
    finalitySignal = try list.optional { (list) throws(RLPError) in
      try BlockIdentifier(snapshot: &list)
    }
    droppedInputs = try list.all { (list) throws(RLPError) in try DroppedInput(snapshot: &list) }
    let (configuration, shelf) = (configuration, shelf)
    history = try list.all { (list) throws(RLPError) in
      var fields = try list.list()
      let l1 = try BlockIdentifier(snapshot: &fields)
      let safe = try L2Head(snapshot: &fields, on: shelf)
      let deriver = try Deriver(from: &fields, on: shelf, configuration, provider)
      try fields.end()
      return Snapshot(l1: l1, safe: safe, deriver: deriver)
    }
    fields = try list.list()
    deriver = try Deriver(from: &fields, on: shelf, configuration, provider)
    try fields.end()
  }
}

extension RollupBlock {
  fileprivate func write(
    to list: inout RLPWriter, on shelf: inout ByteShelf, safe: UInt64
  ) {
    head.write(snapshot: &list, on: &shelf)
    list.list { items in
      guard reference.number > safe else { return }
      items.append(transactions) { list, transaction in list.append(bytes: transaction) }
    }
  }

  fileprivate convenience init(
    from list: inout RLPReader, on shelf: ByteShelf, _ past: any PastEvents
  ) throws(RLPError) {
    let head = try L2Head(snapshot: &list, on: shelf)
    let transactions = try list.optional { (list) throws(RLPError) in
      try list.all { (list) throws(RLPError) in Bytes(try list.bytes()) }
    }
    if let transactions {
      self.init(head: head, transactions: transactions)
    } else {
      self.init(head: head, in: past)
    }
  }
}

extension Deriver {
  fileprivate func write(to list: inout RLPWriter, on shelf: inout ByteShelf) {
    pipeline.write(snapshot: &list, on: &shelf)
    list.list { items in
      for block in waiting { block.write(snapshot: &items, on: &shelf) }
    }
    list.append(optional: failure) { list, text in list.append(bytes: Bytes(text.utf8)) }
    list.append(optional: askedInVain) { list, number in list.append(uint64: number) }
  }

  fileprivate init(
    from list: inout RLPReader, on shelf: ByteShelf, _ configuration: RollupConfiguration,
    _ provider: any CryptographyProvider
  ) throws(RLPError) {
    self.init(configuration: configuration, provider: provider)
    pipeline = try DerivationPipeline(
      snapshot: &list, on: shelf, configuration: configuration, provider: provider)
    waiting = try list.all { (list) throws(RLPError) in try L1Block(snapshot: &list, on: shelf) }
    failure = try list.optional { (list) throws(RLPError) in
      String(decoding: try list.bytes(), as: UTF8.self)
    }
    askedInVain = try list.optional { (list) throws(RLPError) in try list.uint64() }
  }
}
