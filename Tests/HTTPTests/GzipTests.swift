import HTTP
import Testing

@Suite("gzip")
struct GzipTests {
  @Test("what was compressed comes back, empty or large")
  func roundTrip() throws {
    for size in [0, 1, 1_000, 200_000] {
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 5) }
      let compressed = Gzip.compress(bytes)
      #expect(compressed.prefix(2) == [0x1f, 0x8b])
      #expect(try Gzip.decompress(compressed, limitInBytes: size) == bytes)
    }
  }

  @Test("a bomb costs no more than the limit, and what is no gzip is refused")
  func hostile() {
    let bomb = Gzip.compress([UInt8](repeating: 0, count: 50_000_000), level: 9)
    #expect(bomb.count < 100_000)
    #expect(throws: Gzip.Failure.tooLarge(limitInBytes: 1_000)) {
      try Gzip.decompress(bomb, limitInBytes: 1_000)
    }
    for bytes in [[], [0x1f], [UInt8]("hello".utf8), [UInt8](bomb.prefix(1_000))] {
      #expect(throws: Gzip.Failure.malformed) {
        try Gzip.decompress(bytes, limitInBytes: 1 << 26)
      }
    }
  }
}
