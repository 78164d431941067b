import Execution
import JSON
import NativeCryptography
import Node
import Primitives

extension EthereumService {
  /// `personal_…` and what ganache has for accounts: the node's keys, which are never locked.
  ///
  /// Keys that are added stay in memory: no log and no file has them.
  var keyMethods: [String: RPCMethod] {
    let add = immediate(2) { [self] (parameters) throws(RPCError) in
      guard let key = PrivateKey(try parameters.required(0).keyBytes()) else {
        throw .refused("invalid private key")
      }
      node.wallet.add(key)
      return .data(key.address)
    }
    let isHeld = immediate(3) { [self] (parameters) throws(RPCError) in
      guard node.wallet.key(of: try parameters.required(0).address()) != nil else {
        throw .refused("unknown account")
      }
      return true
    }
    return [
      "personal_listAccounts": immediate(0) { [node] _ in
        .array(node.wallet.accounts.map { .data($0) })
      },
      "personal_newAccount": immediate(1) { [self] _ in
        let key = PrivateKey.random()
        node.wallet.add(key)
        return .data(key.address)
      },
      "personal_importRawKey": add, "evm_addAccount": add,
      "personal_unlockAccount": isHeld, "personal_lockAccount": isHeld,
      "evm_removeAccount": immediate(2) { [self] (parameters) throws(RPCError) in
        .bool(node.wallet.remove(try parameters.required(0).address()))
      },
      "personal_sendTransaction": asynchronous(2) {
        [self] (parameters) async throws(RPCError) in
        .data(try await sendDescribed(try parameters.required(0)))
      },
      "personal_signTransaction": asynchronous(2, signTransaction),
    ]
  }
}

extension RPCValue {
  /// A key's digits, with or without their prefix.
  fileprivate func keyBytes() throws(RPCError) -> Bytes {
    guard let bytes = Hexadecimal.decode(try string()), bytes.count == 32 else {
      throw error("want a private key of 32 bytes")
    }
    return bytes
  }
}
