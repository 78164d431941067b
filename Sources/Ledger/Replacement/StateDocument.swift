import EVM
import Execution
import Primitives

/// What a chain takes over from somewhere else: accounts, and the blocks that led to them.
///
/// The content store has its bytes, which are canonical RLP; the log names their hash:
///
///     [1, [[address, nonce, balance, code, [[slot, word], …]], …],
///         [[block, [[receipt, gasUsed, effectiveGasPrice, contract?], …], [sender, …]], …]]
///
/// Accounts are ascending by address, slots by number, blocks by number without a gap.
public struct StateDocument: Hashable, Sendable {
  /// An account as it is to be.
  public struct Account: Hashable, Sendable {
    /// Where it is.
    public var address: Address
    /// The nonce; an account that has a higher one keeps that.
    public var nonce: UInt64
    /// In wei.
    public var balance: UInt256
    /// The code.
    public var code: Bytes
    /// Slots with their words; others stay as they are.
    public var slots: [AccountChange.Slot]

    /// An account with these contents.
    public init(
      address: Address, nonce: UInt64, balance: UInt256, code: Bytes,
      slots: [AccountChange.Slot]
    ) {
      self.address = address
      self.nonce = nonce
      self.balance = balance
      self.code = code
      self.slots = slots
    }
  }

  /// A block with what its transactions did.
  public struct HistoricBlock: Hashable, Sendable {
    /// The block.
    public var block: Block
    /// A receipt for each transaction.
    public var receipts: [Receipt]
    /// Who sent each transaction.
    public var senders: [Address]

    /// A block with its receipts and senders, one of each a transaction.
    public init(block: Block, receipts: [Receipt], senders: [Address]) {
      precondition(
        receipts.count == block.transactions.count && senders.count == receipts.count,
        "a receipt and a sender for each transaction")
      self.block = block
      self.receipts = receipts
      self.senders = senders
    }
  }

  /// The accounts, each once.
  public var accounts: [Account]
  /// The blocks, each above the one before; none where only accounts are taken over.
  public var blocks: [HistoricBlock]

  /// A document; accounts and slots are sorted.
  public init(accounts: [Account], blocks: [HistoricBlock] = []) {
    self.accounts = accounts.map { account in
      var account = account
      account.slots.sort { $0.slot < $1.slot }
      return account
    }.sorted { $0.address < $1.address }
    self.blocks = blocks
  }

  /// What the accounts change in a state.
  ///
  /// - Throws: `StateMiss` where a part of the state is not at hand.
  func diff(from state: State) throws(StateMiss) -> StateDiff {
    let edit = AccountEdit(
      layer: .two,
      changes: try accounts.map { (account) throws(StateMiss) in
        let former = try state.account(account.address)?.nonce ?? 0
        return AccountEdit.Change(
          address: account.address, balance: account.balance, nonce: max(former, account.nonce),
          code: account.code, slots: account.slots)
      })
    return try edit.diff(from: state)
  }
}

// MARK: Encoding

extension StateDocument {
  /// The bytes that the content store has.
  public var encoded: Bytes {
    RLPWriter.list { list in
      list.append(uint64: 1)
      list.list { list in
        for account in accounts { account.write(to: &list) }
      }
      list.list { list in
        for block in blocks { block.write(to: &list) }
      }
    }
  }

  /// The document of these bytes; nil when they are none that we write.
  public init?(encoded: Bytes) {
    var accounts: [Account] = []
    var blocks: [HistoricBlock] = []
    do throws(RLPError) {
      var reader = RLPReader(encoded)
      var fields = try reader.list()
      try reader.end()
      guard try fields.uint64() == 1 else { return nil }
      var items = try fields.list()
      while !items.isAtEnd { accounts.append(try Account(from: &items)) }
      items = try fields.list()
      while !items.isAtEnd {
        guard let block = try HistoricBlock(from: &items) else { return nil }
        blocks.append(block)
      }
      try fields.end()
    } catch {
      return nil
    }
    self.init(accounts: accounts, blocks: blocks)
    guard isSound else { return nil }
  }

  /// Whether each account stands in it once, and the blocks follow each other.
  var isSound: Bool {
    zip(accounts, accounts.dropFirst()).allSatisfy { $0.address < $1.address }
      && accounts.allSatisfy { account in
        zip(account.slots, account.slots.dropFirst()).allSatisfy { $0.slot < $1.slot }
      }
      && zip(blocks, blocks.dropFirst()).allSatisfy {
        $0.block.header.number < .max && $0.block.header.number + 1 == $1.block.header.number
      }
  }
}

extension StateDocument.Account {
  fileprivate func write(to list: inout RLPWriter) {
    list.list { fields in
      fields.append(address: address)
      fields.append(uint64: nonce)
      fields.append(uint256: balance)
      fields.append(bytes: code)
      fields.list { items in
        for slot in slots {
          items.list { pair in
            pair.append(uint256: slot.slot)
            pair.append(uint256: slot.value)
          }
        }
      }
    }
  }

  fileprivate init(from list: inout RLPReader) throws(RLPError) {
    var fields = try list.list()
    address = try fields.address()
    nonce = try fields.uint64()
    balance = try fields.uint256()
    code = Bytes(try fields.bytes())
    slots = []
    var items = try fields.list()
    while !items.isAtEnd {
      var pair = try items.list()
      slots.append(.init(slot: try pair.uint256(), value: try pair.uint256()))
      try pair.end()
    }
    try fields.end()
  }
}

extension StateDocument.HistoricBlock {
  fileprivate func write(to list: inout RLPWriter) {
    list.list { fields in
      fields.append(bytes: block.encoded)
      fields.list { items in
        for receipt in receipts {
          items.list { item in
            item.append(bytes: receipt.encoded)
            item.append(uint64: receipt.gasUsed)
            item.append(uint256: receipt.effectiveGasPrice)
            item.append(optionalAddress: receipt.contractAddress)
          }
        }
      }
      fields.list { items in
        for sender in senders { items.append(address: sender) }
      }
    }
  }

  fileprivate init?(from list: inout RLPReader) throws(RLPError) {
    var fields = try list.list()
    guard let block = try? Block.decode(Bytes(try fields.bytes())) else { return nil }
    var receipts: [Receipt] = []
    var items = try fields.list()
    while !items.isAtEnd {
      var item = try items.list()
      guard var receipt = try? Receipt.decode(Bytes(try item.bytes())),
        receipts.count < block.transactions.count
      else { return nil }
      receipt.gasUsed = try item.uint64()
      receipt.effectiveGasPrice = try item.uint256()
      receipt.contractAddress = try item.optionalAddress()
      receipt.blobGasUsed = block.transactions[receipts.count].blobGas
      try item.end()
      receipts.append(receipt)
    }
    var senders: [Address] = []
    items = try fields.list()
    while !items.isAtEnd { senders.append(try items.address()) }
    try fields.end()
    guard receipts.count == block.transactions.count, senders.count == receipts.count else {
      return nil
    }
    self.init(block: block, receipts: receipts, senders: senders)
  }
}
