import EVM
import Execution
import JSON
import Ledger
import NativeCryptography
import Primitives

extension EthereumService {
  /// `testing_…`: what the execution API's tests ask for.
  var testingMethods: [String: RPCMethod] { ["testing_buildBlockV1": working(4, buildBlock)] }

  /// `testing_buildBlockV1(parent hash, attributes, transactions or null, extra data?)`: a block on
  /// the head that nothing keeps.
  private func buildBlock(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let parent = try parameters.required(0).hash()
    let attributes = try parameters.required(1)
    let chain = try chain()
    guard chain.head.hash == parent else { throw .refused("parentHash is not current head") }
    var inputs = BlockInputs(
      timestamp: try attributes.required("timestamp").uint64(),
      feeRecipient: try attributes.required("suggestedFeeRecipient").address(),
      prevRandao: try attributes.required("prevRandao").hash(),
      gasLimit: Self.gasLimit(
        after: chain.head.header,
        towards: try attributes.optional("targetGasLimit")?.uint64() ?? 60_000_000),
      extraData: try parameters.optional(3)?.data() ?? [],
      withdrawals: try attributes.optional("withdrawals")?.withdrawals() ?? [])
    inputs.parentBeaconBlockRoot =
      try attributes.optional("parentBeaconBlockRoot")?.hash() ?? .zero
    guard inputs.timestamp > chain.head.header.timestamp else {
      throw .refused(
        "invalid timestamp, parent \(chain.head.header.timestamp) given \(inputs.timestamp)")
    }
    guard inputs.extraData.count <= 32 else {
      throw .refused("extra-data too long: \(inputs.extraData.count) > 32")
    }
    let given = try parameters.optional(2)?.candidates(on: chain)
    let candidates =
      given
      ?? chain.readyTransactions(transactionOrder).map {
        Candidate(transaction: $0.transaction, sender: $0.sender)
      }
    let outcome: BlockOutcome
    do throws(ExecutionStop) {
      outcome = try Execution.buildBlock(
        specification: chain.specification, parent: chain.head.header, state: chain.head.state,
        inputs: inputs, candidates: candidates, ancestorHashes: chain.ancestorHashes,
        provider: NativeCryptographyProvider.shared)
    } catch {
      throw .stopped(error)
    }
    if given != nil, let skipped = outcome.skipped.first {
      throw .refused(skipped.refusal.message)
    }
    return Self.payload(outcome)
  }

  /// How far a block's gas limit may move from its parent's.
  private static func gasLimit(after parent: BlockHeader, towards wanted: UInt64) -> UInt64 {
    let limit = parent.gasLimit
    let step = max(limit / 1024, 1) - 1
    if limit < wanted { return min(limit + step, wanted) }
    return max(limit - step, wanted)
  }

  /// A block as the engine API shows it, with what its producer earns.
  private static func payload(_ outcome: BlockOutcome) -> JSON {
    let header = outcome.block.header
    var payload = JSONObject()
    payload["parentHash"] = .data(header.parentHash)
    payload["feeRecipient"] = .data(header.feeRecipient)
    payload["stateRoot"] = .data(header.stateRoot)
    payload["receiptsRoot"] = .data(header.receiptsRoot)
    payload["logsBloom"] = .data(header.bloom.bytes)
    payload["prevRandao"] = .data(header.prevRandao)
    payload["blockNumber"] = .quantity(header.number)
    payload["gasLimit"] = .quantity(header.gasLimit)
    payload["gasUsed"] = .quantity(header.gasUsed)
    payload["timestamp"] = .quantity(header.timestamp)
    payload["extraData"] = .data(header.extraData)
    payload["baseFeePerGas"] = .quantity(header.baseFee ?? .zero)
    payload["blockHash"] = .data(header.hash)
    payload["transactions"] = .array(outcome.block.transactions.map { .data($0.encoded) })
    if let withdrawals = outcome.block.withdrawals {
      payload["withdrawals"] = .array(withdrawals.map(EthereumJSON.withdrawal))
    }
    if let used = header.blobGasUsed { payload["blobGasUsed"] = .quantity(used) }
    if let excess = header.excessBlobGas { payload["excessBlobGas"] = .quantity(excess) }
    var value = UInt256.zero
    for receipt in outcome.receipts {
      let tip = receipt.effectiveGasPrice &- (header.baseFee ?? .zero)
      value = value &+ tip &* UInt256(receipt.gasUsed)
    }
    return [
      "executionPayload": .object(payload), "blockValue": .quantity(value),
      "blobsBundle": ["commitments": [], "proofs": [], "blobs": []],
      "executionRequests": .array(outcome.requests.map { .data($0) }),
      "shouldOverrideBuilder": false,
    ]
  }
}

extension RPCValue {
  /// Signed transactions with their senders.
  fileprivate func candidates(on chain: Chain) throws(RPCError) -> [Candidate] {
    var candidates: [Candidate] = []
    for (index, element) in try elements().enumerated() {
      do throws(TransactionError) {
        let transaction = try Transaction.decode(element.bytesOrNone())
        candidates.append(
          Candidate(
            transaction: transaction,
            sender: try transaction.sender(NativeCryptographyProvider.shared)))
      } catch {
        throw .refused("invalid transaction \(index): \(error.message)")
      }
    }
    return candidates
  }

  /// The bytes; none where the value is no data, which then is no transaction either.
  private func bytesOrNone() -> Bytes { (try? data()) ?? [] }

  /// Withdrawals of validators.
  func withdrawals() throws(RPCError) -> [Withdrawal] {
    var list: [Withdrawal] = []
    for element in try elements() { list.append(try element.withdrawal()) }
    return list
  }

  /// Ether that comes from outside.
  func withdrawal() throws(RPCError) -> Withdrawal {
    Withdrawal(
      index: try required("index").uint64(),
      validatorIndex: try required("validatorIndex").uint64(),
      address: try required("address").address(), amountInGwei: try required("amount").uint64())
  }
}
