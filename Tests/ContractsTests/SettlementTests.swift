import Contracts
import Cryptography
import EVM
import NativeCryptography
import Primitives
import Testing

@Suite struct SettlementTests {
  @Test("a use is paid to the wei: owner, engine, and each contributor by size")
  func happyPath() throws {
    let economy = try Economy()
    let chain = economy.chain
    let settlement = economy.settlement()
    let fee = settlement.receipt.fee
    let digest = settlement.receipt.digest(chain.domain)

    let outcome = try chain.settle(settlement)
    let parts = Economy.split.parts(of: fee)
    #expect(fee == 29011 && parts == (14506, 8703, 5802))
    #expect(
      try chain.read(AttributionContract.balance(of: Actors.payer.address))
        == Economy.deposit - fee)
    #expect(try chain.earnings(Actors.modelOwner.address) == parts.owner)
    #expect(try chain.earnings(Actors.engine.address) == parts.engine)
    #expect(
      try chain.read(AttributionContract.charged(under: settlement.receipt.authorization)) == fee)
    guard case .usageSettled(let event) = outcome.events.last else {
      Issue.record("no settlement event")
      return
    }
    #expect(event.receipt == digest && event.charged == fee)
    #expect(event.engineAmount == parts.engine)
    #expect(event.contributorAmount == parts.contributors)
    #expect(outcome.gasUsed < 400_000)

    let claims = economy.tree.claims(receipt: digest, pool: parts.contributors)
    #expect(claims.map(\.amount).sorted() == [2901, 5802] as [UInt256])
    for claim in claims {
      try chain.send(
        Actors.stranger.address, AttributionContract.address, AttributionContract.claim(claim))
      #expect(try chain.earnings(claim.stretch.contributor) == claim.amount)
    }
    #expect(try chain.read(AttributionContract.pool(of: digest)).remaining == 0)

    for key in [
      Actors.modelOwner, Actors.engine, Actors.firstContributor, Actors.secondContributor,
    ] {
      let earned = try chain.earnings(key.address)
      let before = try chain.journal.balance(key.address)
      try chain.send(
        key.address, AttributionContract.address, AttributionContract.withdrawEarnings)
      #expect(try chain.journal.balance(key.address) == before + earned)
      #expect(try chain.earnings(key.address) == 0)
    }
    #expect(
      try chain.journal.balance(AttributionContract.address) == Economy.deposit - fee)
  }

  @Test("the contract computes the digests that Swift computes")
  func digests() throws {
    let economy = try Economy()
    let chain = economy.chain
    var authorization = economy.authorization()
    #expect(try chain.read(AttributionContract.domainSeparator) == chain.domain.separator)
    for models in [[], [economy.model], [economy.model, Sample.hash(1), Sample.hash(2)]] {
      authorization.models = models
      var receipt = economy.receipt(authorization)
      receipt.adapters = models
      #expect(
        try chain.read(AttributionContract.authorizationDigest(authorization))
          == authorization.digest(chain.domain))
      #expect(
        try chain.read(AttributionContract.receiptDigest(receipt))
          == receipt.digest(chain.domain))
    }
  }

  @Test("a receipt is paid once, and so is an engine's sequence number")
  func once() throws {
    let economy = try Economy()
    let settlement = economy.settlement()
    _ = try economy.chain.settle(settlement)
    #expect(try economy.chain.refusal(settlement) == "ReceiptAlreadySettled")
    #expect(
      try economy.refusal(receipt: { $0.outputHash = Sample.hash(7) }) == "SequenceAlreadyUsed")
    #expect(
      try economy.chain.read(
        AttributionContract.isSequenceUsed(engine: Actors.engine.address, sequence: 1)))
    for sequence in [0, 2, 255, 256, 257, UInt64.max] {
      #expect(try economy.chain.refusal(economy.settlement(sequence: sequence)) == nil)
    }
  }

  @Test("what the payer did not allow is not charged")
  func authorization() throws {
    let economy = try Economy()
    let model = economy.model
    let cases: [(String, (inout Authorization) -> Void, (inout UsageReceipt) -> Void)] = [
      ("MaximumFeeExceeded", { $0.maximumFee = 29010 }, { _ in }),
      ("AuthorizationExpired", { $0.expiry = economy.chain.timestamp - 1 }, { _ in }),
      ("ModelNotAuthorized", { $0.models = [] }, { _ in }),
      ("ModelNotAuthorized", { _ in }, { $0.model = Sample.hash(0xbb) }),
      ("ModelNotAuthorized", { _ in }, { $0.adapters = [Sample.hash(0xbb)] }),
      ("UnknownModel", { $0.models.append(.zero) }, { $0.adapters = [.zero] }),
      ("WrongFee", { $0.models = [model] }, { $0.adapters = [model] }),
      ("WrongAuthorization", { _ in }, { $0.authorization = .zero }),
      ("WrongPayer", { _ in }, { $0.payer = Actors.stranger.address }),
      ("WrongFee", { _ in }, { $0.fee += 1 }),
      ("WrongFee", { _ in }, { $0.fee -= 1 }),
      ("WrongFee", { _ in }, { $0.promptTokens += 1 }),
      ("EngineNotRegistered", { $0.engine = Actors.stranger.address }, { _ in }),
    ]
    for (name, authorization, receipt) in cases {
      let engine = name == "EngineNotRegistered" ? Actors.stranger : Actors.engine
      #expect(
        try economy.refusal(authorization: authorization, receipt: receipt, engine: engine)
          == name)
    }
    #expect(try economy.refusal(authorization: { $0.maximumFee = 29011 }) == nil)
  }

  @Test("an authorisation is good for its maximum over all receipts, and until its last second")
  func limits() throws {
    let economy = try Economy()
    var authorization = economy.authorization()
    authorization.maximumFee = 2 * 29011 + 29010
    func settle(_ sequence: UInt64) throws -> String? {
      try economy.chain.refusal(
        economy.signed(authorization, economy.receipt(authorization, sequence: sequence)))
    }
    #expect(try settle(1) == nil)
    economy.chain.timestamp = authorization.expiry
    #expect(try settle(2) == nil)
    #expect(try settle(3) == "MaximumFeeExceeded")
    economy.chain.timestamp += 1
    #expect(try settle(4) == "AuthorizationExpired")
  }

  @Test("only the payer's and the engine's own canonical signatures count")
  func signatures() throws {
    let economy = try Economy()
    #expect(try economy.refusal(payer: Actors.stranger) == "WrongPayerSignature")
    #expect(try economy.refusal(engine: Actors.stranger) == "WrongEngineSignature")
    let good = economy.settlement()
    var other = good
    other.payerSignature.s = Signature.order - good.payerSignature.s
    other.payerSignature.yParity.toggle()
    #expect(try economy.chain.refusal(other) == "InvalidSignature")
    for part in [UInt256.zero, Signature.order, .max] {
      other = good
      other.engineSignature.r = part
      #expect(try economy.chain.refusal(other) == "InvalidSignature")
      other = good
      other.engineSignature.s = part
      #expect(try economy.chain.refusal(other) == "InvalidSignature")
    }
    // A signature for another chain is by nobody known here.
    other = good
    other.payerSignature = Actors.payer.sign(
      good.authorization.digest(UsageDomain(chainID: 900)))
    #expect(try economy.chain.refusal(other) == "WrongPayerSignature")
    // v of 0, 1, 29, 255: the last byte of the last signature's word.
    let input = AttributionContract.settle(good)
    for recovery: UInt8 in [0, 1, 29, 255] {
      var changed = input
      changed[changed.count - 32] = recovery
      #expect(
        try economy.chain.refusal(
          Actors.stranger.address, AttributionContract.address, changed) == "InvalidSignature")
    }
    #expect(try economy.chain.refusal(good) == nil)
  }

  @Test("a settlement that cannot be paid changes nothing, alone or among others")
  func atomic() throws {
    let economy = try Economy()
    let chain = economy.chain
    let good = economy.settlement(sequence: 1)
    let bad = economy.settlement(sequence: 1)
    let input = AttributionContract.settleMany([good, bad])
    #expect(
      try chain.refusal(Actors.stranger.address, AttributionContract.address, input)
        == "ReceiptAlreadySettled")
    #expect(try chain.earnings(Actors.modelOwner.address) == 0)
    let second = economy.settlement(sequence: 2)
    let outcome = try chain.send(
      Actors.stranger.address, AttributionContract.address,
      AttributionContract.settleMany([good, second]))
    #expect(outcome.events.count == 4)
    #expect(try chain.earnings(Actors.modelOwner.address) == 2 * 14506)
  }

  @Test("an adapter is priced and split like a model, and both owners are paid")
  func adapters() throws {
    let economy = try Economy()
    let adapter = Sample.hash(0xbb)
    try economy.chain.send(
      Actors.curator.address, ModelMarketContract.address,
      ModelMarketContract.registerModel(
        adapter, datanets: [], price: ModelPrice(perPromptToken: 0, perCompletionToken: 10),
        split: RevenueSplit(owner: 9000, contributors: 0, engine: 1000)))
    var authorization = economy.authorization()
    authorization.models = [economy.model, adapter]
    var receipt = economy.receipt(authorization)
    receipt.adapters = [adapter]
    receipt.fee += 110
    _ = try economy.chain.settle(economy.signed(authorization, receipt))
    #expect(try economy.chain.earnings(Actors.modelOwner.address) == 14506)
    #expect(try economy.chain.earnings(Actors.curator.address) == 99)
    #expect(try economy.chain.earnings(Actors.engine.address) == 5802 + 11)
  }
}
