import Contracts
import Cryptography
import NativeCryptography
import Primitives

/// A chain on which a datanet, a model on it, an engine and a payer's deposit are there.
///
/// The model costs 1,000 wei a prompt token and 2,001 wei a completion token; half goes to the
/// owner, 30 % to the contributors, 20 % to the engine. The contributors gave 100 and 200 bytes.
struct Economy {
  let chain: TestChain
  let model = Sample.hash(0xaa)
  let datanet: UInt256 = 1
  let tree: AttributionTree

  static let price = ModelPrice(perPromptToken: 1000, perCompletionToken: 2001)
  static let split = RevenueSplit(owner: 5000, contributors: 3000, engine: 2000)
  static let deposit = UInt256(1_000_000_000_000_000_000)

  init() throws {
    chain = try TestChain()
    let registry = DatanetRegistryContract.address
    try chain.send(
      Actors.curator.address, registry,
      DatanetRegistryContract.createDatanet(name: "poems", metadataHash: Sample.hash(1)))
    for (index, (key, size)) in [
      (Actors.firstContributor, UInt64(100)), (Actors.secondContributor, 200),
    ].enumerated() {
      try chain.send(
        key.address, registry,
        DatanetRegistryContract.contribute(
          datanet: datanet, contentHash: Sample.hash(UInt8(index) + 2), sizeInBytes: size))
      try chain.send(
        Actors.curator.address, registry,
        DatanetRegistryContract.approve(
          datanet: datanet, contribution: UInt256(UInt64(index))))
    }
    try chain.send(
      Actors.modelOwner.address, ModelMarketContract.address,
      ModelMarketContract.registerModel(
        model, datanets: [datanet], price: Self.price, split: Self.split))
    try chain.send(
      Actors.engine.address, ModelMarketContract.address, ModelMarketContract.registerEngine,
      value: 5)
    try chain.send(
      Actors.payer.address, AttributionContract.address, AttributionContract.deposit,
      value: Self.deposit)
    let shares = try chain.read(
      DatanetRegistryContract.contributors(datanet: datanet, offset: 0, limit: 10))
    tree = try AttributionTree(try ContributorShare.merging(shares))
  }

  /// An authorisation with which everything is in order.
  func authorization() -> Authorization {
    Authorization(
      payer: Actors.payer.address, engine: Actors.engine.address, models: [model],
      maximumFee: UInt256(1_000_000), expiry: chain.timestamp + 100_000, nonce: 1)
  }

  /// A receipt of 7 and 11 tokens with which everything is in order.
  func receipt(_ authorization: Authorization, sequence: UInt64 = 1) -> UsageReceipt {
    UsageReceipt(
      authorization: authorization.digest(chain.domain), payer: authorization.payer,
      model: model, requestHash: Sample.hash(5), outputHash: Sample.hash(6), promptTokens: 7,
      completionTokens: 11, fee: Self.price.fee(promptTokens: 7, completionTokens: 11),
      attributionRoot: tree.root, sequence: sequence)
  }

  /// Both statements signed.
  func signed(
    _ authorization: Authorization, _ receipt: UsageReceipt, payer: PrivateKey = Actors.payer,
    engine: PrivateKey = Actors.engine
  ) -> Settlement {
    Settlement(
      authorization: authorization,
      payerSignature: payer.sign(authorization.digest(chain.domain)), receipt: receipt,
      engineSignature: engine.sign(receipt.digest(chain.domain)))
  }

  /// A settlement with which everything is in order.
  func settlement(sequence: UInt64 = 1) -> Settlement {
    let authorization = authorization()
    return signed(authorization, receipt(authorization, sequence: sequence))
  }

  /// The name of the error that a changed authorisation or receipt meets.
  ///
  /// The receipt names the changed authorisation, so that nothing but the change is wrong.
  func refusal(
    authorization change: (inout Authorization) -> Void = { _ in },
    receipt changeReceipt: (inout UsageReceipt) -> Void = { _ in },
    payer: PrivateKey = Actors.payer, engine: PrivateKey = Actors.engine
  ) throws -> String? {
    var authorization = authorization()
    change(&authorization)
    var receipt = receipt(authorization)
    changeReceipt(&receipt)
    return try chain.refusal(signed(authorization, receipt, payer: payer, engine: engine))
  }
}
