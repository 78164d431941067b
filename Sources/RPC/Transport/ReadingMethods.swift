/// Which methods may be asked by pages of other origins: those that only look.
///
/// What moves money, signs, or changes a development chain is for programs, for pages that this
/// server serves itself, and for those that its operator named.
enum ReadingMethods {
  /// Whether a method only looks.
  static func contains(_ name: String) -> Bool {
    if named.contains(name) { return true }
    if name.hasPrefix("eth_") { return !acting.contains(name) }
    return families.contains { name.hasPrefix($0) }
  }

  /// Of these all only look.
  private static let families = [
    "net_", "web3_", "txpool_", "trace_", "ots_", "erigon_", "rpc_", "optimism_", "debug_get",
    "debug_trace", "opal_get", "anvil_get", "hardhat_get",
  ]

  private static let named: Set<String> = [
    "debug_codeByHash", "debug_accountInfoAt", "debug_storageRangeAt", "debug_accountRange",
    "debug_dumpBlock", "debug_dbGet", "debug_preimage", "debug_executionWitness",
    "debug_intermediateRoots", "anvil_nodeInfo", "anvil_metadata", "hardhat_metadata",
    "anvil_classifyTransaction", "testing_buildBlockV1",
  ]

  /// Methods of `eth_` that sign or send.
  private static let acting: Set<String> = [
    "eth_sign", "eth_signTransaction", "eth_signTypedData", "eth_signTypedData_v3",
    "eth_signTypedData_v4", "eth_sendTransaction", "eth_sendTransactionSync",
    "eth_sendUnsignedTransaction", "eth_sendRawTransaction", "eth_sendRawTransactionSync",
    "eth_sendRawTransactionConditional", "eth_resend", "eth_submitWork", "eth_submitHashrate",
  ]
}

extension JSONRPCDispatcher {
  /// Whether pages of other origins on this machine are answered a method: it only looks.
  public static func isReading(_ method: String) -> Bool { ReadingMethods.contains(method) }
}
