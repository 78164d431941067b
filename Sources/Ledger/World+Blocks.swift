import Contracts
import Derivation
import EVM
import Execution
import Primitives

extension World {
  mutating func seal(
    _ sealing: BlockSealing, hint: BlockOutcome?
  ) throws(Misfit) -> [Consequence] {
    if let hint {
      try checkIsSealable(sealing)
      return try extend(sealing.layer, by: hint, candidates: [])
    }
    guard let chain = self[sealing.layer] else { throw .layerNotStarted(sealing.layer) }
    guard rollup == nil || sealing.layer == .one else { throw .rollup(.isRollup) }
    var candidates: [Candidate] = []
    candidates.reserveCapacity(sealing.order.count)
    for hash in sealing.order {
      guard let pooled = chain.pool[hash] else {
        throw .transactionNotPooled(sealing.layer, hash)
      }
      candidates.append(pooled.candidate)
    }
    let outcome: BlockOutcome
    do throws(ExecutionStop) {
      outcome = try build(
        on: chain, timestamp: sealing.timestamp, feeRecipient: sealing.feeRecipient,
        prevRandao: sealing.prevRandao, candidates: candidates)
    } catch {
      throw .block(sealing.layer, number: chain.number + 1, reason: describe(error))
    }
    return try extend(sealing.layer, by: outcome, candidates: candidates)
  }

  /// Whether there is a chain with all that is to be sealed.
  private func checkIsSealable(_ sealing: BlockSealing) throws(Misfit) {
    guard let pool = sealing.layer == .one ? layerOne?.pool : layerTwo?.pool else {
      throw .layerNotStarted(sealing.layer)
    }
    guard rollup == nil || sealing.layer == .one else { throw .rollup(.isRollup) }
    for hash in sealing.order where !pool.holds(hash) {
      throw .transactionNotPooled(sealing.layer, hash)
    }
  }

  mutating func receive(
    _ received: OutsideBlock, hint: BlockOutcome?
  ) throws(Misfit) -> [Consequence] {
    guard let chain = self[received.layer] else { throw .layerNotStarted(received.layer) }
    let isPayload = rollup != nil && received.layer == .two
    let outcome: BlockOutcome
    if let hint {
      outcome = hint
    } else {
      do throws(Refusal) {
        outcome =
          isPayload
          ? try receivePayload(received.encoded, on: chain)
          : try importing(received.encoded, on: chain)
      } catch {
        throw .block(received.layer, number: chain.number + 1, reason: error.message)
      }
    }
    return try extend(received.layer, by: outcome, candidates: [])
  }

  /// Executes the block that a sealing asks for on top of a chain.
  func build(
    on chain: Chain, timestamp: UInt64, feeRecipient: Address, prevRandao: Hash,
    candidates: [Candidate]
  ) throws(ExecutionStop) -> BlockOutcome {
    let parent = chain.head
    let inputs = BlockInputs(
      timestamp: timestamp, feeRecipient: feeRecipient, prevRandao: prevRandao,
      gasLimit: chain.controls.gasLimit ?? parent.header.gasLimit,
      extraData: chain.controls.extraData, withdrawals: chain.controls.nextWithdrawals,
      parentBeaconBlockRoot: .zero,
      baseFeeOverride: chain.controls.nextBaseFee)
    return try workspaces.use { (workspace) throws(ExecutionStop) in
      try buildBlock(
        specification: chain.specification, parent: parent.header, parentHash: parent.hash,
        state: parent.state, inputs: inputs, candidates: candidates,
        ancestorHashes: chain.ancestorHashes, provider: chain.provider(provider),
        workspace: workspace)
    }
  }

  /// Moves a layer's head on to a block and settles what follows from it.
  mutating func extend(
    _ layer: Layer, by outcome: BlockOutcome, candidates: [Candidate]
  ) throws(Misfit) -> [Consequence] {
    let sequence = sequence + 1
    let isPlain = rollup == nil
    self[layer]?.extend(by: outcome, at: sequence, isPlain: isPlain)
    if layer == .two, let oldest = layerTwo?.recent[0].sequence {
      usage.forgetClosed(through: oldest)
    }
    var consequences: [Consequence] = [.extended(layer, outcome)]
    for hash in outcome.transactionHashes {
      self[layer]?.pool.remove(hash, .included, at: sequence)
    }
    // Only now: what is in the block itself was not passed by it.
    for sender in outcome.senders {
      consequences += clearPassed(layer, sender: sender, state: outcome.state)
    }
    for skipped in outcome.skipped where !skipped.refusal.mayPassLater {
      let hash = candidates[skipped.index].transactionHash
      self[layer]?.pool.remove(hash, .dropped, at: sequence)
      consequences.append(.dropped(layer, hash: hash, reason: skipped.refusal.message))
    }
    if layer == .two {
      consequences += settleUsage(by: outcome)
      try noteRollupBlock(outcome.block)
    } else if rollup != nil {
      consequences += try follow(
        L1Block(
          header: outcome.block.header, hash: self[.one]?.head.hash,
          transactions: outcome.block.transactions, receipts: outcome.receipts))
    }
    return consequences
  }

  /// Drops the sender's transactions whose nonce another block has used.
  private mutating func clearPassed(
    _ layer: Layer, sender: Address, state: State
  ) -> [Consequence] {
    let pool = layer == .one ? layerOne?.pool : layerTwo?.pool
    guard pool?.holdsTransactions(of: sender) == true,
      let nonce = try? state.account(sender)?.nonce
    else { return [] }
    let sequence = sequence + 1
    let passed =
      self[layer]?.pool.removePassed(sender: sender, below: nonce, at: sequence) ?? []
    return passed.flatMap { pooled -> [Consequence] in
      let drop = Consequence.dropped(layer, hash: pooled.hash, reason: "nonce too low")
      guard let record = usage.release(transaction: pooled.hash) else { return [drop] }
      return [drop, .usage(record)]
    }
  }

  /// Marks uses as paid or failed by what the block's receipts say.
  private mutating func settleUsage(by outcome: BlockOutcome) -> [Consequence] {
    var consequences: [Consequence] = []
    guard usage.openCount > 0 else { return consequences }
    for (hash, receipt) in zip(outcome.transactionHashes, outcome.receipts) {
      for log in receipt.logs where log.address == AttributionContract.address {
        guard let settled = UsageSettled(topics: log.topics, data: log.data),
          let record = usage.settle(
            settled.receipt, transaction: hash,
            blockNumber: outcome.block.header.number, at: sequence + 1)
        else { continue }
        consequences.append(.usage(record))
      }
      if !receipt.succeeded,
        let record = usage.fail(
          transaction: hash, reason: "the settlement transaction reverted",
          at: sequence + 1)
      {
        consequences.append(.usage(record))
      }
    }
    return consequences
  }
}
