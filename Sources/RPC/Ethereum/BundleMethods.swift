import Cryptography
import EVM
import Execution
import JSON
import Ledger
import NativeCryptography
import Primitives
import Tracers

extension EthereumService {
  /// Calls and transactions in sequences, and a waiting transaction sent once more.
  var bundleMethods: [String: RPCMethod] {
    [
      "eth_callMany": working(4, callMany),
      "eth_callBundle": working(1, callBundle),
      "eth_resend": asynchronous(3, resend),
      // There is no proof of work to be done any more; these are geth's words from before.
      "eth_getWork": immediate(0) { (_) throws(RPCError) in
        throw .refused("no mining work available yet")
      },
      "eth_submitWork": immediate(3) { (parameters) throws(RPCError) in
        _ = try parameters.required(0).data(count: 8)
        return false
      },
    ]
  }

  /// `eth_callMany([{transactions, blockOverride}…], {blockNumber}, state override?, timeout?)`: the
  /// calls of each bundle on top of each other, each bundle in a block of its own.
  private func callMany(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let bundles = try parameters.required(0).elements()
    let context = parameters.optional(1)
    var selector = context
    if let context, case .object = context.json {
      selector = try context.optional("blockNumber", or: "block")
    }
    var request = SimulationRequest()
    for (index, bundle) in bundles.enumerated() {
      var block = SimulationRequest.Block()
      if let changes = try bundle.optional("blockOverride", or: "blockOverrides") {
        block.number = try (changes.optional("number", or: "blockNumber"))?
          .looseQuantity()
        block.timestamp = try (changes.optional("time", or: "timestamp"))?
          .looseUInt64()
        block.gasLimit = try changes.optional("gasLimit")?.looseUInt64()
        block.feeRecipient = try (changes.optional("feeRecipient", or: "coinbase"))?
          .address()
        block.baseFee = try (changes.optional("baseFeePerGas", or: "baseFee"))?
          .looseQuantity()
      }
      if index == 0 { block.state = try parameters.optional(2)?.stateOverride() ?? block.state }
      for call in try bundle.required("transactions").elements() {
        block.calls.append(try call.transactionArguments())
      }
      guard block.calls.count <= SimulationRequest.callLimit.perBlock else {
        throw RPCError(code: -38026, message: "too many calls")
      }
      request.blocks.append(block)
    }
    guard !request.blocks.isEmpty else { throw .invalidParameters("empty input") }
    let blocks = try simulateBlocks(request, at: try point(selector)).array ?? []
    return .array(
      blocks.map { block in
        .array(
          (block["calls"]?.array ?? []).map { call in
            guard let error = call["error"] else { return ["value": call["returnData"] ?? "0x"] }
            return ["error": error]
          })
      })
  }

  /// `eth_callBundle({txs, blockNumber, stateBlockNumber, timestamp?…})`: signed transactions one
  /// after the other, with what each pays.
  private func callBundle(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let bundle = try parameters.required(0)
    var candidates: [Candidate] = []
    for value in try bundle.required("txs").elements() {
      let encoded = try value.data()
      do throws(TransactionError) {
        let transaction = try Transaction.decode(encoded)
        candidates.append(
          Candidate(
            transaction: transaction,
            sender: try transaction.sender(NativeCryptographyProvider.shared)))
      } catch {
        throw value.error(error.message)
      }
    }
    guard !candidates.isEmpty else { throw .invalidParameters("bundle missing txs") }
    let selector = try bundle.optional("stateBlockNumber", or: "blockNumber")
    let point = try point(selector?.block() ?? .latest, on: try chain())
    var inputs = BlockInputs(
      timestamp: try bundle.optional("timestamp")?.looseUInt64()
        ?? point.header.timestamp.addingClamped(1),
      feeRecipient: try bundle.optional("coinbase")?.address() ?? point.header.feeRecipient,
      prevRandao: point.header.prevRandao,
      gasLimit: try bundle.optional("gasLimit")?.looseUInt64() ?? point.header.gasLimit)
    inputs.baseFeeOverride = try bundle.optional("baseFee")?.looseQuantity()
    let header = nextHeader(
      specification: point.chain.specification, parent: point.header, inputs: inputs)
    var run = BundleRun(header: header, recipient: inputs.feeRecipient)
    do throws(ExecutionStop) {
      var replay = try BlockReplay(
        specification: point.chain.specification, header: header, parent: point.header,
        state: point.state, ancestorHashes: point.ancestors,
        provider: point.chain.provider(NativeCryptographyProvider.shared))
      try run.begin(replay)
      for candidate in candidates {
        let context = TraceContext(
          specification: point.chain.specification, header: header,
          transaction: candidate.transaction, sender: candidate.sender)
        let watcher = FlatCallTracer(context, convertsErrors: true, countsIntrinsicGas: false)
        let receipt: Receipt
        do throws(ExecutionFailure) {
          receipt = try replay.run(candidate, tracer: watcher)
        } catch {
          guard case .refused(let refusal) = error else { throw .aborted }
          return ["error": .string(refusal.message)]
        }
        try run.take(candidate, receipt, watcher.output, replay)
      }
    } catch {
      throw .stopped(error)
    }
    return run.json(stateBlock: point.header.number)
  }

  /// `eth_resend(transaction, gas price?, gas limit?)`: a waiting transaction with another price.
  private func resend(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    let value = try parameters.required(0)
    var arguments = try value.transactionArguments()
    let sender = try value.required("from").address()
    guard let nonce = arguments.nonce else {
      throw .refused("missing transaction nonce in transaction spec")
    }
    guard let waiting = try chain().pool.transaction(sender: sender, nonce: nonce) else {
      throw .refused("transaction not found")
    }
    let old = waiting.transaction
    if let price = try parameters.optional(1)?.looseQuantity(), !price.isZero {
      if arguments.maxFeePerGas != nil || arguments.maxPriorityFeePerGas != nil {
        arguments.maxFeePerGas = price
        arguments.maxPriorityFeePerGas = price
      } else {
        arguments.gasPrice = price
      }
    }
    let gasLimit = try parameters.optional(2)?.looseUInt64()
    arguments.gasLimit = gasLimit.flatMap { $0 == 0 ? nil : $0 } ?? arguments.gasLimit
    // What is not named stays as it was.
    arguments.to = arguments.to ?? old.to
    arguments.value = arguments.value ?? old.value
    arguments.data = arguments.data ?? old.data
    arguments.gasLimit = arguments.gasLimit ?? old.gasLimit
    let completed = arguments
    return try await senders.run(sender) { () async throws(RPCError) in
      let signed = try await signedTransaction(completed, by: sender)
      return .data(try await submit(signed.encoded))
    }
  }
}

/// What the transactions of a bundle paid.
private struct BundleRun {
  let header: BlockHeader
  let recipient: Address
  var results: [JSON] = []
  var hashes: Bytes = []
  var gasUsed: UInt64 = 0
  var fees = UInt256.zero
  var first = UInt256.zero
  var balance = UInt256.zero

  init(header: BlockHeader, recipient: Address) {
    self.header = header
    self.recipient = recipient
  }

  private func balance(_ replay: BlockReplay) throws(ExecutionStop) -> UInt256 {
    let state = try replay.state()
    do throws(StateMiss) {
      return try state.account(recipient)?.balance ?? .zero
    } catch {
      throw .miss(error)
    }
  }

  mutating func begin(_ replay: BlockReplay) throws(ExecutionStop) {
    first = try balance(replay)
    balance = first
  }

  mutating func take(
    _ candidate: Candidate, _ receipt: Receipt, _ output: Bytes, _ replay: BlockReplay
  ) throws(ExecutionStop) {
    let after = try balance(replay)
    let earned = after &- balance
    balance = after
    let tip = receipt.effectiveGasPrice &- (header.baseFee ?? .zero)
    let fee = tip &* UInt256(receipt.gasUsed)
    gasUsed += receipt.gasUsed
    fees = fees &+ fee
    let hash = candidate.transaction.hash
    hashes += hash.bytes
    var json = JSONObject()
    json["coinbaseDiff"] = .string(earned.decimalString)
    json["ethSentToCoinbase"] = .string((earned &- fee).decimalString)
    json["fromAddress"] = .data(candidate.sender)
    json["gasFees"] = .string(fee.decimalString)
    json["gasPrice"] = .string(receipt.effectiveGasPrice.decimalString)
    json["gasUsed"] = .integer(receipt.gasUsed)
    json["toAddress"] = candidate.transaction.to.map { .data($0) } ?? .null
    json["txHash"] = .data(hash)
    if receipt.succeeded {
      json["value"] = .data(output)
    } else {
      json["error"] = "execution reverted"
      json["revert"] = .data(output)
    }
    results.append(.object(json))
  }

  func json(stateBlock: UInt64) -> JSON {
    let earned = balance &- first
    return [
      "bundleGasPrice": .string(
        (gasUsed == 0 ? .zero : earned / UInt256(gasUsed)).decimalString),
      "bundleHash": .data(Keccak256.hash(hashes)), "coinbaseDiff": .string(earned.decimalString),
      "ethSentToCoinbase": .string((earned &- fees).decimalString),
      "gasFees": .string(fees.decimalString), "results": .array(results),
      "stateBlockNumber": .integer(stateBlock), "totalGasUsed": .integer(gasUsed),
    ]
  }
}
