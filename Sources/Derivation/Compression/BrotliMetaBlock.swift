import Primitives

/// One of the three streams of a meta-block: which of its codes holds, and for how long.
private struct BlockSwitch {
  private let typeCode: HuffmanTable?
  private let countCode: HuffmanTable
  let typeCount: Int
  private(set) var type = 0
  private var previousType = 1
  var left = 1 << 24

  init(_ decoder: inout BrotliDecoder) throws(BrotliStop) {
    typeCount = try decoder.count()
    guard typeCount > 1 else {
      typeCode = nil
      countCode = HuffmanTable(only: 0)
      return
    }
    typeCode = try decoder.prefixCode(alphabetSize: typeCount + 2)
    countCode = try decoder.prefixCode(alphabetSize: 26)
    left = try Self.count(&decoder, countCode)
  }

  private static func count(
    _ decoder: inout BrotliDecoder, _ code: HuffmanTable
  ) throws(BrotliStop) -> Int {
    let symbol = try decoder.symbol(code)
    return BrotliLengths.blockBases[symbol]
      + (try decoder.take(Int(BrotliLengths.blockBits[symbol])))
  }

  /// Takes one element, and switches to the next block before it if this one is used up.
  @inline(__always)
  mutating func step(_ decoder: inout BrotliDecoder) throws(BrotliStop) {
    if left == 0 { try next(&decoder) }
    left &-= 1
  }

  private mutating func next(_ decoder: inout BrotliDecoder) throws(BrotliStop) {
    if let typeCode {
      let symbol = try decoder.symbol(typeCode)
      let new =
        switch symbol {
        case 0: previousType
        case 1: (type + 1) % typeCount
        default: symbol - 2
        }
      previousType = type
      type = new
    }
    left = typeCode == nil ? 1 << 24 : try Self.count(&decoder, countCode)
  }
}

/// A compressed meta-block: commands that insert literals and copy what came before.
///
/// Source: RFC 7932, sections 4 to 7 and 9.
struct BrotliMetaBlock {
  private var literals: BlockSwitch
  private var commands: BlockSwitch
  private var copies: BlockSwitch
  private let postfixBits: Int
  private let directCount: Int
  private var modes: [UInt8] = []
  private let literalMap: [UInt8]
  private let distanceMap: [UInt8]
  private var literalCodes: [HuffmanTable] = []
  private var commandCodes: [HuffmanTable] = []
  private var distanceCodes: [HuffmanTable] = []

  init(_ decoder: inout BrotliDecoder) throws(BrotliStop) {
    literals = try BlockSwitch(&decoder)
    commands = try BlockSwitch(&decoder)
    copies = try BlockSwitch(&decoder)
    postfixBits = try decoder.take(2)
    directCount = try decoder.take(4) << postfixBits
    for _ in 0..<literals.typeCount { modes.append(UInt8(try decoder.take(2))) }
    let literalTrees = try decoder.count()
    literalMap = try decoder.contextMap(
      size: literals.typeCount << 6, treeCount: literalTrees)
    let distanceTrees = try decoder.count()
    distanceMap = try decoder.contextMap(
      size: copies.typeCount << 2, treeCount: distanceTrees)
    for _ in 0..<literalTrees {
      literalCodes.append(try decoder.prefixCode(alphabetSize: 256))
    }
    for _ in 0..<commands.typeCount {
      commandCodes.append(try decoder.prefixCode(alphabetSize: 704))
    }
    let distanceAlphabet = 16 + directCount + 48 << postfixBits
    for _ in 0..<distanceTrees {
      distanceCodes.append(try decoder.prefixCode(alphabetSize: distanceAlphabet))
    }
  }

  /// Runs commands until `length` bytes have come out.
  mutating func run(_ decoder: inout BrotliDecoder, length: Int) throws(BrotliStop) {
    var left = length
    while left > 0 {
      try commands.step(&decoder)
      let command = try decoder.symbol(commandCodes[commands.type])
      let insertSymbol = BrotliLengths.insertCode(of: command)
      let copySymbol = BrotliLengths.copyCode(of: command)
      let insertCount =
        BrotliLengths.insertBases[insertSymbol]
        + (try decoder.take(Int(BrotliLengths.insertBits[insertSymbol])))
      let copyCount =
        BrotliLengths.copyBases[copySymbol]
        + (try decoder.take(Int(BrotliLengths.copyBits[copySymbol])))
      guard insertCount <= left else { throw .failed(.malformed) }
      try insert(insertCount, &decoder)
      left -= insertCount
      if left == 0 { return }
      let distance = try distance(&decoder, copyCount: copyCount, isImplicit: command < 128)
      left -= try copy(copyCount, distance, &decoder, left: left)
    }
  }

  private mutating func insert(
    _ count: Int, _ decoder: inout BrotliDecoder
  ) throws(BrotliStop) {
    for _ in 0..<count {
      try literals.step(&decoder)
      let size = decoder.output.count
      let last = size > 0 ? decoder.output[size - 1] : 0
      let secondLast = size > 1 ? decoder.output[size - 2] : 0
      let context = BrotliLengths.literalContext(
        mode: modes[literals.type], last: last, secondLast: secondLast)
      let tree = Int(literalMap[literals.type << 6 | context])
      try decoder.append(UInt8(truncatingIfNeeded: try decoder.symbol(literalCodes[tree])))
    }
  }

  /// A distance, and whether it is the last one again.
  private mutating func distance(
    _ decoder: inout BrotliDecoder, copyCount: Int, isImplicit: Bool
  ) throws(BrotliStop) -> (value: Int, isRepeated: Bool) {
    let recent = decoder.distances
    if isImplicit { return (recent.0, true) }
    try copies.step(&decoder)
    let tree = Int(distanceMap[copies.type << 2 | (min(copyCount, 5) - 2)])
    let code = try decoder.symbol(distanceCodes[tree])
    if code < 16 {
      let value =
        switch code {
        case 0: recent.0
        case 1: recent.1
        case 2: recent.2
        case 3: recent.3
        case 4..<10: recent.0 + BrotliLengths.distanceOffset(code - 4)
        default: recent.1 + BrotliLengths.distanceOffset(code - 10)
        }
      guard value > 0 else { throw .failed(.malformed) }
      return (value, code == 0)
    }
    if code < 16 + directCount { return (code - 15, false) }
    let rest = code - directCount - 16
    let bits = 1 + rest >> (postfixBits + 1)
    let high = rest >> postfixBits
    let low = rest & (1 << postfixBits - 1)
    let offset = (2 + high & 1) << bits - 4
    let value = (offset + (try decoder.take(bits))) << postfixBits + low + directCount + 1
    return (value, false)
  }

  /// Copies what came before, or puts out a word of the dictionary; gives how many bytes came out.
  private func copy(
    _ count: Int, _ distance: (value: Int, isRepeated: Bool), _ decoder: inout BrotliDecoder,
    left: Int
  ) throws(BrotliStop) -> Int {
    let reach = min(decoder.windowSize, decoder.output.count)
    if distance.value > reach {
      guard distance.value <= 0x7fff_fffc,
        let word = BrotliDictionary.word(length: count, reference: distance.value - reach - 1),
        word.count <= left
      else { throw .failed(.malformed) }
      for byte in word { try decoder.append(byte) }
      return word.count
    }
    guard count <= left else { throw .failed(.malformed) }
    if !distance.isRepeated {
      let recent = decoder.distances
      decoder.distances = (distance.value, recent.0, recent.1, recent.2)
    }
    let room = min(count, decoder.limit - decoder.output.count)
    var source = decoder.output.count - distance.value
    for _ in 0..<room {
      decoder.output.append(decoder.output[source])
      source &+= 1
    }
    if room < count { throw .limit }
    return count
  }
}
