import Cryptography
import NativeCryptography
import Primitives
import Testing

@Suite("The native provider")
struct ProviderTests {
  private let provider = NativeCryptographyProvider.shared

  private func bytes(_ hexadecimal: String) throws -> Bytes {
    try #require(Hexadecimal.decode(hexadecimal))
  }

  @Test("RIPEMD-160 gives its known hashes")
  func ripemd160() {
    #expect(
      Hexadecimal.encode(provider.ripemd160([])) == "9c1185a5c5e9fc54612808977ee8f548b2258d31")
    #expect(
      Hexadecimal.encode(provider.ripemd160(Bytes("abc".utf8)))
        == "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc")
  }

  @Test("SHA-256 of the system is ours", arguments: [0, 1, 55, 56, 63, 64, 65, 1000])
  func sha256(count: Int) {
    let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    #expect(NativeSHA256.hash(message) == SHA256.hash(message))
  }

  @Test("a power modulo small numbers is that of repeated multiplication")
  func smallPowers() {
    for modulus in 0...20 as ClosedRange<UInt8> {
      for base in 0...20 as ClosedRange<UInt8> {
        for exponent in 0...10 as ClosedRange<UInt8> {
          var expected = modulus == 0 ? 0 : 1 % Int(modulus)
          for _ in 0..<exponent where modulus != 0 {
            expected = expected * Int(base) % Int(modulus)
          }
          let power = provider.modularPower(
            base: [base], exponent: [exponent], modulus: [0, 0, modulus])
          #expect(power == [0, 0, UInt8(expected)])
        }
      }
    }
  }

  @Test("a power of empty and of padded numbers is as the precompile says")
  func cornerPowers() {
    #expect(provider.modularPower(base: [], exponent: [], modulus: []) == [])
    #expect(provider.modularPower(base: [], exponent: [], modulus: [2]) == [1])
    #expect(provider.modularPower(base: [], exponent: [], modulus: [1]) == [0])
    #expect(provider.modularPower(base: [], exponent: [1], modulus: [5]) == [0])
    #expect(provider.modularPower(base: [9, 9], exponent: [3], modulus: [0, 0, 0]) == [0, 0, 0])
    #expect(
      provider.modularPower(base: [0, 0, 3], exponent: [0, 2], modulus: [0, 100]) == [0, 9])
    let long = Bytes(repeating: 0, count: 2000) + [7]
    let power = provider.modularPower(base: long, exponent: long, modulus: [0xff])
    // 7 to the 7 is 823543.
    #expect(power == [UInt8(823_543 % 255)])
  }

  @Test("a power modulo a prime of 256 bits obeys Fermat's little theorem")
  func fermat() {
    let prime = UInt256.max &- 0x1_0000_03d0
    let power = provider.modularPower(
      base: UInt256(3).bigEndianBytes, exponent: (prime - 1).bigEndianBytes,
      modulus: prime.bigEndianBytes)
    #expect(power == UInt256.one.bigEndianBytes)
    let huge = Bytes(repeating: 0xff, count: 1500)
    let odd = provider.modularPower(base: huge, exponent: [2], modulus: huge)
    #expect(odd == Bytes(repeating: 0, count: 1500))
    let even = Bytes(repeating: 0xff, count: 1499) + [0xfe]
    let one = provider.modularPower(base: huge, exponent: [0xff], modulus: even)
    #expect(one == Bytes(repeating: 0, count: 1499) + [1])
  }

  /// RFC 6979, A.2.5: P-256, SHA-256, the message "sample".
  @Test("a signature on P-256 is accepted, and none of its changes")
  func verifyP256() throws {
    let hash = SHA256.hash(Bytes("sample".utf8))
    let x = UInt256(
      bigEndian: try bytes("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"))
    let y = UInt256(
      bigEndian: try bytes("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"))
    let r = UInt256(
      bigEndian: try bytes("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"))
    let s = UInt256(
      bigEndian: try bytes("F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"))
    func verify(
      _ hash: Hash, _ r: UInt256, _ s: UInt256, _ x: UInt256, _ y: UInt256
    ) -> Bool {
      provider.verifyP256(messageHash: hash, r: r, s: s, x: x, y: y)
    }
    #expect(verify(hash, r, s, x, y))
    let other = SHA256.hash(Bytes("simple".utf8))
    #expect(!verify(other, r, s, x, y))
    #expect(!verify(hash, r ^ 1, s, x, y))
    #expect(!verify(hash, r, s ^ 1, x, y))
    #expect(!verify(hash, r, s, x ^ 1, y))
    #expect(!verify(hash, r, s, x, y ^ 1))
    #expect(!verify(hash, 0, s, x, y))
    #expect(!verify(hash, r, 0, x, y))
    #expect(!verify(hash, .max, s, x, y))
    #expect(!verify(hash, r, s, 0, 0))
    #expect(!verify(hash, r, s, .max, .max))
  }
}
