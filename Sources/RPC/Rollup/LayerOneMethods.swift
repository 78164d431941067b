import Derivation
import EventLog
import Execution
import JSON
import Ledger
import Node
import Primitives

/// What only the first layer's port serves.
///
///     opal_reorg(depth)        takes so many L1 blocks back; what stood in them waits again
///     opal_finalize(number?)   says that a block, the head if none is named, and all before are final
///     opal_getBlob(hash)       a blob by its versioned hash, with commitment and proof
///     opal_getInput(hash)      the data behind a Keccak-256 commitment
///     opal_getRollup()         the documents with which the rollup began: what a follower needs
public func layerOneMethods(node: Node) -> [String: RPCMethod] {
  let methods = LayerOneMethods(node: node)
  return [
    "opal_reorg": .asynchronous(methods.reorganise),
    "opal_finalize": .asynchronous(methods.finalize),
    "opal_getBlob": .asynchronous(methods.blob),
    "opal_getInput": .asynchronous(methods.input),
    "opal_getRollup": .asynchronous(methods.beginning),
  ]
}

private struct LayerOneMethods: Sendable {
  let node: Node

  @Sendable func reorganise(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 1)
    let depth = try parameters.required(0).uint64()
    guard let chain = node.world.layerOne else {
      throw .refused(Refusal.layerNotStarted(.one).message)
    }
    let position: UInt64
    do throws(ResetRefusal) {
      position = try chain.position(depth: depth)
    } catch {
      throw .refused(error.message)
    }
    let reset = HeadReset(layer: .one, position: position, parts: .chain)
    let result = await withCheckedContinuation { continuation in
      node.submit(.resetHead(reset)) { continuation.resume(returning: $0) }
    }
    if case .failure(let failure) = result { throw RPCError(failure) }
    return JSON.quantity(node.world.layerOne?.number ?? 0)
  }

  @Sendable func finalize(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 1)
    let given = try parameters.optional(0)?.uint64()
    guard let rollup = node.world.rollup, let head = rollup.l1Head else {
      throw .refused(RollupRefusal.none.message)
    }
    let result = await withCheckedContinuation { continuation in
      node.submit(.finalizeL1(number: given ?? head.number)) { continuation.resume(returning: $0) }
    }
    if case .failure(let failure) = result { throw RPCError(failure) }
    return JSON.quantity(node.world.rollup?.l1Finalized?.number ?? 0)
  }

  @Sendable func beginning(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 0)
    let events: [Event?]
    do throws(EventLogError) {
      events = try node.log.read { (log) throws(EventLogError) in
        var events: [Event?] = []
        for sequence in UInt64(1)...2 where sequence <= log.count {
          let row = try log.row(at: sequence)
          events.append(try? Event.decode(kind: row.kind, payload: row.payload))
        }
        return events
      }
    } catch {
      throw .internalFailure("\(error)")
    }
    guard events.count == 2, case .genesisDeclared(let genesis)? = events[0],
      case .rollupDeclared(let rollup)? = events[1],
      let document = genesis.documents.first(where: { $0.layer == .two })
    else { throw .refused(RollupRefusal.none.message) }
    return [
      "genesis": .string(String(decoding: document.json, as: UTF8.self)),
      "rollup": .string(String(decoding: rollup.document, as: UTF8.self)),
      "fingerprint": node.world.rollup.map { .data($0.document.fingerprint) } ?? .null,
    ]
  }

  @Sendable func blob(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 1)
    guard let bytes = try carried(parameters.required(0).hash()),
      let sidecar = BlobSidecar(content: bytes)
    else { return .null }
    return [
      "blob": JSON.data(sidecar.blob), "commitment": JSON.data(sidecar.commitment),
      "proof": JSON.data(sidecar.proof),
    ]
  }

  @Sendable func input(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 1)
    return try carried(parameters.required(0).hash()).map { JSON.data($0) } ?? .null
  }

  private func carried(_ name: Hash) throws(RPCError) -> Bytes? {
    guard let hash = node.world.carried[name] else { return nil }
    do throws(NodeError) {
      return try node.content.bytes(of: hash)
    } catch {
      throw .internalFailure(error.message)
    }
  }
}
