import Cryptography
import Execution
import Primitives

/// The proof of work that Ethereum had, verified from its cache alone.
///
/// Source: Yellow Paper, appendix J. The cache of the first epoch has 16 MiB and takes about a
/// million hashes to make.
struct Ethash {
  /// 64 bytes as words, the lower byte first.
  typealias Item = [16 of UInt32]

  private var cache: [Item]

  /// The cache of this size in bytes for a seed; nil for a size that no cache has.
  init?(sizeInBytes: UInt64, seed: Bytes) {
    guard seed.count == 32, sizeInBytes.isMultiple(of: 64), 64...(1 << 28) ~= sizeInBytes else {
      return nil
    }
    let count = Int(sizeInBytes / 64)
    cache = [Self.item(Keccak512.hash(seed))]
    cache.reserveCapacity(count)
    while cache.count < count { cache.append(Keccak512.hash(cache[cache.count - 1])) }
    for _ in 0..<3 {
      for index in 0..<count {
        let other = Int(cache[index][0] % UInt32(count))
        var mixed = cache[(index + count - 1) % count]
        for word in 0..<16 { mixed[word] ^= cache[other][word] }
        cache[index] = Keccak512.hash(mixed)
      }
    }
  }

  /// The first epoch's: 30,000 blocks, beyond which no test goes.
  ///
  /// Made once, in about a second.
  static let firstEpoch = Ethash(sizeInBytes: 16_776_896, seed: Bytes(repeating: 0, count: 32))

  /// The number of the second epoch's first block.
  static let epochLength: UInt64 = 30_000

  /// Whether a header of the first epoch has the seal of its proof of work.
  static func isSealed(_ header: BlockHeader) -> Bool {
    guard header.number < epochLength,
      let proof = firstEpoch?.prove(
        headerHash: header.hashWithoutSeal, nonce: header.nonce, fullSizeInBytes: 1_073_739_904)
    else { return false }
    let work = UInt256(proof.result).multipliedReportingOverflow(by: header.difficulty)
    return proof.mix == header.prevRandao.bytes && !work.overflow
  }

  /// The whole cache as bytes.
  var bytes: Bytes { cache.flatMap { Self.bytes($0) } }

  /// What a header without its seal and a nonce come to, in a data set of this size.
  func prove(
    headerHash: Hash, nonce: UInt64, fullSizeInBytes: UInt64
  ) -> (mix: Bytes, result: Hash)? {
    guard let rows = UInt32(exactly: fullSizeInBytes / 128), rows > 0 else { return nil }
    var preimage = headerHash.bytes
    for shift in 0..<8 { preimage.append(UInt8(truncatingIfNeeded: nonce >> UInt64(8 * shift))) }
    let seed = Keccak512.hash(preimage)
    let start = Self.item(seed)
    var mix = [UInt32](repeating: 0, count: 32)
    for index in 0..<32 { mix[index] = start[index % 16] }
    for round in 0..<64 as Range<UInt32> {
      let row = Self.mixed(round ^ start[0], mix[Int(round % 32)]) % rows
      for half in 0..<2 as Range<UInt32> {
        let item = item(at: row * 2 + half)
        for word in 0..<16 {
          let index = Int(half) * 16 + word
          mix[index] = Self.mixed(mix[index], item[word])
        }
      }
    }
    var digest: Bytes = []
    for index in stride(from: 0, to: 32, by: 4) {
      let word = Self.mixed(
        Self.mixed(Self.mixed(mix[index], mix[index + 1]), mix[index + 2]), mix[index + 3])
      Self.append(word, to: &digest)
    }
    return (digest, Keccak256.hash(seed + digest))
  }

  /// An item of the data set, which nobody needs to keep.
  private func item(at index: UInt32) -> Item {
    let count = UInt32(cache.count)
    var item = cache[Int(index % count)]
    item[0] ^= index
    item = Keccak512.hash(item)
    for round in 0..<256 as Range<UInt32> {
      let parent = Self.mixed(index ^ round, item[Int(round % 16)]) % count
      for word in 0..<16 { item[word] = Self.mixed(item[word], cache[Int(parent)][word]) }
    }
    return Keccak512.hash(item)
  }

  /// The mixing step of Fowler, Noll and Vo.
  private static func mixed(_ left: UInt32, _ right: UInt32) -> UInt32 {
    left &* 0x0100_0193 ^ right
  }

  private static func item(_ bytes: Bytes) -> Item {
    var item = Item(repeating: 0)
    for index in 0..<64 { item[index / 4] |= UInt32(bytes[index]) << UInt32(index % 4 * 8) }
    return item
  }

  private static func bytes(_ item: Item) -> Bytes {
    var bytes: Bytes = []
    for index in 0..<16 { append(item[index], to: &bytes) }
    return bytes
  }

  private static func append(_ word: UInt32, to bytes: inout Bytes) {
    for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(8 * shift))) }
  }
}

/// PoWTests: headers with their seal, and all numbers on the way to it.
enum ProofOfWorkVectors {
  @Sendable static func verdict(_ test: Fixture) throws(FixtureError) -> Verdict {
    let encoded = try test.field("header").bytes()
    let nonce = try test.field("nonce").bytes()
    guard let header = try? BlockHeader.decode(encoded), nonce.count == 8 else {
      return .check("header", true, false)
    }
    let cacheSize = try test.field("cache_size").uint64()
    guard let work = Ethash(sizeInBytes: cacheSize, seed: try test.field("seed").bytes()),
      let proof = work.prove(
        headerHash: header.hashWithoutSeal, nonce: UInt256(bigEndian: nonce).lowUInt64,
        fullSizeInBytes: try test.field("full_size").uint64())
    else { return .check("size", true, false) }
    return .all(
      .compare(
        "header_hash", try test.field("header_hash").bytes(), header.hashWithoutSeal.bytes),
      .compare(
        "cache_hash", try test.field("cache_hash").bytes(), Keccak256.hash(work.bytes).bytes),
      .compare("mixHash", try test.field("mixHash").bytes(), proof.mix),
      .compare("result", try test.field("result").bytes(), proof.result.bytes))
  }
}

extension BlockHeader {
  /// The hash of the header without mix hash and nonce, on which proof of work was done.
  var hashWithoutSeal: Hash {
    let whole = encoded
    var reader = RLPReader(whole)
    guard var fields = try? reader.list() else { return .zero }
    var items: [Bytes] = []
    while items.count < 13, let item = try? fields.rawItem() { items.append(Bytes(item)) }
    return Keccak256.hash(RLPWriter.list(rawItems: items))
  }
}
