import Cryptography
import EVM
import Execution
import JSON
import Ledger
import Primitives
import Tracers
import Views

extension EthereumService {
  /// `ots_…`: what the block explorer Otterscan asks for beside the usual.
  var otterscanMethods: [String: RPCMethod] {
    [
      "ots_getApiLevel": immediate(0) { _ in 8 },
      "erigon_getHeaderByNumber": reading(1) { [self] (parameters) throws(RPCError) in
        let block = try storedBlock(try parameters.required(0).blockNumber())
        return block.map { EthereumJSON.header($0.header, hash: $0.hash) } ?? .null
      },
      "ots_hasCode": immediate(2) { [self] (parameters) throws(RPCError) in
        let address = try parameters.required(0).address()
        let point = try point(parameters.optional(1))
        let account = try readingState { () throws(StateMiss) in
          try point.state.account(address)
        }
        return .bool(account.map { $0.codeHash != Keccak256.empty } ?? false)
      },
      "ots_getInternalOperations": working(1, internalOperations),
      "ots_traceTransaction": working(1, otterscanTrace),
      "ots_getTransactionError": working(1) { [self] (parameters) throws(RPCError) in
        let (block, index) = try blockOfTransaction(try parameters.required(0).hash())
        let outer = try traces(block, only: index) { CallTracer($0, isTopOnly: true) }.first
        let trace = (try? JSON.parse(outer?.result().serialized() ?? [])) ?? .null
        guard trace["error"] == "execution reverted" else { return "0x" }
        return trace["output"] ?? "0x"
      },
      "ots_getBlockDetails": reading(1) { [self] (parameters) throws(RPCError) in
        try blockDetails(try parameters.required(0).blockNumber())
      },
      "ots_getBlockDetailsByHash": reading(1) { [self] (parameters) throws(RPCError) in
        try blockDetails(.hash(try parameters.required(0).hash(), requireCanonical: false))
      },
      "ots_getBlockTransactions": reading(3, blockTransactions),
      "ots_searchTransactionsBefore": working(3) { [self] (parameters) throws(RPCError) in
        try search(parameters, isForward: false)
      },
      "ots_searchTransactionsAfter": working(3) { [self] (parameters) throws(RPCError) in
        try search(parameters, isForward: true)
      },
      "ots_getTransactionBySenderAndNonce": working(2) { [self] (parameters) throws(RPCError) in
        let found = try transaction(
          sender: try parameters.required(0).address(),
          nonce: try parameters.required(1).looseUInt64())
        return found.map { .data($0.hash) } ?? .null
      },
      "eth_getTransactionBySenderAndNonce": working(2) {
        [self] (parameters) throws(RPCError) in
        let found = try transaction(
          sender: try parameters.required(0).address(),
          nonce: try parameters.required(1).looseUInt64())
        return found.map { EthereumJSON.transaction($0) } ?? .null
      },
      "ots_getContractCreator": working(1, contractCreator),
    ]
  }

  // MARK: Transactions

  /// Transfers, creations and self-destructions inside a transaction.
  private func internalOperations(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let (block, index) = try blockOfTransaction(try parameters.required(0).hash())
    let traces = try flatTraces(block, only: index).first ?? []
    var operations: [JSON] = []
    for trace in traces.dropFirst() where trace["error"] == nil {
      let action = trace["action"] ?? .null
      switch trace["type"]?.string {
      case "suicide":
        operations.append([
          "type": 1, "from": action["address"] ?? .null, "to": action["refundAddress"] ?? .null,
          "value": action["balance"] ?? "0x0",
        ])
      case "create":
        operations.append([
          "type": action["creationMethod"] == "create2" ? 3 : 2,
          "from": action["from"] ?? .null, "to": trace["result"]?["address"] ?? .null,
          "value": action["value"] ?? "0x0",
        ])
      default:
        guard action["callType"] == "call", let value = action["value"], value != "0x0" else {
          continue
        }
        operations.append([
          "type": 0, "from": action["from"] ?? .null, "to": action["to"] ?? .null, "value": value,
        ])
      }
    }
    return .array(operations)
  }

  /// The calls of a transaction with their depths.
  private func otterscanTrace(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let (block, index) = try blockOfTransaction(try parameters.required(0).hash())
    let traces = try flatTraces(block, only: index).first ?? []
    return .array(
      traces.map { trace in
        let action = trace["action"] ?? .null
        let kind =
          trace["type"] == "suicide"
          ? "SELFDESTRUCT"
          : (action["creationMethod"] ?? action["callType"])?.string?.uppercased() ?? ""
        let hasValue = kind != "STATICCALL" && kind != "DELEGATECALL"
        return [
          "type": .string(kind),
          "depth": .integer(trace["traceAddress"]?.array?.count ?? 0),
          "from": action["from"] ?? action["address"] ?? .null,
          "to": action["to"] ?? trace["result"]?["address"] ?? action["refundAddress"] ?? .null,
          "value": hasValue ? action["value"] ?? action["balance"] ?? "0x0" : .null,
          "input": action["input"] ?? action["init"] ?? "0x",
          "output": trace["result"]?["output"] ?? trace["result"]?["code"] ?? "0x",
        ]
      })
  }

  // MARK: Blocks

  private func blockDetails(_ selector: BlockSelector) throws(RPCError) -> JSON {
    guard let block = try storedBlock(selector) else { return .null }
    let receipts = try reading { (views) throws(ViewsError) in
      try views.receipts(layer, inBlock: block.header.number)
    }
    var fees = UInt256.zero
    for stored in receipts {
      fees = fees &+ stored.receipt.effectiveGasPrice &* UInt256(stored.receipt.gasUsed)
    }
    guard case .object(var members) = EthereumJSON.block(block) else { return .null }
    members["transactionCount"] = .integer(receipts.count)
    members["logsBloom"] = .null
    members["transactions"] = []
    return [
      "block": .object(members),
      "issuance": ["blockReward": "0x0", "uncleReward": "0x0", "issuance": "0x0"],
      "totalFees": .quantity(fees),
    ]
  }

  /// `ots_getBlockTransactions(block, page, size)`: a page of them with their receipts.
  private func blockTransactions(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let selector = try parameters.required(0).blockNumber()
    let page = try parameters.required(1).looseUInt64()
    let size = min(try parameters.required(2).looseUInt64(), 1_000)
    guard let block = try storedBlock(selector) else { return .null }
    let receipts = try reading { (views) throws(ViewsError) in
      try views.receipts(layer, inBlock: block.header.number)
    }
    let (start, overflow) = page.multipliedReportingOverflow(by: size)
    let first = overflow ? receipts.count : Int(min(start, UInt64(receipts.count)))
    let slice = receipts[first..<min(receipts.count, first + Int(size))]
    guard
      case .object(var members) = EthereumJSON.block(
        block, transactions: slice.map(\.transaction))
    else { return .null }
    members["transactionCount"] = .integer(receipts.count)
    members["logsBloom"] = .null
    let specification = try chain().specification
    return [
      "fullblock": .object(members),
      "receipts": .array(
        slice.map { stored in
          guard
            case .object(var receipt) = EthereumJSON.receipt(
              stored, specification: specification)
          else { return .null }
          receipt["logs"] = .null
          receipt["logsBloom"] = .null
          return .object(receipt)
        }),
    ]
  }

  // MARK: Searches

  /// `ots_searchTransactions…(address, block, size)`: those that touch an account.
  private func search(_ parameters: RPCParameters, isForward: Bool) throws(RPCError) -> JSON {
    let address: JSON = .data(try parameters.required(0).address())
    let given = try parameters.required(1).looseUInt64()
    let size = Int(min(try parameters.required(2).looseUInt64(), 100))
    let chain = try chain()
    let oldest: UInt64 = 1
    var number = isForward ? max(given, oldest - 1) + 1 : given == 0 ? chain.number + 1 : given
    var found: [StoredReceipt] = []
    var isAtEnd = true
    while found.count < size {
      guard isForward ? number <= chain.number : number > oldest else { break }
      number = isForward ? number : number - 1
      found += try touching(address, inBlock: number, on: chain)
      if isForward { number += 1 }
      isAtEnd = isForward ? number > chain.number : number <= oldest
    }
    if isForward { found.reverse() }
    let list = found
    return [
      "txs": .array(list.map { EthereumJSON.transaction($0.transaction) }),
      "receipts": .array(
        list.map { stored in
          guard
            case .object(var receipt) = EthereumJSON.receipt(
              stored, specification: chain.specification)
          else { return .null }
          receipt["timestamp"] = .integer(stored.transaction.block.timestamp)
          return .object(receipt)
        }),
      "firstPage": .bool(isForward ? isAtEnd : given == 0),
      "lastPage": .bool(isForward ? given == 0 : isAtEnd),
    ]
  }

  private func touching(
    _ address: JSON, inBlock number: UInt64, on chain: Chain
  ) throws(RPCError) -> [StoredReceipt] {
    let receipts = try reading { (views) throws(ViewsError) in
      try views.receipts(layer, inBlock: number)
    }
    guard !receipts.isEmpty else { return [] }
    let traces = try flatTraces(try tracedBlock(number, on: chain))
    return zip(receipts, traces).reversed().compactMap { receipt, traces in
      let isTouched = traces.contains { trace in
        ["from", "to", "address", "refundAddress"].contains { trace["action"]?[$0] == address }
          || trace["result"]?["address"] == address
      }
      return isTouched ? receipt : nil
    }
  }

  /// The transaction of a sender and nonce, found by when the nonce grew.
  private func transaction(
    sender: Address, nonce: UInt64
  ) throws(RPCError) -> StoredTransaction? {
    let chain = try chain()
    guard
      let number = try firstBlock(
        on: chain,
        where: { (state) throws(StateMiss) in
          try state.account(sender)?.nonce ?? 0 > nonce
        })
    else { return nil }
    return try reading { (views) throws(ViewsError) in
      try views.transactions(layer, inBlock: number).first {
        $0.sender == sender && $0.transaction.nonce == nonce
      }
    }
  }

  /// The first block after whose state something holds that goes on to hold.
  private func firstBlock(
    on chain: Chain, where holds: (State) throws(StateMiss) -> Bool
  ) throws(RPCError) -> UInt64? {
    guard try readingState({ () throws(StateMiss) in try holds(chain.head.state) }) else {
      return nil
    }
    var low: UInt64 = 0
    var high = chain.number
    while low < high {
      let middle = (low + high) / 2
      let state = try state(after: middle, on: chain)
      if try readingState({ () throws(StateMiss) in try holds(state) }) {
        high = middle
      } else {
        low = middle + 1
      }
    }
    return low
  }

  private func contractCreator(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let address = try parameters.required(0).address()
    let chain = try chain()
    guard
      let number = try firstBlock(
        on: chain,
        where: { (state) throws(StateMiss) in
          (try state.account(address)?.codeHash ?? Keccak256.empty) != Keccak256.empty
        }), number > 0
    else { return .null }
    let block = try tracedBlock(number, on: chain)
    for (index, traces) in try flatTraces(block).enumerated() {
      for trace in traces
      where trace["type"] == "create" && trace["result"]?["address"] == .data(address) {
        return ["hash": .data(block.hashes[index]), "creator": trace["action"]?["from"] ?? .null]
      }
    }
    return .null
  }
}
