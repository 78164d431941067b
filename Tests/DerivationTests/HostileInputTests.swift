import Cryptography
import Derivation
import EVM
import Execution
import NativeCryptography
import Primitives
import Testing

@Suite("Hostile input of derivation")
struct HostileInputTests {
  /// A stream with a few bytes changed, cut off or put in.
  private func mutate(_ bytes: Bytes, _ random: inout Randomness) -> Bytes {
    var bytes = bytes
    for _ in 0..<random.pick(1...4) where !bytes.isEmpty {
      let place = random.pick(0...bytes.count - 1)
      switch random.pick(0...3) {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes[place] ^= 1 << UInt8(random.pick(0...7))
      case 2: bytes.removeSubrange(place..<min(bytes.count, place + random.pick(1...8)))
      default: bytes.insert(contentsOf: random.bytes(random.pick(1...8)), at: place)
      }
    }
    return bytes
  }

  @Test("random and mutated streams decompress within their limit, or end in an error")
  func streams() {
    var random = Randomness(seed: 1)
    let brotli: Bytes = [
      0x8b, 0x04, 0x80, 0x75, 0xed, 0x18, 0x42, 0x49, 0xe9, 0xbc, 0x19, 0x67, 0x5e, 0x03,
    ]
    for _ in 0..<(isFull ? 50_000 : 1500) {
      let limit = random.pick(0...300)
      for input in [
        random.bytes(random.pick(0...80)), mutate(brotli, &random),
        mutate(storedZlib(random.bytes(40)), &random),
      ] {
        let one = Inflate.deflate(input, limit: limit)
        let two = Brotli.decode(input, limit: limit)
        let three = Inflate.zlib(input, limit: limit)
        for result in [one, two, three] {
          #expect(result.output.count <= limit)
          #expect(result.inputSizeInBytes <= input.count)
        }
      }
    }
  }

  @Test("a bomb comes out up to the limit and not beyond")
  func bomb() {
    // A stream that repeats one byte with the longest copies: 1,032 times its size.
    var bits: [Bool] = [true, true, false]
    bits += [false, false, true, true, false, false, false, false]
    for _ in 0..<40_000 {
      bits += [true, true, false, false, false, true, false, true]
      bits += [false, false, false, false, false]
    }
    var bytes = Bytes(repeating: 0, count: (bits.count + 7) / 8)
    for (index, bit) in bits.enumerated() where bit { bytes[index / 8] |= 1 << UInt8(index % 8) }
    let result = Inflate.deflate(bytes, limit: 1_000_000)
    #expect(result.end == .limit)
    #expect(result.output.count == 1_000_000)
    #expect(Set(result.output).count == 1)
  }

  @Test("mutated batches are batches or errors, and what decodes encodes again")
  func batches() throws {
    var random = Randomness(seed: 2)
    let key = try Actor.key(2)
    let transaction = key.sign(
      Transaction(
        to: .zero, chainID: 901, nonce: 3, maxFeePerGas: 9, maxPriorityFeePerGas: 1,
        gasLimit: 50_000, data: [1, 2, 3]))
    let batches = (0..<4).map { index in
      SingularBatch(
        parentHash: .zero, epochNumber: 5 + UInt64(index) / 2, epochHash: .zero,
        timestamp: 1000 + 2 * UInt64(index), transactions: [transaction.encoded])
    }
    let span = Batch.span(SpanBatch(batches, firstSequenceNumber: 0, genesisTime: 900))
    for batch in [Batch.singular(batches[0]), span] {
      let encoded = try batch.encoded(chainID: 901)
      #expect(try Batch.decode(encoded, chainID: 901) == batch)
      for _ in 0..<(isFull ? 20_000 : 700) {
        let changed = mutate(encoded, &random)
        guard let decoded = try? Batch.decode(changed, chainID: 901) else { continue }
        let again = try decoded.encoded(chainID: 901)
        #expect(try Batch.decode(again, chainID: 901) == decoded)
      }
    }
  }

  @Test(
    "span batches that claim more than their bytes hold are refused without being made room for")
  func claims() {
    let prefix: Bytes = [1, 0, 0] + Bytes(repeating: 0, count: 40)
    let most: Bytes = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
    for count in [most, [0x80, 0xad, 0xe2, 0x04], [0x00], [0x81, 0xad, 0xe2, 0x04]] {
      #expect(throws: BatchError.self) { try Batch.decode(prefix + count, chainID: 1) }
    }
    #expect(throws: BatchError.self) {
      try Batch.decode(prefix + [1, 0] + most + most, chainID: 1)
    }
  }

  @Test("blobs hold what was put in, and nothing else is a blob")
  func blobs() throws {
    var random = Randomness(seed: 4)
    for size in [0, 1, 26, 27, 28, 126, 127, 128, 5000, BlobData.capacityInBytes] {
      let data = random.bytes(size)
      let blob = try #require(BlobData.encode(data))
      #expect(try BlobData.decode(blob) == data)
    }
    #expect(BlobData.encode(Bytes(repeating: 0, count: BlobData.capacityInBytes + 1)) == nil)
    var blob = try #require(BlobData.encode([1, 2, 3]))
    blob[32] = 0x40
    #expect(throws: BlobDataError.highBits) { try BlobData.decode(blob) }
    blob[32] = 0
    blob[131_071] = 1
    #expect(throws: BlobDataError.trailingBytes) { try BlobData.decode(blob) }
    blob[131_071] = 0
    blob[1] = 9
    #expect(throws: BlobDataError.unknownVersion(9)) { try BlobData.decode(blob) }
    #expect(throws: BlobDataError.wrongLength) { try BlobData.decode([]) }
  }

  @Test("a batcher that posts mutated channels stalls nobody")
  func mutatedChannels() throws {
    for seed in 1...(isFull ? 200 : 8) as ClosedRange<UInt64> {
      var random = Randomness(seed: seed)
      var l1 = TestL1(batcher: try Actor.key(1))
      let fork: RollupFork = random.once(in: 2) ? .isthmus : .canyon
      let configuration = testConfiguration(l1, fork: fork, window: 6)
      var sequencer = TestSequencer(configuration: configuration, user: try Actor.key(2))
      var follower = TestFollower(configuration: configuration)
      for _ in 0..<16 {
        l1.seal()
        try sequencer.build(on: l1, &random)
        guard let frames = try sequencer.post(spans: random.once(in: 2), frameLimit: 900) else {
          continue
        }
        let transactions = frames.map { l1.batch(mutate(Frame.encode([$0]), &random)) }
        l1.seal(transactions)
      }
      for _ in 0..<10 { l1.seal() }
      try follower.follow(l1)
      let reached = try #require(follower.heads.last).reference.l1Origin.number
      #expect(reached >= l1.head.header.number - 7)
    }
  }
}
