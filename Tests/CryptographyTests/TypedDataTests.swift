import Cryptography
import Primitives
import Testing

@Suite("Typed data, selectors and signatures")
struct TypedDataTests {
  private func address(_ text: String) throws -> Address {
    try #require(Address(hexadecimal: text))
  }

  /// EIP-712, "Example.js": Cow writes to Bob.
  @Test("the mail of EIP-712's example has its known digest")
  func mail() throws {
    let domain = TypedData.domainSeparator(
      name: "Ether Mail", version: "1", chainID: 1,
      verifyingContract: try address("0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"))
    #expect(
      domain.hexadecimal == "0xf2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f")
    let personType = TypedData.typeHash("Person(string name,address wallet)")
    func person(_ name: String, _ wallet: Address) -> Hash {
      TypedData.hashStruct(personType) { person in
        person.append(string: name)
        person.append(address: wallet)
      }
    }
    let cow = person("Cow", try address("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"))
    let bob = person("Bob", try address("0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"))
    let mailType = TypedData.typeHash(
      "Mail(Person from,Person to,string contents)Person(string name,address wallet)")
    let mail = TypedData.hashStruct(mailType) { mail in
      mail.append(hash: cow)
      mail.append(hash: bob)
      mail.append(string: "Hello, Bob!")
    }
    #expect(
      mail.hexadecimal == "0xc52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e")
    #expect(
      TypedData.digest(domainSeparator: domain, structHash: mail).hexadecimal
        == "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2")
  }

  @Test("an array member is hashed as its words")
  func arrays() {
    let type = TypedData.typeHash("Numbers(uint256[] numbers)")
    let hash = TypedData.hashStruct(type) { $0.append(words: [1, 2]) }
    let words = UInt256(1).bigEndianBytes + UInt256(2).bigEndianBytes
    #expect(hash == Keccak256.hash(type.bytes + Keccak256.hash(words).bytes))
  }

  @Test("a personal message has the digest that wallets sign")
  func personalMessage() {
    #expect(
      TypedData.personalMessageDigest(Bytes("hello".utf8)).hexadecimal
        == "0x50b2c43fd39106bafbba0da34fc430e1f91e3c96ea2acee2bc34119f92b37750")
  }

  @Test("selectors and topics are those of the token standard")
  func selectors() throws {
    #expect(Hexadecimal.encode(ABI.selector("transfer(address,uint256)")) == "a9059cbb")
    #expect(Hexadecimal.encode(ABI.selector("Error(string)")) == "08c379a0")
    #expect(
      ABI.eventTopic("Transfer(address,address,uint256)").hexadecimal
        == "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")
    let signature = try #require(ABISignature("transfer(address,uint)"))
    #expect(Hexadecimal.encode(signature.selector) == "a9059cbb")
    let input = ABI.call("transfer(address,uint256)", [.address(.zero), .uint(1)])
    #expect(input.count == 68 && input.last == 1)
  }

  @Test("a signature's 65 bytes are read with either kind of recovery number")
  func signature65() throws {
    let signature = Signature(r: 5, s: Signature.halfOrder, yParity: true)
    #expect(signature.isLowS && signature.isInRange)
    #expect(signature.bytes65.last == 28)
    #expect(Signature(bytes65: signature.bytes65) == signature)
    #expect(Signature(bytes65: signature.bytes65.dropLast() + [1]) == signature)
    #expect(Signature(bytes65: signature.bytes65.dropLast() + [0])?.yParity == false)
    for wrong in [2, 26, 29, 255] as Bytes {
      #expect(Signature(bytes65: signature.bytes65.dropLast() + [wrong]) == nil)
    }
    #expect(!Signature(r: 5, s: Signature.halfOrder + 1, yParity: true).isLowS)
    #expect(Signature.halfOrder &* 2 &+ 1 == Signature.order)
    #expect(!Signature(r: 0, s: 1, yParity: false).isInRange)
    #expect(!Signature(r: Signature.order, s: 1, yParity: false).isInRange)
  }
}
