import Contracts
import Cryptography
import EVM
import Execution
import Primitives

extension World {
  /// Judges a command: either it is refused, or these events follow from it.
  ///
  /// A pure function: the world is unchanged until the events are applied.
  ///
  /// - Throws: ``Refusal`` with the reason that the caller is told.
  public func decide(_ command: Command) throws(Refusal) -> Decision {
    switch command {
    case .declareGenesis(let declaration): try declare(declaration)
    case .declareRollup(let declaration): try decide(declaration)
    case .setSequencing(let isActive): try decideSequencing(isActive)
    case .resetDerivation: try decideDerivationReset()
    case .receivePayload(let encoded): try decidePayload(encoded)
    case .finalizeL1(let number): try decideFinality(of: number)
    case .receiveL1Block(let block): try decide(block)
    case .submitTransaction(let layer, let encoded, let content):
      try submit(encoded, with: content, to: layer)
    case .postBatch(let network, let content): try post(network, with: content)
    case .sealBlock(let request): try seal(request)
    case .resetHead(let reset): try decide(reset)
    case .changeControls(let change, let basis): try decide(change, basis: basis)
    case .editAccounts(let edit): try decide(edit)
    case .impersonate(let impersonation): try decide(impersonation)
    case .ask(let change): try decide(change)
    case .loadState(let layer, let document): try decide(document, for: layer)
    case .fork(let fork): try decide(fork)
    case .dropTransaction(let layer, let hash): try decideDrop(hash, from: layer)
    case .receiveBlock(let layer, let encoded): try receive(encoded, on: layer)
    case .reportUsage(let report): try accept(report)
    case .declareStorage(let declaration): try decide(declaration)
    case .digestWorld: decideDigest()
    case .changeStorage(let events): try decide(events)
    }
  }

  private func declare(_ declaration: GenesisDeclaration) throws(Refusal) -> Decision {
    guard sequence == 0 else { throw .genesisAlreadyDeclared }
    var layers: Set<Layer> = []
    for document in declaration.documents {
      guard layers.insert(document.layer).inserted else {
        throw .genesis(layer: document.layer, reason: "declared twice")
      }
      do throws(GenesisError) {
        _ = try GenesisDocument.parse(document.json)
      } catch {
        throw .genesis(layer: document.layer, reason: error.message)
      }
    }
    // Without any document, the world has no chains: a data availability layer by itself.
    guard layers.contains(.two) || layers.isEmpty else {
      throw .genesis(layer: .two, reason: "is missing")
    }
    return Decision(events: [.genesisDeclared(declaration)])
  }

  /// Closes a block over what is ready, and drops what turns out never to be executable.
  ///
  /// The block is executed here once; its outcome goes along as the hint for applying it.
  private func seal(_ request: SealingRequest) throws(Refusal) -> Decision {
    guard let chain = self[request.layer] else { throw .layerNotStarted(request.layer) }
    if rollup != nil, request.layer == .two { return try sealRollup(request) }
    let parent = chain.head.header
    guard request.timestamp > parent.timestamp else {
      throw .timestampNotAboveParent(timestamp: request.timestamp, parent: parent.timestamp)
    }
    let ready = chain.readyTransactions(request.order)
    var candidates = ready.prefix(request.transactionLimit ?? ready.count).map(\.candidate)
    let wanted = candidates.count
    let outcome: BlockOutcome
    do throws(ExecutionStop) {
      (outcome, candidates) = try chain.buildOfWhatIsAtHand(candidates) {
        (candidates) throws(ExecutionStop) in
        try build(
          on: chain, timestamp: request.timestamp, feeRecipient: request.feeRecipient,
          prevRandao: request.prevRandao, candidates: candidates)
      }
    } catch {
      throw .execution(describe(error))
    }
    var events: [Event] = []
    for skipped in outcome.skipped where !skipped.refusal.mayPassLater {
      events.append(
        .transactionDropped(
          TransactionDrop(
            layer: request.layer, hash: candidates[skipped.index].transactionHash,
            reason: skipped.refusal.message)))
    }
    guard request.allowsEmpty || !outcome.block.transactions.isEmpty else {
      guard candidates.count == wanted else {
        throw .execution("what \(wanted - candidates.count) transactions need is not at hand")
      }
      return Decision(events: events)
    }
    events.append(
      .blockSealed(
        BlockSealing(
          layer: request.layer, timestamp: request.timestamp, feeRecipient: request.feeRecipient,
          prevRandao: request.prevRandao, order: outcome.transactionHashes)))
    var hint = outcome
    hint.skipped = []
    return Decision(events: events, hint: .block(hint))
  }

  private func receive(_ encoded: Bytes, on layer: Layer) throws(Refusal) -> Decision {
    guard let chain = self[layer] else { throw .layerNotStarted(layer) }
    guard rollup == nil || layer == .one else { throw .rollup(.isRollup) }
    let outcome = try importing(encoded, on: chain)
    return Decision(
      events: [.outsideBlockReceived(OutsideBlock(layer: layer, encoded: encoded))],
      hint: .block(outcome))
  }

  /// Decodes and executes a foreign block on top of a chain.
  func importing(_ encoded: Bytes, on chain: Chain) throws(Refusal) -> BlockOutcome {
    try importing(try outsideBlock(encoded, number: chain.number + 1), on: chain)
  }

  /// A foreign block that is said to have this number.
  func outsideBlock(_ encoded: Bytes, number: UInt64) throws(Refusal) -> Block {
    guard encoded.count <= Limits.outsideBlockSizeInBytes else {
      throw .block(
        number: number,
        reason: "\(encoded.count) bytes are above the limit of \(Limits.outsideBlockSizeInBytes)")
    }
    do throws(BlockError) {
      return try Block.decode(encoded)
    } catch {
      throw .block(number: number, reason: describe(error))
    }
  }

  /// Executes a foreign block on top of a chain.
  func importing(_ block: Block, on chain: Chain) throws(Refusal) -> BlockOutcome {
    do throws(BlockRejection) {
      return try workspaces.use { (workspace) throws(BlockRejection) in
        try importBlock(
          specification: chain.specification, parent: chain.head.header, state: chain.head.state,
          block: block, ancestorHashes: chain.ancestorHashes, provider: provider,
          workspace: workspace)
      }
    } catch {
      throw .block(number: block.header.number, reason: error.message)
    }
  }

  /// Accepts a use that is signed, new, within its authorisation, and payable as things stand.
  private func accept(_ report: UsageReport) throws(Refusal) -> Decision {
    guard let domain = usageDomain, let chain = layerTwo else { throw .layerNotStarted(.two) }
    do throws(UsageRefusal) {
      try report.check(domain: domain, provider: provider)
      if let last = usage.lastSequence(of: report.authorization.engine),
        report.receipt.sequence <= last
      {
        throw .sequenceNotAbove(last: last, got: report.receipt.sequence)
      }
      let open = usage.openFees(authorization: report.receipt.authorization)
      let (reported, overflow) = open.addingReportingOverflow(report.receipt.fee)
      guard !overflow, reported <= report.authorization.maximumFee else {
        throw .aboveAuthorized(
          maximumFee: report.authorization.maximumFee, reported: overflow ? .max : reported)
      }
      try checkSettles(report, on: chain)
    } catch {
      throw .usage(error)
    }
    return Decision(events: [.usageReported(report)])
  }

  /// Asks the attribution contract, without consequences, whether it would pay.
  private func checkSettles(_ report: UsageReport, on chain: Chain) throws(UsageRefusal) {
    let input = AttributionContract.settle(report.settlement)
    do throws(ViewFailure) {
      _ = try call(AttributionContract.address, input, on: chain)
    } catch {
      throw .settlement(error.message)
    }
  }
}
