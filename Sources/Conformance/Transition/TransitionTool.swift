import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Primitives

/// geth's transition tool (`evm t8n`): a state, surroundings and transactions go in; the state
/// after them, roots and receipts come out.
///
/// Source: go-ethereum, cmd/evm/README.md; execution-spec-tests' fillers drive it.
public struct TransitionTool {
  /// What is to be run.
  public struct Input: Sendable {
    /// The accounts.
    public var alloc: JSON
    /// The block's surroundings.
    public var env: JSON
    /// The transactions.
    public var transactions: Transactions
    /// The rules, as tests name them.
    public var forkName = "GrayGlacier"
    /// The chain's number.
    public var chainID: UInt64 = 1
    /// What the block earns its maker, in wei; nil for nothing at all.
    public var reward: UInt256? = .zero
    /// Blob parameters in place of the fork's own: `target`, `max`, `baseFeeUpdateFraction`.
    public var blobParameters: JSON?

    /// The input with GrayGlacier's rules, chain 1 and a reward of 0.
    public init(alloc: JSON, env: JSON, transactions: Transactions) {
      self.alloc = alloc
      self.env = env
      self.transactions = transactions
    }
  }

  /// Transactions as they were handed over.
  public enum Transactions: Sendable {
    /// An array of objects, signed or with a secret key.
    case json(JSON)
    /// An RLP list of signed ones.
    case rlp(Bytes)
  }

  /// What came out.
  public struct Output: Sendable {
    /// The accounts after the block.
    public var alloc: JSON
    /// Roots, receipts, and what was rejected.
    public var result: JSON
    /// The RLP of the transactions that are in the block.
    public var body: Bytes
  }

  let input: Input
  let specification: ChainSpecification
  let environment: TransitionEnvironment
  let pre: [(address: Address, account: GenesisAccount)]
  let entries: [TransitionTransactions.Entry]

  /// Reads the input.
  ///
  /// - Throws: `TransitionError`.
  public init(_ input: Input) throws(TransitionError) {
    self.input = input
    specification = try Self.specification(input)
    environment = try TransitionEnvironment(Fixture(input.env), specification)
    pre = try reading("alloc") { () throws(FixtureError) in try Fixture(input.alloc).accounts() }
    let fork = specification.fork(of: environment.header)
    switch input.transactions {
    case .rlp(let bytes): entries = try TransitionTransactions.entries(rlp: bytes, fork: fork)
    case .json(let list):
      entries = try reading("txs") { () throws(FixtureError) in
        try TransitionTransactions.entries(
          json: Fixture(list), fork: fork, chainID: input.chainID)
      }
    }
  }

  private static func specification(_ input: Input) throws(TransitionError) -> ChainSpecification {
    let parts = input.forkName.split(separator: "+", omittingEmptySubsequences: false)
    guard let name = parts.first, let network = Network(String(name)) else {
      throw TransitionError(.configuration, "unsupported fork \"\(parts.first ?? "")\"")
    }
    if parts.count > 1 {
      throw TransitionError(
        .configuration, "no EIP can be added to a fork here: \"\(input.forkName)\"")
    }
    var specification = try reading("blobParams") { () throws(FixtureError) in
      guard let parameters = input.blobParameters else {
        return try network.specification(config: nil)
      }
      var schedule = JSONObject()
      for (name, _) in network.blobPhases { schedule[name] = parameters }
      return try network.specification(config: Fixture(["blobSchedule": .object(schedule)]))
    }
    specification.chainID = input.chainID
    return specification
  }

  /// Runs the block; `trace` is told of what runs.
  ///
  /// - Throws: `TransitionError`.
  public func run(trace: TransitionTrace? = nil) throws(TransitionError) -> Output {
    var block = StandaloneBlock(header: environment.header)
    block.knowsParent = environment.blockHashes != nil
    block.withdrawals = environment.withdrawals
    if let reward = input.reward {
      block.rewards = BlockReward.all(
        reward, feeRecipient: environment.header.feeRecipient, ommers: environment.ommers)
    }
    var rejected: [(index: Int, reason: String)] = []
    var indexes: [Int] = []
    for (index, entry) in entries.enumerated() {
      switch entry {
      case .rejected(let reason): rejected.append((index, reason))
      case .candidate(let candidate):
        if candidate.transaction.kind == .blob, environment.header.excessBlobGas == nil {
          rejected.append((index, "blob tx used but field env.ExcessBlobGas missing"))
          continue
        }
        block.candidates.append(candidate)
        indexes.append(index)
      }
    }
    let (outcome, fault) = try execute(block, trace: trace)
    for skipped in outcome.skipped {
      let sender = block.candidates[skipped.index].sender
      rejected.append((indexes[skipped.index], reason(skipped.refusal, sender)))
    }
    rejected.sort { $0.index < $1.index }
    let output = TransitionOutput(
      tool: self, outcome: outcome, rejected: rejected, fault: fault)
    return Output(alloc: try output.alloc(), result: output.result, body: output.body)
  }

  private func execute(
    _ block: StandaloneBlock, trace: TransitionTrace?
  ) throws(TransitionError) -> (BlockOutcome, StandaloneBlockFault?) {
    var genesis = Genesis(specification: specification)
    genesis.alloc = pre
    do throws(ExecutionStop) {
      return try executeBlock(
        specification: specification, standalone: block, state: genesis.state(),
        ancestorHashes: NamedHashes(environment.blockHashes ?? [:]),
        provider: NativeCryptographyProvider.shared,
        tracer: { trace?.begin($0, block.candidates[$0], environment.header, specification) },
        ended: { trace?.end($1) })
    } catch {
      guard case .miss(.blockHash(let number)) = error else {
        throw TransitionError(.execution, BlockRejection.undecided(error).message)
      }
      throw TransitionError(
        .missingBlockHash,
        "getHash(\(number)) invoked, "
          + (environment.blockHashes == nil
            ? "no blockhashes provided" : "blockhash for that block not provided"))
    }
  }

  /// Why a transaction was refused, in the words of geth's state transition.
  private func reason(_ refusal: TransactionRefusal, _ sender: Address) -> String {
    switch refusal {
    case .nonceTooLow(let expected, let got):
      return "nonce too low: address \(sender.checksummed), tx: \(got) state: \(expected)"
    case .nonceTooHigh(let expected, let got):
      return "nonce too high: address \(sender.checksummed), tx: \(got) state: \(expected)"
    case .setCodeCreation, .authorizationsMissing:
      return "\(refusal.message) (sender \(sender.checksummed))"
    case .gasLimitAboveBlock: return "gas limit reached"
    case .wrongChainID(let expected, let got):
      return
        "invalid chain id for signer: have \(got.map { String($0) } ?? "none") want \(expected)"
    case .blobGasExhausted(let needed, let available):
      let header = environment.header
      let most = specification.blobParameters(at: header.timestamp).maximumGas
      let sum = needed.addingReportingOverflow(most - min(available, most)).partialValue
      return "blob gas (\(sum)) would exceed maximum allowance \(most)"
    default: return refusal.callMessage
    }
  }
}
