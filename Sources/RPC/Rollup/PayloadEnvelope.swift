import Cryptography
import EVM
import Execution
import Primitives

/// A block as the Engine API writes it, with what its header has beside: op-node's
/// `ExecutionPayloadEnvelope`.
struct PayloadEnvelope {
  /// The block that the fields make.
  var block: Block
  /// The hash that the payload says it has.
  var statedHash: Hash

  /// Reads `{parentBeaconBlockRoot, executionPayload}`.
  ///
  /// - Throws: `RPCError` that names the field; what the fields make is not judged here.
  init(_ envelope: RPCValue) throws(RPCError) {
    let payload = try envelope.required("executionPayload")
    var header = BlockHeader(
      parentHash: try payload.required("parentHash").hash(),
      feeRecipient: try payload.required("feeRecipient").address(),
      number: try payload.required("blockNumber").uint64(),
      gasLimit: try payload.required("gasLimit").uint64(),
      timestamp: try payload.required("timestamp").uint64())
    header.stateRoot = try payload.required("stateRoot").hash()
    header.receiptsRoot = try payload.required("receiptsRoot").hash()
    let bloom = try payload.required("logsBloom").data(count: Bloom.sizeInBytes)
    header.bloom = Bloom(checking: bloom) ?? Bloom()
    header.prevRandao = try payload.required("prevRandao").hash()
    header.gasUsed = try payload.required("gasUsed").uint64()
    header.extraData = try payload.required("extraData").data()
    guard header.extraData.count <= 32 else {
      throw try payload.required("extraData").error("has more than 32 bytes")
    }
    header.baseFee = try payload.required("baseFeePerGas").quantity()
    header.blobGasUsed = try payload.optional("blobGasUsed")?.uint64()
    header.excessBlobGas = try payload.optional("excessBlobGas")?.uint64()
    header.parentBeaconBlockRoot = try envelope.optional("parentBeaconBlockRoot")?.hash()
    let withdrawals = try payload.optional("withdrawals")?.withdrawals()
    if let root = try payload.optional("withdrawalsRoot")?.hash() {
      // Since Isthmus it is the root of a contract's storage, and there are no requests.
      header.withdrawalsRoot = root
      header.requestsHash = Requests.hash([])
    } else if let withdrawals {
      header.withdrawalsRoot = Block.withdrawalsRoot(withdrawals)
    }
    var transactions: [Transaction] = []
    for value in try payload.required("transactions").elements() {
      let encoded = try value.data()
      do throws(TransactionError) {
        transactions.append(try Transaction.decode(encoded))
      } catch {
        throw value.error("is no transaction: \(error.message)")
      }
    }
    header.transactionsRoot = Block.transactionsRoot(transactions)
    block = Block(header: header, transactions: transactions, withdrawals: withdrawals)
    statedHash = try payload.required("blockHash").hash()
  }
}
