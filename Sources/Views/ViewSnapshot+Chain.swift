import Execution
import Ledger
import Primitives
import SQLite

extension ViewSnapshot {
  /// The number of a layer's latest block, nil before its genesis.
  public func headNumber(_ layer: Layer) throws(ViewsError) -> UInt64? {
    guard let range = Place.range(layer, from: 0, through: .max) else { return nil }
    return try first(
      "SELECT max(place) FROM blocks WHERE place BETWEEN ?1 AND ?2",
      [.integer(range.lowerBound), .integer(range.upperBound)]
    ) { row throws(SQLiteError) in
      row.isNull(0) ? nil : Place(rawValue: try row.int64(0)).number
    } ?? nil
  }

  /// The block of a number.
  public func block(_ layer: Layer, number: UInt64) throws(ViewsError) -> StoredBlock? {
    guard let place = try? Place(layer, number) else { return nil }
    return try block(at: place)
  }

  /// The block of a hash.
  public func block(_ layer: Layer, hash: Hash) throws(ViewsError) -> StoredBlock? {
    for place in try places("block_hashes", Fingerprint.of(hash), layer) {
      if let block = try block(at: place), block.hash == hash { return block }
    }
    return nil
  }

  /// The transaction of a hash, if it stands in a block.
  public func transaction(_ layer: Layer, hash: Hash) throws(ViewsError) -> StoredTransaction? {
    for place in try places("transaction_hashes", Fingerprint.of(hash), layer) {
      if let found = try transactions(Place.one(place)).first, found.hash == hash { return found }
    }
    return nil
  }

  /// The transactions of a block in order; none where there is no such block.
  public func transactions(
    _ layer: Layer, inBlock number: UInt64
  ) throws(ViewsError) -> [StoredTransaction] {
    guard let range = Place.range(layer, from: number, through: number) else { return [] }
    return try transactions(range)
  }

  /// The transaction at an index of a block.
  public func transaction(
    _ layer: Layer, inBlock number: UInt64, at index: Int
  ) throws(ViewsError) -> StoredTransaction? {
    guard let place = try? Place(layer, number, index) else { return nil }
    return try transactions(Place.one(place)).first
  }

  /// The receipt of a transaction's hash.
  public func receipt(_ layer: Layer, hash: Hash) throws(ViewsError) -> StoredReceipt? {
    for place in try places("transaction_hashes", Fingerprint.of(hash), layer) {
      if let found = try receipts(Place.one(place)).first, found.transaction.hash == hash {
        return found
      }
    }
    return nil
  }

  /// The receipts of a block in order; none where there is no such block.
  public func receipts(
    _ layer: Layer, inBlock number: UInt64
  ) throws(ViewsError) -> [StoredReceipt] {
    guard let range = Place.range(layer, from: number, through: number) else { return [] }
    return try receipts(range)
  }

  /// How a transaction left the pool, if it did so last without a block.
  public func drop(_ layer: Layer, hash: Hash) throws(ViewsError) -> StoredDrop? {
    try first(
      "SELECT reason, sequence FROM dropped WHERE layer = ?1 AND hash = ?2",
      [.integer(Int64(layer.rawValue)), .hash(hash)]
    ) { row throws(SQLiteError) in
      StoredDrop(reason: try row.text(0), sequence: UInt64(bitPattern: try row.int64(1)))
    }
  }
}

extension Place {
  /// The range of one place alone.
  static func one(_ place: Place) -> ClosedRange<Int64> { place.rawValue...place.rawValue }
}

extension ViewSnapshot {
  /// The block at a place, with what it says of its transactions.
  func block(at place: Place) throws(ViewsError) -> StoredBlock? {
    guard let layer = place.layer,
      let (hash, size, content) = try first(
        "SELECT hash, size_in_bytes, content FROM blocks WHERE place = ?1", [.place(place)],
        { row throws(SQLiteError) in
          (Hash(checking: try row.blob(0)), try row.int64(1), try row.blob(2))
        })
    else { return nil }
    guard let hash, let block = try? Block.decode(content), block.header.hash == hash, size >= 0
    else { throw .malformed("block \(place.number)") }
    return StoredBlock(
      layer: layer, header: block.header, hash: hash,
      transactionHashes: try transactionHashes(inBlock: place), ommers: block.ommers,
      withdrawals: block.withdrawals, sizeInBytes: Int(size))
  }

  private func transactionHashes(inBlock place: Place) throws(ViewsError) -> [Hash] {
    let hashes = try all(
      "SELECT hash FROM transactions WHERE place BETWEEN ?1 AND ?2 ORDER BY place",
      [.place(place), .integer(place.rawValue | Int64(Place.highestIndex))]
    ) { row throws(SQLiteError) in Hash(checking: try row.blob(0)) }
    return try hashes.map { (hash) throws(ViewsError) in
      guard let hash else { throw .malformed("a hash in block \(place.number)") }
      return hash
    }
  }

  /// The reference to the block at a place; it must be there.
  func reference(at place: Place) throws(ViewsError) -> BlockReference {
    let row = try first(
      "SELECT hash, content FROM blocks WHERE place = ?1", [.place(place)]
    ) { row throws(SQLiteError) in (Hash(checking: try row.blob(0)), try row.blob(1)) }
    guard let layer = place.layer, let row, let hash = row.0,
      let block = try? Block.decode(row.1)
    else { throw .malformed("block \(place.number)") }
    return BlockReference(layer: layer, header: block.header, hash: hash)
  }

  private func transactions(_ range: ClosedRange<Int64>) throws(ViewsError) -> [StoredTransaction] {
    let rows = try all(
      "SELECT place, hash, sender, encoded FROM transactions "
        + "WHERE place BETWEEN ?1 AND ?2 ORDER BY place",
      [.integer(range.lowerBound), .integer(range.upperBound)]
    ) { row throws(SQLiteError) in
      (
        Place(rawValue: try row.int64(0)), Hash(checking: try row.blob(1)),
        Address(checking: try row.blob(2)), try row.blob(3)
      )
    }
    guard let first = rows.first else { return [] }
    let block = try reference(at: first.0.block)
    return try rows.map { (place, hash, sender, encoded) throws(ViewsError) in
      guard let hash, let sender, let transaction = try? Transaction.decode(encoded) else {
        throw .malformed("transaction \(place.index) of block \(place.number)")
      }
      return StoredTransaction(
        transaction: transaction, hash: hash, sender: sender, block: block, index: place.index)
    }
  }

  private func receipts(_ range: ClosedRange<Int64>) throws(ViewsError) -> [StoredReceipt] {
    let transactions = try transactions(range)
    let rows = try all(
      "SELECT first_log, content FROM receipts WHERE place BETWEEN ?1 AND ?2 ORDER BY place",
      [.integer(range.lowerBound), .integer(range.upperBound)]
    ) { row throws(SQLiteError) in (Int(try row.int64(0)), try row.blob(1)) }
    guard rows.count == transactions.count else {
      throw .malformed("a receipt")
    }
    return try zip(transactions, rows).map { (transaction, row) throws(ViewsError) in
      guard row.0 >= 0, let receipt = try? ReceiptContent.decode(row.1) else {
        throw .malformed("receipt \(transaction.index) of block \(transaction.block.number)")
      }
      return StoredReceipt(receipt: receipt, transaction: transaction, firstLogIndex: row.0)
    }
  }
}
