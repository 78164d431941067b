import Contracts
import Cryptography
import Execution
import Primitives

extension World {
  /// Takes an event in: the only place where consequences are computed.
  ///
  /// A pure function of the world and the event. `hint` is what was found out when the event was
  /// decided; without it the same is found out here.
  ///
  /// - Throws: ``Misfit`` when the event is not one that this world could have decided. The world
  ///   is then no longer to be used.
  public mutating func apply(
    _ event: Event, hint: Hint? = nil
  ) throws(Misfit) -> Application {
    try apply(event, payload: event.payload, hint: hint)
  }

  /// The same of an event whose encoding is at hand.
  ///
  /// - Throws: ``Misfit``.
  public mutating func apply(
    _ event: Event, payload: Bytes, hint: Hint?
  ) throws(Misfit) -> Application {
    let entry = Commitment.entryHash(
      sequence: sequence + 1, kind: UInt64(event.kind.rawValue), payload: payload,
      sha256: provider.sha256)
    return try apply(event, entry: entry, hint: hint)
  }

  mutating func apply(
    _ event: Event, entry: Hash, hint: Hint?
  ) throws(Misfit) -> Application {
    guard (sequence == 0) == (event.kind == .genesisDeclared) else { throw .genesisOutOfPlace }
    let before = componentRoots
    let consequences = try consequences(of: event, hint: hint)
    let changed = Commitment.changed(from: before, to: componentRoots)
    sequence += 1
    commitment = Commitment.combine(
      version: rulesVersion, previous: commitment, entry: entry, changed: changed,
      sha256: provider.sha256)
    return Application(commitment: commitment, consequences: consequences)
  }

  /// The roots that commitments are made of, ascending by name.
  public var componentRoots: [Commitment.Component] {
    var roots: [Commitment.Component] = []
    roots.reserveCapacity(12)
    layerOne?.appendRoots(named: ("l1.controls", "l1.head", "l1.pool"), to: &roots)
    layerTwo?.appendRoots(named: ("l2.controls", "l2.head", "l2.pool"), to: &roots)
    if let rollup { roots += rollup.componentRoots }
    if let storage { roots.append(.init(name: "storage", root: storage.root)) }
    roots.append(.init(name: "usage", root: usage.root))
    return roots
  }

  private mutating func consequences(
    of event: Event, hint: Hint?
  ) throws(Misfit) -> [Consequence] {
    switch event {
    case .genesisDeclared(let declaration): try start(declaration)
    case .rollupDeclared(let declaration): try declare(declaration)
    case .rollupBlockSealed(let sealing): try seal(sealing, hint: hint?.block)
    case .sequencingChanged(let isActive): try changeSequencing(isActive)
    case .derivationReset: try resetDerivation()
    case .carrierAccepted(let acceptance): try accept(acceptance)
    case .l1Finalized(let block): try finalize(block)
    case .outsideL1BlockReceived(let block): try receive(block)
    case .transactionAccepted(let acceptance):
      try accept(acceptance, hint: hint?.transaction)
    case .transactionDropped(let drop): try self.drop(drop)
    case .blockSealed(let sealing): try seal(sealing, hint: hint?.block)
    case .headReset(let reset): try self.reset(reset)
    case .controlsChanged(let change): try self.change(change)
    case .accountsEdited(let edit): try self.edit(edit)
    case .transactionImpersonated(let impersonation): try accept(impersonation)
    case .operatorAsked(let change): try self.change(change)
    case .stateLoaded(let loading): try load(loading)
    case .chainForked(let fork): try self.fork(fork)
    case .outsideBlockReceived(let block): try receive(block, hint: hint?.block)
    case .usageReported(let report): try record(report)
    case .storageDeclared(let declaration): try declare(declaration)
    case .storageChanged(let change): try self.change(change)
    case .worldDigested(let digest): try check(digest, hint: hint?.snapshot)
    }
  }

  private mutating func start(_ declaration: GenesisDeclaration) throws(Misfit) -> [Consequence] {
    guard declaration.rulesVersion == Commitment.currentVersion else {
      throw .rulesUnknown(version: declaration.rulesVersion)
    }
    rulesVersion = declaration.rulesVersion
    settler = declaration.settler
    var consequences: [Consequence] = []
    for document in declaration.documents {
      guard self[document.layer] == nil else {
        throw .genesis(layer: document.layer, reason: "declared twice")
      }
      let genesis: Genesis
      do throws(GenesisError) {
        genesis = try GenesisDocument.parse(document.json)
      } catch {
        throw .genesis(layer: document.layer, reason: error.message)
      }
      self[document.layer] = Chain(
        layer: document.layer, genesis: genesis, sequence: sequence + 1)
      consequences.append(.started(document.layer, genesis))
    }
    return consequences
  }

  mutating func accept(
    _ acceptance: TransactionAcceptance, hint: PooledTransaction? = nil
  ) throws(Misfit) -> [Consequence] {
    guard self[acceptance.layer] != nil else { throw .layerNotStarted(acceptance.layer) }
    let pooled: PooledTransaction
    do throws(TransactionError) {
      pooled = if let hint { hint } else { try poolable(acceptance.encoded) }
    } catch {
      throw .transaction(reason: error.message)
    }
    let replaced = self[acceptance.layer]?.pool.insert(pooled, at: pooled.arrival)
    var consequences: [Consequence] = [.pooled(acceptance.layer, pooled)]
    if let replaced, let record = usage.release(transaction: replaced.hash) {
      consequences.append(.usage(record))
    }
    if acceptance.layer == .two, pooled.sender == settler,
      let digest = settledDigest(of: pooled.transaction)
    {
      usage.markSettling(digest, transaction: pooled.hash)
      if let record = usage[digest] { consequences.append(.usage(record)) }
    }
    return consequences
  }

  /// Decodes a transaction and recovers its sender.
  func poolable(_ encoded: Bytes) throws(TransactionError) -> PooledTransaction {
    let transaction = try Transaction.decode(encoded)
    let sender = try transaction.sender(provider)
    return PooledTransaction(
      transaction: transaction, hash: Keccak256.hash(encoded), sender: sender,
      arrival: sequence + 1)
  }

  /// The digest of the receipt that a transaction to the attribution contract settles, if it does.
  private func settledDigest(of transaction: Transaction) -> Hash? {
    guard transaction.to == AttributionContract.address, let domain = usageDomain,
      let settlement = AttributionContract.decodeSettlement(transaction.data)
    else { return nil }
    return settlement.receipt.digest(domain)
  }

  private mutating func drop(_ drop: TransactionDrop) throws(Misfit) -> [Consequence] {
    let sequence = sequence + 1
    let removed = self[drop.layer]?.pool.remove(drop.hash, .dropped, at: sequence)
    guard removed != nil else {
      throw .transactionNotPooled(drop.layer, drop.hash)
    }
    var consequences: [Consequence] = [
      .dropped(drop.layer, hash: drop.hash, reason: drop.reason)
    ]
    if let record = usage.fail(
      transaction: drop.hash, reason: drop.reason, at: sequence)
    {
      consequences.append(.usage(record))
    }
    return consequences
  }

  private mutating func record(_ report: UsageReport) throws(Misfit) -> [Consequence] {
    guard let domain = usageDomain else { throw .layerNotStarted(.two) }
    let record = UsageRecord(
      digest: report.receipt.digest(domain), sequence: sequence + 1, report: report,
      status: .reported)
    usage.add(record)
    return [.usage(record)]
  }
}

extension Chain {
  /// Adds the chain's roots, the controls' only once the operator has changed them.
  fileprivate func appendRoots(
    named names: (controls: String, head: String, pool: String),
    to roots: inout [Commitment.Component]
  ) {
    if controlsRoot != .zero { roots.append(.init(name: names.controls, root: controlsRoot)) }
    roots.append(.init(name: names.head, root: head.hash))
    roots.append(.init(name: names.pool, root: pool.root))
  }
}

extension Commitment {
  /// The components whose root is another one than before, or that were not there.
  static func changed(from before: [Component], to after: [Component]) -> [Component] {
    var place = 0
    return after.filter { component in
      // Both are in the order of their names, so what was there is nearly always here.
      if place < before.count, before[place].name == component.name {
        place += 1
        return before[place - 1].root != component.root
      }
      place = before.firstIndex { $0.name == component.name }.map { $0 + 1 } ?? place
      return !before.contains(component)
    }
  }
}
