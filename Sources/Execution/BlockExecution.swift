import Cryptography
import EVM
import Primitives

/// Why a block as a whole cannot be: beside its transactions.
enum BlockFault: Error {
  /// State is missing.
  case stopped(ExecutionStop)
  /// A contract whose answer the block needs is not there, or failed.
  case systemCallFailed(Address)
  /// A log of the deposit contract has not its shape.
  case malformedDeposit
}

/// A block on its way: its transactions one after the other, over one journal.
struct BlockExecution {
  private(set) var rules: TransactionRules
  let view: StateView
  let journal: Journal
  let provider: any CryptographyProvider
  let header: BlockHeader
  let isFirstOfCanyon: Bool
  private(set) var receipts: [Receipt] = []
  private(set) var gasUsed: UInt64 = 0
  private(set) var blobGasUsed: UInt64 = 0
  private var footprint: BlockDataGas

  init(
    specification: ChainSpecification, header: BlockHeader, parent: BlockHeader, state: State,
    ancestors: any AncestorHashes, provider: any CryptographyProvider, workspace: Workspace
  ) {
    rules = TransactionRules(specification, header)
    self.header = header
    isFirstOfCanyon = specification.beginsCanyon(header, parent: parent)
    footprint = BlockDataGas(rules)
    self.provider = provider
    view = StateView(state, ancestors, workspace.hashings)
    journal = Journal(
      reader: view, fork: rules.fork, rollup: rules.rollup, workspace: workspace)
  }

  /// Runs one transaction and writes its receipt.
  ///
  /// - Throws: `ExecutionFailure`, and then the block is as it was before.
  mutating func execute(
    _ transaction: Transaction, sender: Address, tracer: (any Tracer)? = nil
  ) throws(ExecutionFailure) {
    try checkRoom(transaction)
    let blobs = rules.blobGasLimit - blobGasUsed
    if transaction.blobGas > blobs {
      throw .refused(.blobGasExhausted(needed: transaction.blobGas, available: blobs))
    }
    let dataFootprint = try footprint.next(transaction)
    let transition = Transition(
      rules: rules, journal: journal, provider: provider, tracer: tracer)
    let outcome = try transition.run(transaction, sender: sender)
    footprint.take(transaction, dataFootprint)
    try record(outcome, of: transaction)
  }

  /// Runs a call that nobody signed and writes its receipt, as `eth_simulateV1` does.
  ///
  /// - Throws: `ExecutionFailure`, and then the block is as it was before.
  mutating func simulate(
    _ transaction: Transaction, sender: Address, validates: Bool, tracer: (any Tracer)?
  ) throws(ExecutionFailure) -> TransactionOutcome {
    let transition = Transition(
      rules: rules, journal: journal, provider: provider, tracer: tracer)
    let outcome = try transition.run(
      transaction, sender: sender, mode: .simulation(validates: validates))
    try record(outcome, of: transaction)
    return outcome
  }

  /// Has code see another price of blobs than the one that follows from the header.
  mutating func override(blobBaseFee: UInt256) { rules.block.blobBaseFee = blobBaseFee }

  private mutating func record(
    _ outcome: TransactionOutcome, of transaction: Transaction
  ) throws(ExecutionFailure) {
    gasUsed += outcome.gasUsed
    blobGasUsed += transaction.blobGas
    var receipt = Receipt(
      kind: transaction.kind, outcome: try receiptOutcome(outcome.status),
      cumulativeGasUsed: gasUsed, logs: outcome.logs, gasUsed: outcome.gasUsed,
      effectiveGasPrice: outcome.effectiveGasPrice, contractAddress: outcome.contractAddress,
      blobGasUsed: transaction.blobGas)
    if transaction.kind == .deposit, let rollup = rules.rollup {
      if rollup >= .regolith { receipt.depositNonce = outcome.nonce }
      if rollup >= .canyon { receipt.depositReceiptVersion = 1 }
    }
    receipts.append(receipt)
  }

  /// Whether the block has so much gas left; a system transaction before Regolith takes none.
  private func checkRoom(_ transaction: Transaction) throws(ExecutionFailure) {
    if let deposit = transaction.deposit, deposit.isSystemTransaction, rules.rollup == .bedrock {
      return
    }
    if transaction.gasLimit > rules.block.gasLimit {
      throw .refused(
        .gasLimitAboveBlock(limit: transaction.gasLimit, block: rules.block.gasLimit))
    }
    let available = rules.block.gasLimit - min(gasUsed, rules.block.gasLimit)
    if transaction.gasLimit > available {
      throw .refused(.blockGasExhausted(needed: transaction.gasLimit, available: available))
    }
  }

  /// What a header since Cancun counts as blob gas: since Jovian the footprint of the data.
  var headerBlobGasUsed: UInt64 { rules.specification.isOptimism ? footprint.used : blobGasUsed }

  /// Since Byzantium the status (EIP-658), before it the state root after the transaction.
  private func receiptOutcome(_ status: CallStatus) throws(ExecutionFailure) -> ReceiptOutcome {
    if rules.fork >= .byzantium { return .status(status == .success) }
    return .postState(
      try reading { () throws(StateMiss) in try view.state(after: journal.diff()).root })
  }

  /// The calls before the first transaction: beacon root (EIP-4788) and parent hash (EIP-2935);
  /// once in a chain's life, before them, the DAO's ether (EIP-779).
  ///
  /// `knowsParent` says whether the header's parent hash is one.
  func begin(knowsParent: Bool = true) throws(BlockFault) {
    if isFirstOfCanyon { try deployCanyonContract() }
    if rules.specification.forks.daoForkBlock == header.number {
      do throws(StateMiss) { try WithdrawalOfTheDAO.apply(to: journal) } catch {
        throw .stopped(.miss(error))
      }
    }
    if rules.fork >= .cancun, let root = header.parentBeaconBlockRoot {
      _ = try systemCall(SystemContracts.beaconRoots, input: root.bytes)
    }
    if rules.fork >= .prague, knowsParent {
      _ = try systemCall(SystemContracts.historyStorage, input: header.parentHash.bytes)
    }
  }

  /// What comes after the last transaction: rewards, withdrawals, requests.
  ///
  /// `isStrict` refuses a chain without the contracts that hold requests; a development chain
  /// without them has none.
  func finish(
    withdrawals: [Withdrawal], rewards: [BlockReward], isStrict: Bool
  ) throws(BlockFault) -> [Bytes] {
    do throws(StateMiss) {
      for reward in rewards { try journal.addBalance(reward.amount, to: reward.address) }
      for withdrawal in withdrawals {
        try journal.addBalance(withdrawal.amount, to: withdrawal.address)
      }
    } catch {
      throw .stopped(.miss(error))
    }
    guard rules.fork >= .prague, !rules.specification.isOptimism else { return [] }
    var logs: [Log] = []
    for receipt in receipts { logs += receipt.logs }
    guard
      let deposits = Requests.deposits(in: logs, of: rules.specification.depositContract)
    else { throw .malformedDeposit }
    var requests: [Bytes] = []
    if !deposits.isEmpty { requests.append([Requests.depositType] + deposits) }
    for (type, contract) in [
      (Requests.withdrawalType, SystemContracts.withdrawalRequests),
      (Requests.consolidationType, SystemContracts.consolidationRequests),
    ] {
      let data = try systemCall(contract, input: [])
      if data == nil, isStrict { throw .systemCallFailed(contract) }
      if let data, !data.isEmpty { requests.append([type] + data) }
    }
    return requests
  }

  /// Canyon puts the deployer for CREATE2 into the state by itself.
  private func deployCanyonContract() throws(BlockFault) {
    journal.beginTransaction()
    do throws(StateMiss) {
      try journal.setCode(CanyonContract.code, of: CanyonContract.address)
    } catch {
      throw .stopped(.miss(error))
    }
    _ = journal.endTransaction()
  }

  /// What a call by the protocol gives; nil when there is no code or the call fails.
  private func systemCall(
    _ contract: Address, input: Bytes
  ) throws(BlockFault) -> Bytes? {
    journal.beginTransaction()
    let machine = Machine(
      fork: rules.fork, block: rules.block,
      transaction: TransactionEnvironment(origin: SystemContracts.caller), journal: journal,
      provider: provider)
    do throws(StateMiss) {
      if try journal.code(contract).isEmpty {
        _ = journal.endTransaction()
        return nil
      }
    } catch {
      throw .stopped(.miss(error))
    }
    journal.warm(contract)
    do throws(ExecutionStop) {
      let result = try machine.run(
        Message.call(
          from: SystemContracts.caller, to: contract, input: input,
          gasLimit: SystemContracts.gasLimit))
      _ = journal.endTransaction()
      return result.status == .success ? result.output : nil
    } catch {
      throw .stopped(error)
    }
  }

  /// What proof of work earns in this block; nothing since Paris.
  func rewards(for ommers: [BlockHeader]) -> [BlockReward] {
    guard rules.fork < .paris else { return [] }
    return BlockReward.all(
      BlockReward.amount(rules.fork), feeRecipient: header.feeRecipient,
      ommers: ommers.map { ($0.feeRecipient, header.number - $0.number) })
  }
}
