import Primitives

extension SingularBatch {
  func write(snapshot list: inout RLPWriter, on shelf: inout ByteShelf) {
    list.append(hash: parentHash)
    list.append(uint64: epochNumber)
    list.append(hash: epochHash)
    list.append(uint64: timestamp)
    list.append(transactions, on: &shelf)
  }

  init(snapshot list: inout RLPReader, on shelf: ByteShelf) throws(RLPError) {
    self.init(
      parentHash: try list.hash(), epochNumber: try list.uint64(), epochHash: try list.hash(),
      timestamp: try list.uint64(), transactions: try list.strings(on: shelf))
  }
}

extension SpanBatch {
  func write(snapshot list: inout RLPWriter, on shelf: inout ByteShelf) {
    list.append(uint64: relativeTimestamp)
    list.append(uint64: lastOriginNumber)
    list.append(bytes: parentCheck)
    list.append(bytes: originCheck)
    list.list { items in
      for block in blocks {
        items.append(bool: block.startsEpoch)
        items.append(block.transactions, on: &shelf)
      }
    }
  }

  init(snapshot list: inout RLPReader, on shelf: ByteShelf) throws(RLPError) {
    let relativeTimestamp = try list.uint64()
    let lastOriginNumber = try list.uint64()
    let parentCheck = Bytes(try list.bytes(count: Self.checkSizeInBytes))
    let originCheck = Bytes(try list.bytes(count: Self.checkSizeInBytes))
    let blocks = try list.all { (items) throws(RLPError) in
      SpanBatchBlock(
        startsEpoch: try items.bool(), transactions: try items.strings(on: shelf))
    }
    guard !blocks.isEmpty else { throw .truncated }
    self.init(
      relativeTimestamp: relativeTimestamp, lastOriginNumber: lastOriginNumber,
      parentCheck: parentCheck, originCheck: originCheck, blocks: blocks)
  }
}

extension BatchStage.Included {
  func write(snapshot list: inout RLPWriter, on shelf: inout ByteShelf) {
    list.list { fields in
      inclusionBlock.write(snapshot: &fields)
      switch batch {
      case .singular(let batch):
        fields.append(uint64: 0)
        batch.write(snapshot: &fields, on: &shelf)
      case .span(let batch):
        fields.append(uint64: 1)
        batch.write(snapshot: &fields, on: &shelf)
      }
    }
  }

  init(snapshot list: inout RLPReader, on shelf: ByteShelf) throws(RLPError) {
    var fields = try list.list()
    inclusionBlock = try L1BlockReference(snapshot: &fields)
    switch try fields.uint64() {
    case 0: batch = .singular(try SingularBatch(snapshot: &fields, on: shelf))
    case 1: batch = .span(try SpanBatch(snapshot: &fields, on: shelf))
    default: throw .tooLarge
    }
    try fields.end()
  }
}

extension BatchStage {
  func write(snapshot list: inout RLPWriter, on shelf: inout ByteShelf) {
    list.append(optional: origin) { list, block in block.write(snapshot: &list) }
    list.append(l1Blocks) { list, block in block.write(snapshot: &list) }
    list.list { items in
      for included in queue { included.write(snapshot: &items, on: &shelf) }
    }
    list.list { items in staged?.write(snapshot: &items, on: &shelf) }
    list.list { items in
      for batch in span[nextInSpan...] { batch.write(snapshot: &items, on: &shelf) }
    }
    list.list { items in
      for block in safeBlocks {
        block.reference.write(snapshot: &items)
        items.append(block.transactions, on: &shelf)
      }
    }
    list.append(optional: oldest) { list, block in block.write(snapshot: &list) }
  }

  init(snapshot list: inout RLPReader, on shelf: ByteShelf) throws(RLPError) {
    self.init()
    origin = try list.optional { (list) throws(RLPError) in try L1BlockReference(snapshot: &list) }
    l1Blocks = try list.all { (list) throws(RLPError) in try L1BlockReference(snapshot: &list) }
    queue = try list.all { (list) throws(RLPError) in try Included(snapshot: &list, on: shelf) }
    staged = try list.optional { (list) throws(RLPError) in
      try Included(snapshot: &list, on: shelf)
    }
    setSpan(
      try list.all { (list) throws(RLPError) in try SingularBatch(snapshot: &list, on: shelf) })
    safeBlocks = try list.all { (list) throws(RLPError) in
      SafeBlock(
        reference: try L2BlockReference(snapshot: &list), transactions: try list.strings(on: shelf))
    }
    oldest = try list.optional { (list) throws(RLPError) in try L2BlockReference(snapshot: &list) }
  }
}
