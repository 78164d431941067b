import Cryptography
import Primitives
import Testing

@Suite("Hashes that are remembered")
struct RecentHashingsTests {
  @Test("whether an answer comes from memory cannot be told")
  func same() {
    let hashings = RecentHashings()
    var random = SystemRandomNumberGenerator()
    // More than there are places for, and each asked for twice, at once and later.
    let words = (0..<3_000).map { _ in random.next() as UInt64 } + [0, 1, .max]
    for _ in 0..<2 {
      for word in words {
        let address = Address(word, ~word, UInt32(truncatingIfNeeded: word))
        let slot = UInt256(word & 0xfff)
        for _ in 0..<2 {
          #expect(hashings.hash(address) == Keccak256.hash(address))
          #expect(hashings.hash(slot) == Keccak256.hash(slot))
        }
      }
    }
    #expect(hashings.hash(Address.zero) == Keccak256.hash(Address.zero))
    #expect(hashings.hash(UInt256.zero) == Keccak256.hash(UInt256.zero))
  }
}
