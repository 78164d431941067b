import Cryptography
import EVM
import Primitives

/// Why a transaction or a call did not run; nothing of it counts.
public enum ExecutionFailure: Error, Hashable, Sendable {
  /// It is not valid here.
  case refused(TransactionRefusal)
  /// It could not be judged: state is missing, or the tracer asked to stop.
  case stopped(ExecutionStop)
}

/// What a transaction or a call did.
public struct TransactionOutcome: Hashable, Sendable {
  /// How it ended.
  public var status: CallStatus
  /// What a halt's message names.
  public var haltDetail = HaltDetail()
  /// Gas used, after refunds and with the floor.
  public var gasUsed: UInt64
  /// The most gas that was in use at a time: before refunds, and with the floor.
  public var gasUsedBeforeRefund: UInt64
  /// What it returned, or why it reverted; for a creation that succeeded, the code.
  public var output: Bytes = []
  /// What it logged.
  public var logs: [Log] = []
  /// Where it creates a contract, also when that failed.
  public var contractAddress: Address?
  /// What it paid per gas, in wei.
  public var effectiveGasPrice: UInt256
  /// The sender's nonce before it.
  public var nonce: UInt64
}

/// How strictly a transaction is taken.
enum TransitionMode {
  /// In a block: everything counts.
  case transaction
  /// `eth_call`: no nonce, no signature; fees only if the caller names some.
  case call
  /// `eth_simulateV1`: as in a block if it is to be validated, else as `eth_call`, but code sees
  /// the block's base fee all the same.
  case simulation(validates: Bool)

  /// Whether fees that nobody names are not asked for.
  var forgivesFees: Bool {
    switch self {
    case .transaction, .simulation(validates: true): false
    case .call, .simulation(validates: false): true
    }
  }

  /// Whether the nonce counts.
  var checksNonce: Bool { !forgivesFees }

  var isTransaction: Bool { if case .transaction = self { true } else { false } }

  var isSimulation: Bool { if case .simulation = self { true } else { false } }
}

/// One transaction against a journal: checks, payment, call, refund.
///
/// Source: Yellow Paper, section 6, and the EIPs named below.
struct Transition {
  let rules: TransactionRules
  let journal: Journal
  let provider: any CryptographyProvider
  var tracer: (any Tracer)?

  /// Runs `transaction` and ends it in the journal.
  ///
  /// - Throws: `ExecutionFailure`, and then the journal is as it was before.
  func run(
    _ transaction: Transaction, sender: Address, mode: TransitionMode = .transaction
  ) throws(ExecutionFailure) -> TransactionOutcome {
    journal.beginTransaction()
    tracer?.transactionBegins(journal)
    let start = journal.checkpoint()
    do throws(ExecutionFailure) {
      var outcome =
        transaction.kind == .deposit
        ? try runDeposit(transaction, sender: sender)
        : try runPaid(transaction, sender: sender, mode: mode)
      outcome.logs = journal.endTransaction()
      tracer?.transactionEnds(journal)
      return outcome
    } catch {
      journal.revert(to: start)
      _ = journal.endTransaction()
      throw error
    }
  }

  private func runPaid(
    _ transaction: Transaction, sender: Address, mode: TransitionMode
  ) throws(ExecutionFailure) -> TransactionOutcome {
    // What is charged, and what code sees of it.
    var block = rules.block
    if mode.forgivesFees {
      if transaction.maxFeePerGas.isZero { block.baseFee = .zero }
      if transaction.maxFeePerBlobGas.isZero { block.blobBaseFee = .zero }
    }
    let nonce = try reading { () throws(StateMiss) in try journal.nonce(sender) }
    try check(transaction, sender: sender, nonce: nonce, mode: mode)
    let price = transaction.effectiveGasPrice(baseFee: block.baseFee)
    let charge = mode.isTransaction ? try rollupCharge(transaction) : nil
    try buyGas(
      transaction, sender: sender, price: price, blobBaseFee: block.blobBaseFee, charge)
    let result = try runMessage(
      transaction, sender: sender, nonce: nonce, price: price,
      block: mode.isSimulation ? rules.block : block)
    var outcome = settledGas(transaction, result)
    outcome.effectiveGasPrice = price
    outcome.nonce = nonce
    if transaction.isCreation {
      outcome.contractAddress = Address.contract(createdBy: sender, nonce: nonce)
    }
    try pay(transaction, sender: sender, outcome: outcome, baseFee: block.baseFee)
    if let charge { try charge.settle(gasUsed: outcome.gasUsed, sender: sender, journal) }
    return outcome
  }

  /// Checks what the mode asks for before anything is paid.
  private func check(
    _ transaction: Transaction, sender: Address, nonce: UInt64, mode: TransitionMode
  ) throws(ExecutionFailure) {
    try refusing { () throws(TransactionRefusal) in
      if mode.checksNonce { try checkNonce(transaction, nonce: nonce) }
      switch mode {
      case .transaction: try rules.check(transaction, sender: sender)
      case .call, .simulation(validates: false): try checkCall(transaction, sender: sender)
      case .simulation(validates: true):
        if nonce == .max { throw .nonceExhausted(sender: sender, nonce: nonce) }
        try rules.checkFees(transaction, sender: sender)
        try rules.checkBlobs(transaction, sender: sender)
        try rules.checkGas(transaction)
      }
    }
    if mode.isTransaction, !transaction.isImpersonation(of: sender) {
      try checkCode(of: sender)
    }
  }

  /// The gas accounts after the message (EIP-3529 for refunds, EIP-7623 for the floor).
  func settledGas(_ transaction: Transaction, _ result: MessageResult) -> TransactionOutcome {
    let used = transaction.gasLimit - result.gasLeft
    let cap = used / (rules.fork >= .london ? 5 : 2)
    let refund = min(UInt64(max(journal.refund, 0)), cap)
    let floor = transaction.intrinsicGas(rules.fork).floor
    return TransactionOutcome(
      status: result.status, haltDetail: result.haltDetail, gasUsed: max(used - refund, floor),
      gasUsedBeforeRefund: max(used, floor), output: result.output, effectiveGasPrice: .zero,
      nonce: 0)
  }

  private func checkNonce(
    _ transaction: Transaction, nonce: UInt64
  ) throws(TransactionRefusal) {
    if transaction.nonce < nonce { throw .nonceTooLow(expected: nonce, got: transaction.nonce) }
    if transaction.nonce > nonce { throw .nonceTooHigh(expected: nonce, got: transaction.nonce) }
  }

  /// What geth asks of a call: fees and blobs only when they are named, and enough gas to start.
  private func checkCall(
    _ transaction: Transaction, sender: Address
  ) throws(TransactionRefusal) {
    if !transaction.maxFeePerGas.isZero || !transaction.maxPriorityFeePerGas.isZero {
      try rules.checkFees(transaction, sender: sender)
    }
    try rules.checkBlobs(
      transaction, sender: sender, asksFee: !transaction.maxFeePerBlobGas.isZero)
    try rules.checkGas(transaction)
  }

  /// EIP-3607: who has code sends nothing, unless the code is a delegation (EIP-7702).
  private func checkCode(of sender: Address) throws(ExecutionFailure) {
    let code = try reading { () throws(StateMiss) in
      let isPlain = try journal.codeHash(sender) == Keccak256.empty
      return isPlain ? [] : try journal.code(sender)
    }
    let isDelegation = code.count == 23 && code.starts(with: [0xef, 0x01, 0x00])
    if code.isEmpty || (isDelegation && rules.fork >= .prague) { return }
    throw .refused(.senderNotExternallyOwned(sender: sender, codeSizeInBytes: code.count))
  }

  /// Takes the price of the gas limit and of the blobs from the sender, who must own the most that
  /// both and the value could cost.
  private func buyGas(
    _ transaction: Transaction, sender: Address, price: UInt256, blobBaseFee: UInt256,
    _ charge: RollupCharge?
  ) throws(ExecutionFailure) {
    let balance = try reading { () throws(StateMiss) in try journal.balance(sender) }
    let extra = charge?.atMost ?? .zero
    let sum = transaction.maximumCost?.addingReportingOverflow(extra)
    guard let sum, !sum.overflow, sum.partialValue <= balance else {
      let cost = sum.map { $0.overflow ? .max : $0.partialValue }
      throw .refused(.insufficientFunds(sender: sender, balance: balance, cost: cost ?? .max))
    }
    let gas = UInt256(transaction.gasLimit) &* price
    let blobs = UInt256(transaction.blobGas) &* blobBaseFee
    _ = try reading { () throws(StateMiss) in
      try journal.subtractBalance(gas &+ blobs &+ extra, from: sender)
    }
  }

  /// Gives back the price of the gas that is left, and the fees to whom they belong.
  private func pay(
    _ transaction: Transaction, sender: Address, outcome: TransactionOutcome, baseFee: UInt256
  ) throws(ExecutionFailure) {
    let price = outcome.effectiveGasPrice
    let used = UInt256(outcome.gasUsed)
    let tip = rules.fork >= .london ? price &- baseFee : price
    try reading { () throws(StateMiss) in
      try journal.addBalance(
        UInt256(transaction.gasLimit - outcome.gasUsed) &* price, to: sender)
      try journal.addBalance(used &* tip, to: rules.block.feeRecipient)
      if rules.specification.isOptimism {
        try journal.addBalance(used &* baseFee, to: SystemContracts.baseFeeVault)
      }
    }
  }
}

/// Runs what may miss state.
func reading<Result>(
  _ body: () throws(StateMiss) -> Result
) throws(ExecutionFailure) -> Result {
  do throws(StateMiss) { return try body() } catch { throw .stopped(.miss(error)) }
}

/// Runs what may refuse a transaction.
func refusing(
  _ body: () throws(TransactionRefusal) -> Void
) throws(ExecutionFailure) {
  do throws(TransactionRefusal) { try body() } catch { throw .refused(error) }
}
