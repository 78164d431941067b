import Cryptography
import EVM
import Execution
import NativeCryptography
import Primitives
import Testing

/// Signed by eth-account with the key 0x4646…46; the first is the example of EIP-155.
struct SignedExample: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let encoded: String
  let hash: String
}

let signedExamples = [
  SignedExample(
    testDescription: "legacy with a chain id",
    encoded:
      "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025"
      + "a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
      + "a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
    hash: "0x33469b22e9f636356c4160a87eb19df52b7412e8eac32a4a55ffe88ea8350788"),
  SignedExample(
    testDescription: "legacy creation",
    encoded: "0xf8538001830186a0808085600160005582f4f6"
      + "a068d7386989528cd48a117c340544e528c02e277b03df8aae148f333feaeb593c"
      + "a06f05054909aa4624a29f3adb07c2bf212713711f8d0c4ba55cc8f022271cbfb4",
    hash: "0x066310d805be2f91e9202c366cc20079c9c69bce64e27d3cd5a075ef297565aa"),
  SignedExample(
    testDescription: "access list",
    encoded: "0x01f8bf01010782ea6094353535353535353535353535353535353535353505820102"
      + "f85bf859943535353535353535353535353535353535353535f842"
      + "a00000000000000000000000000000000000000000000000000000000000000001"
      + "a0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff01"
      + "a052701cdd08ae4d1bbd5c9e8ef6aaf610793458adc907d7c74f4b048457f2581d"
      + "a02dabad52354898509ea3b319e9e2fac4930e0dbd5b54cd9ea17c44caea27714a",
    hash: "0x012437d48f3073e8687c4fa659df137bc6c7ec265575e22b130a00048226b6b2"),
  SignedExample(
    testDescription: "dynamic fee",
    encoded: "0x02f88c827a6902021e82c35094353535353535353535353535353535353535353580a8"
      + "00000000000000000000000000000000000000000000000000000000000000000000000000000000c080"
      + "a05595fbac4ec50e66ddaae33bc7f691c6df0f8d0595aef481466981ce229a5dcd"
      + "a02822b15d2b3ea858024710a31c17b91a14e74218eb287dbb077ecd38387e5999",
    hash: "0x4feb57197a95428ae2b642f72afd27640aaa1c7dbb9d3de0b2456410cf9da4fc"),
  SignedExample(
    testDescription: "blob",
    encoded: "0x03f8850103021e82c3509435353535353535353535353535353535353535358080c009e1"
      + "a001ababababababababababababababababababababababababababababababab80"
      + "a0c3cba05dda900591bfb67d324e4e767f4fc18fc4eda6f6fb8df1d604b2bb3544"
      + "a01fb07f69268076462532b4ed0b95582c58cf63f875a30ec23837eb16e078af10",
    hash: "0x77b39a91f78289eca3ed08a4c0db6d55e2ec7fd22a98930dc25d893e4fe6724e"),
  SignedExample(
    testDescription: "set code",
    encoded: "0x04f8c10103021e83015f909435353535353535353535353535353535353535358080c0f85cf85a01"
      + "9435353535353535353535353535353535353535350401"
      + "a0c3879bfbfd76cb28ecf29a73026e57c865e1e4df0d0857c985253c68b4a8cbaa"
      + "a0479d93fe27734075e14c12859a9dc25d3feca59451bbb73a2e2b1c5abad896be01"
      + "a02ebd22129645e636e9b32ae61bc6456a14e4766b52aec935559472a647aed7c7"
      + "a00eece32d7b4c24e2d9d40457e1b416f48272a12d6cbb8bd151f87120f0181561",
    hash: "0x8b08bf834ec4e07fbfe3403c9845f1474cce61e5a9793176ef8080dfac6a4121"),
]

@Suite("A transaction")
struct TransactionTests {
  static let provider = NativeCryptographyProvider.shared
  static let signer = "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"

  static func bytes(_ example: SignedExample) throws -> Bytes {
    try #require(Hexadecimal.decode(example.encoded))
  }

  @Test("is decoded, encoded, hashed and its sender found", arguments: signedExamples)
  func golden(example: SignedExample) throws {
    let bytes = try Self.bytes(example)
    let transaction = try Transaction.decode(bytes)
    #expect(transaction.encoded == bytes)
    #expect(transaction.hash.hexadecimal == example.hash)
    #expect(Transaction.gasLimit(ofEncoded: bytes) == transaction.gasLimit)
    #expect(try transaction.sender(Self.provider).hexadecimal == Self.signer)
    for authorization in transaction.authorizations {
      #expect(authorization.authority(Self.provider)?.hexadecimal == Self.signer)
    }
  }

  @Test("makes a block larger by what can be told without encoding it")
  func sizeInBlock() throws {
    let transactions = try signedExamples.map { try Transaction.decode(try Self.bytes($0)) }
    for count in 0...transactions.count {
      for ommers in [0, 3] {
        var header = BlockHeader(
          parentHash: .zero, feeRecipient: .zero, number: 1, gasLimit: 30_000_000, timestamp: 1)
        header.baseFee = 7
        var block = Block(header: header, withdrawals: ommers == 0 ? [] : nil)
        block.ommers = Array(repeating: header, count: ommers)
        let content = block.encoded
        block.transactions = Array(transactions.prefix(count))
        #expect(
          Block.sizeInBytes(
            withoutTransactions: content, kinds: block.transactions.map(\.kind),
            encoded: block.transactions.map(\.encoded)) == block.encoded.count)
      }
    }
  }

  @Test("is signed as eth-account signs it", arguments: signedExamples)
  func signing(example: SignedExample) throws {
    let key = try #require(PrivateKey(Bytes(repeating: 0x46, count: 32)))
    let transaction = try Transaction.decode(try Self.bytes(example))
    var unsigned = transaction
    unsigned.signature = nil
    #expect(unsigned.signed(with: key.sign(unsigned.signingHash)) == transaction)
    #expect(throws: TransactionError.unsigned) { try unsigned.sender(Self.provider) }
  }

  @Test("hashes what EIP-155 says is signed")
  func signingHash() throws {
    let transaction = try Transaction.decode(try Self.bytes(signedExamples[0]))
    #expect(
      transaction.signingHash.hexadecimal
        == "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53")
    #expect(transaction.legacyRecoveryIdentifier(false) == 37)
  }

  @Test("that was cut, lengthened or changed in length is refused", arguments: signedExamples)
  func hostileLengths(example: SignedExample) throws {
    let bytes = try Self.bytes(example)
    for count in 0..<bytes.count {
      #expect(throws: TransactionError.self) { try Transaction.decode(Bytes(bytes[..<count])) }
      #expect(Transaction.gasLimit(ofEncoded: Bytes(bytes[..<count])) == nil)
    }
    #expect(throws: TransactionError.malformed(.trailingBytes)) {
      try Transaction.decode(bytes + [0])
    }
  }

  @Test("with any byte changed decodes to another transaction or to none")
  func hostileBytes() throws {
    for example in signedExamples {
      let bytes = try Self.bytes(example)
      for index in bytes.indices {
        for change: UInt8 in [1, 0x80, 0xff] {
          var altered = bytes
          altered[index] ^= change
          guard let transaction = try? Transaction.decode(altered) else { continue }
          #expect(transaction.encoded == altered)
          _ = try? transaction.sender(Self.provider)
        }
      }
    }
  }

  @Test("of an unknown kind, with its blobs, or blob-carrying without a recipient is refused")
  func refusedForms() throws {
    #expect(throws: TransactionError.empty) { try Transaction.decode([]) }
    for type: UInt8 in [0, 5, 0x7d, 0x7f, 0x80, 0xbf] {
      #expect(throws: TransactionError.unsupportedType(type)) {
        try Transaction.decode([type, 0xc0])
      }
    }
    #expect(throws: TransactionError.sidecarNotAccepted) {
      try Transaction.decode([3, 0xc4, 0xc0, 0xc0, 0xc0, 0xc0])
    }
    for index in [4, 5] {
      var transaction = try Transaction.decode(try Self.bytes(signedExamples[index]))
      transaction.to = nil
      #expect(throws: TransactionError.creationNotAllowed) {
        try Transaction.decode(transaction.encoded)
      }
    }
  }

  @Test("with a high s has a sender only before Homestead")
  func highS() throws {
    var transaction = try Transaction.decode(try Self.bytes(signedExamples[0]))
    let signature = try #require(transaction.signature)
    transaction.signature = Signature(
      r: signature.r, s: Signature.order - signature.s, yParity: !signature.yParity)
    #expect(throws: TransactionError.invalidSignature) { try transaction.sender(Self.provider) }
    #expect(
      try transaction.sender(Self.provider, allowsHighS: true).hexadecimal == Self.signer)
  }

  @Test("that is a deposit keeps its bytes and names its sender")
  func deposit() throws {
    let fields = DepositFields(
      sourceHash: Keccak256.hash([1]), from: Address(UInt256(7)), mint: 5,
      isSystemTransaction: false)
    let transaction = Transaction(
      deposit: fields, to: nil, value: 3, gasLimit: 100_000, data: [1, 2, 3])
    #expect(transaction.encoded.first == 0x7e)
    #expect(try Transaction.decode(transaction.encoded) == transaction)
    #expect(try transaction.sender(Self.provider) == Address(UInt256(7)))
  }

  @Test("costs what its data, lists and fork say before it runs")
  func intrinsicGas() throws {
    var transaction = Transaction(
      legacyTo: .zero, chainID: 1, nonce: 0, gasPrice: 1, gasLimit: 1, data: [0, 0, 1])
    #expect(transaction.intrinsicGas(.frontier) == IntrinsicGas(gas: 21_076, floor: 0))
    #expect(transaction.intrinsicGas(.istanbul) == IntrinsicGas(gas: 21_024, floor: 0))
    #expect(transaction.intrinsicGas(.prague) == IntrinsicGas(gas: 21_024, floor: 21_060))
    transaction.to = nil
    #expect(transaction.intrinsicGas(.frontier).gas == 21_076)
    #expect(transaction.intrinsicGas(.homestead).gas == 53_076)
    #expect(transaction.intrinsicGas(.shanghai).gas == 53_026)
    transaction.accessList = [AccessListEntry(address: .zero, storageKeys: [1, 2])]
    #expect(transaction.intrinsicGas(.berlin).gas == 53_024 + 2_400 + 3_800)
    transaction.authorizations = [CodeAuthorization(chainID: 0, address: .zero, nonce: 0)]
    #expect(transaction.intrinsicGas(.prague).gas == 53_026 + 2_400 + 3_800 + 25_000)
  }
}
