import Contracts
import Cryptography
import Derivation
import EVM
import Execution
import FaultProof
import Ledger
import NativeCryptography
import Node
import Primitives
import Testing

/// A node with a rollup whose blocks are made on command, and what a proof of its log says.
final class RecordedRollup {
  let place = try? Place()
  let node: Node
  private var nonces: [UInt32: UInt64] = [:]
  private var l1Nonces: [UInt32: UInt64] = [:]

  init(
    carrier: Batcher.Carrier = .calldata, channelDurationInBlocks: UInt64 = 1,
    disperse: (@Sendable (Bytes) -> Bytes?)? = nil
  ) throws {
    let place = try #require(place)
    let beginning = try RollupBeginning(
      layerOne: try Project.genesis("rollup/l1"), layerTwo: try Project.genesis("rollup/l2"),
      rollup: try Project.genesis("rollup/rollup"), at: place.clock.seconds,
      startingRoot: (
        AnchorStateRegistryContract.address, AnchorStateRegistryContract.startingRootSlot
      )
    ) { document in
      document.configuration.sequencingWindowSize = 6
      if carrier == .commitments || carrier == .layer { document.useCommitments() }
    }
    var configuration = try place.configuration(
      mode: .manual,
      genesis: GenesisDeclaration(
        documents: [
          .init(layer: .one, json: beginning.layerOne),
          .init(layer: .two, json: beginning.layerTwo),
        ], settler: DevelopmentRole.settler.key.address))
    configuration.rollup = RollupServices(
      document: beginning.rollup,
      batcher: Batcher(address: DevelopmentRole.batcher.key.address, carrier: carrier))
    configuration.rollup?.batcher?.channelDurationInBlocks = channelDurationInBlocks
    configuration.rollup?.disperse = disperse
    configuration.sequencers = [
      Sequencer(layer: .one, mode: .manual), Sequencer(layer: .two, mode: .manual),
    ]
    node = try Node(configuration)
  }

  var directory: DataDirectory { node.configuration.directory }
  var configuration: RollupConfiguration? { node.world.rollup?.configuration }

  /// A signed transaction on L2.
  func transaction(
    from index: UInt32, to: Address = Address(UInt256(0xabc)), value: UInt256,
    gasLimit: UInt64 = 30_000
  ) -> Transaction {
    let nonce = nonces[index, default: 0]
    nonces[index] = nonce + 1
    return Self.signed(
      Transaction(
        to: to, chainID: 901, nonce: nonce, maxFeePerGas: 20_000_000_000,
        maxPriorityFeePerGas: 1_000, gasLimit: gasLimit, value: value), by: index)
  }

  static func signed(_ transaction: Transaction, by index: UInt32) -> Transaction {
    transaction.signed(with: Project.key(index).sign(transaction.signingHash))
  }

  /// An L2 block of two payments and a withdrawal.
  func buildL2() throws {
    let transactions = [
      transaction(from: 0, value: 5), transaction(from: 1, value: 7),
      transaction(from: 2, to: Predeploys.messagePasser, value: 11, gasLimit: 200_000),
    ]
    for transaction in transactions { _ = try node.submit(.submit(transaction)) }
    _ = try node.sealNow(.two)
  }

  func sealL1(_ count: Int = 1) throws {
    for _ in 0..<count {
      place?.clock.advance(seconds: 12)
      _ = try node.sealNow(.one)
    }
  }

  /// The output of another block `number`: well executed, but of other transactions than those
  /// that L1 has.
  func alternative(
    to number: UInt64, _ change: (inout [Transaction]) -> Void
  ) throws -> Hash {
    let chain = try #require(node.world.layerTwo)
    let configuration = try #require(configuration)
    let block = try #require(node.world.rollup?.block(number))
    let header = try #require(chain.block(number)?.header)
    let parent = try #require(chain.block(number - 1))
    var transactions = try block.transactions.map { try Transaction.decode($0) }
    change(&transactions)
    let attributes = PayloadAttributes(
      inputs: BlockInputs(
        timestamp: header.timestamp, feeRecipient: header.feeRecipient,
        prevRandao: header.prevRandao, gasLimit: header.gasLimit, extraData: header.extraData,
        parentBeaconBlockRoot: header.parentBeaconBlockRoot ?? .zero),
      hasBeaconRoot: true, transactions: transactions.map(\.encoded), excludesPool: true)
    let hashes = (0..<number).compactMap { chain.block($0)?.hash }
    let result = try executePayload(
      attributes, specification: configuration.specification, parent: parent.header,
      state: parent.state, ancestorHashes: RecentHashes(first: 0, hashes: hashes),
      provider: NativeCryptographyProvider.shared)
    guard case .valid(let outcome) = result else {
      Issue.record("the other block is not well executed")
      return .zero
    }
    let root = OutputRoot(of: outcome.block.header, hash: outcome.block.hash)
    return try #require(root).hash
  }

  /// A batch to the inbox by the batcher's own key.
  func post(_ batch: SingularBatch) throws {
    let configuration = try #require(configuration)
    let content = try ChannelWriter.content([.singular(batch)], chainID: 901)
    let frames = try #require(
      ChannelWriter.frames(
        of: Self.stored(content), channel: ChannelIdentifier(high: 7, low: 7),
        frameLimit: 100_000))
    let address = DevelopmentRole.batcher.key.address
    let nonce = try node.world.layerOne?.head.state.account(address)?.nonce ?? 0
    let unsigned = Transaction(
      to: configuration.batchInbox, chainID: 900, nonce: nonce,
      maxFeePerGas: 20_000_000_000, maxPriorityFeePerGas: 1_000, gasLimit: 1_000_000,
      value: .zero, data: Frame.encode(frames))
    let signed = unsigned.signed(with: DevelopmentRole.batcher.key.sign(unsigned.signingHash))
    _ = try node.submit(.submitTransaction(.one, encoded: signed.encoded))
  }

  /// A short zlib stream that compresses nothing.
  private static func stored(_ bytes: Bytes) -> Bytes {
    let count = UInt16(bytes.count)
    var stream: Bytes = [0x78, 0x01, 1, UInt8(count & 0xff), UInt8(count >> 8)]
    stream += [UInt8(~count & 0xff), UInt8(~count >> 8)] + bytes
    var (low, high) = (UInt32(1), UInt32(0))
    for byte in bytes {
      low = (low + UInt32(byte)) % 65_521
      high = (high + low) % 65_521
    }
    for shift: UInt32 in [24, 16, 8, 0] { stream.append(UInt8((high << 16 | low) >> shift & 0xff)) }
    return stream
  }
}

@Suite("Proofs of a recorded chain")
struct ProofTests {
  /// The program's verdict, and again from the file of what it asked for, which must be the same.
  private func verdict(
    _ archive: ProofArchive, agreed: UInt64, claim: Hash, number: UInt64
  ) throws -> ProofVerdict {
    let head = try #require(archive.headNumber(.one))
    let agreedOutput = try #require(archive.output(agreed))
    let inputs = BootInputs(
      l1Head: try #require(archive.hash(.one, head)),
      agreedOutputRoot: agreedOutput.hash, claimedOutputRoot: claim,
      claimedBlockNumber: number,
      configurationHash: Keccak256.hash(archive.configuration.encoded))
    let oracle = RecordingOracle(inputs: inputs, host: archive)
    let provider = NativeCryptographyProvider.shared
    let result = FaultProofProgram.run(oracle, provider: provider)
    let file = try PreimageSet(encoded: oracle.recorded.encoded)
    #expect(FaultProofProgram.run(PreimageSetOracle(file), provider: provider) == result)
    return result.verdict
  }

  @Test(
    "a claim that is false by a wei, a withdrawn log or an order is invalid; the true one is valid",
    arguments: [Batcher.Carrier.calldata, .commitments])
  func claims(carrier: Batcher.Carrier) throws {
    let rollup = try RecordedRollup(carrier: carrier)
    for _ in 0..<2 {
      try rollup.sealL1()
      try rollup.buildL2()
    }
    try rollup.sealL1(3)
    let safe = try #require(rollup.node.world.rollup?.safe.reference.number)
    #expect(safe >= 2)
    let number: UInt64 = 2
    let wei = try rollup.alternative(to: number) { transactions in
      let place = transactions.count - 3
      var unsigned = transactions[place]
      unsigned.value = unsigned.value &+ .one
      transactions[place] = RecordedRollup.signed(unsigned, by: 0)
    }
    let withdrawal = try rollup.alternative(to: number) { $0.removeLast() }
    let order = try rollup.alternative(to: number) { transactions in
      transactions.swapAt(transactions.count - 3, transactions.count - 2)
    }
    let same = try rollup.alternative(to: number) { _ in }
    rollup.node.stop()
    let archive = try ProofArchive(directory: rollup.directory)
    let truth = try #require(archive.output(number)).hash
    #expect(same == truth)
    #expect(Set([wei, withdrawal, order, truth]).count == 4)
    for agreed in [UInt64(0), 1] {
      #expect(try verdict(archive, agreed: agreed, claim: truth, number: number) == .valid)
    }
    for claim in [wei, withdrawal, order] {
      #expect(
        try verdict(archive, agreed: 1, claim: claim, number: number) == .invalid(actual: truth))
    }
    var audit = Audit(directory: rollup.directory, key: nil)
    let report = try audit.run()
    let derivation = try #require(report.derivation)
    #expect(derivation.undecided == nil && derivation.safeBlock == safe)
    #expect(derivation.output == archive.output(safe)?.hash)
  }

  @Test("a block out of a batch that derivation drops is not what the recorded L1 says")
  func droppedBatch() throws {
    let rollup = try RecordedRollup()
    try rollup.sealL1()
    try rollup.buildL2()
    try rollup.sealL1(2)
    let parent = try #require(rollup.node.world.rollup?.safe.reference)
    // The batcher posts one more block, whose origin L1 does not have; the window passes.
    let payment = rollup.transaction(from: 0, value: 9)
    try rollup.post(
      SingularBatch(
        parentHash: parent.hash, epochNumber: parent.l1Origin.number,
        epochHash: Hash(UInt256(7)), timestamp: parent.timestamp + 2,
        transactions: [payment.encoded]))
    try rollup.sealL1(9)
    let number = parent.number + 1
    let safe = try #require(rollup.node.world.rollup?.safe.reference.number)
    #expect(safe >= number)
    let claim = try rollup.alternative(to: number) { $0.append(payment) }
    rollup.node.stop()
    let archive = try ProofArchive(directory: rollup.directory)
    let truth = try #require(archive.output(number)).hash
    #expect(claim != truth)
    #expect(
      try verdict(archive, agreed: parent.number, claim: claim, number: number)
        == .invalid(actual: truth))
    #expect(try verdict(archive, agreed: parent.number, claim: truth, number: number) == .valid)
  }
}
