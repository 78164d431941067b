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
      "eth_sendRawTransaction": asynchronous(1, sendRawTransaction),
      "eth_sendTransaction": asynchronous(1, sendTransaction),
    ]
  }

  private func sendRawTransaction(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    JSON.data(try await submit(try parameters.required(0).data()))
  }

  /// Completes a transaction, signs it with a key that the node holds, and submits it.
  private func sendTransaction(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    let value = try parameters.required(0)
    let arguments = try value.transactionArguments()
    let sender = try value.required("from").address()
    guard node.wallet.key(of: sender) != nil else { throw .refused("unknown account") }
    // Whoever names no nonce gets the next one, which the one before must have taken first.
    return try await senders.run(sender) { () async throws(RPCError) in
      let signed = try await signedTransaction(arguments, by: sender)
      return JSON.data(try await submit(signed.encoded))
    }
  }

  /// Submits a signed transaction, and waits until it is durable.
  ///
  /// - Throws: `RPCError` where it is refused, also where the block that was made at once did not
  ///   take it for good.
  func submit(_ encoded: Bytes) async throws(RPCError) -> Hash {
    let command = Command.submitTransaction(layer, encoded: encoded)
    let result = await withCheckedContinuation { continuation in
      node.submit(command) { continuation.resume(returning: $0) }
    }
    switch result {
    case .success(let outcome):
      // Blobs travel beside the transaction, whose hash does not cover them.
      let hash = Keccak256.hash((try? NetworkTransaction(decoding: encoded).encoded) ?? encoded)
      if let reason = outcome.dropReason(of: hash) { throw .refused(reason) }
      return hash
    case .failure(let failure): throw RPCError(failure)
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
