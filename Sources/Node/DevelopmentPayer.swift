import Contracts
import Execution
import Ledger
import NativeCryptography
import Primitives
import Synchronization

/// Pays for requests on a development chain that name no payer.
///
/// The first such request sets the chain up as far as that is missing: the engine registers, the
/// model is registered at ``price`` for ``DevelopmentRole/modelOwner``, and the payer deposits.
/// All of it is ordinary transactions by the development roles.
public final class DevelopmentPayer: Sendable {
  /// The price of a model that nobody has registered.
  public static let price = ModelPrice(
    perPromptToken: UInt256(1_000_000_000), perCompletionToken: UInt256(3_000_000_000))
  /// What the payer deposits whenever half of it is spent, in wei.
  public static let deposit = UInt256(1_000_000_000_000_000_000)
  /// How long the payer's authorisations hold, in seconds.
  private static let authorizationTimeInSeconds: UInt64 = 30 * 86_400

  private let key: PrivateKey
  private let cached = Mutex<[Hash: Grant]>([:])

  /// A payer with the development role's key.
  public init(key: PrivateKey = DevelopmentRole.payer.key) { self.key = key }

  /// An authorisation for a model, with the chain set up so that it can pay.
  func grant(
    node: Node, engine: PrivateKey, model: Hash
  ) throws(EngineRefusal) -> Grant {
    try setUp(node: node, engine: engine, model: model)
    let now = node.configuration.clock() / 1000
    if let grant = cached.withLock({ $0[model] }), grant.authorization.expiry > now + 86_400 {
      return grant
    }
    guard let domain = node.world.usageDomain else {
      throw .market("no second layer has been started")
    }
    let authorization = Contracts.Authorization(
      payer: key.address, engine: engine.address, models: [model],
      maximumFee: DevelopmentPayer.deposit * UInt256(1_000),
      expiry: now + DevelopmentPayer.authorizationTimeInSeconds, nonce: UInt256(now))
    let grant = Grant(
      authorization: authorization, signature: key.sign(authorization.digest(domain)))
    cached.withLock { $0[model] = grant }
    return grant
  }

  private func setUp(
    node: Node, engine: PrivateKey, model: Hash
  ) throws(EngineRefusal) {
    do throws(ViewFailure) {
      if !(try node.world.read(ModelMarketContract.isEngine(engine.address))) {
        try send(node, engine, to: ModelMarketContract.address, ModelMarketContract.registerEngine)
      }
      if !isRegistered(node, model) {
        try send(
          node, DevelopmentRole.modelOwner.key, to: ModelMarketContract.address,
          ModelMarketContract.registerModel(
            model, datanets: [], price: DevelopmentPayer.price,
            split: RevenueSplit(owner: 7_000, contributors: 0, engine: 3_000)))
      }
      let balance = try node.world.read(AttributionContract.spendableBalance(of: key.address))
      if balance < DevelopmentPayer.deposit / UInt256(2) {
        try send(
          node, key, to: AttributionContract.address, AttributionContract.deposit,
          value: DevelopmentPayer.deposit)
      }
    } catch {
      throw .market(error.message)
    }
  }

  private func isRegistered(_ node: Node, _ model: Hash) -> Bool {
    (try? node.world.read(ModelMarketContract.price(of: model))) != nil
  }

  private func send(
    _ node: Node, _ key: PrivateKey, to: Address, _ data: Bytes, value: UInt256 = .zero
  ) throws(ViewFailure) {
    do throws(WriteFailure) {
      _ = try node.send(from: key, to: to, data: data, value: value)
    } catch {
      throw ViewFailure(message: error.message)
    }
  }
}
