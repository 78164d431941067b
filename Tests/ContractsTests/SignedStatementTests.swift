import Contracts
import Cryptography
import JSON
import Primitives
import Testing

@Suite struct SignedStatementTests {
  @Test("digests are those that eth-account signs")
  func digests() throws {
    let golden = try #require(try Fixtures.golden()["signed"])
    let domain = Sample.domain
    let second = UsageDomain(chainID: 900)
    #expect(try golden["domainSeparator"].asHash() == domain.separator)
    #expect(try golden["domainSeparator900"].asHash() == second.separator)
    #expect(
      try golden["authorizationDigest"].asHash() == Sample.authorization.digest(domain))
    #expect(
      try golden["authorizationDigest900"].asHash() == Sample.authorization.digest(second))
    #expect(try golden["receiptDigest"].asHash() == Sample.receipt.digest(domain))
    var extreme = Sample.receipt
    extreme.adapters = []
    extreme.promptTokens = 0
    extreme.completionTokens = .max
    extreme.fee = UInt256(0, 0, 0, 1 << 63)
    extreme.attributionRoot = .zero
    extreme.sequence = .max
    #expect(try golden["extremeReceiptDigest"].asHash() == extreme.digest(domain))
  }

  @Test("every member of an authorisation and of a receipt changes its digest")
  func everyMemberCounts() {
    let authorization = Sample.authorization
    var digests: Set<Hash> = [authorization.digest(Sample.domain)]
    for change: (inout Authorization) -> Void in [
      { $0.payer = Sample.owner }, { $0.engine = Sample.owner }, { $0.models.removeLast() },
      { $0.models.swapAt(0, 1) }, { $0.maximumFee += 1 }, { $0.expiry += 1 }, { $0.nonce += 1 },
    ] {
      var changed = authorization
      change(&changed)
      #expect(digests.insert(changed.digest(Sample.domain)).inserted)
    }
    #expect(digests.insert(authorization.digest(UsageDomain(chainID: 1))).inserted)
    #expect(digests.insert(Sample.receipt.digest(Sample.domain)).inserted)
    for change: (inout UsageReceipt) -> Void in [
      { $0.authorization = .zero }, { $0.payer = Sample.owner }, { $0.model = .zero },
      { $0.adapters = [] }, { $0.requestHash = .zero }, { $0.outputHash = .zero },
      { $0.promptTokens += 1 }, { $0.completionTokens += 1 }, { $0.fee += 1 },
      { $0.attributionRoot = .zero }, { $0.sequence += 1 },
    ] {
      var changed = Sample.receipt
      change(&changed)
      #expect(digests.insert(changed.digest(Sample.domain)).inserted)
    }
  }

  @Test("what is written as RLP is read back, and nothing else is read")
  func rlp() throws {
    var writer = RLPWriter()
    Sample.authorization.write(to: &writer)
    let authorization = writer.bytes
    writer = RLPWriter()
    Sample.receipt.write(to: &writer)
    let receipt = writer.bytes

    var reader = RLPReader(authorization)
    #expect(try Authorization(from: &reader) == Sample.authorization)
    #expect(reader.isAtEnd)
    reader = RLPReader(receipt)
    #expect(try UsageReceipt(from: &reader) == Sample.receipt)
    #expect(reader.isAtEnd)
    for count in 0..<receipt.count {
      var reader = RLPReader(Bytes(receipt.prefix(count)))
      #expect(throws: RLPError.self) { try UsageReceipt(from: &reader) }
    }
    for count in 0..<authorization.count {
      var reader = RLPReader(Bytes(authorization.prefix(count)))
      #expect(throws: RLPError.self) { try Authorization(from: &reader) }
    }
    var confused = RLPReader(receipt)
    #expect(throws: RLPError.self) { try Authorization(from: &confused) }
  }

  @Test("more models or adapters than the limit are refused")
  func limits() throws {
    var authorization = Sample.authorization
    authorization.models = Array(
      repeating: Sample.hash(1), count: Authorization.modelLimit + 1)
    var receipt = Sample.receipt
    receipt.adapters = Array(repeating: Sample.hash(1), count: UsageReceipt.adapterLimit + 1)
    var writer = RLPWriter()
    authorization.write(to: &writer)
    receipt.write(to: &writer)
    var reader = RLPReader(writer.bytes)
    #expect(throws: RLPError.tooLarge) { try Authorization(from: &reader) }
    #expect(throws: UsageFormatError.self) { try Authorization(authorization.json) }
    #expect(throws: UsageFormatError.self) { try UsageReceipt(receipt.json) }
  }

  @Test("what is written as JSON is read back, with its signatures")
  func json() throws {
    let golden = try #require(try Fixtures.golden()["signed"])
    let settlement = Settlement(
      authorization: Sample.authorization,
      payerSignature: try golden["payerSignature"].asSignature(),
      receipt: Sample.receipt,
      engineSignature: try golden["engineSignature"].asSignature())
    #expect(try Settlement(settlement.json) == settlement)
    #expect(try Settlement(JSON.parse(settlement.json.serialized())) == settlement)
    let share = ContributorShare(contributor: Sample.owner, weight: 5)
    #expect(try ContributorShare(share.json) == share)
  }

  @Test("numbers are read as hexadecimal, as decimal text and as integers")
  func numbers() throws {
    var object = try #require(Sample.authorization.json.object)
    object["expiry"] = 2_000_000_000
    object["maximumFee"] = "1000000000000000"
    #expect(try Authorization(.object(object)) == Sample.authorization)
  }

  @Test("a member that is missing or malformed is named")
  func malformed() throws {
    let object = try #require(Sample.receipt.json.object)
    for key in object.keys {
      var changed = object
      changed[key] = .null
      #expect(throws: UsageFormatError.missing("receipt." + key)) {
        try UsageReceipt(.object(changed))
      }
      let wrongs: [JSON] = [
        true, "0x", "0xzz", "-1", "1e3", -1, [1], ["x": 1], "0x1234", .double(1.5),
      ]
      for wrong in wrongs {
        changed[key] = wrong
        if key != "adapters", key.hasSuffix("Tokens") || key == "fee" || key == "sequence",
          wrong == "0x1234"
        {
          continue
        }
        #expect(throws: UsageFormatError.self, "\(key) \(wrong)") {
          try UsageReceipt(.object(changed))
        }
      }
    }
    #expect(throws: UsageFormatError.malformed("receipt", expected: "an object")) {
      try UsageReceipt([1])
    }
    var large = object
    large["sequence"] = "18446744073709551616"
    #expect(throws: UsageFormatError.self) { try UsageReceipt(.object(large)) }
  }

  @Test("the typed data that a wallet is shown names the domain and the type")
  func typedData() throws {
    let data = Sample.authorization.typedData(Sample.domain)
    #expect(data["primaryType"]?.string == "Authorization")
    #expect(data["domain"]?["chainId"]?.uint64 == 31337)
    #expect(data["domain"]?["name"]?.string == "Opal")
    for (kind, type) in [
      ("Authorization", Authorization.type), ("Receipt", UsageReceipt.type),
    ] {
      let shown =
        kind == "Receipt" ? Sample.receipt.typedData(Sample.domain) : data
      let members = try #require(shown["types"]?[kind]?.array)
      let text = try members.map { member in
        let type = try #require(member["type"]?.string)
        let name = try #require(member["name"]?.string)
        return type + " " + name
      }
      #expect(kind + "(" + text.joined(separator: ",") + ")" == type)
    }
  }
}
