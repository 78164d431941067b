import Cryptography
import EVM
import Execution
import Ledger
import Primitives
import SQLite

extension Views {
  /// Writes a block with all that stands in it.
  func write(_ outcome: BlockOutcome, layer: Layer) throws(ViewsError) {
    try write(
      outcome.block, hash: outcome.hash, encoded: outcome.encodedTransactions,
      hashes: outcome.transactionHashes, receipts: outcome.receipts, senders: outcome.senders,
      layer: layer)
  }

  /// Writes a block that was not executed here.
  func write(_ historic: StateDocument.HistoricBlock, layer: Layer) throws(ViewsError) {
    let encoded = historic.block.transactions.map(\.encoded)
    try write(
      historic.block, hash: historic.block.hash, encoded: encoded,
      hashes: encoded.map { Keccak256.hash($0) }, receipts: historic.receipts,
      senders: historic.senders, layer: layer)
  }

  private func write(
    _ block: Block, hash: Hash, encoded: [Bytes], hashes: [Hash], receipts: [Receipt],
    senders: [Address], layer: Layer
  ) throws(ViewsError) {
    precondition(
      receipts.count == block.transactions.count && senders.count == receipts.count
        && encoded.count == receipts.count && hashes.count == receipts.count,
      "a receipt and a sender for each transaction")
    let place = try Place(layer, block.header.number)
    try write(block, hash: hash, encoded: encoded, at: place)
    var logCount = 0
    for (index, receipt) in receipts.enumerated() {
      let itemPlace = try Place(layer, block.header.number, index)
      let hash = hashes[index]
      try forgetDrop(layer, hash)
      do throws(SQLiteError) {
        try connection.insert(
          Schema.transactions, .place(itemPlace), .hash(hash), .bytes(senders[index].bytes),
          .bytes(encoded[index]))
        try connection.insert(
          Schema.transactionHashes, .integer(Fingerprint.of(hash)), .place(itemPlace))
        try connection.insert(
          Schema.receipts, .place(itemPlace), .integer(Int64(logCount)),
          .bytes(ReceiptContent.encode(receipt)))
        for fingerprint in Fingerprint.all(of: receipt.logs) {
          try connection.insert(Schema.logIndex, .integer(fingerprint), .place(itemPlace))
        }
      } catch {
        throw ViewsError(error)
      }
      logCount += receipt.logs.count
    }
  }

  /// Writes what a block holds beside its transactions, whose consensus forms are `encoded`.
  func write(_ block: Block, hash: Hash, encoded: [Bytes], at place: Place) throws(ViewsError) {
    let content = Block(
      header: block.header, ommers: block.ommers, withdrawals: block.withdrawals
    ).encoded
    let size = Block.sizeInBytes(
      withoutTransactions: content, kinds: block.transactions.map(\.kind), encoded: encoded)
    do throws(SQLiteError) {
      try connection.insert(
        Schema.blocks, .place(place), .hash(hash), .integer(Int64(block.transactions.count)),
        .integer(Int64(size)), .bytes(content))
      try connection.insert(Schema.blockHashes, .integer(Fingerprint.of(hash)), .place(place))
      if block.header.bloom != Bloom() {
        try connection.insert(Schema.blooms, .place(place), .bytes(block.header.bloom.bytes))
      }
    } catch {
      throw ViewsError(error)
    }
  }
}

extension Fingerprint {
  /// Those of the emitters and first topics of logs, ascending, each once.
  static func all(of logs: [Log]) -> [Int64] {
    var found: Set<Int64> = []
    for log in logs {
      found.insert(of(emitter: log.address))
      if let topic = log.topics.first { found.insert(of(topic: topic)) }
    }
    return found.sorted()
  }
}
