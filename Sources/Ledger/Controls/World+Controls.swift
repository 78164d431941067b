import Cryptography
import Derivation
import EVM
import Execution
import Primitives

/// Why a development control is refused.
public enum ControlRefusal: Error, Hashable, Sendable {
  /// The chain is a rollup: nobody could derive it any more from what stands on L1.
  case isRollup
  /// The chain has a rollup on it, so that only its time and when blocks are due can be changed.
  case carriesRollup
  /// The rollup would have more blocks to make up for than is sensible, so many seconds on.
  case tooLate(seconds: UInt64, limit: UInt64)
  /// The pool does not hold the transaction.
  case notPooled(Hash)
  /// The transaction does not bear the mark of its sender.
  case unmarked(sender: Address)
  /// The next block's time is not above that of the head.
  case timestamp(given: UInt64, head: UInt64)
  /// An account is changed twice, or its code is too long.
  case edit(String)
  /// The chain's controls are others than those that the change was made from.
  case changedMeanwhile
  /// Headers can say no more than so many bytes besides.
  case extraData(sizeInBytes: Int, limit: Int)
  /// More withdrawals would wait than can.
  case tooManyWithdrawals(limit: Int)
  /// The chain's blocks have no withdrawals yet.
  case noWithdrawals

  /// The refusal in words.
  public var message: String {
    switch self {
    case .isRollup:
      "the chain is a rollup: after a change by hand nobody could derive it from L1 any more; its "
        + "time is L1's, and can be shifted on L1's port"
    case .carriesRollup:
      "the chain is a rollup's L1: its time, what makes a block due, and its finality can be "
        + "changed by hand, but nothing that its blocks' rules say otherwise"
    case .tooLate(let seconds, let limit):
      "the rollup has a block for every moment: its time can be shifted by at most \(limit) s at "
        + "once, not by \(seconds)"
    case .notPooled(let hash): "transaction \(hash.hexadecimal) is not in the pool"
    case .unmarked(let sender):
      "the transaction does not bear the mark of \(sender.hexadecimal)"
    case .timestamp(let given, let head):
      "Timestamp error: \(given) is lower than or equal to previous block's timestamp \(head)"
    case .edit(let reason): reason
    case .changedMeanwhile: "somebody else has changed the chain's controls meanwhile"
    case .extraData(let size, let limit): "extra exceeds max length. \(size) > \(limit)"
    case .tooManyWithdrawals(let limit): "withdrawal queue full: \(limit) wait already"
    case .noWithdrawals: "the chain's blocks have no withdrawals before Shanghai"
    }
  }
}

extension World {
  /// Changes by hand are for chains that nobody else derives.
  func controllable(_ layer: Layer) throws(Refusal) -> Chain {
    guard let chain = self[layer] else { throw .layerNotStarted(layer) }
    guard rollup == nil else { throw .control(layer == .one ? .carriesRollup : .isRollup) }
    return chain
  }

  /// When L1's blocks are made is its operator's choice also where a rollup stands on it.
  private func changeable(_ change: ControlChange) throws(Refusal) -> Chain {
    guard rollup != nil, change.layer == .one, let chain = layerOne else {
      return try controllable(change.layer)
    }
    var rest = change.controls
    rest.clockOffset = chain.controls.clockOffset
    rest.nextTimestamp = chain.controls.nextTimestamp
    rest.timestampStep = chain.controls.timestampStep
    rest.mode = chain.controls.mode
    guard rest == chain.controls else { throw .control(.carriesRollup) }
    let (shift, overflow) = change.controls.clockOffset.subtractingReportingOverflow(
      chain.controls.clockOffset)
    let next = change.controls.nextTimestamp ?? 0
    let seconds = Swift.max(
      overflow ? .max : UInt64(Swift.max(shift, 0)),
      next - min(next, chain.head.header.timestamp), change.controls.timestampStep ?? 0)
    let (product, isHuge) = Limits.shiftedBlockCount.multipliedReportingOverflow(
      by: rollup?.configuration.blockTime ?? 1)
    let limit = isHuge ? .max : product
    guard seconds <= limit else { throw .control(.tooLate(seconds: seconds, limit: limit)) }
    return chain
  }

  func decide(_ change: ControlChange, basis: ChainControls?) throws(Refusal) -> Decision {
    let chain = try changeable(change)
    if let basis, basis != chain.controls { throw .control(.changedMeanwhile) }
    try check(change.controls, on: chain)
    if let next = change.controls.nextTimestamp, next <= chain.head.header.timestamp {
      throw .control(.timestamp(given: next, head: chain.head.header.timestamp))
    }
    guard change.controls != chain.controls else { return Decision(events: []) }
    return Decision(events: [.controlsChanged(change)])
  }

  /// Refuses what no block of the chain could have.
  private func check(_ controls: ChainControls, on chain: Chain) throws(Refusal) {
    guard controls.extraData.count <= Limits.extraDataSizeInBytes else {
      throw .control(
        .extraData(
          sizeInBytes: controls.extraData.count, limit: Limits.extraDataSizeInBytes))
    }
    if controls.extraData.isEmpty, controls.withdrawals.isEmpty { return }
    guard !chain.specification.isOptimism else { throw .control(.isRollup) }
    if controls.withdrawals.isEmpty { return }
    guard controls.withdrawals.count <= Limits.waitingWithdrawals else {
      throw .control(.tooManyWithdrawals(limit: Limits.waitingWithdrawals))
    }
    guard chain.head.header.withdrawalsRoot != nil else { throw .control(.noWithdrawals) }
  }

  func decide(_ edit: AccountEdit) throws(Refusal) -> Decision {
    let chain = try controllable(edit.layer)
    for (earlier, later) in zip(edit.changes, edit.changes.dropFirst())
    where earlier.address == later.address {
      throw .control(.edit("account \(later.address.hexadecimal) is edited twice"))
    }
    do throws(StateMiss) {
      _ = try edit.applied(to: chain.head.state)
    } catch {
      throw .execution(describe(.miss(error)))
    }
    return Decision(events: [.accountsEdited(edit)])
  }

  func decide(_ impersonation: Impersonation) throws(Refusal) -> Decision {
    let chain = try controllable(impersonation.layer)
    let pooled: PooledTransaction
    do throws(TransactionError) {
      pooled = try self.pooled(impersonation)
    } catch {
      throw .malformedTransaction(error.message)
    }
    guard pooled.transaction.isImpersonation(of: impersonation.sender) else {
      throw .control(.unmarked(sender: impersonation.sender))
    }
    let limit = Limits.pooledTransactionSizeInBytes(on: chain.specification)
    guard impersonation.encoded.count <= limit else {
      throw .transactionTooLarge(
        sizeInBytes: impersonation.encoded.count, limitInBytes: limit)
    }
    try chain.checkPoolable(pooled)
    return Decision(events: [.transactionImpersonated(impersonation)])
  }

  func decideDrop(_ hash: Hash, from layer: Layer) throws(Refusal) -> Decision {
    guard let chain = self[layer] else { throw .layerNotStarted(layer) }
    guard chain.pool[hash] != nil else { throw .control(.notPooled(hash)) }
    return Decision(
      events: [
        .transactionDropped(
          TransactionDrop(layer: layer, hash: hash, reason: "dropped by the operator"))
      ])
  }

  private func pooled(
    _ impersonation: Impersonation
  ) throws(TransactionError) -> PooledTransaction {
    let transaction = try Transaction.decode(impersonation.encoded)
    return PooledTransaction(
      transaction: transaction, hash: transaction.hash, sender: impersonation.sender,
      arrival: sequence + 1)
  }

  // MARK: Consequences

  mutating func change(_ change: ControlChange) throws(Misfit) -> [Consequence] {
    guard self[change.layer] != nil else { throw .layerNotStarted(change.layer) }
    let sequence = sequence + 1
    self[change.layer]?.set(change.controls, at: sequence)
    note(Event.controlsChanged(change).payload, on: change.layer)
    return []
  }

  mutating func edit(_ edit: AccountEdit) throws(Misfit) -> [Consequence] {
    guard let chain = self[edit.layer] else { throw .layerNotStarted(edit.layer) }
    let sequence = sequence + 1
    let diff: StateDiff
    do throws(StateMiss) {
      let edited = try edit.applied(to: chain.head.state)
      self[edit.layer]?.editHead(edited.state, at: sequence)
      diff = edited.diff
    } catch {
      throw .block(edit.layer, number: chain.number, reason: describe(.miss(error)))
    }
    note(Event.accountsEdited(edit).payload, on: edit.layer)
    return [.edited(edit.layer, number: chain.number, diff)]
  }

  mutating func accept(_ impersonation: Impersonation) throws(Misfit) -> [Consequence] {
    guard self[impersonation.layer] != nil else {
      throw .layerNotStarted(impersonation.layer)
    }
    let pooled: PooledTransaction
    do throws(TransactionError) {
      pooled = try self.pooled(impersonation)
    } catch {
      throw .transaction(reason: error.message)
    }
    let replaced = self[impersonation.layer]?.pool.insert(pooled, at: pooled.arrival)
    var consequences: [Consequence] = [.pooled(impersonation.layer, pooled)]
    if let replaced, let record = usage.release(transaction: replaced.hash) {
      consequences.append(.usage(record))
    }
    return consequences
  }

  /// What was done by hand goes into the commitment, since no header covers it.
  mutating func note(_ payload: Bytes, on layer: Layer) {
    let root = self[layer]?.controlsRoot ?? .zero
    self[layer]?.controlsRoot = SHA256.hash(root.bytes + payload)
  }
}
