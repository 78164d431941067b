import Cryptography
import Execution
import JSON
import Ledger
import Node
import Primitives

extension EthereumService {
  /// What is asked of the node itself: web3_, net_, and who and where it is.
  var nodeMethods: [String: RPCMethod] {
    [
      "web3_clientVersion": immediate(0) { _ in .string(ethereumClientVersion) },
      "web3_sha3": immediate(1) { (parameters) throws(RPCError) in
        JSON.data(Keccak256.hash(try parameters.required(0).data()))
      },
      "net_version": immediate(0) { [self] (_) throws(RPCError) in
        .string(String(try chain().specification.chainID))
      },
      "net_listening": immediate(0) { _ in true },
      "net_peerCount": immediate(0) { _ in "0x0" },
      "eth_chainId": immediate(0) { [self] (_) throws(RPCError) in
        JSON.quantity(try chain().specification.chainID)
      },
      "eth_blockNumber": immediate(0) { [self] (_) throws(RPCError) in
        JSON.quantity(try chain().number)
      },
      "eth_accounts": immediate(0) { [node] _ in
        .array(node.wallet.accounts.map { .data($0) })
      },
      "eth_coinbase": immediate(0) { [self] (_) throws(RPCError) in
        JSON.data(try chain().controls.feeRecipient ?? feeRecipient)
      },
      "eth_syncing": immediate(0) { _ in false },
    ]
  }
}
