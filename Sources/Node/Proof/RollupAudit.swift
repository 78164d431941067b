import Cryptography
import Derivation
import EVM
import EventLog
import Execution
import FaultProof
import Ledger
import NativeCryptography
import Primitives
import Synchronization

/// What deriving a log's safe chain again came to.
public struct DerivationReport: Hashable, Sendable {
  /// The last L2 block that follows from L1, the safe head.
  public var safeBlock: UInt64
  /// The L1 blocks that it was derived from.
  public var l1Blocks: UInt64
  /// The output root of the safe head.
  public var output: Hash
  /// Why the program could not decide, where the log alone does not tell; nil where it did.
  public var undecided: String?
}

/// The part of an audit that takes no block's word: the program of a dispute derives the safe chain
/// from L1 again, executes it without a state of its own, and must arrive at the same output.
///
/// The chain is cut into as many stretches as there are threads; each begins where the one before
/// ends, at an output that the one before has proved.
struct RollupAudit: Sendable {
  /// States are kept at the blocks whose number this divides: where a stretch may begin.
  private static let stateInterval: UInt64 = 1_024

  private var chains: ArchivedChains

  init() { chains = ArchivedChains(stateInterval: Self.stateInterval) }

  /// Takes in an event and what followed from it.
  mutating func take(_ event: Event, _ consequences: [Consequence]) {
    chains.take(event, consequences)
  }

  /// Proves the safe head of `rollup`, with which the log ends.
  ///
  /// - Throws: ``NodeError`` when another chain follows from L1, or nothing does.
  func run(
    _ rollup: Rollup, store: ContentStore, threads: Int
  ) throws(NodeError) -> DerivationReport {
    let safe = rollup.safe.reference
    let archive = ProofArchive(chains, configuration: rollup.configuration, store: store)
    guard let l1Head = rollup.l1Head?.hash, let claimed = archive.output(safe.number) else {
      return DerivationReport(safeBlock: 0, l1Blocks: 0, output: .zero)
    }
    let results = Audit.map(bounds(safe.number, threads: threads)) { bounds in
      Self.prove(archive, l1Head: l1Head, from: bounds.lowerBound, to: bounds.upperBound)
    }
    var report = DerivationReport(
      safeBlock: safe.number,
      l1Blocks: (archive.headNumber(.one) ?? 0) - rollup.configuration.genesis.l1.number,
      output: claimed.hash)
    for result in results {
      switch result.verdict {
      case .valid: continue
      case .undecided(let reason) where [.commitment, .l1State].contains(reason):
        report.undecided = reason.message
      case .invalid, .undecided:
        throw .log(
          "the safe chain does not follow from L1: at block \(result.blockNumber), "
            + result.verdict.message)
      }
    }
    return report
  }

  /// The stretches of the safe chain, at most one a thread.
  private func bounds(_ safe: UInt64, threads: Int) -> [Range<UInt64>] {
    var cuts: [UInt64] = [0]
    for thread in 1..<UInt64(max(2, threads)) where threads > 1 {
      let cut = safe * thread / UInt64(threads)
      let place = cut - cut % Self.stateInterval
      if place > cuts[cuts.count - 1] { cuts.append(place) }
    }
    guard safe > 0 else { return [] }
    return cuts.indices.map { index in
      cuts[index]..<(index + 1 < cuts.count ? cuts[index + 1] : safe)
    }
  }

  private static func prove(
    _ archive: ProofArchive, l1Head: Hash, from: UInt64, to: UInt64
  ) -> ProofResult {
    guard let agreed = archive.output(from), let claimed = archive.output(to) else {
      return ProofResult(verdict: .undecided(.agreedOutput), blockNumber: from)
    }
    let inputs = BootInputs(
      l1Head: l1Head, agreedOutputRoot: agreed.hash, claimedOutputRoot: claimed.hash,
      claimedBlockNumber: to,
      configurationHash: Keccak256.hash(archive.configuration.encoded))
    return FaultProofProgram.run(
      RecordingOracle(inputs: inputs, host: archive, isRecording: false),
      provider: NativeCryptographyProvider.shared)
  }
}

extension Audit {
  /// What `body` gives for each element, each on a thread of its own.
  static func map<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ body: @escaping @Sendable (Element) -> Result
  ) -> [Result] {
    let results = elements.map { _ in ResultBox<Result>() }
    let workers = zip(elements, results).map { element, box in
      Worker(stackSizeInBytes: 64 << 20) { box.put(body(element)) }
    }
    for worker in workers { worker.join() }
    return results.compactMap { $0.value }
  }

  private final class ResultBox<Result: Sendable>: Sendable {
    private let content = Mutex<Result?>(nil)
    var value: Result? { content.withLock { $0 } }
    func put(_ result: Result) { content.withLock { $0 = result } }
  }
}
