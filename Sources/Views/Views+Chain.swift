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
        gathered.transactions.append(itemPlace)
        gathered.transactions.append(hash)
        gathered.transactions.append(senders[index])
        gathered.transactions.append(encoded[index])
        try gathered.transactions.writeIfFull(to: connection)
        gathered.transactionHashes.append(Fingerprint.of(hash))
        gathered.transactionHashes.append(itemPlace)
        try gathered.transactionHashes.writeIfFull(to: connection)
        gathered.receipts.append(itemPlace)
        gathered.receipts.append(Int64(logCount))
        gathered.receipts.append(ReceiptContent.encode(receipt))
        try gathered.receipts.writeIfFull(to: connection)
        for fingerprint in Fingerprint.all(of: receipt.logs) {
          gathered.logIndex.append(fingerprint)
          gathered.logIndex.append(itemPlace)
          try gathered.logIndex.writeIfFull(to: connection)
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
      gathered.blocks.append(place)
      gathered.blocks.append(hash)
      gathered.blocks.append(Int64(block.transactions.count))
      gathered.blocks.append(Int64(size))
      gathered.blocks.append(content)
      try gathered.blocks.writeIfFull(to: connection)
      gathered.blockHashes.append(Fingerprint.of(hash))
      gathered.blockHashes.append(place)
      try gathered.blockHashes.writeIfFull(to: connection)
      if block.header.bloom != Bloom() {
        gathered.blooms.append(place)
        gathered.blooms.append(block.header.bloom.bytes)
        try gathered.blooms.writeIfFull(to: connection)
      }
    } catch {
      throw ViewsError(error)
    }
  }
}

extension Fingerprint {
  /// Those of the emitters and first topics of logs, ascending, each once.
  static func all(of logs: [Log]) -> [Int64] {
    var found: [Int64] = []
    for log in logs {
      found.append(of(emitter: log.address))
      if let topic = log.topics.first { found.append(of(topic: topic)) }
    }
    found.sort()
    var last: Int64?
    found.removeAll { fingerprint in
      defer { last = fingerprint }
      return fingerprint == last
    }
    return found
  }
}
