import NativeCryptography
import Primitives
import Testing

@Suite struct MnemonicWordTests {
  @Test(
    "Entropy becomes the phrases of BIP-39's own vectors",
    arguments: [
      (
        "00000000000000000000000000000000",
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
      ),
      (
        "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
        "legal winner thank year wave sausage worth useful legal winner thank yellow"
      ),
      (
        "ffffffffffffffffffffffffffffffff",
        "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong"
      ),
      (
        "8080808080808080808080808080808080808080808080808080808080808080",
        "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless"
      ),
    ])
  func phrases(entropy: String, phrase: String) throws {
    let bytes = try #require(Hexadecimal.decode(entropy))
    #expect(Mnemonic.phrase(entropy: bytes) == phrase)
  }

  @Test func `Random phrases differ, have twelve words and name keys`() {
    let phrases = (0..<8).map { _ in Mnemonic.random() }
    #expect(Set(phrases).count == 8)
    for phrase in phrases {
      #expect(phrase.split(separator: " ").count == 12)
      #expect(Mnemonic(phrase)?.privateKey(account: 0) != nil)
    }
  }
}

@Suite struct MnemonicSeedTests {
  @Test("the stream of a key of zeros begins as the cipher's vectors do, after 12 rounds")
  func stream() {
    // ChaCha12, 256 bits, test case 1 of J. Strombergson's vectors.
    let block = ChaCha.firstBlock(key: [UInt32](repeating: 0, count: 8), rounds: 12)
    let bytes = block.flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
    }
    #expect(
      Hexadecimal.encode(bytes)
        == "9bf49a6a0755f953811fce125f2683d50429c3bb49e074147e0089a52eae155f"
        + "0564f879d27ae3c02ce82834acfa8c793a629f2ca0de6919610be82f411326be")
  }

  @Test("the number 2 gives the phrase and the key that anvil gives")
  func seed() throws {
    let phrase = Mnemonic.phrase(seed: 2)
    #expect(
      phrase == "cabbage measure motor lazy return bind siren again diesel slight bike shock")
    let key = try #require(Mnemonic(phrase)?.privateKey(account: 0))
    #expect(
      Hexadecimal.encode(key.bytes)
        == "d6a036f561e03196779dd34bf3d141dec4737eec5ed0416e413985ca05dad51a")
  }

  @Test("any number is a seed", arguments: [0, 1, .max, 1 << 63])
  func seeds(seed: UInt64) {
    #expect(Mnemonic(Mnemonic.phrase(seed: seed))?.privateKey(account: 0) != nil)
    #expect(Mnemonic.phrase(seed: seed) == Mnemonic.phrase(seed: seed))
    #expect(Mnemonic.phrase(seed: seed) != Mnemonic.phrase(seed: seed &+ 1))
  }
}
