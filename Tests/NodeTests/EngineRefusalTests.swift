import Contracts
import Cryptography
import Inference
import Ledger
import NativeCryptography
import Node
import Primitives
import Testing

@Suite("What the engine refuses")
struct EngineRefusalTests {
  /// That a payment is refused in words that contain these, and that nothing is recorded.
  private func expectPaymentRefused(
    _ market: Market, _ grant: Grant, _ words: String, request: GenerationRequest? = nil
  ) {
    let before = market.node.world.sequence
    let refusal = market.refusal(request, .authorization(grant))
    guard case .payment(let reason)? = refusal else {
      Issue.record("\(words): \(refusal?.openAI.message ?? "")")
      return
    }
    #expect(reason.contains(words), "\(reason)")
    #expect(refusal?.openAI.status == 402)
    #expect(market.node.world.sequence == before, "\(words)")
  }

  @Test("an authorisation that does not pay for this, signed by nobody or spoiled on the way")
  func authorizations() throws {
    let market = try Market()
    var changed = market.authorization()
    changed.engine = Market.owner.address
    expectPaymentRefused(market, market.grant(changed), "for another engine")
    changed = market.authorization()
    changed.models = [Keccak256.hash([])]
    expectPaymentRefused(market, market.grant(changed), "does not name the model")
    changed.models = []
    expectPaymentRefused(market, market.grant(changed), "does not name the model")
    for seconds in [UInt64(0), 1, market.place.clock.seconds, market.place.clock.seconds + 60] {
      changed = market.authorization()
      changed.expiry = seconds
      expectPaymentRefused(market, market.grant(changed), "expires too soon")
    }
    expectPaymentRefused(market, market.grant(by: Market.owner), "is not signed by")
    var tampered = market.grant()
    tampered.authorization.maximumFee = .max
    expectPaymentRefused(market, tampered, "is not signed by")
    tampered = market.grant()
    tampered.signature.yParity.toggle()
    expectPaymentRefused(market, tampered, "is not signed by")
    tampered.signature = Signature(r: .zero, s: .zero, yParity: false)
    expectPaymentRefused(market, tampered, "is not signed by")
    tampered = market.grant()
    tampered.signature = market.highS(tampered.signature)
    expectPaymentRefused(market, tampered, "is not signed by")
    // The same authorisation as it should be is served.
    #expect(try market.serve().report.receipt.sequence == 1)
    market.node.stop()
  }

  @Test("an authorisation whose most is below what the request may cost, or used up")
  func maximumFee() throws {
    let market = try Market()
    let request = market.request(maximumTokens: 4)
    let most = Market.price.fee(
      promptTokens: UInt64(request.promptTokens.count), completionTokens: 4)
    var authorization = market.authorization()
    for maximum in [.zero, .one, most - .one] {
      authorization.maximumFee = maximum
      expectPaymentRefused(market, market.grant(authorization), "allows", request: request)
    }
    authorization.maximumFee = most
    let use = try market.serve(request, .authorization(market.grant(authorization)))
    #expect(use.report.receipt.fee <= most)
    expectPaymentRefused(market, market.grant(authorization), "are used", request: request)
    market.node.stop()
  }

  @Test("a payer without enough of a deposit, or one who is leaving with it")
  func deposit() throws {
    let poor = try Market(deposit: .zero)
    expectPaymentRefused(poor, poor.grant(), "has 0 wei deposited")
    poor.node.stop()

    let market = try Market()
    _ = try market.node.send(
      from: Market.payer, to: AttributionContract.address,
      data: AttributionContract.requestWithdrawal(amount: Market.deposit))
    expectPaymentRefused(market, market.grant(), "has 0 wei deposited")
    market.node.stop()
  }

  @Test("an authorisation that its payer has revoked")
  func revoked() throws {
    let market = try Market()
    _ = try market.node.send(
      from: Market.payer, to: AttributionContract.address,
      data: AttributionContract.revoke(nonce: 1))
    expectPaymentRefused(market, market.grant(), "revoked")
    let other = market.grant(market.authorization(nonce: 2))
    #expect(try market.serve(nil, .authorization(other)).report.receipt.sequence == 1)
    market.node.stop()
  }

  @Test("what waits to be settled counts against the deposit and the authorisation")
  func backlog() throws {
    let market = try Market(mode: .manual)
    let request = market.request(maximumTokens: 3)
    let most = Market.price.fee(
      promptTokens: UInt64(request.promptTokens.count), completionTokens: 3)
    var authorization = market.authorization()
    authorization.maximumFee = most + most - .one
    let grant = market.grant(authorization)
    let use = try market.serve(request, .authorization(grant))
    #expect(market.node.world.usage.openCount == 1)
    expectPaymentRefused(market, grant, "are used", request: request)
    _ = try market.node.sealNow(.two)
    #expect(market.node.world.usage.openCount == 0)
    expectPaymentRefused(market, grant, "are used", request: request)
    #expect(try market.balance() == Market.deposit - use.report.receipt.fee)
    market.node.stop()
  }

  @Test("a model that nobody registered, and an engine that may not serve it")
  func unregistered() throws {
    let place = try Place()
    let node = try place.node()
    let model = try demoModel.get()
    let engine = Engine(
      node: node, key: Market.engineKey, payers: try PayerBook(path: place.directory.apiKeys),
      development: nil)
    let authorization = Contracts.Authorization(
      payer: Market.payer.address, engine: engine.address, models: [model.identity.modelHash],
      maximumFee: .max, expiry: .max, nonce: 1)
    let grant = Grant(
      authorization: authorization,
      signature: Market.payer.sign(authorization.digest(UsageDomain(chainID: 31337))))
    do throws(EngineRefusal) {
      _ = try engine.serve(
        model.request(text: "Hello", maximumTokens: 1), model: model,
        credential: .authorization(grant), onPiece: { _ in true })
      Issue.record("was served")
    } catch {
      #expect(error.openAI.status == 403)
      #expect(error.openAI.code == "model_not_served")
    }
    #expect(node.world.sequence == 1)
    node.stop()
  }

  @Test("an engine that has retired")
  func retired() throws {
    let market = try Market()
    _ = try market.node.send(
      from: Market.engineKey, to: ModelMarketContract.address,
      data: ModelMarketContract.retireEngine)
    guard case .market? = market.refusal() else {
      Issue.record("was not refused as it should be")
      return
    }
    market.node.stop()
  }

  @Test("a request that the model cannot answer costs nothing")
  func generation() throws {
    let market = try Market()
    let before = market.node.world.sequence
    let requests = [
      GenerationRequest(promptTokens: [], maximumTokens: 1),
      GenerationRequest(promptTokens: [-1], maximumTokens: 1),
      GenerationRequest(promptTokens: [Int.max], maximumTokens: 1),
      GenerationRequest(promptTokens: [1], maximumTokens: 0),
      GenerationRequest(promptTokens: [1], maximumTokens: -1),
      GenerationRequest(promptTokens: [1], maximumTokens: Int.min),
      GenerationRequest(promptTokens: Array(repeating: 1, count: 100_000), maximumTokens: 1),
      GenerationRequest(
        promptTokens: [1], maximumTokens: 1, sampling: Sampling(temperature: .nan)),
    ]
    for request in requests {
      guard case .generation? = market.refusal(request) else {
        Issue.record("\(request.maximumTokens): was not refused as it should be")
        continue
      }
    }
    #expect(market.node.world.sequence == before)
    // More tokens than there is room for are not more than there is room for.
    let full = market.model.architecture.contextLength - 2
    let use = try market.serve(
      GenerationRequest(promptTokens: Array(repeating: 1, count: full), maximumTokens: Int.max))
    #expect(use.report.receipt.completionTokens <= 2)
    market.node.stop()
  }

  @Test("adapters, which nobody has priced")
  func adapters() throws {
    let market = try Market()
    let adapter = try market.model.loadAdapter(
      directory: Project.root + "/genesis/models/demo/adapters/devil")
    var request = market.request()
    request.adapters = [AdapterUse(adapter)]
    let before = market.node.world.sequence
    guard case .market(let reason)? = market.refusal(request) else {
      Issue.record("was not refused as it should be")
      return
    }
    #expect(reason.contains("adapters"))
    #expect(market.node.world.sequence == before)
    market.node.stop()
  }

  @Test("a node that has stopped cannot record, and says so")
  func stopped() throws {
    let market = try Market()
    market.node.stop()
    let refusal = market.refusal()
    guard case .record? = refusal else {
      Issue.record("\(refusal?.openAI.message ?? "")")
      return
    }
    #expect(refusal?.openAI.status == 503)
  }
}

extension Market {
  /// The other signature of the same message by the same key, which contracts refuse.
  func highS(_ signature: Signature) -> Signature {
    return Signature(
      r: signature.r, s: Signature.order - signature.s, yParity: !signature.yParity)
  }
}
