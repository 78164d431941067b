import Contracts
import Cryptography
import Derivation
import EVM
import Execution
import Ledger
import NativeCryptography
import Node
import Primitives
import SQLite

/// People who use both chains, and an engine that serves them.
struct SimulatedUsers {
  private let keys: [PrivateKey]
  private let engine = DevelopmentRole.engine.key
  private var nextReceipt: UInt64 = 1
  /// The reports that were made, which anybody may have seen.
  private var reports: [UsageReport] = []

  private static let model = Keccak256.hash([7])
  private static let price = ModelPrice(perPromptToken: 1_000_003, perCompletionToken: 3_000_001)
  private static let split = RevenueSplit(owner: 3_333, contributors: 4_444, engine: 2_223)
  private static let budget = UInt256(1_000_000_000_000_000)
  private static let payer = 4

  init() {
    let mnemonic = Mnemonic(Mnemonic.development)
    keys = (0..<8).compactMap { mnemonic?.privateKey(account: UInt32($0)) }
  }

  // MARK: The beginning

  /// The calls that found the economy, to be made one after the other.
  func foundation(_ world: World, step: Int) -> Command? {
    let registry = DatanetRegistryContract.address
    let market = ModelMarketContract.address
    let calls: [(PrivateKey, Address, Bytes, UInt256)] = [
      (
        keys[0], registry,
        DatanetRegistryContract.createDatanet(name: "prose", metadataHash: .zero), .zero
      ),
      (
        keys[1], registry,
        DatanetRegistryContract.contribute(
          datanet: 1, contentHash: Keccak256.hash([1]), sizeInBytes: 1_000), .zero
      ),
      (
        keys[0], registry,
        DatanetRegistryContract.approve(datanet: 1, contribution: .zero), .zero
      ),
      (
        keys[3], market,
        ModelMarketContract.registerModel(
          Self.model, datanets: [1], price: Self.price, split: Self.split), .zero
      ),
      (engine, market, ModelMarketContract.registerEngine, .zero),
      (
        keys[Self.payer], AttributionContract.address, AttributionContract.deposit, Self.budget
      ),
    ]
    guard step < calls.count else { return nil }
    let (key, to, data, value) = calls[step]
    return call(
      world, .two, from: key, to: to, value: value, gasLimit: 2_000_000, data: data)
  }

  // MARK: What they do

  func transfer(_ world: World, _ layer: Layer, _ chance: inout SplitMix64) -> Command? {
    let size = chance.next(below: 3) == 0 ? Int(chance.next(below: 300)) : 0
    return call(
      world, layer, from: keys[Int(chance.next(below: 3))],
      to: Address(UInt256(0xa00 + chance.next(below: 16))),
      value: UInt256(chance.next(below: 1_000_000)), gasLimit: 60_000,
      data: Bytes(repeating: 7, count: size))
  }

  func deposit(_ world: World, _ chance: inout SplitMix64) -> Command? {
    let value = UInt256(1 + chance.next(below: 1_000_000_000))
    return call(
      world, .one, from: keys[Int(chance.next(below: 3))], to: PortalContract.address,
      value: value, gasLimit: 1_000_000,
      data: PortalContract.deposit(
        to: Address(UInt256(0xd00 + chance.next(below: 8))), value: value, gasLimit: 100_000,
        data: []))
  }

  /// A contract that is made with ether, and gives up at once in favour of itself.
  func vanish(_ world: World, _ chance: inout SplitMix64) -> Command? {
    // ADDRESS SELFDESTRUCT
    call(
      world, .two, from: keys[Int(chance.next(below: 3))], to: nil,
      value: UInt256(1 + chance.next(below: 1_000)), gasLimit: 200_000, data: [0x30, 0xff])
  }

  /// Input to the batch inbox that is no frame.
  func garbage(_ world: World, _ chance: inout SplitMix64) -> Command? {
    guard let inbox = world.rollup?.configuration.batchInbox else { return nil }
    let bytes = (0..<chance.next(below: 100)).map { _ in
      UInt8(truncatingIfNeeded: chance.next())
    }
    var data = [UInt8(chance.next(below: 2))] + bytes
    // A commitment to what nobody has would stop derivation for good, and rightly.
    if (try? AltDACommitment.decode(data[1...])) != nil { data = [data[0]] }
    return call(
      world, .one, from: DevelopmentRole.batcher.key, to: inbox, value: .zero,
      gasLimit: 200_000, data: data)
  }

  /// The engine reports a use, or once more one that it does not know to have arrived.
  mutating func use(_ world: World, _ chance: inout SplitMix64) -> Command? {
    if let last = reports.last, chance.next(below: 4) == 0 { return .reportUsage(last) }
    guard let domain = world.usageDomain else { return nil }
    // The engine begins again where the log says it was.
    let known = world.usage.lastSequence(of: engine.address) ?? 0
    nextReceipt = max(nextReceipt, known + 1)
    let authorization = Contracts.Authorization(
      payer: keys[Self.payer].address, engine: engine.address, models: [Self.model],
      maximumFee: Self.budget, expiry: SimulationPlan.start + 100_000_000,
      nonce: UInt256(chance.next(below: 4)))
    let shares = [ContributorShare(contributor: keys[1].address, weight: UInt256(1_000))]
    guard let root = try? AttributionTree(shares).root else { return nil }
    let (prompt, completion) = (chance.next(below: 50), 1 + chance.next(below: 50))
    let receipt = UsageReceipt(
      authorization: authorization.digest(domain), payer: authorization.payer,
      model: Self.model, requestHash: Keccak256.hash([1]), outputHash: Keccak256.hash([2]),
      promptTokens: prompt, completionTokens: completion,
      fee: Self.price.fee(promptTokens: prompt, completionTokens: completion),
      attributionRoot: root, sequence: nextReceipt)
    nextReceipt += 1
    let report = UsageReport(
      settlement: Settlement(
        authorization: authorization,
        payerSignature: keys[Self.payer].sign(authorization.digest(domain)), receipt: receipt,
        engineSignature: engine.sign(receipt.digest(domain))),
      shares: shares)
    reports.append(report)
    return .reportUsage(report)
  }

  /// Somebody else has a receipt settled that he has seen, perhaps for the second time.
  func meddle(_ world: World, _ chance: inout SplitMix64) -> Command? {
    guard !reports.isEmpty else { return nil }
    let report = reports[Int(chance.next(below: UInt64(reports.count)))]
    return call(
      world, .two, from: keys[6], to: AttributionContract.address, value: .zero,
      gasLimit: Settler.gasLimit, data: AttributionContract.settle(report.settlement))
  }

  private func call(
    _ world: World, _ layer: Layer, from key: PrivateKey, to: Address?, value: UInt256,
    gasLimit: UInt64, data: Bytes
  ) -> Command? {
    guard let chain = world[layer] else { return nil }
    let account = (try? chain.head.state.account(key.address)) ?? nil
    let unsigned = Transaction(
      to: to, chainID: chain.specification.chainID,
      nonce: chain.pool.nextNonce(sender: key.address, from: account?.nonce ?? 0),
      maxFeePerGas: UInt256(20_000_000_000), maxPriorityFeePerGas: 1_000, gasLimit: gasLimit,
      value: value, data: data)
    let signed = unsigned.signed(with: key.sign(unsigned.signingHash))
    return .submitTransaction(layer, encoded: signed.encoded)
  }
}
