import Cryptography
import Primitives
import Testing

@Suite("BLAKE2b compression")
struct Blake2bTests {
  /// EIP-152, test vectors 4 to 7: "abc" as the one block of a BLAKE2b-512.
  private func compress(rounds: UInt32, final: Bool) -> Bytes {
    let h: [8 of UInt64] = [
      0x6a09_e667_f2bd_c948, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b,
      0xa54f_f53a_5f1d_36f1, 0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f,
      0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
    ]
    var m = [16 of UInt64](repeating: 0)
    m[0] = 0x63_6261
    let result = Blake2b.compress(rounds: rounds, h: h, m: m, t: (3, 0), final: final)
    return (0..<64).map { UInt8(truncatingIfNeeded: result[$0 / 8] >> UInt64(8 * ($0 % 8))) }
  }

  @Test("the vectors of EIP-152 come out")
  func known() {
    #expect(
      Hexadecimal.encode(compress(rounds: 0, final: true))
        == "08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5"
        + "d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b")
    #expect(
      Hexadecimal.encode(compress(rounds: 12, final: true))
        == "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
        + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923")
    #expect(
      Hexadecimal.encode(compress(rounds: 12, final: false))
        == "75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d28752"
        + "98743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116fde4735")
    #expect(
      Hexadecimal.encode(compress(rounds: 1, final: true))
        == "b63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fb"
        + "a551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fed7a421")
  }
}
