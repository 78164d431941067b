import Cryptography
import EVM
import Execution
import JSON
import Primitives

/// What the transition tool says of a block, member for member as geth's does.
struct TransitionOutput {
  let tool: TransitionTool
  let outcome: BlockOutcome
  let rejected: [(index: Int, reason: String)]
  let fault: StandaloneBlockFault?

  private var header: BlockHeader { outcome.block.header }
  private var fork: Fork { tool.specification.fork(of: tool.environment.header) }

  /// The RLP of the transactions in the block.
  var body: Bytes {
    RLPWriter.list { list in
      for transaction in outcome.block.transactions {
        if transaction.kind == .legacy {
          list.append(raw: transaction.encoded)
        } else {
          list.append(bytes: transaction.encoded)
        }
      }
    }
  }

  /// Roots, receipts and all else that a header would say.
  var result: JSON {
    var result = JSONObject()
    result["stateRoot"] = .data(header.stateRoot)
    result["txRoot"] = .data(header.transactionsRoot)
    result["receiptsRoot"] = .data(header.receiptsRoot)
    result["logsHash"] = .data(logsHash)
    result["logsBloom"] = .data(header.bloom.bytes)
    result["receipts"] = .array(receipts)
    if !rejected.isEmpty {
      result["rejected"] = .array(
        rejected.map { ["index": .integer($0.index), "error": .string($0.reason)] })
    }
    let hasDifficulty = tool.specification.forks.terminalTotalDifficulty != .zero
    result["currentDifficulty"] = hasDifficulty ? .quantity(header.difficulty) : .null
    result["gasUsed"] = .quantity(header.gasUsed)
    if let fee = tool.environment.baseFee { result["currentBaseFee"] = .quantity(fee) }
    if let withdrawals = tool.environment.withdrawals {
      result["withdrawalsRoot"] = .data(Block.withdrawalsRoot(withdrawals))
    }
    if let excess = header.excessBlobGas {
      result["currentExcessBlobGas"] = .quantity(excess)
      result["blobGasUsed"] = .quantity(header.blobGasUsed ?? 0)
    }
    if fork >= .prague {
      result["requestsHash"] = .data(header.requestsHash ?? .zero)
      result["requests"] = .array(outcome.requests.map { .data($0) })
    } else {
      result["requests"] = .null
    }
    // The name is that of the executable specification's tool; geth's gives up instead.
    if let exception { result["blockException"] = .string(exception) }
    return .object(result)
  }

  /// Why the block could be on no chain, in geth's words.
  private var exception: String? {
    switch fault {
    case nil: return nil
    case .malformedDeposit: return BlockRejection.malformedDeposit.message
    case .systemCallFailed(let contract):
      let code = (try? outcome.state.code(at: contract)) ?? []
      return code.isEmpty
        ? "empty system contract: no code at \(contract.checksummed)"
        : BlockRejection.systemCallFailed(contract).message
    }
  }

  private var logsHash: Hash {
    Keccak256.hash(
      RLPWriter.list { list in
        for receipt in outcome.receipts {
          for log in receipt.logs { log.append(to: &list) }
        }
      })
  }

  // MARK: Receipts

  /// What geth's tool calls the block, whose hash nobody knows.
  private static let blockHash = Hash(0x1337_0000_0000_0000, 0, 0, 0)

  private var receipts: [JSON] {
    var firstLog = 0
    var list: [JSON] = []
    for (index, receipt) in outcome.receipts.enumerated() {
      let hash = outcome.block.transactions[index].hash
      list.append(.object(json(receipt, index: index, hash: hash, firstLog: firstLog)))
      firstLog += receipt.logs.count
    }
    return list
  }

  private func json(_ receipt: Receipt, index: Int, hash: Hash, firstLog: Int) -> JSONObject {
    var json = JSONObject()
    if receipt.kind != .legacy { json["type"] = .quantity(UInt64(receipt.kind.rawValue)) }
    if case .postState(let root) = receipt.outcome {
      json["root"] = .data(root)
    } else {
      json["root"] = "0x"
    }
    json["status"] = .quantity(receipt.succeeded ? 1 : 0 as UInt64)
    json["cumulativeGasUsed"] = .quantity(receipt.cumulativeGasUsed)
    json["logsBloom"] = .data(receipt.bloom.bytes)
    json["logs"] = .array(
      receipt.logs.enumerated().map {
        .object(self.json($0.element, index: firstLog + $0.offset, in: index, hash))
      })
    json["transactionHash"] = .data(hash)
    json["contractAddress"] = .data(receipt.contractAddress ?? .zero)
    json["gasUsed"] = .quantity(receipt.gasUsed)
    json["effectiveGasPrice"] = .null
    if receipt.kind == .blob {
      json["blobGasUsed"] = .quantity(receipt.blobGasUsed)
      json["blobGasPrice"] = .quantity(header.blobBaseFee(tool.specification))
    }
    json["blockHash"] = .data(Self.blockHash)
    json["blockNumber"] = .quantity(header.number)
    json["transactionIndex"] = .quantity(UInt64(index))
    return json
  }

  private func json(_ log: Log, index: Int, in transaction: Int, _ hash: Hash) -> JSONObject {
    var json = JSONObject()
    json["address"] = .data(log.address)
    json["topics"] = .array(log.topics.map { .data($0) })
    json["data"] = .data(log.data)
    json["blockNumber"] = .quantity(header.number)
    json["transactionHash"] = .data(hash)
    json["transactionIndex"] = .quantity(UInt64(transaction))
    json["blockHash"] = .data(Self.blockHash)
    json["blockTimestamp"] = .quantity(header.timestamp)
    json["logIndex"] = .quantity(UInt64(index))
    json["removed"] = false
    return json
  }

  // MARK: Accounts

  /// The accounts after the block, by address; what the state keeps under hashes is asked for by
  /// the names that were there before or came to be.
  func alloc() throws(TransitionError) -> JSON {
    var slots: [Address: Set<UInt256>] = [:]
    for (address, account) in tool.pre {
      slots[address, default: []].formUnion(account.storage.map { $0.slot })
    }
    for change in outcome.diff.accounts {
      slots[change.address, default: []].formUnion(change.storage.map { $0.slot })
    }
    var alloc = JSONObject()
    for address in slots.keys.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
      do throws(StateMiss) {
        let names = (slots[address] ?? []).sorted()
        if let account = try account(at: address, slots: names) {
          alloc[address.hexadecimal] = .object(account)
        }
      } catch {
        throw TransitionError(.execution, BlockRejection.undecided(.miss(error)).message)
      }
    }
    return .object(alloc)
  }

  private func account(
    at address: Address, slots: [UInt256]
  ) throws(StateMiss) -> JSONObject? {
    let state = outcome.state
    guard let account = try state.account(address) else { return nil }
    var json = JSONObject()
    let code = try state.code(account.codeHash)
    if !code.isEmpty { json["code"] = .data(code) }
    var storage = JSONObject()
    for slot in slots {
      let word = try state.storage(address, slot)
      if !word.isZero { storage[Hash(slot).hexadecimal] = .data(Hash(word)) }
    }
    if !storage.isEmpty { json["storage"] = .object(storage) }
    json["balance"] = .quantity(account.balance)
    if account.nonce > 0 { json["nonce"] = .quantity(account.nonce) }
    return json
  }
}
