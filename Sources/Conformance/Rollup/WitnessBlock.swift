import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Primitives

/// Blocks of OP chains that are executed from nothing but their parent's header and a witness.
///
/// A witness is a list of preimages: trie nodes, codes and headers, found by their Keccak-256.
public struct WitnessBlock: Suite {
  /// The suite.
  public init() {}

  /// Executes every block of a document.
  public func run(_ document: Fixture, path: String) throws(FixtureError) -> [CaseResult] {
    var results: [CaseResult] = []
    for (index, test) in try document.field("cases").elements().enumerated() {
      var result = CaseResult(name: test.json["id"]?.string ?? String(index), verdict: .passed)
      do throws(FixtureError) {
        result.verdict = try Self.verdict(test)
      } catch {
        result.verdict = .malformed(error)
      }
      results.append(result)
    }
    return results
  }

  /// Makes the block that the attributes ask for, and compares its hash; then imports it.
  @Sendable static func verdict(_ test: Fixture) throws(FixtureError) -> Verdict {
    let config = try test.field("rollupConfig")
    let specification = try ChainSpecification(
      rollup: config.field("l2_chain_id"), times: config, fees: config.field("chain_op_config"))
    let parent = try BlockHeader(rpc: test.field("parentHeader"))
    var preimages: [Bytes] = []
    for preimage in try test.field("preimages").elements() {
      preimages.append(try preimage.bytes())
    }
    let witness = Witness(preimages)
    let attributes = try PayloadAttributes(fixture: test.field("payloadAttributes"))
    var inputs = attributes.inputs
    if let fork = specification.rollupFork(at: inputs.timestamp), fork >= .holocene {
      let extra = RollupExtraData(
        parameters: attributes.baseFeeParameters ?? [], lowestBaseFee: attributes.lowestBaseFee,
        defaults: specification.baseFeeParameters, fork: fork)
      guard let extra else { throw test.fault("its base fee parameters are not those of its fork") }
      inputs.extraData = extra.encoded
    }
    let candidates = try candidates(attributes, test)
    let state = State(root: parent.stateRoot, source: witness)
    let ancestors = WitnessAncestors(parent: parent, witness: witness)
    let outcome: BlockOutcome
    do throws(ExecutionStop) {
      outcome = try buildBlock(
        specification: specification, parent: parent, state: state, inputs: inputs,
        candidates: candidates, ancestorHashes: ancestors,
        provider: NativeCryptographyProvider.shared)
    } catch {
      return .failed(
        Difference(
          "witness", expected: "all that is read",
          got: BlockRejection.undecided(error).message))
    }
    if let skipped = outcome.skipped.first {
      return .failed(
        Difference(
          "transaction \(skipped.index)", expected: "valid", got: skipped.refusal.message))
    }
    return .compare(
      "hash", try test.field("expectedBlockHash").hash(), outcome.block.hash)
  }

  private static func candidates(
    _ attributes: PayloadAttributes, _ test: Fixture
  ) throws(FixtureError) -> [Candidate] {
    var candidates: [Candidate] = []
    for (index, bytes) in attributes.transactions.enumerated() {
      do throws(TransactionError) {
        let transaction = try Transaction.decode(bytes)
        candidates.append(
          Candidate(
            transaction: transaction,
            sender: try transaction.sender(NativeCryptographyProvider.shared)))
      } catch {
        throw test.fault("transaction \(index): \(error.message)")
      }
    }
    return candidates
  }
}

/// Preimages by their hashes.
private final class Witness: StateSource {
  private let preimages: [Hash: Bytes]

  init(_ list: [Bytes]) {
    var preimages: [Hash: Bytes] = [:]
    for preimage in list { preimages[Keccak256.hash(preimage)] = preimage }
    self.preimages = preimages
  }

  func node(_ hash: Hash) -> Bytes? { preimages[hash] }

  func code(_ hash: Hash) -> Bytes? { preimages[hash] }
}

/// Hashes of earlier blocks, found by walking from header to header in a witness.
private final class WitnessAncestors: AncestorHashes {
  private let witness: Witness
  /// The oldest header that was reached.
  private var oldest: BlockHeader
  private var hashes: [UInt64: Hash]

  init(parent: BlockHeader, witness: Witness) {
    self.witness = witness
    oldest = parent
    hashes = [parent.number: parent.hash]
    if parent.number > 0 { hashes[parent.number - 1] = parent.parentHash }
  }

  func blockHash(_ number: UInt64) throws(StateMiss) -> Hash {
    while hashes[number] == nil {
      guard number < oldest.number, let bytes = witness.node(oldest.parentHash),
        let header = try? BlockHeader.decode(bytes), header.number + 1 == oldest.number
      else { throw .blockHash(number) }
      oldest = header
      if header.number > 0 { hashes[header.number - 1] = header.parentHash }
    }
    guard let hash = hashes[number] else { throw .blockHash(number) }
    return hash
  }
}
