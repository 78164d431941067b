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
