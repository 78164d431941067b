import Execution
import Ledger
import Node
import Primitives

extension EthereumService {
  /// The transaction that arguments describe, with what they leave out, signed by an account whose
  /// key the node holds.
  ///
  /// Gas is estimated on the pending block, so that what follows on a waiting transaction works.
  func signedTransaction(
    _ arguments: TransactionArguments, by sender: Address
  ) async throws(RPCError) -> Transaction {
    let completed = try await completedTransaction(arguments, by: sender)
    guard let signed = node.wallet.sign(completed, by: sender) else {
      throw .refused("unknown account")
    }
    return signed
  }

  /// The same without a signature.
  func completedTransaction(
    _ arguments: TransactionArguments, by sender: Address
  ) async throws(RPCError) -> Transaction {
    let chain = try chain()
    var completed = arguments
    completed.from = sender
    try completed.fill(on: chain, limits)
    if completed.nonce == nil { completed.nonce = try nextNonce(of: sender, on: chain) }
    if completed.gasLimit == nil {
      let request = completed.callRequest
      completed.gasLimit = try await calls.run { () throws(RPCError) in
        try gasEstimate(request, at: try point(.pending, on: chain))
      }
    }
    return completed.transaction(on: chain)
  }
}

extension TransactionArguments {
  /// Checks what contradicts itself, and sets the fees that are left out.
  ///
  /// A cap is twice the next base fee and the tip, which outlasts six full blocks.
  fileprivate mutating func fill(
    on chain: Chain, _ usual: EthereumLimits
  ) throws(RPCError) {
    try checkChain(chain.specification)
    if to == nil, (data ?? []).isEmpty {
      throw .refused("contract creation without any data provided")
    }
    if blobHashes != nil || maxFeePerBlobGas != nil {
      throw .refused("blob transactions are not signed by the node; send them raw")
    }
    if chain.head.header.baseFee == nil {
      if maxFeePerGas != nil || maxPriorityFeePerGas != nil {
        throw .refused(
          "maxFeePerGas and maxPriorityFeePerGas are not valid before London is active")
      }
      gasPrice = gasPrice ?? usual.priceBeforeBaseFees
    }
    if gasPrice != nil {
      guard authorizations == nil else {
        throw .refused("a transaction with authorizations has maxFeePerGas, not gasPrice")
      }
      return
    }
    let tip = maxPriorityFeePerGas ?? min(usual.suggestedTip, maxFeePerGas ?? .max)
    let cap =
      maxFeePerGas
      ?? chain.baseFeeOfNextBlock.addingClamped(chain.baseFeeOfNextBlock).addingClamped(tip)
    if cap < tip {
      throw .refused(
        "maxFeePerGas (\(cap.decimalString)) < maxPriorityFeePerGas (\(tip.decimalString))")
    }
    maxPriorityFeePerGas = tip
    maxFeePerGas = cap
  }

  /// The transaction, of the kind that the fields ask for.
  fileprivate func transaction(on chain: Chain) -> Transaction {
    let chainID = chain.specification.chainID
    var transaction = Transaction(
      to: to, chainID: chainID, nonce: nonce ?? 0,
      maxFeePerGas: gasPrice ?? maxFeePerGas ?? .zero,
      maxPriorityFeePerGas: gasPrice ?? maxPriorityFeePerGas ?? .zero, gasLimit: gasLimit ?? 0,
      value: value ?? .zero, data: data ?? [], accessList: accessList ?? [])
    if gasPrice != nil { transaction.kind = accessList == nil ? .legacy : .accessList }
    if let authorizations {
      transaction.kind = .setCode
      transaction.authorizations = authorizations
    }
    return transaction
  }
}

extension UInt256 {
  /// The sum, or the greatest number where it does not fit.
  func addingClamped(_ other: UInt256) -> UInt256 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
