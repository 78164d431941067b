import Contracts
import Cryptography
import JSON
import Primitives
import Testing

@Suite struct ContractCallTests {
  private func settlement() throws -> Settlement {
    let golden = try #require(try Fixtures.golden()["signed"])
    return Settlement(
      authorization: Sample.authorization,
      payerSignature: try golden["payerSignature"].asSignature(),
      receipt: Sample.receipt,
      engineSignature: try golden["engineSignature"].asSignature())
  }

  @Test("calls are the bytes that web3.py makes")
  func calls() throws {
    let model = Sample.hash(0xaa)
    let settlement = try settlement()
    let claim = ContributorClaim(
      receipt: Sample.hash(9),
      stretch: ContributorStretch(
        contributor: Sample.owner, start: 5, end: 9, whole: 1000),
      proof: [Sample.hash(1), Sample.hash(2)], amount: 0)
    let calls: [String: Bytes] = [
      "createDatanet": DatanetRegistryContract.createDatanet(
        name: "poèmes of a house", metadataHash: Sample.hash(1)),
      "contribute": DatanetRegistryContract.contribute(
        datanet: 3, contentHash: Sample.hash(2), sizeInBytes: 4096),
      "approve": DatanetRegistryContract.approve(datanet: 3, contribution: 1),
      "reject": DatanetRegistryContract.reject(datanet: 3, contribution: 1),
      "datanetOf": DatanetRegistryContract.datanet(3).input,
      "contributors": DatanetRegistryContract.contributors(
        datanet: 3, offset: 0, limit: 100
      ).input,
      "registerModel": ModelMarketContract.registerModel(
        model, datanets: [1, 2],
        price: ModelPrice(perPromptToken: 1000, perCompletionToken: 2001),
        split: RevenueSplit(owner: 5000, contributors: 3000, engine: 2000)),
      "announcePrice": ModelMarketContract.announcePrice(
        model,
        price: ModelPrice(perPromptToken: 5, perCompletionToken: UInt256(.max, .max, 0, 0))),
      "restrictEngines": ModelMarketContract.restrictEngines(model, isRestricted: true),
      "allowEngine": ModelMarketContract.allowEngine(
        model, engine: Sample.engine, isAllowed: true),
      "registerEngine": ModelMarketContract.registerEngine,
      "retireEngine": ModelMarketContract.retireEngine,
      "quote": ModelMarketContract.quote(
        model, engine: Sample.engine, promptTokens: 7, completionTokens: 11
      ).input,
      "deposit": AttributionContract.deposit,
      "requestWithdrawal": AttributionContract.requestWithdrawal(
        amount: UInt256(1_000_000_000_000_000_000)),
      "withdraw": AttributionContract.withdraw,
      "revoke": AttributionContract.revoke(nonce: 7),
      "withdrawEarnings": AttributionContract.withdrawEarnings,
      "settle": AttributionContract.settle(settlement),
      "settleMany": AttributionContract.settleMany([settlement, settlement]),
      "claim": AttributionContract.claim(claim),
      "authorizationDigest": AttributionContract.authorizationDigest(Sample.authorization).input,
      "receiptDigest": AttributionContract.receiptDigest(Sample.receipt).input,
    ]
    let golden = try Fixtures.golden()["calls"].members()
    #expect(Set(golden.keys) == Set(calls.keys))
    for (name, value) in golden { #expect(try value.asBytes() == calls[name], "\(name)") }
  }

  @Test("every view's selector is in its contract's interface")
  func viewSelectors() throws {
    let inputs: [(String, Bytes)] = [
      ("DatanetRegistry", DatanetRegistryContract.datanetCount.input),
      ("DatanetRegistry", DatanetRegistryContract.contributionCount(datanet: 1).input),
      ("DatanetRegistry", DatanetRegistryContract.contribution(datanet: 1, contribution: 0).input),
      ("DatanetRegistry", DatanetRegistryContract.contributorCount(datanet: 1).input),
      (
        "DatanetRegistry",
        DatanetRegistryContract.acceptedSize(datanet: 1, contributor: .zero).input
      ),
      (
        "DatanetRegistry",
        DatanetRegistryContract.isContentTaken(datanet: 1, contentHash: .zero).input
      ),
      ("ModelMarket", ModelMarketContract.model(.zero).input),
      ("ModelMarket", ModelMarketContract.datanets(of: .zero).input),
      ("ModelMarket", ModelMarketContract.price(of: .zero).input),
      ("ModelMarket", ModelMarketContract.mayServe(.zero, engine: .zero).input),
      ("ModelMarket", ModelMarketContract.isEngine(.zero).input),
      ("ModelMarket", ModelMarketContract.stake(of: .zero).input),
      ("Attribution", AttributionContract.balance(of: .zero).input),
      ("Attribution", AttributionContract.spendableBalance(of: .zero).input),
      ("Attribution", AttributionContract.withdrawal(of: .zero).input),
      ("Attribution", AttributionContract.revokedAt(payer: .zero, nonce: 0).input),
      ("Attribution", AttributionContract.charged(under: .zero).input),
      ("Attribution", AttributionContract.pool(of: .zero).input),
      ("Attribution", AttributionContract.earnings(of: .zero).input),
      ("Attribution", AttributionContract.isSequenceUsed(engine: .zero, sequence: 0).input),
      ("Attribution", AttributionContract.domainSeparator.input),
    ]
    for (contract, input) in inputs {
      let selectors = try Fixtures.signatures("function", of: contract).map { ABI.selector($0) }
      #expect(selectors.contains(Bytes(input.prefix(4))), "\(contract) \(input.prefix(4))")
    }
  }

  @Test("answers are read as web3.py writes them, and cut ones are refused")
  func results() throws {
    let golden = try #require(try Fixtures.golden()["results"])
    func output(_ name: String) throws -> Bytes { try golden[name].asBytes() }

    let datanet = try DatanetRegistryContract.datanet(3).result(from: output("datanetOf"))
    #expect(datanet.owner == Sample.owner && datanet.name == "poèmes")
    #expect(datanet.acceptedSizeInBytes == 300)
    let contribution = try DatanetRegistryContract.contribution(datanet: 3, contribution: 1)
      .result(from: output("contributionOf"))
    #expect(contribution.status == .approved && contribution.sizeInBytes == 4096)
    let page = DatanetRegistryContract.contributors(datanet: 3, offset: 0, limit: 100)
    #expect(
      try page.result(from: output("contributors")) == [
        ContributorShare(contributor: Sample.owner, weight: 100),
        ContributorShare(contributor: Sample.contributor, weight: 200),
      ])
    let model = try ModelMarketContract.model(.zero).result(from: output("modelOf"))
    #expect(model.split == RevenueSplit(owner: 5000, contributors: 3000, engine: 2000))
    #expect(model.price(at: 98).perPromptToken == 1000)
    #expect(model.price(at: 99).perPromptToken == 5)
    let quote = try ModelMarketContract.quote(
      .zero, engine: .zero, promptTokens: 7, completionTokens: 11
    ).result(from: output("quote"))
    #expect(quote.fee == model.price.fee(promptTokens: 7, completionTokens: 11))
    #expect(model.split.parts(of: quote.fee) == (14506, 8703, 5802))
    let pool = try AttributionContract.pool(of: .zero).result(from: output("poolOf"))
    #expect(pool.amount == 8703 && pool.remaining == 3 && pool.isSettled)
    let request = try AttributionContract.withdrawal(of: .zero)
      .result(from: output("withdrawalOf"))
    #expect(request.readyAt == 99)

    for count in 0..<(try output("contributors").count) {
      let cut = Bytes(try output("contributors").prefix(count))
      #expect(throws: ABIError.self) { try page.result(from: cut) }
    }
  }

  @Test("a settlement is read from the transaction that asks for it, and from no other")
  func decodeSettlement() throws {
    let settlement = try settlement()
    let input = AttributionContract.settle(settlement)
    #expect(AttributionContract.decodeSettlement(input) == settlement)
    for count in 0..<input.count {
      let cut = AttributionContract.decodeSettlement(Bytes(input.prefix(count)))
      // The padding behind the last signature may be missing; nothing else may.
      #expect(cut == nil || (cut == settlement && count >= input.count - 31))
    }
    #expect(AttributionContract.decodeSettlement(AttributionContract.deposit) == nil)
    var numbers = SeededNumbers(state: 3)
    for _ in 0..<2000 {
      var mutated = input
      mutated[Int(numbers.next(below: UInt64(input.count)))] ^= UInt8(1 << numbers.next(below: 8))
      _ = AttributionContract.decodeSettlement(mutated)
    }
  }
}
