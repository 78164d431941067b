import Cryptography
import NativeCryptography
import Primitives
import Testing

@Suite("Signatures")
struct SignatureTests {
  private let provider = NativeCryptographyProvider.shared

  @Test("the development phrase gives the accounts that everybody knows")
  func developmentAccounts() throws {
    let mnemonic = try #require(Mnemonic(Mnemonic.development))
    let first = try #require(mnemonic.privateKey(account: 0))
    #expect(first.address.hexadecimal == "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266")
    #expect(
      Hexadecimal.encode(first.bytes)
        == "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
    let second = try #require(mnemonic.privateKey(account: 1))
    #expect(second.address.hexadecimal == "0x70997970c51812dc3a010c7d01b50e0d17dc79c8")
    let last = try #require(mnemonic.privateKey(account: 9))
    #expect(last.address.hexadecimal == "0xa0ee7a142d267c1f36714e4a8f75612f20a79720")
  }

  @Test("a signature is low, the same every time, and names its signer")
  func signAndRecover() throws {
    for index in 1...50 as ClosedRange<UInt64> {
      let key = try #require(PrivateKey(UInt256(index).bigEndianBytes))
      let hash = Keccak256.hash(UInt256(index))
      let signature = key.sign(hash)
      #expect(signature == key.sign(hash))
      #expect(signature.isLowS && signature.isInRange)
      #expect(
        provider.recoverAddress(messageHash: hash, signature: signature) == key.address)
      let copy = try #require(Signature(bytes65: signature.bytes65))
      #expect(copy == signature)
      // The mirrored signature is as valid for the curve, though no transaction may carry it.
      let mirrored = Signature(
        r: signature.r, s: Signature.order - signature.s, yParity: !signature.yParity)
      #expect(!mirrored.isLowS)
      #expect(provider.recoverAddress(messageHash: hash, signature: mirrored) == key.address)
    }
  }

  @Test("the signature of RFC 6979's scheme for a known key and message comes out")
  func knownSignature() throws {
    // The key 1 and SHA-256 of "Satoshi Nakamoto": a vector that bitcoin libraries share.
    let key = try #require(PrivateKey(UInt256.one.bigEndianBytes))
    let signature = key.sign(SHA256.hash(Bytes("Satoshi Nakamoto".utf8)))
    #expect(
      signature.r.hexadecimal
        == "0x934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8")
    #expect(
      signature.s.hexadecimal
        == "0x2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5")
  }

  @Test("what is out of range is refused")
  func refused() throws {
    #expect(PrivateKey(Bytes(repeating: 0, count: 32)) == nil)
    #expect(PrivateKey(Bytes(repeating: 0xff, count: 32)) == nil)
    #expect(PrivateKey(Signature.order.bigEndianBytes) == nil)
    #expect(PrivateKey(Bytes(repeating: 1, count: 31)) == nil)
    #expect(PrivateKey(Bytes(repeating: 1, count: 33)) == nil)
    let hash = Hash(UInt256(7))
    for (r, s) in [(0, 1), (1, 0)] as [(UInt256, UInt256)] {
      #expect(provider.recoverPublicKey(messageHash: hash, r: r, s: s, yParity: false) == nil)
    }
    let order = Signature.order
    for (r, s) in [(order, 1), (1, order), (.max, .max)] as [(UInt256, UInt256)] {
      let signature = Signature(r: r, s: s, yParity: true)
      #expect(!signature.isInRange)
      #expect(provider.recoverAddress(messageHash: hash, signature: signature) == nil)
      #expect(provider.recoverPublicKey(messageHash: hash, r: r, s: s, yParity: true) == nil)
    }
    // No point of the curve has the x coordinate 5.
    #expect(provider.recoverPublicKey(messageHash: hash, r: 5, s: 1, yParity: false) == nil)
    #expect(Signature(bytes65: Bytes(repeating: 1, count: 64)) == nil)
    #expect(Signature(bytes65: Bytes(repeating: 1, count: 64) + [29]) == nil)
  }

  @Test("a key's description does not show the key")
  func description() throws {
    let key = PrivateKey.random()
    #expect(!"\(key)".contains(Hexadecimal.encode(key.bytes)))
    #expect(!String(reflecting: key).contains(Hexadecimal.encode(key.bytes)))
    #expect(PrivateKey.random() != key)
  }

  @Test("the phrases of BIP-39's own vectors give their seeds")
  func seeds() throws {
    let abandon = String(repeating: "abandon ", count: 11) + "about"
    let mnemonic = try #require(Mnemonic(abandon, passphrase: "TREZOR"))
    #expect(
      Hexadecimal.encode(mnemonic.seed)
        == "c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e"
        + "1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04")
    #expect(Mnemonic("") == nil)
    #expect(Mnemonic("naïve words") == nil)
  }
}
