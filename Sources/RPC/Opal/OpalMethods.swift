import Contracts
import Cryptography
import EventLog
import JSON
import Ledger
import Node
import Primitives
import TransparencyLog
import Views

/// The methods of Opal's own: uses of models, and what the log can prove.
///
///     opal_submitUsage(report)                  records a use that an engine signed
///     opal_getUsage(receipt)                    a use by its receipt's digest
///     opal_getClaims(receipt)                   the contributors' parts, with their proofs
///     opal_createApiKey(grant)                  binds a new API key to a signed authorisation
///     opal_getEngine()                          who serves here, and the domain to sign under
///     opal_getEvent(sequence)                   a row of the log
///     opal_getCheckpoint()                      the log's root, signed
///     opal_getInclusionProof(sequence, size?)   that a row stands in the tree
///     opal_getConsistencyProof(oldSize, size?)  that a tree is the start of a larger one
public func opalMethods(
  node: Node, engine: Engine?, payers: PayerBook
) -> [String: RPCMethod] {
  let methods = OpalMethods(node: node, engine: engine, payers: payers)
  return [
    "opal_submitUsage": .asynchronous(methods.submitUsage),
    "opal_getUsage": .asynchronous(methods.getUsage),
    "opal_getClaims": .asynchronous(methods.getClaims),
    "opal_createApiKey": .asynchronous(methods.createAPIKey),
    "opal_getEngine": .immediate(methods.getEngine),
    "opal_getEvent": .asynchronous(methods.getEvent),
    "opal_getCheckpoint": .asynchronous(methods.getCheckpoint),
    "opal_getInclusionProof": .asynchronous(methods.getInclusionProof),
    "opal_getConsistencyProof": .asynchronous(methods.getConsistencyProof),
  ]
}

private struct OpalMethods: Sendable {
  let node: Node
  let engine: Engine?
  let payers: PayerBook

  // MARK: Uses

  @Sendable func submitUsage(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 1)
    let report = try usageReport(try parameters.required(0))
    let outcome: Result<Outcome, WriteFailure> = await withCheckedContinuation { continuation in
      node.submit(.reportUsage(report)) { continuation.resume(returning: $0) }
    }
    switch outcome {
    case .failure(let failure): throw .refused(failure.message)
    case .success(let outcome):
      let domain = node.world.usageDomain
      return [
        "receipt": .string(domain.map { report.receipt.digest($0).hexadecimal } ?? ""),
        "sequence": .quantity(outcome.sequence),
      ]
    }
  }

  private func usageReport(_ value: RPCValue) throws(RPCError) -> UsageReport {
    do throws(UsageFormatError) {
      let settlement = try Settlement(value.json)
      var shares: [ContributorShare] = []
      if let given = value.json["shares"], !given.isNull {
        guard let entries = given.array else {
          throw .malformed("shares", expected: "an array")
        }
        guard entries.count <= Limits.sharesPerReport else {
          throw .tooMany("shares", limit: Limits.sharesPerReport)
        }
        for (index, entry) in entries.enumerated() {
          shares.append(try ContributorShare(entry, path: "shares[\(index)]"))
        }
      }
      return UsageReport(settlement: settlement, shares: shares)
    } catch {
      throw value.error(error.message)
    }
  }

  @Sendable func getUsage(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 1)
    let digest = try parameters.required(0).hash()
    return try stored(digest).map(UsageJSON.use) ?? .null
  }

  @Sendable func getClaims(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 1)
    let digest = try parameters.required(0).hash()
    guard let usage = try stored(digest) else { return .null }
    let pool: ContributorPool
    do throws(ViewFailure) {
      pool = try node.world.read(AttributionContract.pool(of: digest))
    } catch {
      throw .refused(error.message)
    }
    guard let tree = try? AttributionTree(usage.report.shares) else {
      throw .internalFailure("the shares of a recorded use make no tree")
    }
    return .array(tree.claims(receipt: digest, pool: pool.amount).map(UsageJSON.claim))
  }

  private func stored(_ digest: Hash) throws(RPCError) -> StoredUsage? {
    do throws(ViewsError) {
      return try node.views.usage(digest: digest)
    } catch {
      throw .internalFailure(error.message)
    }
  }

  @Sendable func createAPIKey(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 1)
    let value = try parameters.required(0)
    guard let grant = Grant(json: value.json) else {
      throw value.error("expected {authorization, signature}")
    }
    guard let domain = node.world.usageDomain, grant.isSigned(domain) else {
      throw .refused("the authorisation is not signed by its payer")
    }
    do throws(NodeError) {
      return ["apiKey": .string(try payers.bind(grant))]
    } catch {
      throw .refused(error.message)
    }
  }

  @Sendable func getEngine(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    try parameters.limit(to: 0)
    guard let engine, let domain = node.world.usageDomain else { return .null }
    return [
      "engine": .string(engine.address.hexadecimal),
      "domain": [
        "name": .string(UsageDomain.name), "version": .string(UsageDomain.version),
        "chainId": .quantity(domain.chainID),
        "verifyingContract": .string(AttributionContract.address.hexadecimal),
      ],
    ]
  }

  // MARK: The log

  @Sendable func getEvent(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 1)
    let sequence = try parameters.required(0).uint64()
    return try reading { (log) throws(EventLogError) in
      guard sequence > 0, sequence <= log.count else { return .null }
      return EventJSON.row(try log.row(at: sequence))
    }
  }

  @Sendable func getCheckpoint(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 0)
    let result: Result<Checkpoint, WriteFailure> = await withCheckedContinuation { continuation in
      node.checkpoint { continuation.resume(returning: $0) }
    }
    switch result {
    case .failure(let failure): throw .refused(failure.message)
    case .success(let checkpoint):
      return [
        "origin": .string(checkpoint.origin), "size": .quantity(checkpoint.size),
        "root": .string(checkpoint.root.hexadecimal),
        "body": .string(String(decoding: checkpoint.body, as: UTF8.self)),
        "publicKey": .string(Hexadecimal.encodePrefixed(checkpoint.publicKey)),
        "signature": .string(Hexadecimal.encodePrefixed(checkpoint.signature.bytes65)),
        "note": .string(String(decoding: node.identity.sign(checkpoint).bytes, as: UTF8.self)),
        "verifierKey": .string(node.identity.verifier(origin: checkpoint.origin)?.text ?? ""),
      ]
    }
  }

  @Sendable func getInclusionProof(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 2)
    let sequence = try parameters.required(0).uint64()
    let size = try parameters.optional(1)?.uint64()
    do throws(EventLogError) {
      let proof = try node.log.inclusionProof(sequence: sequence, size: size)
      return [
        "sequence": .quantity(proof.sequence), "size": .quantity(proof.size),
        "leafHash": .string(proof.leafHash.hexadecimal),
        "path": .array(proof.path.map { .string($0.hexadecimal) }),
        "root": .string(proof.root.hexadecimal),
      ]
    } catch {
      if case .outOfRange(_, let requested, let count) = error {
        throw .invalidParameters("event \(requested) was asked for, and there are \(count)")
      }
      throw .internalFailure("\(error)")
    }
  }

  @Sendable func getConsistencyProof(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    try parameters.limit(to: 2)
    let oldSize = try parameters.required(0).uint64()
    let asked = try parameters.optional(1)?.uint64()
    do throws(EventLogError) {
      return try node.log.read { (log) throws(EventLogError) in
        let size = asked ?? log.count
        return [
          "oldSize": .quantity(oldSize), "size": .quantity(size),
          "path": .array(
            try log.consistencyProof(from: oldSize, to: size).map { .string($0.hexadecimal) }),
          "oldRoot": .string(try log.root(size: oldSize).hexadecimal),
          "root": .string(try log.root(size: size).hexadecimal),
        ]
      }
    } catch {
      if case .outOfRange(_, let requested, let count) = error {
        throw .invalidParameters("\(requested) events were asked for, and there are \(count)")
      }
      throw .internalFailure("\(error)")
    }
  }

  private func reading(
    _ body: (EventLog) throws(EventLogError) -> JSON
  ) throws(RPCError) -> JSON {
    do throws(EventLogError) {
      return try node.log.read(body)
    } catch {
      throw .internalFailure("\(error)")
    }
  }
}
