import Contracts
import Cryptography
import Inference
import Ledger
import NativeCryptography
import Node
import Primitives
import Testing

/// The embedded model; one copy for all tests, since reading it takes a while in a debug build.
let demoModel = Result { () throws(ModelError) in
  try LanguageModel.load(directory: Project.root + "/genesis/models/demo")
}

/// A node on whose chain the embedded model is registered on a datanet with two contributors, and
/// the engine that serves it.
struct Market {
  let place: Place
  let node: Node
  let engine: Engine
  let payers: PayerBook
  let model: LanguageModel

  static let engineKey = Project.key(6)
  static let owner = Project.key(3)
  static let payer = Project.key(4)
  static let curator = Project.key(0)
  static let contributors = [(Project.key(1), UInt64(1_000)), (Project.key(2), UInt64(333))]
  static let price = ModelPrice(perPromptToken: 1_000_003, perCompletionToken: 3_000_001)
  static let split = RevenueSplit(owner: 3_333, contributors: 4_444, engine: 2_223)
  static let deposit = UInt256(1_000_000_000_000)

  init(
    mode: Sequencer.Mode = .instant, deposit: UInt256 = Market.deposit,
    development: DevelopmentPayer? = nil
  ) throws {
    place = try Place()
    let setUp = try place.node()
    model = try demoModel.get()
    try Market.setUp(setUp, model: model.identity.modelHash, deposit: deposit)
    setUp.stop()
    node = try place.node(mode: mode)
    payers = try PayerBook(path: place.directory.apiKeys)
    engine = Engine(node: node, key: Market.engineKey, payers: payers, development: development)
  }

  private static func setUp(_ node: Node, model: Hash, deposit: UInt256) throws {
    let registry = DatanetRegistryContract.address
    let market = ModelMarketContract.address
    _ = try node.send(
      from: curator, to: registry,
      data: DatanetRegistryContract.createDatanet(name: "prose", metadataHash: .zero))
    for (index, (key, size)) in contributors.enumerated() {
      _ = try node.send(
        from: key, to: registry,
        data: DatanetRegistryContract.contribute(
          datanet: 1, contentHash: Keccak256.hash([UInt8(index)]), sizeInBytes: size))
      _ = try node.send(
        from: curator, to: registry,
        data: DatanetRegistryContract.approve(
          datanet: 1, contribution: UInt256(UInt64(index))))
    }
    _ = try node.send(
      from: owner, to: market,
      data: ModelMarketContract.registerModel(model, datanets: [1], price: price, split: split))
    _ = try node.send(from: engineKey, to: market, data: ModelMarketContract.registerEngine)
    guard !deposit.isZero else { return }
    _ = try node.send(
      from: payer, to: AttributionContract.address, data: AttributionContract.deposit,
      value: deposit)
  }

  var domain: UsageDomain { UsageDomain(chainID: 31337) }

  func authorization(nonce: UInt256 = 1) -> Contracts.Authorization {
    Contracts.Authorization(
      payer: Market.payer.address, engine: Market.engineKey.address,
      models: [model.identity.modelHash], maximumFee: Market.deposit,
      expiry: place.clock.seconds + 7_200, nonce: nonce)
  }

  func grant(
    _ authorization: Contracts.Authorization? = nil, by key: PrivateKey = Market.payer
  ) -> Grant {
    let authorization = authorization ?? self.authorization()
    return Grant(
      authorization: authorization, signature: key.sign(authorization.digest(domain)))
  }

  func request(_ text: String = "What is love?", maximumTokens: Int = 6) -> GenerationRequest {
    model.request(text: text, maximumTokens: maximumTokens)
  }

  func serve(
    _ request: GenerationRequest? = nil, _ credential: Credential? = nil,
    onPiece: (TokenPiece) -> Bool = { _ in true }
  ) throws(EngineRefusal) -> ServedUse {
    try engine.serve(
      request ?? self.request(), model: model, credential: credential ?? .authorization(grant()),
      onPiece: onPiece)
  }

  /// Why a request is refused; nil, and an issue, if it is served.
  func refusal(
    _ request: GenerationRequest? = nil, _ credential: Credential? = nil
  ) -> EngineRefusal? {
    do throws(EngineRefusal) {
      _ = try serve(request, credential)
      Issue.record("was served")
      return nil
    } catch {
      return error
    }
  }

  func earnings(of key: PrivateKey) throws -> UInt256 {
    try node.world.read(AttributionContract.earnings(of: key.address))
  }

  func balance() throws -> UInt256 {
    try node.world.read(AttributionContract.balance(of: Market.payer.address))
  }

  /// Stops the node, and has the whole log audited.
  func audit() throws -> AuditReport {
    node.stop()
    var audit = Audit(directory: place.directory, key: nil)
    return try audit.run()
  }

  /// A report like the engine's, of a use that nobody served, signed with these keys.
  func report(
    sequence: UInt64 = 1, promptTokens: UInt64 = 3, completionTokens: UInt64 = 5,
    grant: Grant? = nil, engine: PrivateKey = Market.engineKey,
    change: (inout UsageReceipt) -> Void = { _ in }
  ) throws -> UsageReport {
    let grant = grant ?? self.grant()
    let shares = try self.engine.terms(of: model.identity.modelHash).shares
    var receipt = UsageReceipt(
      authorization: grant.authorization.digest(domain), payer: grant.authorization.payer,
      model: model.identity.modelHash, requestHash: Keccak256.hash([1]),
      outputHash: Keccak256.hash([2]), promptTokens: promptTokens,
      completionTokens: completionTokens,
      fee: Market.price.fee(promptTokens: promptTokens, completionTokens: completionTokens),
      attributionRoot: try AttributionTree(shares).root, sequence: sequence)
    change(&receipt)
    return UsageReport(
      settlement: Settlement(
        authorization: grant.authorization, payerSignature: grant.signature, receipt: receipt,
        engineSignature: engine.sign(receipt.digest(domain))),
      shares: shares)
  }

  /// Why a report is refused; nil, and an issue, if it is taken.
  func refusal(of report: UsageReport) -> UsageRefusal? {
    let before = node.world.sequence
    do throws(WriteFailure) {
      _ = try node.submit(.reportUsage(report))
      Issue.record("was taken")
    } catch {
      #expect(node.world.sequence == before)
      if case .refused(.usage(let refusal)) = error { return refusal }
      Issue.record("\(error.message)")
    }
    return nil
  }
}
