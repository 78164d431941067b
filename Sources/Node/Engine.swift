import Contracts
import Cryptography
import Inference
import Ledger
import NativeCryptography
import Primitives
import Synchronization

/// Why a request for a model's use was not served; told to the caller in OpenAI's form.
public enum EngineRefusal: Error, Sendable {
  /// Nobody was named who pays.
  case unauthenticated
  /// The API key is not one that is bound to an authorisation.
  case unknownKey
  /// The authorisation cannot pay for this request.
  case payment(String)
  /// The model is not registered, or this engine may not serve it.
  case market(String)
  /// The model cannot answer the request.
  case generation(GenerationError)
  /// The use was served and could not be recorded.
  case record(WriteFailure)

  /// The refusal in OpenAI's form.
  public var openAI: OpenAIError {
    switch self {
    case .unauthenticated:
      OpenAIError(
        status: 401,
        message: "Name your payer: an API key as bearer token, or a signed "
          + "authorisation in the member 'opal' of the body.",
        type: "authentication_error", code: "missing_credentials")
    case .unknownKey:
      OpenAIError(
        status: 401, message: "Incorrect API key provided.", type: "authentication_error",
        code: "invalid_api_key")
    case .payment(let reason):
      OpenAIError(
        status: 402, message: reason, type: "payment_error", code: "insufficient_quota")
    case .market(let reason):
      OpenAIError(status: 403, message: reason, type: "permission_error", code: "model_not_served")
    case .generation(let error): OpenAIError(error)
    case .record(let failure):
      OpenAIError(
        status: 503, message: failure.message, type: "server_error", code: "usage_not_recorded")
    }
  }
}

/// A served use: what was generated, and the signed report that is in the log.
public struct ServedUse: Sendable {
  /// What was generated.
  public var result: GenerationResult
  /// What was reported.
  public var report: UsageReport
  /// The receipt's digest, by which the use is known.
  public var digest: Hash
  /// The log sequence after the report and what followed at once.
  public var sequence: UInt64
}

/// Answers requests with a model, and reports each answer as a signed use.
///
/// One request at a time: the caller runs ``serve(_:model:credential:onPiece:)`` on a thread of
/// the engine's own.
public final class Engine: Sendable {
  /// The address that signs receipts.
  public let address: Address

  private let node: Node
  private let key: PrivateKey
  private let payers: PayerBook
  private let development: DevelopmentPayer?

  /// Makes an engine that signs with `key`; with `development`, a request that names no payer is
  /// paid for by the development chain's own.
  public init(node: Node, key: PrivateKey, payers: PayerBook, development: DevelopmentPayer?) {
    self.node = node
    self.key = key
    self.payers = payers
    self.development = development
    address = key.address
  }

  /// Serves a request: checks that it will be paid, generates, signs, and returns once the report
  /// is durable.
  ///
  /// `onPiece` sees each piece as it comes and says whether to go on; an answer that is broken off
  /// is paid for as far as it went.
  public func serve(
    _ request: GenerationRequest, model: LanguageModel, credential: Credential,
    onPiece: (TokenPiece) -> Bool
  ) throws(EngineRefusal) -> ServedUse {
    let modelHash = model.identity.modelHash
    guard request.adapters.isEmpty else {
      throw .market("this engine prices no adapters yet")
    }
    let grant = try grant(for: credential, model: modelHash)
    let terms = try terms(of: modelHash)
    guard node.world.usage.lastSequence(of: address) != .max else {
      throw .market("the engine's receipt numbers are used up; it needs a new key")
    }
    try checkFunds(grant.authorization, request: request, model: model, terms: terms)
    let result: GenerationResult
    do throws(GenerationError) {
      result = try model.generate(request, onToken: onPiece)
    } catch {
      throw .generation(error)
    }
    return try report(
      request: request, result: result, grant: grant, model: modelHash, terms: terms)
  }

  /// What a use costs at most: all the tokens that may be generated.
  private func checkFunds(
    _ authorization: Contracts.Authorization, request: GenerationRequest, model: LanguageModel,
    terms: ServiceTerms
  ) throws(EngineRefusal) {
    let room = model.architecture.contextLength - request.promptTokens.count
    let most = terms.price.fee(
      promptTokens: UInt64(request.promptTokens.count),
      completionTokens: UInt64(max(0, min(request.maximumTokens, room))))
    let world = node.world
    guard let domain = world.usageDomain else { throw .market("no second layer has been started") }
    let digest = authorization.digest(domain)
    let open = world.usage.openFees(authorization: digest)
    let charged = try read(AttributionContract.charged(under: digest))
    guard charged + open + most <= authorization.maximumFee else {
      throw .payment(
        "This request may cost \(most.decimalString) wei; the authorisation allows "
          + "\(authorization.maximumFee.decimalString) wei, of which "
          + "\((charged + open).decimalString) are used.")
    }
    let balance = try read(AttributionContract.spendableBalance(of: authorization.payer))
    guard balance >= open + most else {
      throw .payment(
        "This request may cost \(most.decimalString) wei; \(authorization.payer.hexadecimal) "
          + "has \(balance.decimalString) wei deposited.")
    }
    let revoked = try read(
      AttributionContract.revokedAt(payer: authorization.payer, nonce: authorization.nonce))
    guard revoked == 0 else { throw .payment("The authorisation has been revoked.") }
  }

  /// The authorisation that a credential stands for, valid for this engine and model now.
  private func grant(
    for credential: Credential, model: Hash
  ) throws(EngineRefusal) -> Grant {
    let grant: Grant
    switch credential {
    case .authorization(let given): grant = given
    case .apiKey(let text):
      guard let bound = payers.grant(apiKey: text) else { throw .unknownKey }
      grant = bound
    case .none:
      guard let development else { throw .unauthenticated }
      grant = try development.grant(node: node, engine: key, model: model)
    }
    guard let domain = node.world.usageDomain else {
      throw .market("no second layer has been started")
    }
    let authorization = grant.authorization
    guard grant.isSigned(domain) else {
      throw .payment("The authorisation is not signed by \(authorization.payer.hexadecimal).")
    }
    guard authorization.engine == address else {
      throw .payment("The authorisation is for another engine than \(address.hexadecimal).")
    }
    guard authorization.models.contains(model) else {
      throw .payment("The authorisation does not name the model \(model.hexadecimal).")
    }
    guard authorization.expiry > node.configuration.clock() / 1000 + Engine.settlementTimeInSeconds
    else { throw .payment("The authorisation expires too soon to be settled.") }
    return grant
  }

  /// How long before its expiry an authorisation is no longer accepted, in seconds.
  private static let settlementTimeInSeconds: UInt64 = 60

  private func report(
    request: GenerationRequest, result: GenerationResult, grant: Grant, model: Hash,
    terms: ServiceTerms
  ) throws(EngineRefusal) -> ServedUse {
    let world = node.world
    guard let domain = world.usageDomain else { throw .market("no second layer has been started") }
    guard let tree = try? AttributionTree(terms.shares) else {
      throw .market("the contributors' shares make no tree")
    }
    let receipt = UsageReceipt(
      authorization: grant.authorization.digest(domain), payer: grant.authorization.payer,
      model: model, requestHash: request.requestHash, outputHash: result.outputHash,
      promptTokens: UInt64(result.promptTokenCount),
      completionTokens: UInt64(result.completionTokenCount),
      fee: terms.price.fee(
        promptTokens: UInt64(result.promptTokenCount),
        completionTokens: UInt64(result.completionTokenCount)),
      attributionRoot: tree.root,
      sequence: (world.usage.lastSequence(of: address) ?? 0) &+ 1)
    let digest = receipt.digest(domain)
    let report = UsageReport(
      settlement: Settlement(
        authorization: grant.authorization, payerSignature: grant.signature, receipt: receipt,
        engineSignature: key.sign(digest)),
      shares: terms.shares)
    do throws(WriteFailure) {
      let outcome = try node.submit(.reportUsage(report))
      return ServedUse(result: result, report: report, digest: digest, sequence: outcome.sequence)
    } catch {
      throw .record(error)
    }
  }

  /// What the market asks for a model, and who contributed to it.
  public func terms(of model: Hash) throws(EngineRefusal) -> ServiceTerms {
    guard try read(ModelMarketContract.mayServe(model, engine: address)) else {
      throw .market("the engine \(address.hexadecimal) may not serve this model")
    }
    let price = try read(ModelMarketContract.price(of: model))
    var shares: [ContributorShare] = []
    for datanet in try read(ModelMarketContract.datanets(of: model)) {
      let count = try read(DatanetRegistryContract.contributorCount(datanet: datanet))
      guard let total = count.asUInt64, total <= UInt64(Limits.sharesPerReport) else {
        throw .market("a datanet has more contributors than a receipt can name")
      }
      shares += try read(
        DatanetRegistryContract.contributors(datanet: datanet, offset: 0, limit: total))
    }
    guard let merged = try? ContributorShare.merging(shares) else {
      throw .market("the contributors' sizes are out of range")
    }
    return ServiceTerms(price: price, shares: merged)
  }

  private func read<Value>(_ view: ContractView<Value>) throws(EngineRefusal) -> Value {
    do throws(ViewFailure) {
      return try node.world.read(view)
    } catch {
      throw .market(error.message)
    }
  }
}

/// What a use of a model costs, and whom it is owed to.
public struct ServiceTerms: Sendable {
  /// The price that holds now.
  public var price: ModelPrice
  /// The contributors by accepted bytes, ascending by address.
  public var shares: [ContributorShare]
}

/// An authorisation with the payer's signature.
public struct Grant: Hashable, Sendable {
  /// What the payer allows.
  public var authorization: Contracts.Authorization
  /// The payer's EIP-712 signature.
  public var signature: Signature

  /// A signed authorisation.
  public init(authorization: Contracts.Authorization, signature: Signature) {
    self.authorization = authorization
    self.signature = signature
  }
}

/// How a request names its payer.
public enum Credential: Sendable {
  /// Not at all.
  case none
  /// By a key that is bound to an authorisation.
  case apiKey(String)
  /// By an authorisation of its own.
  case authorization(Grant)
}
