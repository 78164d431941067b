import EVM
import Execution
import Ledger
import Primitives

/// Which block something stands in, with what of its header others are shown by.
public struct BlockReference: Hashable, Sendable {
  /// The chain.
  public var layer: Layer
  /// The block's number.
  public var number: UInt64
  /// The block's hash.
  public var hash: Hash
  /// The block's time, in seconds since 1970.
  public var timestamp: UInt64
  /// What each gas burned in it, in wei; nil before London.
  public var baseFee: UInt256?
  /// How much blob gas the chain was ahead of its target; nil before Cancun.
  public var excessBlobGas: UInt64?

  /// Makes a reference of its parts.
  public init(
    layer: Layer, number: UInt64, hash: Hash, timestamp: UInt64, baseFee: UInt256? = nil,
    excessBlobGas: UInt64? = nil
  ) {
    self.layer = layer
    self.number = number
    self.hash = hash
    self.timestamp = timestamp
    self.baseFee = baseFee
    self.excessBlobGas = excessBlobGas
  }

  /// The reference to a block by its header and hash.
  public init(layer: Layer, header: BlockHeader, hash: Hash) {
    self.init(
      layer: layer, number: header.number, hash: hash, timestamp: header.timestamp,
      baseFee: header.baseFee, excessBlobGas: header.excessBlobGas)
  }
}

/// A block as the views hold it, without its transactions' contents.
public struct StoredBlock: Hashable, Sendable {
  /// The chain.
  public var layer: Layer
  /// The header.
  public var header: BlockHeader
  /// The header's hash.
  public var hash: Hash
  /// The hashes of its transactions, in order.
  public var transactionHashes: [Hash]
  /// The headers of its ommers.
  public var ommers: [BlockHeader]
  /// Its withdrawals; nil before Shanghai.
  public var withdrawals: [Withdrawal]?
  /// The size of its RLP encoding.
  public var sizeInBytes: Int

  /// Makes a block of its parts.
  public init(
    layer: Layer, header: BlockHeader, hash: Hash, transactionHashes: [Hash],
    ommers: [BlockHeader], withdrawals: [Withdrawal]?, sizeInBytes: Int
  ) {
    self.layer = layer
    self.header = header
    self.hash = hash
    self.transactionHashes = transactionHashes
    self.ommers = ommers
    self.withdrawals = withdrawals
    self.sizeInBytes = sizeInBytes
  }

  /// The reference to it.
  public var reference: BlockReference {
    BlockReference(layer: layer, header: header, hash: hash)
  }
}

/// A transaction that stands in a block.
public struct StoredTransaction: Hashable, Sendable {
  /// The transaction.
  public var transaction: Transaction
  /// Its hash.
  public var hash: Hash
  /// Who sent it.
  public var sender: Address
  /// The block that it stands in.
  public var block: BlockReference
  /// Its index in the block.
  public var index: Int

  /// Makes a transaction of its parts.
  public init(
    transaction: Transaction, hash: Hash, sender: Address, block: BlockReference, index: Int
  ) {
    self.transaction = transaction
    self.hash = hash
    self.sender = sender
    self.block = block
    self.index = index
  }
}

/// A receipt with its transaction.
public struct StoredReceipt: Hashable, Sendable {
  /// The receipt, with what is derived.
  public var receipt: Receipt
  /// The transaction that it is of.
  public var transaction: StoredTransaction
  /// The index of its first log among the block's.
  public var firstLogIndex: Int

  /// Makes a receipt of its parts.
  public init(receipt: Receipt, transaction: StoredTransaction, firstLogIndex: Int) {
    self.receipt = receipt
    self.transaction = transaction
    self.firstLogIndex = firstLogIndex
  }

  /// Its logs with where they stand.
  public var logs: [StoredLog] {
    receipt.logs.enumerated().map { offset, log in
      StoredLog(
        log: log, block: transaction.block, transactionHash: transaction.hash,
        transactionIndex: transaction.index, logIndex: firstLogIndex + offset)
    }
  }
}

/// A log with where it stands.
public struct StoredLog: Hashable, Sendable {
  /// The log.
  public var log: Log
  /// The block that it stands in.
  public var block: BlockReference
  /// The transaction that logged it.
  public var transactionHash: Hash
  /// That transaction's index in the block.
  public var transactionIndex: Int
  /// Its index among all logs of the block.
  public var logIndex: Int

  /// Makes a log of its parts.
  public init(
    log: Log, block: BlockReference, transactionHash: Hash, transactionIndex: Int, logIndex: Int
  ) {
    self.log = log
    self.block = block
    self.transactionHash = transactionHash
    self.transactionIndex = transactionIndex
    self.logIndex = logIndex
  }
}

/// A transaction that left a pool without a block.
public struct StoredDrop: Hashable, Sendable {
  /// The reason in words, as its sender is told it.
  public var reason: String
  /// The log sequence of the event that it followed from.
  public var sequence: UInt64
}
