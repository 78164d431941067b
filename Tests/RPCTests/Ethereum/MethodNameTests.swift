import JSON
import Ledger
import Node
import Primitives
import RPC
import Testing

/// Every name that a user of anvil, hardhat, ganache, geth or the execution API may send.
@Suite("Names of the Ethereum methods")
struct MethodNameTests {
  /// `userland.md` 1.1 and 1.2: anvil's methods with their aliases but for Tempo's, EDR's, ganache's
  /// and geth's that are worth having, and the execution API's.
  private static let names = """
    anvil_addBalance anvil_autoImpersonateAccount anvil_classifyTransaction anvil_dealERC20
    anvil_dropAllTransactions anvil_dropTransaction anvil_dumpState anvil_getAutomine
    anvil_getBlobByHash anvil_getBlobsByTransactionHash anvil_getGenesisTime
    anvil_getIntervalMining anvil_getLastBlockWallTime anvil_impersonateAccount
    anvil_impersonateSignature anvil_increaseTime anvil_loadState anvil_metadata anvil_mine
    anvil_mine_detailed anvil_nodeInfo anvil_removeBlockTimestampInterval
    anvil_removePoolTransactions anvil_reorg anvil_reset anvil_revert anvil_rollback
    anvil_setAutomine anvil_setBalance anvil_setBlockGasLimit anvil_setBlockTimestampInterval
    anvil_setChainId anvil_setCode anvil_setCoinbase anvil_setERC20Allowance
    anvil_setERC20Balance anvil_setIntervalMining anvil_setLoggingEnabled anvil_setMinGasPrice
    anvil_setNextBlockBaseFeePerGas anvil_setNextBlockPrevRandao anvil_setNextBlockTimestamp
    anvil_setNonce anvil_setRpcUrl anvil_setStorageAt anvil_setTime anvil_snapshot
    anvil_stopImpersonatingAccount debug_accountInfoAt debug_accountRange debug_clearTxpool
    debug_codeByHash debug_dbGet debug_dumpBlock debug_executionWitness debug_freeOSMemory
    debug_getBadBlocks debug_getModifiedAccountsByHash debug_getModifiedAccountsByNumber
    debug_getRawBlock debug_getRawBlockAccessList debug_getRawHeader debug_getRawReceipts
    debug_getRawTransaction debug_getRawTransactions debug_intermediateRoots debug_preimage
    debug_setHead debug_storageRangeAt debug_traceBlock debug_traceBlockByHash
    debug_traceBlockByNumber debug_traceCall debug_traceTransaction dev_addWithdrawal
    dev_setFeeRecipient erigon_getHeaderByNumber eth_accounts eth_baseFee eth_blobBaseFee
    eth_blockNumber eth_call eth_callBundle eth_callMany eth_capabilities eth_chainId
    eth_coinbase eth_config eth_createAccessList eth_estimateGas eth_feeHistory
    eth_fillTransaction eth_gasPrice eth_getAccount eth_getAccountInfo eth_getBalance
    eth_getBlockAccessList eth_getBlockAccessListByBlockHash eth_getBlockAccessListByBlockNumber
    eth_getBlockAccessListRaw eth_getBlockByHash eth_getBlockByNumber eth_getBlockReceipts
    eth_getBlockTransactionCountByHash eth_getBlockTransactionCountByNumber eth_getCode
    eth_getFilterChanges eth_getFilterLogs eth_getHeaderByHash eth_getHeaderByNumber eth_getLogs
    eth_getProof eth_getRawTransactionByBlockHashAndIndex
    eth_getRawTransactionByBlockNumberAndIndex eth_getRawTransactionByHash eth_getStorageAt
    eth_getStorageValues eth_getTransactionByBlockHashAndIndex
    eth_getTransactionByBlockNumberAndIndex eth_getTransactionByHash
    eth_getTransactionBySenderAndNonce eth_getTransactionCount eth_getTransactionReceipt
    eth_getUncleByBlockHashAndIndex eth_getUncleByBlockNumberAndIndex
    eth_getUncleCountByBlockHash eth_getUncleCountByBlockNumber eth_getWork eth_hashrate
    eth_maxPriorityFeePerGas eth_mining eth_networkId eth_newBlockFilter eth_newFilter
    eth_newPendingTransactionFilter eth_pendingTransactions eth_protocolVersion
    eth_requestAccounts eth_resend eth_sendRawTransaction eth_sendRawTransactionConditional
    eth_sendRawTransactionSync eth_sendTransaction eth_sendTransactionSync
    eth_sendUnsignedTransaction eth_sign eth_signTransaction eth_signTypedData
    eth_signTypedData_v3 eth_signTypedData_v4 eth_simulateV1 eth_submitHashrate eth_submitWork
    eth_subscribe eth_syncing eth_uninstallFilter eth_unsubscribe evm_addAccount
    evm_increaseTime evm_mine evm_mine_detailed evm_removeAccount evm_revert
    evm_setAccountBalance evm_setAccountCode evm_setAccountNonce evm_setAccountStorageAt
    evm_setAutomine evm_setBlockGasLimit evm_setBlockTimestampInterval evm_setIntervalMining
    evm_setNextBlockTimestamp evm_setTime evm_snapshot hardhat_addBalance
    hardhat_autoImpersonateAccount hardhat_dealERC20 hardhat_dropAllTransactions
    hardhat_dropTransaction hardhat_dumpState hardhat_getAutomine hardhat_impersonateAccount
    hardhat_loadState hardhat_metadata hardhat_mine hardhat_reset hardhat_setBalance
    hardhat_setCode hardhat_setCoinbase hardhat_setLoggingEnabled hardhat_setMinGasPrice
    hardhat_setNextBlockBaseFeePerGas hardhat_setNonce hardhat_setPrevRandao
    hardhat_setStorageAt hardhat_stopImpersonatingAccount miner_setEtherbase miner_setExtra
    miner_setGasPrice miner_start miner_stop net_listening net_peerCount net_version
    ots_getApiLevel ots_getBlockDetails ots_getBlockDetailsByHash ots_getBlockTransactions
    ots_getContractCreator ots_getInternalOperations ots_getTransactionBySenderAndNonce
    ots_getTransactionError ots_hasCode ots_searchTransactionsAfter ots_searchTransactionsBefore
    ots_traceTransaction personal_importRawKey personal_listAccounts personal_lockAccount
    personal_newAccount personal_sendTransaction personal_sign personal_signTransaction
    personal_unlockAccount rpc_modules tenderly_addBalance tenderly_setBalance
    testing_buildBlockV1 trace_block trace_blockOpcodeGas trace_call trace_callMany trace_filter
    trace_get trace_rawTransaction trace_replayBlockTransactions trace_replayTransaction
    trace_transaction trace_transactionOpcodeGas txpool_content txpool_contentFrom
    txpool_inspect txpool_status web3_clientVersion web3_sha3
    """.split(whereSeparator: \.isWhitespace).map { String($0) }

  /// Methods of connections that can be told things later.
  private static let ofSessions: Set<String> = ["eth_subscribe", "eth_unsubscribe"]

  @Test("every name is answered by a method of its own")
  func areThere() async throws {
    let node = try TestNode(mode: .manual)
    let known = Set(node.dispatcher.methodNames)
    for name in Self.names where !Self.ofSessions.contains(name) {
      let isKnown = known.contains(name)
      #expect(isKnown, "\(name)")
      let reply = try await node.reply(name, [])
      #expect(reply["error"]?["code"] != -32601, "\(name): \(reply)")
    }
  }

  @Test("pages of other origins are answered what only looks, and nothing else")
  func reading() async throws {
    let node = try TestNode(mode: .manual)
    let acting = [
      "anvil_setBalance", "hardhat_setCode", "evm_mine", "evm_snapshot", "eth_sendTransaction",
      "eth_sendRawTransaction", "eth_sign", "personal_sign", "eth_signTypedData_v4",
      "anvil_loadState", "anvil_dumpState", "debug_setHead", "debug_clearTxpool", "miner_start",
      "personal_newAccount", "tenderly_setBalance", "dev_setFeeRecipient", "eth_resend",
      "anvil_setRpcUrl", "opal_submitUsage", "opal_createApiKey", "admin_startSequencer",
      "admin_postUnsafePayload", "admin_resetDerivationPipeline",
    ]
    for name in acting {
      #expect(!JSONRPCDispatcher.isReading(name), "\(name)")
    }
    for name in [
      "eth_call", "eth_getLogs", "eth_blockNumber", "net_version", "debug_traceTransaction",
      "txpool_status", "trace_block", "ots_hasCode", "anvil_nodeInfo", "eth_subscribe",
    ] {
      #expect(JSONRPCDispatcher.isReading(name), "\(name)")
    }
    let prefixes = ["anvil_set", "hardhat_set", "evm_", "personal_", "miner_", "tenderly_"]
    for name in node.dispatcher.methodNames where prefixes.contains(where: name.hasPrefix) {
      #expect(!JSONRPCDispatcher.isReading(name), "\(name)")
    }
  }
}
