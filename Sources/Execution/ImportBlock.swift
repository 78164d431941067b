import Cryptography
import EVM
import Primitives
import Trie

/// Runs a block that somebody else made, and checks every field of it.
///
/// `parentTotalDifficulty`, when it is known, decides whether the block may have proof of stake.
/// `tracer` is asked for each transaction's index, so that one of a block may be watched.
///
/// - Throws: `BlockRejection` that names the field and both values; the seal of proof of work, and
///   whether an ommer was named before, are not checked.
public func importBlock(
  specification: ChainSpecification, parent: BlockHeader, state: State, block: Block,
  ancestorHashes: any AncestorHashes, provider: any CryptographyProvider,
  parentTotalDifficulty: UInt256? = nil, workspace: Workspace = Workspace(),
  tracer: (_ index: Int) -> (any Tracer)? = { _ in nil }
) throws(BlockRejection) -> BlockOutcome {
  let header = block.header
  try checkTerminalDifficulty(specification, header, parentTotalDifficulty)
  try HeaderValidation(specification, parent: parent, header: header).check()
  let encoded = block.transactions.map { $0.encoded }
  try checkBody(specification, block, encoded)
  try checkOmmers(specification, block, parent: parent, ancestors: ancestorHashes)
  var execution = BlockExecution(
    specification: specification, header: header, parent: parent, state: state,
    ancestors: ancestorHashes, provider: provider, workspace: workspace)
  do throws(BlockFault) { try execution.begin() } catch { throw BlockRejection(error) }
  var senders: [Address] = []
  for (index, transaction) in block.transactions.enumerated() {
    let sender: Address
    do throws(TransactionError) {
      sender = try transaction.sender(
        provider, allowsHighS: execution.rules.fork < .homestead)
    } catch {
      throw .transactionSender(index: index, error)
    }
    senders.append(sender)
    do throws(ExecutionFailure) {
      try execution.execute(transaction, sender: sender, tracer: tracer(index))
    } catch {
      throw BlockRejection(error, index: index)
    }
  }
  let requests: [Bytes]
  do throws(BlockFault) {
    requests = try execution.finish(
      withdrawals: block.withdrawals ?? [], rewards: execution.rewards(for: block.ommers),
      isStrict: true)
  } catch {
    throw BlockRejection(error)
  }
  var outcome: BlockOutcome
  do throws(ExecutionStop) {
    outcome = try execution.outcome(
      of: block, encoded: encoded, hashes: encoded.map { Keccak256.hash($0) },
      requests: requests)
  } catch {
    throw .undecided(error)
  }
  outcome.senders = senders
  try compare(header, with: outcome.block.header)
  return outcome
}

extension BlockRejection {
  fileprivate init(_ fault: BlockFault) {
    switch fault {
    case .stopped(let stop): self = .undecided(stop)
    case .systemCallFailed(let contract): self = .systemCallFailed(contract)
    case .malformedDeposit: self = .malformedDeposit
    }
  }

  fileprivate init(_ failure: ExecutionFailure, index: Int) {
    switch failure {
    case .refused(let refusal): self = .transaction(index: index, refusal)
    case .stopped(let stop): self = .undecided(stop)
    }
  }
}

private func checkTerminalDifficulty(
  _ specification: ChainSpecification, _ header: BlockHeader, _ parentTotal: UInt256?
) throws(BlockRejection) {
  guard let total = parentTotal, let terminal = specification.forks.terminalTotalDifficulty else {
    return
  }
  if specification.isMerged(header), total < terminal {
    throw .field(.totalDifficulty, expected: .atLeast(terminal), got: .number(total))
  }
  if !specification.isMerged(header), total >= terminal {
    throw .field(.difficulty, expected: .number(.zero), got: .number(header.difficulty))
  }
}

/// What the header says of the body, before anything has run.
private func checkBody(
  _ specification: ChainSpecification, _ block: Block, _ encoded: [Bytes]
) throws(BlockRejection) {
  let header = block.header
  let root = MerklePatriciaTrie.orderedRoot(encoded)
  if root != header.transactionsRoot {
    throw .field(
      .transactionsRoot, expected: .hash(root), got: .hash(header.transactionsRoot))
  }
  let ommersHash = Block.ommersHash(block.ommers)
  if ommersHash != header.ommersHash {
    throw .field(.ommersHash, expected: .hash(ommersHash), got: .hash(header.ommersHash))
  }
  let fork = specification.fork(of: header)
  if (block.withdrawals != nil) != (fork >= .shanghai) {
    let isExpected = fork >= .shanghai
    throw .field(
      .withdrawals, expected: isExpected ? .present : .absent,
      got: isExpected ? .absent : .present)
  }
  let rollup = specification.rollupFork(at: header.timestamp)
  if rollup != nil, let withdrawals = block.withdrawals, !withdrawals.isEmpty {
    throw .field(.withdrawals, expected: .absent, got: .present)
  }
  // Since Isthmus an OP chain's header holds a storage root there, known when all has run.
  let isRoot = rollup.map { $0 < .isthmus } ?? true
  if isRoot, let withdrawals = block.withdrawals, let got = header.withdrawalsRoot {
    let expected = Block.withdrawalsRoot(withdrawals)
    if expected != got {
      throw .field(.withdrawalsRoot, expected: .hash(expected), got: .hash(got))
    }
  }
  guard fork >= .osaka else { return }
  let size = block.encoded(with: encoded).count
  if size > BlockRoom.limitInBytes {
    throw .field(
      .sizeInBytes, expected: .atMost(UInt256(BlockRoom.limitInBytes)),
      got: .number(UInt256(size)))
  }
}

/// Ommers as far as they can be judged without their parents: at most two, different, of the last
/// six generations, beside the chain and not in it (Yellow Paper, section 11.1).
private func checkOmmers(
  _ specification: ChainSpecification, _ block: Block, parent: BlockHeader,
  ancestors: any AncestorHashes
) throws(BlockRejection) {
  if block.ommers.count > 2 { throw .tooManyOmmers(count: block.ommers.count) }
  var seen: [Hash] = []
  for (index, ommer) in block.ommers.enumerated() {
    let hash = ommer.hash
    let number = block.header.number
    let isYoung = ommer.number > 0 && ommer.number < number && number - ommer.number <= 6
    guard isYoung, !seen.contains(hash), ommer.gasUsed <= ommer.gasLimit,
      ommer.extraData.count <= 32, !ommer.difficulty.isZero
    else { throw .ommer(index: index) }
    seen.append(hash)
    let inChain: Hash
    let before: Hash
    do throws(StateMiss) {
      inChain = ommer.number == parent.number ? parent.hash : try ancestors.blockHash(ommer.number)
      before = try ancestors.blockHash(ommer.number - 1)
    } catch {
      throw .undecided(.miss(error))
    }
    guard hash != inChain, ommer.parentHash == before else { throw .ommer(index: index) }
  }
}

/// What the header claims against what came out.
private func compare(
  _ header: BlockHeader, with computed: BlockHeader
) throws(BlockRejection) {
  if header.gasUsed != computed.gasUsed {
    throw .field(
      .gasUsed, expected: .number(UInt256(computed.gasUsed)),
      got: .number(UInt256(header.gasUsed)))
  }
  if header.blobGasUsed != computed.blobGasUsed {
    throw .field(
      .blobGasUsed, expected: .number(UInt256(computed.blobGasUsed ?? 0)),
      got: .number(UInt256(header.blobGasUsed ?? 0)))
  }
  if let got = header.withdrawalsRoot, let expected = computed.withdrawalsRoot, got != expected {
    throw .field(.withdrawalsRoot, expected: .hash(expected), got: .hash(got))
  }
  if header.receiptsRoot != computed.receiptsRoot {
    throw .field(
      .receiptsRoot, expected: .hash(computed.receiptsRoot), got: .hash(header.receiptsRoot))
  }
  if header.bloom != computed.bloom {
    throw .field(
      .bloom, expected: .bytes(computed.bloom.bytes), got: .bytes(header.bloom.bytes))
  }
  if let got = header.requestsHash, let expected = computed.requestsHash, got != expected {
    throw .field(.requestsHash, expected: .hash(expected), got: .hash(got))
  }
  if header.stateRoot != computed.stateRoot {
    throw .field(
      .stateRoot, expected: .hash(computed.stateRoot), got: .hash(header.stateRoot))
  }
}
