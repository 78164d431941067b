import Primitives

extension Frame {
  func write(snapshot list: inout RLPWriter, on shelf: inout ByteShelf) {
    list.append(bytes: channel.bytes)
    list.append(uint64: UInt64(number))
    list.append(data, on: &shelf)
    list.append(bool: isLast)
  }

  init(snapshot list: inout RLPReader, on shelf: ByteShelf) throws(RLPError) {
    self.init(
      channel: try ChannelIdentifier(snapshot: &list), number: try list.number(),
      data: try list.bytes(on: shelf), isLast: try list.bool())
  }
}

extension Channel {
  func write(snapshot list: inout RLPWriter, on shelf: inout ByteShelf) {
    list.list { fields in
      fields.append(bytes: identifier.bytes)
      fields.append(uint64: openBlockNumber)
      fields.list { items in
        for frame in frames { frame.write(snapshot: &items, on: &shelf) }
      }
      fields.append(optional: endNumber) { list, number in list.append(uint64: UInt64(number)) }
      fields.append(uint64: UInt64(size))
    }
  }

  init(snapshot list: inout RLPReader, on shelf: ByteShelf) throws(RLPError) {
    var fields = try list.list()
    let identifier = try ChannelIdentifier(snapshot: &fields)
    self.init(identifier, openBlockNumber: try fields.uint64())
    frames = try fields.all { (list) throws(RLPError) in try Frame(snapshot: &list, on: shelf) }
    endNumber = try fields.optional { (list) throws(RLPError) in try list.number() }
    size = try fields.number()
    try fields.end()
  }
}

extension ChannelContent {
  func write(snapshot list: inout RLPWriter, on shelf: inout ByteShelf) {
    list.append(uint64: UInt64(compression.rawValue))
    list.append(uint64: UInt64(sizeInBytes))
    switch end {
    case .complete: list.append(uint64: 0)
    case .limit: list.append(uint64: 1)
    case .failed(.truncated): list.append(uint64: 2)
    case .failed(.malformedHeader): list.append(uint64: 3)
    case .failed(.malformed): list.append(uint64: 4)
    case .failed(.wrongChecksum): list.append(uint64: 5)
    }
    list.append(rest, on: &shelf)
  }

  init(snapshot list: inout RLPReader, on shelf: ByteShelf) throws(RLPError) {
    guard let compression = ChannelCompression(rawValue: try list.number()) else {
      throw .tooLarge
    }
    let sizeInBytes: Int = try list.number()
    let end: Decompression.End
    switch try list.uint64() {
    case 0: end = .complete
    case 1: end = .limit
    case 2: end = .failed(.truncated)
    case 3: end = .failed(.malformedHeader)
    case 4: end = .failed(.malformed)
    case 5: end = .failed(.wrongChecksum)
    default: throw .tooLarge
    }
    self.init(
      compression: compression, sizeInBytes: sizeInBytes, end: end,
      rest: try list.bytes(on: shelf))
  }
}
