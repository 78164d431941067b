import Derivation
import Execution
import JSON
import Ledger
import Node
import Primitives
import Views

/// op-node's methods, over a rollup that this node runs or follows.
///
///     optimism_outputAtBlock(number)      the output root of an L2 block, with what it is made of
///     optimism_syncStatus()               L1's and L2's heads: unsafe, safe, finalised
///     optimism_rollupConfig()             the configuration, in rollup.json's form
///     optimism_safeHeadAtL1Block(number)  the safe head after an L1 block
///     optimism_version()                  this program
///     admin_startSequencer(hash)          has the sequencer go on from the head, which is named
///     admin_stopSequencer()               stops it, and answers the head
///     admin_sequencerActive()             whether it makes blocks
///     admin_resetDerivationPipeline()     derives again from a channel's timeout below the safe head
///     admin_postUnsafePayload(envelope)   takes a block of another sequencer on top of the unsafe
///                                         head, or has it wait for the blocks before it
public func rollupMethods(node: Node) -> [String: RPCMethod] {
  let methods = RollupMethods(node: node, payloads: PayloadQueue(node: node))
  return [
    "optimism_outputAtBlock": .asynchronous(methods.outputAtBlock),
    "optimism_syncStatus": .immediate(methods.syncStatus),
    "optimism_rollupConfig": .immediate(methods.configuration),
    "optimism_safeHeadAtL1Block": .immediate(methods.safeHead),
    "optimism_version": .immediate { (parameters) throws(RPCError) in
      try parameters.limit(to: 0)
      return .string(ethereumClientVersion)
    },
    "admin_startSequencer": .asynchronous(methods.startSequencer),
    "admin_stopSequencer": .asynchronous(methods.stopSequencer),
    "admin_sequencerActive": .immediate(methods.sequencerActive),
    "admin_resetDerivationPipeline": .asynchronous(methods.resetDerivation),
    "admin_postUnsafePayload": .asynchronous(methods.postPayload),
  ]
}

private struct RollupMethods: Sendable {
  let node: Node
  let payloads: PayloadQueue

  private func rollup() throws(RPCError) -> Rollup {
    guard let rollup = node.world.rollup else { throw .refused(RollupRefusal.none.message) }
    return rollup
  }

  @Sendable func syncStatus(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    try parameters.limit(to: 0)
    return RollupJSON.status(try rollup())
  }

  @Sendable func configuration(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    try parameters.limit(to: 0)
    return try rollup().document.json
  }

  @Sendable func safeHead(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    try parameters.limit(to: 1)
    let number = try parameters.required(0).uint64()
    let rollup = try rollup()
    guard let head = rollup.l1Head, number <= head.number, let found = rollup.safeHead(at: number)
    else { throw .refused("safe head not found") }
    return [
      "l1Block": found.l1.json, "safeHead": found.l2.identifier.json,
    ]
  }

  @Sendable func outputAtBlock(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 1)
    let number = try parameters.required(0).uint64()
    let rollup = try rollup()
    let stored: StoredBlock?
    let first: Transaction?
    do throws(ViewsError) {
      (stored, first) = try node.views.read { (views) throws(ViewsError) in
        (
          try views.block(.two, number: number),
          try views.transaction(.two, inBlock: number, at: 0)?.transaction
        )
      }
    } catch {
      throw .internalFailure(error.message)
    }
    guard let stored else { throw .refused("failed to get L2 block ref: not found") }
    guard let output = OutputRoot(of: stored.header, hash: stored.hash),
      let head = try? L2Head(
        header: stored.header, hash: stored.hash, firstTransaction: first,
        configuration: rollup.configuration)
    else { throw .refused("block \(number) has no output root") }
    return [
      "version": .string(Hash.zero.hexadecimal), "outputRoot": .string(output.hash.hexadecimal),
      "blockRef": RollupJSON.block(head.reference),
      "withdrawalStorageRoot": .string(output.messagePasserStorageRoot.hexadecimal),
      "stateRoot": .string(output.stateRoot.hexadecimal), "syncStatus": RollupJSON.status(rollup),
    ]
  }

  @Sendable func sequencerActive(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    try parameters.limit(to: 0)
    return .bool(try rollup().isSequencing)
  }

  @Sendable func stopSequencer(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 0)
    try await submit(.setSequencing(isActive: false))
    return .string(try rollup().unsafe.reference.hash.hexadecimal)
  }

  @Sendable func startSequencer(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 1)
    let named = try parameters.required(0).hash()
    let head = try rollup().unsafe.reference.hash
    guard named == head else {
      throw .refused(
        "block hash does not match: head \(head.hexadecimal), received \(named.hexadecimal)")
    }
    try await submit(.setSequencing(isActive: true))
    return .null
  }

  @Sendable func resetDerivation(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 0)
    _ = try rollup()
    let start = node.world.derivationStart
    try await submit(.resetDerivation)
    if let start { node.configuration.report("derivation began again at L1 block \(start.number)") }
    return .null
  }

  @Sendable func postPayload(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 1)
    let envelope = try PayloadEnvelope(parameters.required(0))
    let (header, hash) = (envelope.block.header, envelope.block.hash)
    guard hash == envelope.statedHash else {
      throw .refused(
        "payload has bad block hash: \(envelope.statedHash.hexadecimal), actual block hash is: "
          + hash.hexadecimal)
    }
    let encoded = envelope.block.encoded
    // Blocks may come out of order: one whose parent is yet to come waits for it.
    let head = try rollup().unsafe.reference.number
    if header.number > head + 1, header.number - head <= PayloadQueue.reach,
      node.world.takesPayloads,
      payloads.add(
        number: header.number, parent: header.parentHash, hash: hash, encoded: encoded)
    {
      return .null
    }
    try await submit(.receivePayload(encoded: encoded))
    return .null
  }

  private func submit(_ command: Command) async throws(RPCError) {
    let result = await withCheckedContinuation { continuation in
      node.submit(command) { continuation.resume(returning: $0) }
    }
    if case .failure(let failure) = result { throw RPCError(failure) }
  }
}
