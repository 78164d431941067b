import Ledger
import Primitives

// Single reads. Those that must agree with one another go into one ``ViewReader/read(_:)``.

extension ViewReader {
  /// How far into the log the views have come.
  public func cursor() throws(ViewsError) -> ViewCursor {
    try read { (snapshot) throws(ViewsError) in
      try snapshot.cursor()
    }
  }

  /// The number of a layer's latest block, nil before its genesis.
  public func headNumber(_ layer: Layer) throws(ViewsError) -> UInt64? {
    try read { (snapshot) throws(ViewsError) in
      try snapshot.headNumber(layer)
    }
  }

  /// The block of a number.
  public func block(_ layer: Layer, number: UInt64) throws(ViewsError) -> StoredBlock? {
    try read { (snapshot) throws(ViewsError) in
      try snapshot.block(layer, number: number)
    }
  }

  /// The block of a hash.
  public func block(_ layer: Layer, hash: Hash) throws(ViewsError) -> StoredBlock? {
    try read { (snapshot) throws(ViewsError) in
      try snapshot.block(layer, hash: hash)
    }
  }

  /// The transaction of a hash, if it stands in a block.
  public func transaction(_ layer: Layer, hash: Hash) throws(ViewsError) -> StoredTransaction? {
    try read { (snapshot) throws(ViewsError) in
      try snapshot.transaction(layer, hash: hash)
    }
  }

  /// The transaction at an index of a block.
  public func transaction(_ layer: Layer, inBlock number: UInt64, at index: Int) throws(ViewsError)
    -> StoredTransaction?
  {
    try read { (snapshot) throws(ViewsError) in
      try snapshot.transaction(layer, inBlock: number, at: index)
    }
  }

  /// The transactions of a block in order; none where there is no such block.
  public func transactions(_ layer: Layer, inBlock number: UInt64) throws(ViewsError)
    -> [StoredTransaction]
  {
    try read { (snapshot) throws(ViewsError) in
      try snapshot.transactions(layer, inBlock: number)
    }
  }

  /// The receipt of a transaction's hash.
  public func receipt(_ layer: Layer, hash: Hash) throws(ViewsError) -> StoredReceipt? {
    try read { (snapshot) throws(ViewsError) in
      try snapshot.receipt(layer, hash: hash)
    }
  }

  /// The receipts of a block in order; none where there is no such block.
  public func receipts(_ layer: Layer, inBlock number: UInt64) throws(ViewsError) -> [StoredReceipt]
  {
    try read { (snapshot) throws(ViewsError) in
      try snapshot.receipts(layer, inBlock: number)
    }
  }

  /// How a transaction left the pool, if it did so last without a block.
  public func drop(_ layer: Layer, hash: Hash) throws(ViewsError) -> StoredDrop? {
    try read { (snapshot) throws(ViewsError) in
      try snapshot.drop(layer, hash: hash)
    }
  }

  /// The logs of a layer that pass a filter, in the order of the chain.
  ///
  /// - Throws: ``ViewsError/tooManyLogs(limit:)`` as soon as more than `limit` pass.
  public func logs(_ layer: Layer, _ filter: LogFilter, limit: Int) throws(ViewsError)
    -> [StoredLog]
  {
    try read { (snapshot) throws(ViewsError) in
      try snapshot.logs(layer, filter, limit: limit)
    }
  }

  /// The use of a receipt digest.
  public func usage(digest: Hash) throws(ViewsError) -> StoredUsage? {
    try read { (snapshot) throws(ViewsError) in
      try snapshot.usage(digest: digest)
    }
  }

  /// The uses of a subject, or of all, latest first; at most `limit`, reported before a sequence.
  public func usages(of subject: UsageSubject?, before sequence: UInt64 = .max, limit: Int)
    throws(ViewsError) -> [StoredUsage]
  {
    try read { (snapshot) throws(ViewsError) in
      try snapshot.usages(of: subject, before: sequence, limit: limit)
    }
  }

  /// The sums of a subject; nil if nothing was ever reported, charged or credited.
  public func billing(of subject: UsageSubject) throws(ViewsError) -> BillingSums? {
    try read { (snapshot) throws(ViewsError) in
      try snapshot.billing(of: subject)
    }
  }

  /// The sums of all subjects by kind and bytes; at most `limit`, `after` a subject.
  public func billing(after subject: UsageSubject? = nil, limit: Int) throws(ViewsError)
    -> [BillingSums]
  {
    try read { (snapshot) throws(ViewsError) in
      try snapshot.billing(after: subject, limit: limit)
    }
  }

  /// The digest of each view, ascending by name; it reads every row.
  public func digests() throws(ViewsError) -> [ViewDigest] {
    try read { (snapshot) throws(ViewsError) in
      try snapshot.digests()
    }
  }
}
