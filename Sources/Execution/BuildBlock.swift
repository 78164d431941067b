import Cryptography
import EVM
import Primitives
import Trie

/// Makes the block after `parent` of those candidates, in their order, that are valid there.
///
/// A candidate that is not valid is skipped with its refusal, and leaves no trace: the same
/// arguments give the same block on every machine. `parentHash` is computed where it is nil.
///
/// - Throws: `ExecutionStop` when state is missing; then fetch it and build again.
public func buildBlock(
  specification: ChainSpecification, parent: BlockHeader, parentHash: Hash? = nil, state: State,
  inputs: BlockInputs, candidates: [Candidate], ancestorHashes: any AncestorHashes,
  provider: any CryptographyProvider, workspace: Workspace = Workspace()
) throws(ExecutionStop) -> BlockOutcome {
  let header = nextHeader(
    specification: specification, parent: parent, parentHash: parentHash, inputs: inputs)
  var execution = BlockExecution(
    specification: specification, header: header, parent: parent, state: state,
    ancestors: ancestorHashes, provider: provider, workspace: workspace)
  let fork = execution.rules.fork
  let withdrawals = fork >= .shanghai ? inputs.withdrawals : []
  var included: [Candidate] = []
  var encoded: [Bytes] = []
  included.reserveCapacity(candidates.count)
  encoded.reserveCapacity(candidates.count)
  var skipped: [SkippedCandidate] = []
  var requests: [Bytes] = []
  do throws(BlockFault) {
    try execution.begin()
    var room = BlockRoom(fork: fork, withdrawals: withdrawals)
    for (index, candidate) in candidates.enumerated() {
      let bytes = candidate.transaction.encoded
      do throws(ExecutionFailure) {
        try refusing { () throws(TransactionRefusal) in try room.check(bytes) }
        try execution.execute(candidate.transaction, sender: candidate.sender)
        room.take(bytes)
        included.append(candidate)
        encoded.append(bytes)
      } catch {
        switch error {
        case .refused(let refusal):
          skipped.append(SkippedCandidate(index: index, refusal: refusal))
        case .stopped(let stop): throw .stopped(stop)
        }
      }
    }
    requests = try execution.finish(
      withdrawals: withdrawals, rewards: execution.rewards(for: []), isStrict: false)
  } catch {
    // A chain's own deposit contract may log what it likes; then there is no valid block at all.
    if case .stopped(let stop) = error { throw stop }
    throw .aborted
  }
  let block = Block(
    header: header, transactions: included.map { $0.transaction },
    withdrawals: fork >= .shanghai ? withdrawals : nil)
  var outcome = try execution.outcome(
    of: block, encoded: encoded,
    hashes: zip(included, encoded).map { $0.hash ?? Keccak256.hash($1) }, requests: requests)
  outcome.senders = included.map { $0.sender }
  outcome.skipped = skipped
  return outcome
}

/// How many bytes are left in a block (EIP-7934); without a limit before Osaka.
struct BlockRoom {
  /// The most bytes of a block's RLP: 10 MiB for the network less 2 MiB for the beacon block.
  static let limitInBytes = 8_388_608
  /// More than a header and the lists' own headers take.
  private static let reserveInBytes = 2_048

  private var left: Int?

  init(fork: Fork, withdrawals: [Withdrawal]) {
    guard fork >= .osaka else { return }
    var size = Self.limitInBytes - Self.reserveInBytes
    for withdrawal in withdrawals { size -= withdrawal.encoded.count }
    left = size
  }

  /// Refuses a transaction that does not fit.
  func check(_ encoded: Bytes) throws(TransactionRefusal) {
    guard let left else { return }
    let size = Self.size(encoded)
    if size > left {
      throw .blockSizeExhausted(
        sizeInBytes: Self.limitInBytes - left + size, limit: Self.limitInBytes)
    }
  }

  mutating func take(_ encoded: Bytes) {
    if let left { self.left = left - Self.size(encoded) }
  }

  /// With the longest header that the RLP of a typed transaction may get.
  private static func size(_ encoded: Bytes) -> Int { encoded.count + 5 }
}

extension BlockExecution {
  /// The block with its header completed, its receipts and the state after it.
  func outcome(of block: Block, requests: [Bytes]) throws(ExecutionStop) -> BlockOutcome {
    let encoded = block.transactions.map { $0.encoded }
    return try outcome(
      of: block, encoded: encoded, hashes: encoded.map { Keccak256.hash($0) },
      requests: requests)
  }

  /// The block with its header completed, its receipts and the state after it.
  ///
  /// `encoded` and `hashes` are those of its transactions.
  func outcome(
    of block: Block, encoded: [Bytes], hashes: [Hash], requests: [Bytes]
  ) throws(ExecutionStop) -> BlockOutcome {
    let diff = journal.diff()
    let state: State
    do throws(StateMiss) { state = try view.state(after: diff) } catch { throw .miss(error) }
    var block = block
    block.header.stateRoot = state.root
    block.header.transactionsRoot = MerklePatriciaTrie.orderedRoot(encoded)
    block.header.receiptsRoot = Block.receiptsRoot(receipts)
    block.header.gasUsed = gasUsed
    block.header.bloom = Bloom()
    for receipt in receipts { block.header.bloom.formUnion(receipt.bloom) }
    if rules.fork >= .cancun { block.header.blobGasUsed = headerBlobGasUsed }
    if let rollup = rules.rollup, rollup >= .isthmus {
      block.header.withdrawalsRoot = try withdrawalsRoot(state)
    }
    if rules.fork >= .prague { block.header.requestsHash = Requests.hash(requests) }
    return BlockOutcome(
      block: block, hash: block.header.hash, encodedTransactions: encoded,
      transactionHashes: hashes, receipts: receipts, senders: [], state: state, diff: diff,
      skipped: [], requests: requests)
  }

  /// Since Isthmus: the storage root of the contract that holds an OP chain's withdrawals.
  private func withdrawalsRoot(_ state: State) throws(ExecutionStop) -> Hash {
    do throws(StateMiss) {
      return try state.storageTrie(Predeploys.messagePasser).root
    } catch {
      throw .miss(error)
    }
  }
}
