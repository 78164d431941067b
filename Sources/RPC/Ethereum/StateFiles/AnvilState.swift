import EVM
import Execution
import JSON
import Ledger
import Primitives

/// Reads what anvil, or ``AnvilStateDump``, has dumped; older forms too.
public enum AnvilState {
  /// The most bytes of a dump.
  public static let sizeLimitInBytes = 1 << 30

  static let limits = JSONLimits(
    depth: 2_048, sizeInBytes: sizeLimitInBytes, valueCount: 1 << 26)

  /// The document of a dump in JSON.
  ///
  /// - Throws: `RPCError` -32602 that names the place which cannot be read.
  public static func parse(_ text: Bytes) throws(RPCError) -> StateDocument {
    let json: JSON
    do throws(JSONError) {
      json = try JSON.parse(text, limits: limits)
    } catch {
      throw .invalidParameters("the state is no JSON: \(error.message) at byte \(error.offset)")
    }
    let dump = RPCValue(json, argument: 0)
    var accounts: [StateDocument.Account] = []
    for (name, value) in try dump.required("accounts").members() {
      accounts.append(try value.dumpedAccount(at: name))
    }
    var blocks = try self.blocks(dump)
    if blocks.isEmpty, let environment = try dump.optional("block") {
      blocks = [try environment.dumpedEnvironment()]
    }
    let best = try dump.optional("best_block_number")?.looseUInt64()
    if let best, blocks.count > 1 {
      blocks.removeAll { $0.block.header.number > best }
    }
    return StateDocument(accounts: accounts, blocks: blocks)
  }

  /// The last blocks that follow each other, ascending; without block 0 if it is alone.
  private static func blocks(
    _ dump: RPCValue
  ) throws(RPCError) -> [StateDocument.HistoricBlock] {
    var records: [UInt64: [UInt64: RPCValue]] = [:]
    for value in try dump.optional("transactions")?.elements() ?? [] {
      let index = try value.required("info").required("transaction_index").looseUInt64()
      records[try value.required("block_number").looseUInt64(), default: [:]][index] = value
    }
    var blocks: [StateDocument.HistoricBlock] = []
    for value in try dump.optional("blocks")?.elements() ?? [] {
      blocks.append(try value.dumpedBlock(records))
    }
    blocks.sort { $0.block.header.number < $1.block.header.number }
    var first = blocks.count
    while first > 0,
      first == blocks.count
        || blocks[first - 1].block.header.number &+ 1 == blocks[first].block.header.number
    {
      first -= 1
    }
    return Array(blocks[first...])
  }
}

extension BlockHeader {
  /// The header with every field that stands before one that is there: dumps leave some out.
  fileprivate var withoutGaps: BlockHeader {
    var header = self
    if requestsHash != nil { header.parentBeaconBlockRoot = parentBeaconBlockRoot ?? .zero }
    if header.parentBeaconBlockRoot != nil { header.excessBlobGas = excessBlobGas ?? 0 }
    if header.excessBlobGas != nil { header.blobGasUsed = blobGasUsed ?? 0 }
    if header.blobGasUsed != nil {
      header.withdrawalsRoot = withdrawalsRoot ?? Block.withdrawalsRoot([])
    }
    if header.withdrawalsRoot != nil { header.baseFee = baseFee ?? .zero }
    return header
  }
}

extension RPCValue {
  fileprivate func dumpedAccount(
    at name: String
  ) throws(RPCError) -> StateDocument.Account {
    let digits = name.utf8.starts(with: "0x".utf8) ? name : "0x" + name
    guard let address = Address(hexadecimal: digits) else { throw error("the key is no address") }
    var slots: [AccountChange.Slot] = []
    for (name, word) in try optional("storage")?.members() ?? [] {
      guard let slot = UInt256(hexadecimal: name) else { throw word.error("the key is no slot") }
      slots.append(.init(slot: slot, value: try word.looseQuantity()))
    }
    return StateDocument.Account(
      address: address, nonce: try optional("nonce")?.looseUInt64() ?? 0,
      balance: try required("balance").looseQuantity(),
      code: try optional("code")?.data() ?? [], slots: slots)
  }

  /// A block of which nothing is known but what code saw of it.
  fileprivate func dumpedEnvironment() throws(RPCError) -> StateDocument.HistoricBlock {
    let recipient = try optional("beneficiary", or: "coinbase")
    var header = BlockHeader(
      parentHash: .zero, feeRecipient: try recipient?.address() ?? .zero,
      number: try optional("number")?.looseUInt64() ?? 0,
      gasLimit: try optional("gas_limit")?.looseQuantity().clampedUInt64 ?? 30_000_000,
      timestamp: try optional("timestamp")?.looseUInt64() ?? 1)
    header.prevRandao = try optional("prevrandao")?.hash() ?? .zero
    header.baseFee = try optional("basefee")?.looseQuantity()
    // Chains that dump their environment have come further than Cancun.
    header.withdrawalsRoot = Block.withdrawalsRoot([])
    header.blobGasUsed = 0
    let blobs = try optional("blob_excess_gas_and_price")
    header.excessBlobGas = try blobs?.optional("excess_blob_gas")?.looseUInt64() ?? 0
    header.parentBeaconBlockRoot = .zero
    return StateDocument.HistoricBlock(
      block: Block(header: header, transactions: [], withdrawals: []), receipts: [],
      senders: [])
  }

  fileprivate func dumpedBlock(
    _ records: [UInt64: [UInt64: RPCValue]]
  ) throws(RPCError) -> StateDocument.HistoricBlock {
    let header = try required("header").blockHeader().withoutGaps
    var transactions: [Transaction] = []
    var receipts: [Receipt] = []
    var senders: [Address] = []
    for value in try optional("transactions")?.elements() ?? [] {
      let transaction = try value.dumpedTransaction()
      guard let record = records[header.number]?[UInt64(transactions.count)] else {
        throw value.error("the dump has no receipt of this transaction")
      }
      transactions.append(transaction)
      senders.append(try record.required("info").required("from").address())
      receipts.append(
        try record.dumpedReceipt(
          of: transaction, header, before: receipts.last?.cumulativeGasUsed ?? 0))
    }
    var ommers: [BlockHeader] = []
    for value in try optional("ommers")?.elements() ?? [] {
      ommers.append(try value.blockHeader().withoutGaps)
    }
    let withdrawals = try optional("withdrawals")?.withdrawals()
    return StateDocument.HistoricBlock(
      block: Block(
        header: header, transactions: transactions, ommers: ommers,
        withdrawals: withdrawals ?? (header.withdrawalsRoot == nil ? nil : [])),
      receipts: receipts, senders: senders)
  }

  private func dumpedReceipt(
    of transaction: Transaction, _ header: BlockHeader, before: UInt64
  ) throws(RPCError) -> Receipt {
    let info = try required("info")
    var value = try required("receipt")
    // Older dumps name the kind and hold the receipt behind it.
    if try value.optional("cumulativeGasUsed") == nil, let inner = try value.members().first {
      value = inner.value
    }
    var logs: [Log] = []
    for log in try value.optional("logs")?.elements() ?? [] {
      var topics: [Hash] = []
      for topic in try log.required("topics").elements() { topics.append(try topic.hash()) }
      guard topics.count <= 4 else { throw log.error("more than four topics") }
      logs.append(
        Log(
          address: try log.required("address").address(), topics: topics,
          data: try log.required("data").data()))
    }
    let cumulative = try value.required("cumulativeGasUsed").looseUInt64()
    let hasSucceeded = try value.optional("status").map { (status) throws(RPCError) in
      if case .bool(let isOn) = status.json { return isOn }
      return try status.looseUInt64() == 1
    }
    return Receipt(
      kind: transaction.kind, outcome: .status(hasSucceeded ?? true),
      cumulativeGasUsed: cumulative, logs: logs,
      gasUsed: try info.optional("gas_used")?.looseUInt64() ?? cumulative &- before,
      effectiveGasPrice: transaction.effectiveGasPrice(baseFee: header.baseFee ?? .zero),
      contractAddress: try info.optional("contract_address")?.address(),
      blobGasUsed: transaction.blobGas)
  }
}
