import Cryptography
import Derivation
import EVM
import Execution
import NativeCryptography
import Primitives
import Testing

@Suite("Rules of derivation that few chains meet")
struct RuleTests {
  @Test("Jovian's first block has no transactions: a batch that has some there is dropped")
  func activation() throws {
    let l1 = TestL1(batcher: try Actor.key(1))
    var configuration = testConfiguration(l1, fork: .isthmus)
    let genesis = L2Head(genesisOf: configuration).reference
    configuration.schedule.jovianTime = genesis.timestamp + 2
    let origin = l1.blocks[0].reference
    func verdict(_ transactions: [Bytes], after parent: L2BlockReference) -> BatchValidity {
      BatchContext(
        configuration: configuration, l1Blocks: [origin], safeHead: parent,
        inclusionBlock: origin
      ).validity(
        of: SingularBatch(
          parentHash: parent.hash, epochNumber: origin.number, epochHash: origin.hash,
          timestamp: parent.timestamp + 2, transactions: transactions))
    }
    #expect(verdict([], after: genesis) == .accept)
    #expect(verdict([[2]], after: genesis) == .drop(.transactionsAtActivation))
    var second = genesis
    second.number += 1
    second.timestamp += 2
    #expect(verdict([[2]], after: second) == .accept)
  }

  @Test("under alternative DA a commitment counts in a blob as it does in an input")
  func commitmentInBlob() throws {
    var l1 = TestL1(batcher: try Actor.key(1))
    var configuration = testConfiguration(l1)
    configuration.altDA = AltDAConfiguration(
      challengeContract: .zero, commitmentKind: .keccak256, challengeWindow: 10,
      resolveWindow: 10)
    let input: Bytes = [0, 1, 2]
    let commitment = AltDACommitment.keccak256(Keccak256.hash(input))
    var carrier = l1.batch([9, 9])
    carrier.kind = .blob
    carrier.blobHashes = [Hash(UInt256(1)), Hash(UInt256(2))]
    l1.seal([try Actor.key(1).sign(carrier)])
    var pipeline = DerivationPipeline(
      configuration: configuration, start: PipelineStart(genesisOf: configuration),
      provider: NativeCryptographyProvider.shared)
    var asked: [AltDACommitment] = []
    for _ in 0..<10 {
      guard case .needs(let need) = try pipeline.step() else { continue }
      switch need {
      case .l1Block(let number):
        guard let block = l1.block(number) else { break }
        try pipeline.supply(l1Block: block)
      case .blobs(let requests, _):
        #expect(requests.map(\.index) == [0, 1])
        pipeline.supply(
          blobs: [
            try #require(BlobData.encode(commitment.transactionData)),
            try #require(BlobData.encode([1, 7])),
          ])
      case .altDAInput(let wanted, _):
        asked.append(wanted)
        pipeline.supply(input: .data(input))
      case .l2Block: Issue.record("nobody speaks of L2 blocks")
      }
    }
    #expect(asked == [commitment])
    #expect(
      pipeline.takeDrops().map(\.rule) == [
        .malformedCommitment(.unknownKind(7)), .malformedFrames(.truncated),
      ])
  }
}
