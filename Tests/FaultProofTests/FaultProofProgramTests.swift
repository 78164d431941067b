import Cryptography
import Derivation
import EVM
import Execution
import FaultProof
import NativeCryptography
import Primitives
import Testing

@Suite("The fault-proof program")
struct FaultProofProgramTests {
  /// A rollup of eleven blocks, all of them on L1, the last ones behind an invalid batch.
  private func rollup(
    altDA: Bool = false, hiding hidden: Bool = false
  ) throws -> (TestRollup, [Bytes]) {
    let batcher = try #require(PrivateKey(Bytes(repeating: 1, count: 32)))
    let users = try [2, 3].map { byte in
      try #require(PrivateKey(Bytes(repeating: byte, count: 32)))
    }
    let keccak = AltDAConfiguration(
      challengeContract: .zero, commitmentKind: .keccak256, challengeWindow: 10,
      resolveWindow: 10)
    var rollup = TestRollup(batcher: batcher, users: users, altDA: altDA ? keccak : nil)
    var batches: [Batch] = []
    rollup.sealL1(deposits: [5000])
    for number in 1...8 as ClosedRange<UInt64> {
      let payments = [rollup.payment(number, by: 0), rollup.payment(100 + number, by: 1)]
      batches.append(.singular(try #require(try rollup.build(payments))))
    }
    let content = try ChannelWriter.content(batches, chainID: 901)
    let frames = try #require(
      ChannelWriter.frames(
        of: storedZlib(content), channel: ChannelIdentifier(high: 1, low: 1), frameLimit: 4000))
    var data = Frame.encode(frames)
    var extra: [Bytes] = []
    if altDA {
      extra = [data]
      data = AltDACommitment.keccak256(Keccak256.hash(data)).transactionData
    }
    rollup.sealL1([rollup.post(data)])
    rollup.sealL1()
    return (rollup, hidden ? [] : extra)
  }

  private func verdict(
    _ rollup: TestRollup, claim: Hash, number: Int = 8, agreed: Int = 0, extra: [Bytes] = []
  ) -> ProofVerdict {
    var set = rollup.everything(extra: extra)
    set.insert(rollup.inputs(agreed: agreed, claim: claim, number: number))
    return FaultProofProgram.run(
      PreimageSetOracle(set), provider: NativeCryptographyProvider.shared
    ).verdict
  }

  @Test("the true output is valid, from every block on which both sides may agree")
  func valid() throws {
    let (rollup, _) = try rollup()
    for agreed in 0..<8 {
      #expect(verdict(rollup, claim: rollup.output(8).hash, agreed: agreed) == .valid)
    }
    for number in 1...8 {
      #expect(verdict(rollup, claim: rollup.output(number).hash, number: number) == .valid)
    }
  }

  @Test("a claim that is false by a wei, a log, an order or a block is invalid")
  func invalid() throws {
    let (honest, _) = try rollup()
    let truth = honest.output(8).hash
    // Each of these blocks is well executed, and none of them follows from L1.
    var claims: [Hash?] = [
      Hash(UInt256(truth) &+ .one), honest.output(7).hash,
      try honest.alternative(to: 8) { $0.swapAt($0.count - 2, $0.count - 1) },
      try honest.alternative(to: 8) { $0.removeLast() },
      try honest.alternative(to: 8) { transactions in
        transactions[0].deposit?.mint = .one
      },
    ]
    var output = honest.output(8)
    output.messagePasserStorageRoot = Hash(UInt256(output.messagePasserStorageRoot) &+ .one)
    claims.append(output.hash)
    #expect(try honest.alternative(to: 8) { _ in } == truth)
    #expect(Set(claims).count == claims.count && !claims.contains(nil))
    for case .some(let claim) in claims {
      #expect(verdict(honest, claim: claim) == .invalid(actual: truth))
    }
  }

  @Test("a block from a batch that derivation drops is not what follows from L1")
  func droppedBatch() throws {
    var (rollup, _) = try rollup()
    // The sequencer made a block that it never posted in time; the window passes.
    _ = try rollup.build([rollup.payment(9, by: 0)])
    let claim = rollup.output(9).hash
    for _ in 0..<10 { rollup.sealL1() }
    let verdict = verdict(rollup, claim: claim, number: 9)
    guard case .invalid(let actual) = verdict else {
      Issue.record("\(verdict.message)")
      return
    }
    #expect(actual != claim)
  }

  @Test("where L1 says no more, the last block's output counts for later ones")
  func beyondL1() throws {
    let (rollup, _) = try rollup()
    #expect(verdict(rollup, claim: rollup.output(8).hash, number: 9) == .valid)
    #expect(verdict(rollup, claim: .zero, number: 9) == .invalid(actual: rollup.output(8).hash))
  }

  @Test("data behind a commitment are a part of the proof; without them nothing is decided")
  func commitments() throws {
    let (full, extra) = try rollup(altDA: true)
    let claim = full.output(8).hash
    #expect(verdict(full, claim: claim, extra: extra) == .valid)
    let without = verdict(full, claim: claim)
    #expect(without.exitCode == 2)
  }

  @Test("what was asked for is enough to repeat the run, and every byte of it counts")
  func offline() throws {
    let (rollup, _) = try rollup()
    var set = rollup.everything()
    set.insert(rollup.inputs(agreed: 3, claim: rollup.output(8).hash, number: 8))
    let oracle = RecordingTestOracle(set)
    #expect(
      FaultProofProgram.run(oracle, provider: NativeCryptographyProvider.shared).verdict == .valid)
    let recorded = oracle.recorded
    #expect(recorded.count < set.count)
    let file = recorded.encoded
    let read = try PreimageSet(encoded: file)
    #expect(
      FaultProofProgram.run(
        PreimageSetOracle(read), provider: NativeCryptographyProvider.shared
      ).verdict == .valid)
    // Without one preimage nothing is decided; a wrong one is refused.
    for place in stride(from: 60, to: file.count, by: max(1, file.count / 40)) {
      var changed = file
      changed[place] ^= 1
      guard let set = try? PreimageSet(encoded: changed) else { continue }
      // Only the local inputs can be changed without being noticed: then another claim is judged.
      let result = FaultProofProgram.run(
        PreimageSetOracle(set), provider: NativeCryptographyProvider.shared)
      #expect(result.verdict != .valid)
    }
    #expect(throws: PreimageSetError.self) { try PreimageSet(encoded: []) }
    #expect(throws: PreimageSetError.self) { try PreimageSet(encoded: Bytes(file.dropLast())) }
    #expect(throws: PreimageSetError.self) { try PreimageSet(encoded: file + [0]) }
  }

  @Test("an oracle that has nothing decides nothing")
  func nothing() {
    let result = FaultProofProgram.run(
      PreimageSetOracle(PreimageSet()), provider: NativeCryptographyProvider.shared)
    #expect(result.verdict.exitCode == 2)
    #expect(!result.verdict.message.isEmpty)
  }

  @Test("a configuration written as bytes is read again")
  func configuration() throws {
    for altDA in [true, false] {
      let (rollup, _) = try rollup(altDA: altDA)
      var configuration = rollup.configuration
      #expect(RollupConfiguration(encoded: configuration.encoded) == configuration)
      configuration.schedule.jovianTime = 5
      configuration.pectraBlobScheduleTime = 77
      configuration.genesis.systemConfiguration.lowestBaseFee = 9
      #expect(RollupConfiguration(encoded: configuration.encoded) == configuration)
      #expect(RollupConfiguration(encoded: Bytes(configuration.encoded.dropLast())) == nil)
    }
  }
}

/// An oracle that writes down what is asked for.
private final class RecordingTestOracle: PreimageOracle, @unchecked Sendable {
  private let set: PreimageSet
  private(set) var recorded = PreimageSet()

  init(_ set: PreimageSet) { self.set = set }

  func preimage(_ key: PreimageKey) -> Bytes? {
    let preimage = set[key]
    if let preimage { recorded[key] = preimage }
    return preimage
  }

  func hint(_ hint: PreimageHint) { _ = hint.text }
}
