import EVM
import Execution
import NativeCryptography
import Primitives

/// The blocks of one blockchain test: a tree of which one branch is the chain.
final class TestChain {
  /// A block that was taken.
  struct Known {
    let header: BlockHeader
    let hash: Hash
    let state: State
    let totalDifficulty: UInt256
    /// The ommers that it names.
    let ommers: [BlockHeader]
  }

  /// Why a block was not taken.
  enum Problem {
    /// Its bytes are no block.
    case undecodable(BlockError)
    /// Its parent was never taken.
    case unknownParent(Hash)
    /// The rules refuse it.
    case rejected(BlockRejection)
    /// It, or an ommer of it, has not the seal of its proof of work.
    case unsealed

    var message: String {
      switch self {
      case .undecodable(.malformed): "refused: its bytes are no block"
      case .undecodable(.transaction(let index, let error)):
        "refused: transaction \(index): \(error.message)"
      case .unknownParent(let hash): "refused: its parent \(hash.hexadecimal) is unknown"
      case .rejected(let rejection): "refused: \(rejection.message)"
      case .unsealed: "refused: the seal is not that of its proof of work"
      }
    }
  }

  private let specification: ChainSpecification
  private let workspace: Workspace
  private let checksSeals: Bool
  private var known: [Hash: Known] = [:]
  /// The last block of the chain.
  private(set) var head: Known

  init(
    specification: ChainSpecification, genesis: BlockHeader, state: State, workspace: Workspace,
    checksSeals: Bool = false
  ) {
    self.specification = specification
    self.checksSeals = checksSeals
    self.workspace = workspace
    head = Known(
      header: genesis, hash: genesis.hash, state: state, totalDifficulty: genesis.difficulty,
      ommers: [])
    known[head.hash] = head
  }

  /// Takes a block, or says why not.
  func take(_ bytes: Bytes) -> Problem? {
    let block: Block
    do throws(BlockError) { block = try Block.decode(bytes) } catch {
      return .undecodable(error)
    }
    guard let parent = known[block.header.parentHash] else {
      return .unknownParent(block.header.parentHash)
    }
    if checksSeals, !specification.isMerged(block.header),
      !([block.header] + block.ommers).allSatisfy(Ethash.isSealed)
    {
      return .unsealed
    }
    do throws(BlockRejection) {
      try checkOmmers(block)
      let outcome = try importBlock(
        specification: specification, parent: parent.header, state: parent.state, block: block,
        ancestorHashes: Branch(known, parent.hash), provider: NativeCryptographyProvider.shared,
        parentTotalDifficulty: parent.totalDifficulty, workspace: workspace)
      add(block, state: outcome.state, after: parent)
      return nil
    } catch {
      return .rejected(error)
    }
  }

  private func add(_ block: Block, state: State, after parent: Known) {
    let sum = parent.totalDifficulty.addingReportingOverflow(block.header.difficulty)
    let added = Known(
      header: block.header, hash: block.hash, state: state,
      totalDifficulty: sum.overflow ? .max : sum.partialValue, ommers: block.ommers)
    known[added.hash] = added
    // Proof of work: the heaviest branch, the first of equals. Proof of stake: what came last.
    if specification.isMerged(block.header) || added.totalDifficulty > head.totalDifficulty {
      head = added
    }
  }

  /// What of an ommer's validity needs the blocks before: its own header against its parent, and
  /// that no block of the last generations named it before (Yellow Paper, section 11.1).
  private func checkOmmers(_ block: Block) throws(BlockRejection) {
    guard !block.ommers.isEmpty else { return }
    var named: Set<Hash> = []
    var ancestor = known[block.header.parentHash]
    for _ in 0..<7 {
      guard let generation = ancestor else { break }
      for ommer in generation.ommers { named.insert(ommer.hash) }
      ancestor = known[generation.header.parentHash]
    }
    for (index, ommer) in block.ommers.enumerated() {
      guard !named.contains(ommer.hash), let parent = known[ommer.parentHash] else {
        throw .ommer(index: index)
      }
      try validateHeader(ommer, parent: parent.header, specification: specification)
    }
  }

  /// The hashes of the branch that ends in one block.
  private final class Branch: AncestorHashes {
    private let known: [Hash: Known]
    private let last: Hash

    init(_ known: [Hash: Known], _ last: Hash) {
      self.known = known
      self.last = last
    }

    func blockHash(_ number: UInt64) throws(StateMiss) -> Hash {
      var hash = last
      while let block = known[hash], block.header.number >= number {
        if block.header.number == number { return hash }
        hash = block.header.parentHash
      }
      throw .blockHash(number)
    }
  }
}
