import Cryptography
import EVM
import Primitives

/// What a transaction of an OP chain owes beside gas.
struct RollupCharge {
  /// The fee for its data on L1.
  let l1: L1Charge
  let parameters: RollupFeeParameters
  let gasLimit: UInt64
  let fork: RollupFork

  /// What the sender puts down: the operator's fee is for the whole gas limit at first.
  var atMost: UInt256 { l1.fee &+ parameters.operatorFee(gas: gasLimit, fork: fork) }

  /// Gives back what the operator's fee was too high, and the rest to the vaults.
  func settle(
    gasUsed: UInt64, sender: Address, _ journal: Journal
  ) throws(ExecutionFailure) {
    let due = parameters.operatorFee(gas: gasUsed, fork: fork)
    let reserved = parameters.operatorFee(gas: gasLimit, fork: fork)
    try reading { () throws(StateMiss) in
      try journal.addBalance(l1.fee, to: Predeploys.l1FeeVault)
      guard fork >= .isthmus else { return }
      try journal.addBalance(reserved &- due, to: sender)
      try journal.addBalance(due, to: Predeploys.operatorFeeVault)
    }
  }
}

extension Transition {
  /// What `transaction` owes beside gas; nil on other chains.
  func rollupCharge(_ transaction: Transaction) throws(ExecutionFailure) -> RollupCharge? {
    guard let fork = rules.rollup else { return nil }
    let parameters = try reading { () throws(StateMiss) in
      try journal.rollupFeeParameters(fork)
    }
    return RollupCharge(
      l1: parameters.l1Charge(RollupData(transaction.encoded), fork: fork),
      parameters: parameters, gasLimit: transaction.gasLimit, fork: fork)
  }

  /// A deposit of an OP chain: it always happens, and if only as a failure.
  ///
  /// The mint stays and the nonce rises whatever becomes of the call. Before Regolith a deposit
  /// counts with all its gas, and a system transaction with none (OP Stack, deposits).
  func runDeposit(
    _ transaction: Transaction, sender: Address
  ) throws(ExecutionFailure) -> TransactionOutcome {
    guard let deposit = transaction.deposit, let fork = rules.rollup else {
      throw .refused(.typeNotSupported(transaction.kind))
    }
    let (nonce, balance) = try reading { () throws(StateMiss) in
      if !deposit.mint.isZero { try journal.addBalance(deposit.mint, to: sender) }
      return (try journal.nonce(sender), try journal.balance(sender))
    }
    let flatGas = deposit.isSystemTransaction && fork < .regolith ? 0 : transaction.gasLimit
    if let halt = depositFault(transaction, fork: fork, balance: balance) {
      try reading { () throws(StateMiss) in try journal.setNonce(nonce &+ 1, of: sender) }
      return TransactionOutcome(
        status: .halt(halt), gasUsed: flatGas, gasUsedBeforeRefund: flatGas,
        effectiveGasPrice: .zero, nonce: nonce)
    }
    let result = try runMessage(
      transaction, sender: sender, nonce: nonce, price: .zero, block: rules.block)
    var outcome = settledGas(transaction, result)
    if fork < .regolith {
      outcome.gasUsed = flatGas
      outcome.gasUsedBeforeRefund = flatGas
    }
    outcome.nonce = nonce
    if transaction.isCreation {
      outcome.contractAddress = Address.contract(createdBy: sender, nonce: nonce)
    }
    return outcome
  }

  /// Why a deposit fails before its first instruction.
  private func depositFault(
    _ transaction: Transaction, fork: RollupFork, balance: UInt256
  ) -> Halt? {
    if balance < transaction.value { return .insufficientBalance }
    if transaction.gasLimit < transaction.intrinsicGas(rules.fork).minimum { return .outOfGas }
    let isTooLong =
      transaction.isCreation && rules.fork >= .shanghai
      && transaction.data.count > rules.block.initCodeSizeLimit
    // Regolith took system transactions away; one that comes all the same fails.
    let isSystem = transaction.deposit?.isSystemTransaction ?? false
    return isTooLong || (isSystem && fork >= .regolith) ? .outOfGas : nil
  }
}
