import Cryptography
import Execution
import JSON
import Ledger
import Node
import Primitives

extension EthereumService {
  /// What puts transactions into the pool.
  var sendingMethods: [String: RPCMethod] {
    [
      "eth_sendRawTransaction": .deferred(sendRawTransaction),
      "eth_sendTransaction": asynchronous(1, sendTransaction),
      "eth_sendUnsignedTransaction": asynchronous(1) {
        [self] (parameters) async throws(RPCError) in
        let value = try parameters.required(0)
        let sender = try value.required("from").address()
        return .data(try await sendInName(of: sender, try value.transactionArguments()))
      },
    ]
  }

  @Sendable private func sendRawTransaction(
    _ parameters: RPCParameters,
    _ complete: @escaping @Sendable (Result<JSON, RPCError>) -> Void
  ) throws(RPCError) {
    try parameters.limit(to: 1)
    submit(try parameters.required(0).data(), atOnce: true) { result in
      complete(result.map { JSON.data($0) })
    }
  }

  private func sendTransaction(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    .data(try await sendDescribed(try parameters.required(0)))
  }

  /// Completes a transaction, signs it with a key that the node holds or marks it with the name of
  /// an account that is impersonated, and submits it.
  func sendDescribed(_ value: RPCValue) async throws(RPCError) -> Hash {
    let arguments = try value.transactionArguments()
    let stated = try value.optional("from").map { (from) throws(RPCError) in try from.address() }
    // As with anvil, the first account sends what nobody is named for.
    guard let sender = stated ?? node.wallet.accounts.first else {
      throw value.error("missing field from")
    }
    guard node.wallet.key(of: sender) != nil else {
      guard try chain().operatorState.impersonates(sender) else {
        throw .refused("unknown account")
      }
      return try await sendInName(of: sender, arguments)
    }
    // Whoever names no nonce gets the next one, which the one before must have taken first.
    return try await senders.run(sender) { () async throws(RPCError) in
      let signed = try await signedTransaction(arguments, by: sender)
      return try await submit(signed.encoded)
    }
  }

  /// Completes a transaction and submits it in a sender's name, without a signature.
  private func sendInName(
    of sender: Address, _ arguments: TransactionArguments
  ) async throws(RPCError) -> Hash {
    try await senders.run(sender) { () async throws(RPCError) in
      let transaction = try await completedTransaction(arguments, by: sender)
        .impersonating(sender)
      let outcome = try await perform(
        .impersonate(
          Impersonation(layer: layer, sender: sender, encoded: transaction.encoded)))
      let hash = transaction.hash
      if let reason = outcome.dropReason(of: hash) { throw .refused(reason) }
      return hash
    }
  }

  /// Submits a signed transaction, and waits until it is durable.
  ///
  /// - Throws: `RPCError` where it is refused, also where the block that was made at once did not
  ///   take it for good.
  func submit(_ encoded: Bytes) async throws(RPCError) -> Hash {
    let result = await withCheckedContinuation { continuation in
      submit(encoded) { continuation.resume(returning: $0) }
    }
    return try result.get()
  }

  /// Submits a signed transaction; `complete` is called on the writer's thread, or with `atOnce` on
  /// this one.
  private func submit(
    _ encoded: Bytes, atOnce: Bool = false,
    _ complete: @escaping @Sendable (Result<Hash, RPCError>) -> Void
  ) {
    let completion: @Sendable (Result<Outcome, WriteFailure>) -> Void = { result in
      switch result {
      case .success(let outcome):
        guard let hash = outcome.pooledTransaction else {
          return complete(.failure(.internalFailure("the transaction has left no trace")))
        }
        let reason = outcome.dropReason(of: hash)
        complete(reason.map { .failure(.refused($0)) } ?? .success(hash))
      case .failure(let failure): complete(.failure(RPCError(failure)))
      }
    }
    let command = Command.submitTransaction(layer, encoded: encoded)
    if atOnce {
      node.submitAtOnce(command, completion: completion)
    } else {
      node.submit(command, completion: completion)
    }
  }
}

extension RPCError {
  /// A command was refused, or the node cannot write.
  init(_ failure: WriteFailure) {
    switch failure {
    case .refused(let refusal): self = .refused(refusal.message)
    case .failed(let error): self = .internalFailure(error.message)
    }
  }
}
