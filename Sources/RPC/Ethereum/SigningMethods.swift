import Cryptography
import Execution
import JSON
import NativeCryptography
import Node
import Primitives

extension EthereumService {
  /// What the node signs without sending it.
  var signingMethods: [String: RPCMethod] {
    [
      "eth_signTransaction": asynchronous(1, signTransaction),
      "eth_sign": immediate(2) { [self] (parameters) throws(RPCError) in
        let account = try parameters.required(0).address()
        return try sign(try parameters.required(1).data(), by: account)
      },
      // The third parameter is a password for clients whose keys are locked.
      "personal_sign": immediate(3) { [self] (parameters) throws(RPCError) in
        try sign(try parameters.required(0).data(), by: try parameters.required(1).address())
      },
    ]
  }

  /// Signs a text as such, so that it can never be a transaction (EIP-191, version 0x45).
  private func sign(_ text: Bytes, by account: Address) throws(RPCError) -> JSON {
    guard let key = node.wallet.key(of: account) else { throw .refused("unknown account") }
    let prefix = Bytes("\u{19}Ethereum Signed Message:\n\(text.count)".utf8)
    return JSON.data(key.sign(Keccak256.hash(prefix + text)).bytes65)
  }

  func signTransaction(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    let value = try parameters.required(0)
    let arguments = try value.transactionArguments()
    let sender = try value.required("from").address()
    guard node.wallet.key(of: sender) != nil else { throw .refused("unknown account") }
    let signed = try await signedTransaction(arguments, by: sender)
    return [
      "raw": JSON.data(signed.encoded),
      "tx": EthereumJSON.pendingTransaction(signed, hash: signed.hash, sender: sender),
    ]
  }
}
