import Cryptography
import EVM
import Primitives

extension Transition {
  /// Raises the nonce, warms what is named, sets delegations, and runs the call or the creation.
  func runMessage(
    _ transaction: Transaction, sender: Address, nonce: UInt64, price: UInt256,
    block: BlockEnvironment
  ) throws(ExecutionFailure) -> MessageResult {
    try reading { () throws(StateMiss) in
      try journal.setNonce(nonce &+ 1, of: sender)
      if rules.fork >= .berlin { warm(transaction, sender: sender, nonce: nonce) }
      for authorization in transaction.authorizations { try delegate(authorization) }
      if rules.fork >= .prague, let to = transaction.to, let code = try journal.delegate(to) {
        journal.warm(code)
      }
    }
    let gas = transaction.gasLimit - transaction.intrinsicGas(rules.fork).gas
    let message =
      if let to = transaction.to {
        Message.call(
          from: sender, to: to, value: transaction.value, input: transaction.data, gasLimit: gas)
      } else {
        Message.creation(
          from: sender, at: Address.contract(createdBy: sender, nonce: nonce),
          value: transaction.value, initCode: transaction.data, gasLimit: gas)
      }
    let environment = TransactionEnvironment(
      origin: sender, gasPrice: price, blobHashes: transaction.blobHashes)
    let machine = Machine(
      fork: rules.fork, block: block, transaction: environment, journal: journal,
      provider: provider, tracer: tracer)
    do throws(ExecutionStop) { return try machine.run(message) } catch {
      throw .stopped(error)
    }
  }

  /// EIP-2929, EIP-2930, and EIP-3651 for the fee recipient.
  private func warm(_ transaction: Transaction, sender: Address, nonce: UInt64) {
    journal.warm(sender)
    journal.warm(transaction.to ?? Address.contract(createdBy: sender, nonce: nonce))
    if rules.fork >= .shanghai { journal.warm(rules.block.feeRecipient) }
    for entry in transaction.accessList {
      journal.warm(entry.address)
      for slot in entry.storageKeys { journal.warm(entry.address, slot) }
    }
  }

  /// EIP-7702: sets one delegation; one that is not valid is passed over.
  private func delegate(_ authorization: CodeAuthorization) throws(StateMiss) {
    let chainID = authorization.chainID
    guard chainID.isZero || chainID == UInt256(rules.specification.chainID),
      authorization.nonce < .max, let authority = authorization.authority(provider)
    else { return }
    journal.warm(authority)
    let account = try journal.account(authority)
    if let account, account.codeHash != Keccak256.empty,
      try journal.delegate(authority) == nil
    {
      return
    }
    guard (account?.nonce ?? 0) == authorization.nonce else { return }
    if account != nil {
      journal.addRefund(
        Int64(IntrinsicPrice.authorization - IntrinsicPrice.authorizationOfExisting))
    }
    var code: Bytes = []
    if authorization.address != .zero {
      code = [0xef, 0x01, 0x00]
      authorization.address.append(to: &code)
    }
    try journal.setCode(code, of: authority)
    try journal.setNonce(authorization.nonce + 1, of: authority)
  }
}
