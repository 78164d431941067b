import Contracts
import Cryptography
import EVM
import Execution
import Ledger
import NativeCryptography
import Primitives
import TestSupport
import Testing
import Views

/// A world whose uses are reported and settled by made-up blocks, with views of it.
private final class UsageScene {
  var world = World(provider: NativeCryptographyProvider.shared)
  let directory: TemporaryDirectory
  let views: Views
  let reader: ViewReader
  private var entries: [ViewEntry] = []

  static let payers = [Address(UInt256(0xa1)), Address(UInt256(0xa2))]
  static let engine = Address(UInt256(0xe1))
  static let owner = Address(UInt256(0x01))
  static let models = [Hash(UInt256(0x31)), Hash(UInt256(0x32))]
  static let contributors = [Address(UInt256(0xc1)), Address(UInt256(0xc2))]

  init() throws {
    directory = try TemporaryDirectory()
    let path = directory.path + "/views.sqlite"
    views = try Views.open(path: path)
    reader = try ViewReader.open(path: path)
    let json = #"{"config":{"chainId":901},"gasLimit":"0x1c9c380","alloc":{}}"#
    try apply(
      .genesisDeclared(
        GenesisDeclaration(documents: [.init(layer: .two, json: Bytes(json.utf8))], settler: .zero))
    )
  }

  func apply(_ event: Event, hint: Hint? = nil) throws {
    let application = try world.apply(event, hint: hint)
    let entry = ViewEntry(
      sequence: world.sequence, commitment: application.commitment,
      consequences: application.consequences)
    entries.append(entry)
    try views.take([entry])
  }

  /// Views built anew from the same entries, all at once.
  func rebuiltDigests() throws -> [ViewDigest] {
    let again = try Views.open(path: directory.path + "/again.sqlite")
    try again.take(entries)
    return try again.digests()
  }

  /// Reports a use, and gives the receipt's digest.
  @discardableResult
  func report(
    payer: Address, model: Hash, fee: UInt64, sequence: UInt64, weights: [UInt64] = [1, 3]
  ) throws -> Hash {
    let domain = try #require(world.usageDomain)
    let shares = zip(Self.contributors, weights).map { contributor, weight in
      ContributorShare(contributor: contributor, weight: UInt256(weight))
    }
    let authorization = Contracts.Authorization(
      payer: payer, engine: Self.engine, models: Self.models, maximumFee: .max, expiry: .max,
      nonce: 0)
    let receipt = UsageReceipt(
      authorization: authorization.digest(domain), payer: payer, model: model, requestHash: .zero,
      outputHash: .zero, promptTokens: 3, completionTokens: 4, fee: UInt256(fee),
      attributionRoot: try AttributionTree(shares).root, sequence: sequence)
    let signature = Signature(r: 1, s: 1, yParity: false)
    let settlement = Settlement(
      authorization: authorization, payerSignature: signature, receipt: receipt,
      engineSignature: signature)
    try apply(.usageReported(UsageReport(settlement: settlement, shares: shares)))
    return receipt.digest(domain)
  }

  /// Seals a block in which the attribution contract logs these.
  func seal(_ logs: [Log]) throws -> Transaction {
    let parent = try #require(world.layerTwo?.head)
    var header = BlockHeader(
      parentHash: parent.hash, feeRecipient: .zero, number: parent.header.number + 1,
      gasLimit: 30_000_000, timestamp: parent.header.timestamp + 1)
    let transaction = Transaction(
      legacyTo: AttributionContract.address, chainID: 901, nonce: header.number, gasPrice: 1,
      gasLimit: 100_000
    ).signed(with: Signature(r: 1, s: 1, yParity: false))
    let receipt = Receipt(
      kind: .legacy, outcome: .status(true), cumulativeGasUsed: 50_000, logs: logs)
    header.bloom = receipt.bloom
    var outcome = try SampleChain.emptyOutcome()
    outcome.put(Block(header: header, transactions: [transaction]))
    outcome.receipts = [receipt]
    outcome.senders = [Self.payers[0]]
    let sealing = BlockSealing(
      layer: .two, timestamp: header.timestamp, feeRecipient: .zero, prevRandao: .zero, order: [])
    try apply(.blockSealed(sealing), hint: .block(outcome))
    return transaction
  }
}

/// The contract's events as it logs them.
private enum Logged {
  static func log(_ declaration: String, _ topics: [UInt256], _ words: [UInt256]) -> Log {
    Log(
      address: AttributionContract.address,
      topics: [Keccak256.hash(Bytes(declaration.utf8))] + topics.map { Hash($0) },
      data: words.flatMap(\.bigEndianBytes))
  }

  static func settled(
    _ receipt: Hash, payer: Address, model: Hash, charged: UInt64, engine: UInt64, pool: UInt64,
    root: Hash
  ) -> Log {
    log(
      "UsageSettled(bytes32,address,address,bytes32,bytes32,uint64,uint256,uint256,uint256,"
        + "bytes32)",
      [UInt256(receipt), UInt256(payer), UInt256(UsageScene.engine)],
      [
        .zero, UInt256(model), 1, UInt256(charged), UInt256(engine), UInt256(pool), UInt256(root),
      ])
  }

  static func owner(_ receipt: Hash, model: Hash, amount: UInt64) -> Log {
    log(
      "ModelOwnerCredited(bytes32,bytes32,address,uint256)",
      [UInt256(receipt), UInt256(model), UInt256(UsageScene.owner)], [UInt256(amount)])
  }

  static func contributor(_ receipt: Hash, _ contributor: Address, amount: UInt64) -> Log {
    log(
      "ContributorCredited(bytes32,address,uint256)",
      [UInt256(receipt), UInt256(contributor)], [UInt256(amount)])
  }
}

@Suite("Usage and billing")
struct UsageTests {
  @Test("a use is found by its digest, payer, engine, model and contributors, latest first")
  func lookUps() throws {
    let scene = try UsageScene()
    var digests: [Hash] = []
    for number in 0..<6 {
      digests.append(
        try scene.report(
          payer: UsageScene.payers[number % 2], model: UsageScene.models[number / 3],
          fee: 100, sequence: UInt64(number + 1), weights: number == 0 ? [1] : [1, 3]))
    }
    let reader = scene.reader
    func found(_ subject: UsageSubject?) throws -> [Hash] {
      try reader.usages(of: subject, limit: 100).map(\.digest)
    }
    #expect(try found(nil) == digests.reversed())
    #expect(try found(.engine(UsageScene.engine)) == digests.reversed())
    #expect(try found(.payer(UsageScene.payers[0])) == [digests[4], digests[2], digests[0]])
    #expect(try found(.model(UsageScene.models[1])) == [digests[5], digests[4], digests[3]])
    #expect(
      try found(.contributor(UsageScene.contributors[1])) == Array(digests.dropFirst().reversed()))
    #expect(try found(.payer(.zero)).isEmpty)
    let page = try reader.usages(of: nil, limit: 2)
    #expect(page.map(\.digest) == [digests[5], digests[4]])
    let next = try reader.usages(of: nil, before: page[1].sequence, limit: 3)
    #expect(next.map(\.digest) == [digests[3], digests[2], digests[1]])
    let usage = try #require(try reader.usage(digest: digests[2]))
    #expect(usage.status == .reported && usage.sequence == 4)
    #expect(usage.report.receipt.fee == 100 && usage.report.shares.count == 2)
    #expect(try reader.usage(digest: .zero) == nil)
  }

  @Test("sums follow what was reported, settled and claimed, to the wei")
  func sums() throws {
    let scene = try UsageScene()
    let payer = UsageScene.payers[0]
    let model = UsageScene.models[0]
    let digest = try scene.report(payer: payer, model: model, fee: 1_000, sequence: 1)
    let other = try scene.report(payer: payer, model: model, fee: 500, sequence: 2)
    let report = try #require(try scene.reader.usage(digest: digest)).report
    let transaction = try scene.seal([
      Logged.owner(digest, model: model, amount: 300),
      Logged.settled(
        digest, payer: payer, model: model, charged: 1_000, engine: 600, pool: 100,
        root: report.receipt.attributionRoot),
      Logged.contributor(digest, UsageScene.contributors[1], amount: 75),
    ])
    let usage = try #require(try scene.reader.usage(digest: digest))
    #expect(usage.status == .settled(transaction: transaction.hash, blockNumber: 1))
    #expect(try scene.reader.usage(digest: other)?.status == .reported)

    func sums(_ subject: UsageSubject) throws -> [UInt256] {
      let sums = try #require(try scene.reader.billing(of: subject))
      return [
        UInt256(sums.reportedCount), sums.reportedAmount, UInt256(sums.settledCount),
        sums.settledAmount, sums.claimedAmount,
      ]
    }
    #expect(try sums(.payer(payer)) == [2, 1_500, 1, 1_000, 0])
    #expect(try sums(.engine(UsageScene.engine)) == [2, 1_500, 1, 600, 0])
    #expect(try sums(.model(model)) == [2, 1_500, 1, 1_000, 0])
    #expect(try sums(.owner(UsageScene.owner)) == [0, 0, 1, 300, 0])
    #expect(try sums(.contributor(UsageScene.contributors[0])) == [2, 0, 1, 25, 0])
    #expect(try sums(.contributor(UsageScene.contributors[1])) == [2, 0, 1, 75, 75])
    #expect(try scene.reader.billing(of: .payer(.zero)) == nil)

    let all = try scene.reader.billing(limit: 100)
    #expect(all.count == 6)
    let first = try scene.reader.billing(limit: 4)
    #expect(first + (try scene.reader.billing(after: first[3].subject, limit: 100)) == all)
    #expect(try scene.rebuiltDigests() == scene.views.digests())
  }

  @Test("a settlement that nobody reported here still counts for payer and engine")
  func unreported() throws {
    let scene = try UsageScene()
    _ = try scene.seal([
      Logged.settled(
        Hash(UInt256(7)), payer: UsageScene.payers[1], model: UsageScene.models[0], charged: 10,
        engine: 6, pool: 1, root: .zero)
    ])
    let payer = try scene.reader.billing(of: .payer(UsageScene.payers[1]))
    #expect(payer?.settledAmount == 10 && payer?.reportedCount == 0)
    #expect(try scene.reader.billing(of: .contributor(UsageScene.contributors[0])) == nil)
  }
}
