import Cryptography
import Derivation
import EVM
import Execution
import Primitives

extension World {
  /// Takes in how the second layer settles on the first.
  mutating func declare(_ declaration: RollupDeclaration) throws(Misfit) -> [Consequence] {
    do throws(GenesisError) {
      rollup = try beginning(declaration)
    } catch {
      throw .genesis(layer: .two, reason: "rollup: \(error.message)")
    }
    guard let one = layerOne else { return [] }
    return try follow(
      L1Block(header: one.head.header, hash: one.head.hash, transactions: [], receipts: []))
  }

  /// The rollup that a declaration begins, where the chains stand at its genesis.
  func beginning(_ declaration: RollupDeclaration) throws(GenesisError) -> Rollup {
    let document = try RollupDocument(parsing: declaration.document)
    let configuration = document.configuration
    guard rollup == nil, let two = layerTwo, two.number == configuration.genesis.l2.number else {
      throw GenesisError(field: "", reason: "is declared once, before the second block")
    }
    guard two.specification.isOptimism else {
      throw GenesisError(field: "", reason: "l2 has not the rules of an OP chain")
    }
    guard two.head.hash == configuration.genesis.l2.hash else {
      throw GenesisError(
        field: "genesis.l2.hash",
        reason: "is \(configuration.genesis.l2.hash.hexadecimal), the chain begins with "
          + two.head.hash.hexadecimal)
    }
    guard two.specification.chainID == configuration.l2ChainID else {
      throw GenesisError(
        field: "l2_chain_id", reason: "is not the chain's, \(two.specification.chainID)")
    }
    if let one = layerOne, one.head.hash != configuration.genesis.l1.hash {
      throw GenesisError(
        field: "genesis.l1.hash",
        reason: "is \(configuration.genesis.l1.hash.hexadecimal), l1 stands at "
          + one.head.hash.hexadecimal)
    }
    let genesis = L2Head(genesisOf: configuration, parentHash: two.head.header.parentHash)
    return Rollup(document: document, genesis: genesis, provider: provider)
  }

  /// Closes a block of the rollup.
  mutating func seal(
    _ sealing: RollupBlockSealing, hint: BlockOutcome?
  ) throws(Misfit) -> [Consequence] {
    guard let chain = layerTwo else { throw .layerNotStarted(.two) }
    var pooled: [Candidate] = []
    pooled.reserveCapacity(sealing.order.count)
    for hash in sealing.order {
      guard let found = chain.pool[hash] else { throw .transactionNotPooled(.two, hash) }
      pooled.append(found.candidate)
    }
    let outcome: BlockOutcome
    let candidates: [Candidate]
    do throws(Refusal) {
      let plan = try plan(
        origin: BlockIdentifier(hash: sealing.originHash, number: sealing.originNumber))
      guard pooled.isEmpty || !plan.excludesPool else {
        throw .rollup(.poolExcluded(origin: sealing.originNumber))
      }
      candidates = plan.deposits + pooled
      outcome =
        if let hint { hint } else {
          try build(plan.inputs, candidates: candidates, on: chain)
        }
    } catch {
      throw .block(.two, number: chain.number + 1, reason: error.message)
    }
    return try extend(.two, by: outcome, candidates: candidates)
  }

  /// What the next block of a rollup must be made of.
  struct RollupPlan {
    var inputs: BlockInputs
    /// The L1 attributes, deposits and upgrades at the block's head.
    var deposits: [Candidate]
    /// Whether nothing may follow them.
    var excludesPool: Bool
  }

  /// What a rollup's next block would be made of now: its inputs, and the deposits at its head; nil
  /// where the second layer is a plain chain.
  public var nextRollupBlock: (inputs: BlockInputs, deposits: [Candidate])? {
    guard let origin = rollup?.nextOrigin(confirmations: 0),
      let plan = try? plan(origin: origin.identifier)
    else { return nil }
    return (plan.inputs, plan.deposits)
  }

  /// What the next block with this L1 origin must be made of.
  func plan(origin: BlockIdentifier) throws(Refusal) -> RollupPlan {
    guard let rollup else { throw .rollup(.none) }
    guard let epoch = rollup.epoch(origin.number), epoch.reference.hash == origin.hash else {
      throw .rollup(.originUnknown(number: origin.number))
    }
    let attributes: PayloadAttributes
    do throws(AttributesError) {
      attributes = try rollup.configuration.payloadAttributes(
        parent: rollup.unsafe, epoch: epoch, excludesPool: false)
    } catch {
      throw .rollup(.attributes(error))
    }
    let drift = rollup.configuration.maximumSequencerDrift(at: epoch.reference.timestamp)
    let isLate = attributes.inputs.timestamp > epoch.reference.timestamp &+ drift
    return RollupPlan(
      inputs: attributes.inputs, deposits: try candidates(attributes.transactions),
      excludesPool: attributes.excludesPool || isLate)
  }

  /// The transactions of a payload with who sent them.
  func candidates(_ encoded: [Bytes]) throws(Refusal) -> [Candidate] {
    var candidates: [Candidate] = []
    candidates.reserveCapacity(encoded.count)
    for bytes in encoded {
      do throws(TransactionError) {
        let transaction = try Transaction.decode(bytes)
        let sender =
          if let deposit = transaction.deposit { deposit.from } else {
            try transaction.sender(provider)
          }
        candidates.append(Candidate(transaction: transaction, sender: sender))
      } catch {
        throw .malformedTransaction(error.message)
      }
    }
    return candidates
  }

  /// Executes a block of a rollup on top of a chain.
  func build(
    _ inputs: BlockInputs, candidates: [Candidate], on chain: Chain
  ) throws(Refusal) -> BlockOutcome {
    do throws(ExecutionStop) {
      return try workspaces.use { (workspace) throws(ExecutionStop) in
        try buildBlock(
          specification: chain.specification, parent: chain.head.header,
          parentHash: chain.head.hash, state: chain.head.state, inputs: inputs,
          candidates: candidates, ancestorHashes: chain.ancestorHashes, provider: provider,
          workspace: workspace)
      }
    } catch {
      throw .execution(describe(error))
    }
  }

  /// Judges a request for a rollup's next block.
  func sealRollup(_ request: SealingRequest) throws(Refusal) -> Decision {
    guard let rollup, let chain = layerTwo else { throw .rollup(.none) }
    guard layerOne != nil else { throw .rollup(.follows) }
    guard rollup.isSequencing else { throw .rollup(.sequencerStopped) }
    let (next, overflow) = rollup.unsafe.reference.timestamp.addingReportingOverflow(
      rollup.configuration.blockTime)
    guard !overflow else { throw .execution("the chain has come to the end of time") }
    guard chain.number - rollup.safe.reference.number < Limits.unsafeBlockCount else {
      throw .rollup(.tooFarAhead(limit: Limits.unsafeBlockCount))
    }
    guard let origin = rollup.nextOrigin(confirmations: request.originConfirmations) else {
      throw .rollup(.originUnknown(number: rollup.unsafe.reference.l1Origin.number + 1))
    }
    let plan = try plan(origin: origin.identifier)
    let pooled =
      plan.excludesPool
      ? []
      : chain.readyTransactions(request.order).map(\.candidate)
    let candidates = plan.deposits + pooled
    let outcome = try build(plan.inputs, candidates: candidates, on: chain)
    precondition(outcome.block.header.timestamp == next, "blocks follow at the block time")
    var events: [Event] = []
    for skipped in outcome.skipped where !skipped.refusal.mayPassLater {
      events.append(
        .transactionDropped(
          TransactionDrop(
            layer: .two, hash: candidates[skipped.index].transactionHash,
            reason: skipped.refusal.message)))
    }
    let order = zip(outcome.block.transactions, outcome.transactionHashes)
      .filter { $0.0.kind != .deposit }.map(\.1)
    guard request.allowsEmpty || !order.isEmpty else { return Decision(events: events) }
    events.append(
      .rollupBlockSealed(
        RollupBlockSealing(
          originNumber: origin.number, originHash: origin.hash, order: order)))
    var hint = outcome
    hint.skipped = []
    return Decision(events: events, hint: .block(hint))
  }
}

extension Rollup {
  /// The L1 origin of the next block: the next L1 block as soon as it is old enough and has so
  /// many on top, or else that of the head; nil if that is not at hand.
  ///
  /// Once the head's origin is too old for transactions the confirmations no longer count.
  public func nextOrigin(confirmations: UInt64) -> L1BlockReference? {
    let head = unsafe.reference
    guard let current = epoch(head.l1Origin.number)?.reference, let l1Head else { return nil }
    guard let next = epoch(current.number + 1)?.reference else { return current }
    let timestamp = head.timestamp &+ configuration.blockTime
    guard next.timestamp <= timestamp else { return current }
    let drift = configuration.maximumSequencerDrift(at: current.timestamp)
    let isLate = timestamp > current.timestamp &+ drift
    return isLate || confirmations <= l1Head.number - next.number ? next : current
  }
}
