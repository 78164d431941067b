import Contracts
import Cryptography
import EVM
import Execution
import Inference
import Ledger
import NativeCryptography
import Node
import Primitives
import Testing
import Views

@Suite("The engine")
struct EngineTests {
  @Test("a use that was served is settled, and everybody is paid to the wei")
  func paid() throws {
    let market = try Market()
    var pieces: [String] = []
    let use = try market.serve { piece in
      pieces.append(piece.text)
      return true
    }
    #expect(pieces.joined() == use.result.text)
    let receipt = use.report.receipt
    #expect(receipt.promptTokens == UInt64(market.request().promptTokens.count))
    #expect(receipt.completionTokens == UInt64(use.result.tokens.count))
    #expect(receipt.completionTokens <= 6)
    #expect(
      receipt.fee
        == Market.price.fee(
          promptTokens: receipt.promptTokens, completionTokens: receipt.completionTokens))
    #expect(receipt.requestHash == market.request().requestHash)
    #expect(receipt.outputHash == use.result.outputHash)
    #expect(receipt.sequence == 1)

    // The report is in the log, and settled by the time that the answer is there.
    let stored = try #require(try market.node.views.usage(digest: use.digest))
    guard case .settled = stored.status else {
      Issue.record("\(stored.status.name)")
      return
    }
    let parts = Market.split.parts(of: receipt.fee)
    #expect(parts.owner + parts.contributors + parts.engine == receipt.fee)
    #expect(try market.earnings(of: Market.owner) == parts.owner)
    #expect(try market.earnings(of: Market.engineKey) == parts.engine)
    #expect(try market.balance() == Market.deposit - receipt.fee)
    try expectClaims(market, use, pool: parts.contributors)

    let audit = try market.audit()
    #expect(audit.usageReports == 1)
    #expect(audit.receiptsPaid == 1)
    #expect(audit.receiptsPaidUnreported == 0)
    #expect(audit.charged == receipt.fee)
  }

  /// That the contributors get their parts of a pool, once each, and that nothing of it is left.
  private func expectClaims(_ market: Market, _ use: ServedUse, pool: UInt256) throws {
    #expect(try market.node.world.read(AttributionContract.pool(of: use.digest)).amount == pool)
    let claims = try AttributionTree(use.report.shares).claims(receipt: use.digest, pool: pool)
    #expect(claims.count == 2)
    for claim in claims {
      let data = AttributionContract.claim(claim)
      _ = try market.node.send(
        from: Market.payer, to: AttributionContract.address, data: data)
      #expect(throws: WriteFailure.self, "a second time") {
        try market.node.send(from: Market.payer, to: AttributionContract.address, data: data)
      }
    }
    var total = UInt256.zero
    for (key, size) in Market.contributors {
      let earned = try market.earnings(of: key)
      let exact = pool * UInt256(size) / UInt256(1_333)
      #expect(earned == exact || earned == exact + .one)
      total = total + earned
    }
    #expect(total == pool)
    #expect(
      try market.node.world.read(AttributionContract.pool(of: use.digest)).remaining == .zero)
  }

  @Test("the same request gives the same tokens and hashes, and another receipt")
  func deterministic() throws {
    let market = try Market()
    var seeded = market.request(maximumTokens: 5)
    seeded.sampling = Sampling(temperature: 1, seed: 42)
    for request in [market.request(), seeded] {
      let first = try market.serve(request)
      let second = try market.serve(request)
      #expect(first.result == second.result)
      #expect(first.report.receipt.requestHash == second.report.receipt.requestHash)
      #expect(first.report.receipt.outputHash == second.report.receipt.outputHash)
      #expect(first.report.receipt.sequence + 1 == second.report.receipt.sequence)
      #expect(first.digest != second.digest)
    }
    #expect(try market.audit().receiptsPaid == 4)
  }

  @Test("a stream that is broken off is paid for as far as it went")
  func cancelled() throws {
    let market = try Market()
    var count = 0
    let use = try market.serve(market.request(maximumTokens: 50)) { _ in
      count += 1
      return count < 3
    }
    #expect(use.result.finishReason == .cancelled)
    #expect(use.report.receipt.completionTokens == 3)
    #expect(
      use.report.receipt.fee
        == Market.price.fee(
          promptTokens: use.report.receipt.promptTokens, completionTokens: 3))
    #expect(try market.node.views.usage(digest: use.digest)?.status.name == "settled")
    #expect(try market.balance() == Market.deposit - use.report.receipt.fee)
    market.node.stop()
  }

  @Test("an API key pays as the authorisation that it is bound to")
  func apiKey() throws {
    let market = try Market()
    let key = try market.payers.bind(market.grant())
    let use = try market.serve(nil, .apiKey(key))
    #expect(use.report.authorization == market.authorization())
    for wrong in ["", key + "x", String(key.dropLast()), "Bearer " + key] {
      guard case .unknownKey? = market.refusal(nil, .apiKey(wrong)) else {
        Issue.record("\(wrong) is not told to be unknown")
        return
      }
    }
    market.node.stop()
  }

  @Test("a request that names no payer is paid for on a development chain, and nowhere else")
  func unauthenticated() throws {
    let market = try Market()
    let before = market.node.world.sequence
    guard case .unauthenticated? = market.refusal(nil, Credential.none) else {
      Issue.record("was not refused as it should be")
      return
    }
    #expect(market.node.world.sequence == before)
    #expect(market.refusal(nil, Credential.none)?.openAI.status == 401)

    let development = Engine(
      node: market.node, key: Market.engineKey, payers: market.payers,
      development: DevelopmentPayer())
    for _ in 0..<2 {
      let use = try development.serve(
        market.request(), model: market.model, credential: .none, onPiece: { _ in true })
      #expect(use.report.authorization.payer == DevelopmentRole.payer.key.address)
      #expect(try market.node.views.usage(digest: use.digest)?.status.name == "settled")
    }
    market.node.stop()
  }

  @Test("the development payer sets up a chain on which nothing is")
  func developmentSetUp() throws {
    let place = try Place()
    let node = try place.node()
    let model = try demoModel.get()
    let engine = Engine(
      node: node, key: DevelopmentRole.engine.key,
      payers: try PayerBook(path: place.directory.apiKeys), development: DevelopmentPayer())
    let use = try engine.serve(
      model.request(text: "Hello", maximumTokens: 3), model: model, credential: .none,
      onPiece: { _ in true })
    // Nobody contributed, so the owner and the engine share the fee.
    let parts = RevenueSplit(owner: 7_000, contributors: 0, engine: 3_000)
      .parts(of: use.report.receipt.fee)
    #expect(use.report.shares.isEmpty)
    #expect(use.report.receipt.attributionRoot == .zero)
    let owner = DevelopmentRole.modelOwner.key.address
    #expect(try node.world.read(AttributionContract.earnings(of: owner)) == parts.owner)
    #expect(
      try node.world.read(AttributionContract.earnings(of: engine.address)) == parts.engine)
    // What the user sees of it: no nonce of the user's accounts has moved.
    for account in node.wallet.accounts {
      #expect(try node.world.layerTwo?.head.state.account(account)?.nonce == 0)
    }
    node.stop()
  }

  @Test("uses survive a restart, and the sequence of receipts goes on")
  func restart() throws {
    let market = try Market()
    let first = try market.serve()
    market.node.stop()
    let node = try market.place.node()
    let engine = Engine(
      node: node, key: Market.engineKey, payers: market.payers, development: nil)
    let second = try engine.serve(
      market.request(), model: market.model, credential: .authorization(market.grant()),
      onPiece: { _ in true })
    #expect(second.report.receipt.sequence == first.report.receipt.sequence + 1)
    #expect(second.report.receipt.outputHash == first.report.receipt.outputHash)
    node.stop()
    var audit = Audit(directory: market.place.directory, key: nil)
    #expect(try audit.run().receiptsPaid == 2)
  }
}
