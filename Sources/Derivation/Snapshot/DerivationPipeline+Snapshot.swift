import Cryptography
import Primitives

// A pipeline at rest: between two L1 blocks, or waiting for data. What it has handed on already is
// left out, so two that will do the same from here on are written down alike.

extension L1Traversal {
  func write(snapshot list: inout RLPWriter, on shelf: inout ByteShelf) {
    list.append(optional: origin) { list, block in block.write(snapshot: &list) }
    systemConfiguration.write(snapshot: &list)
    list.list { items in waiting?.write(snapshot: &items, on: &shelf) }
    list.append(epochs) { list, epoch in epoch.write(snapshot: &list) }
  }

  mutating func restore(snapshot list: inout RLPReader, on shelf: ByteShelf) throws(RLPError) {
    origin = try list.optional { (list) throws(RLPError) in try L1BlockReference(snapshot: &list) }
    systemConfiguration = try SystemConfiguration(snapshot: &list)
    waiting = try list.optional { (list) throws(RLPError) in
      try L1Block(snapshot: &list, on: shelf)
    }
    epochs = try list.all { (list) throws(RLPError) in try L1Epoch(snapshot: &list) }
  }
}

extension L1Retrieval {
  func write(snapshot list: inout RLPWriter, on shelf: inout ByteShelf) {
    list.append(optional: block) { list, block in block.write(snapshot: &list) }
    list.list { items in
      for entry in entries[next...] { entry.write(snapshot: &items, on: &shelf) }
    }
    list.append(optional: transactionHash) { list, hash in list.append(hash: hash) }
  }

  init(snapshot list: inout RLPReader, on shelf: ByteShelf) throws(RLPError) {
    self.init()
    block = try list.optional { (list) throws(RLPError) in try L1BlockReference(snapshot: &list) }
    entries = try list.all { (list) throws(RLPError) in try Entry(snapshot: &list, on: shelf) }
    transactionHash = try list.optional { (list) throws(RLPError) in try list.hash() }
  }
}

extension L1Retrieval.Entry {
  func write(snapshot list: inout RLPWriter, on shelf: inout ByteShelf) {
    list.append(hash: transactionHash)
    switch item {
    case .data(let data):
      list.append(uint64: 0)
      list.append(data, on: &shelf)
    case .blob(let request):
      list.append(uint64: 1)
      list.append(uint64: UInt64(request.index))
      list.append(hash: request.versionedHash)
    case .commitment(let commitment):
      list.append(uint64: 2)
      list.append(commitment.encoded, on: &shelf)
    }
  }

  init(snapshot list: inout RLPReader, on shelf: ByteShelf) throws(RLPError) {
    transactionHash = try list.hash()
    switch try list.uint64() {
    case 0: item = .data(try list.bytes(on: shelf))
    case 1:
      item = .blob(BlobRequest(index: try list.number(), versionedHash: try list.hash()))
    case 2:
      let bytes = try list.bytes(on: shelf)
      do throws(AltDACommitmentError) {
        item = .commitment(try AltDACommitment.decode(bytes[...]))
      } catch {
        throw .wrongLength
      }
    default: throw .tooLarge
    }
  }
}

extension DerivationPipeline {
  /// Whether nobody owes it an answer: a pipeline that does not stand so has no form.
  public var isAtRest: Bool { pending == nil && drops.isEmpty }

  /// Writes down how it stands, as one list; long strings go on the shelf.
  public func write(snapshot list: inout RLPWriter, on shelf: inout ByteShelf) {
    list.list { fields in
      safeHead.write(snapshot: &fields)
      traversal.write(snapshot: &fields, on: &shelf)
      retrieval.write(snapshot: &fields, on: &shelf)
      fields.list { items in
        for frame in frames.frames[frames.next...] { frame.write(snapshot: &items, on: &shelf) }
      }
      fields.list { items in
        for channel in bank.channels { channel.write(snapshot: &items, on: &shelf) }
      }
      fields.list { items in assembler.staging?.write(snapshot: &items, on: &shelf) }
      fields.list { items in reader.content?.write(snapshot: &items, on: &shelf) }
      batches.write(snapshot: &fields, on: &shelf)
    }
  }

  /// The pipeline that was written down, of a rollup that began at its genesis.
  /// - Throws: `RLPError`.
  public init(
    snapshot list: inout RLPReader, on shelf: ByteShelf, configuration: RollupConfiguration,
    provider: any CryptographyProvider
  ) throws(RLPError) {
    self.init(
      configuration: configuration, start: PipelineStart(genesisOf: configuration),
      provider: provider)
    var fields = try list.list()
    safeHead = try L2Head(snapshot: &fields)
    try traversal.restore(snapshot: &fields, on: shelf)
    retrieval = try L1Retrieval(snapshot: &fields, on: shelf)
    frames.frames = try fields.all { (list) throws(RLPError) in
      try Frame(snapshot: &list, on: shelf)
    }
    bank.channels = try fields.all { (list) throws(RLPError) in
      try Channel(snapshot: &list, on: shelf)
    }
    assembler.staging = try fields.optional { (list) throws(RLPError) in
      try Channel(snapshot: &list, on: shelf)
    }
    reader.content = try fields.optional { (list) throws(RLPError) in
      try ChannelContent(snapshot: &list, on: shelf)
    }
    batches = try BatchStage(snapshot: &fields, on: shelf)
    try fields.end()
  }
}
