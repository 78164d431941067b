import EVM
import Execution
import Primitives

extension Chain {
  /// The transactions that may enter the next block, each sender's by nonce.
  public func readyTransactions(_ order: TransactionOrder = .fees) -> [PooledTransaction] {
    guard pool.count > 0 else { return [] }
    return pool.ready(
      baseFee: baseFeeOfNextBlock, order: order, accountNonce: nonceAtHead)
  }

  /// Whether the pool holds a transaction that a block could take now.
  var hasReadyTransaction: Bool {
    pool.count > 0 && pool.hasReady(baseFee: baseFeeOfNextBlock, accountNonce: nonceAtHead)
  }

  private func nonceAtHead(_ sender: Address) -> UInt64 {
    ((try? head.account(sender)) ?? nil)?.nonce ?? 0
  }

  /// What the next block's gas will cost, in wei.
  public var baseFeeOfNextBlock: UInt256 {
    controls.nextBaseFee ?? nextBaseFee(parent: head.header, specification: specification)
  }

  /// What the next block's blob gas will cost, in wei.
  public var blobBaseFeeOfNextBlock: UInt256 {
    let timestamp = head.header.timestamp &+ 1
    return specification.blobParameters(at: timestamp).fee(
      excess: nextExcessBlobGas(
        parent: head.header, timestamp: timestamp, specification: specification))
  }

  /// What an OP chain takes beside gas at its head; nil on other chains.
  private var rollupFees: RollupFeeParameters? {
    guard let fork = specification.rollupFork(at: head.header.timestamp) else { return nil }
    return try? head.state.rollupFeeParameters(fork)
  }

  /// Refuses what could not stand in a block now, or, behind a gap in nonces, later.
  func checkPoolable(_ pooled: PooledTransaction) throws(Refusal) {
    guard pool[pooled.hash] == nil else { throw .alreadyKnown }
    let transaction = pooled.transaction
    let account = (try? head.account(pooled.sender)) ?? nil
    let baseFee = baseFeeOfNextBlock
    do throws(TransactionRefusal) {
      try validate(
        transaction, sender: pooled.sender, account: account, head: head.header,
        specification: specification, rollupFees: rollupFees)
      guard transaction.maxFeePerGas >= baseFee else {
        throw .feeCapBelowBaseFee(
          sender: pooled.sender, cap: transaction.maxFeePerGas, baseFee: baseFee)
      }
    } catch {
      throw .transaction(error)
    }
    if let minimum = operatorState.minimumGasPrice, transaction.maxFeePerGas < minimum {
      throw .underpriced(price: transaction.maxFeePerGas, minimum: minimum)
    }
    if let replaced = pool.transaction(sender: pooled.sender, nonce: transaction.nonce) {
      guard pays(transaction, moreThan: replaced.transaction) else { throw .replacementUnderpriced }
    } else {
      guard pool.count < Limits.poolCount else { throw .poolFull(limit: Limits.poolCount) }
    }
  }

  /// Whether both fees are above the other's by the bump that a replacement must pay.
  private func pays(_ new: Transaction, moreThan old: Transaction) -> Bool {
    func bumped(_ fee: UInt256) -> UInt256 {
      let hundred = UInt256(100)
      let factor = UInt256(100 + Limits.replacementBumpInPercent)
      let (product, overflow) = fee.multipliedReportingOverflow(by: factor)
      return overflow ? .max : (product &+ UInt256(99)) / hundred
    }
    return new.maxFeePerGas >= bumped(old.maxFeePerGas)
      && new.maxPriorityFeePerGas >= bumped(old.maxPriorityFeePerGas)
  }
}

extension TransactionRefusal {
  /// Whether a later block may take the transaction after all.
  var mayPassLater: Bool {
    switch self {
    case .nonceTooHigh, .blockGasExhausted, .blobGasExhausted, .blockSizeExhausted,
      .feeCapBelowBaseFee, .blobFeeCapBelowBlobBaseFee:
      true
    default: false
    }
  }
}

extension World {
  /// Whether a layer's pool holds a transaction that a block could take now.
  public func hasReadyTransaction(on layer: Layer) -> Bool {
    self[layer]?.hasReadyTransaction ?? false
  }
}
