/// A record that a table finds by its key.
protocol KeyedRecord {
  /// What the record is found by.
  associatedtype Key: Equatable
  /// The record's key, which never changes.
  var key: Key { get }
  /// A number that differs between most keys, and that nobody who lacks the seed can predict.
  static func mix(_ key: Key, seed: UInt64) -> UInt64
}

/// Records in the order in which they were added, found by key through open addressing.
///
/// An index stays valid until `removeAll`. Nothing reads the buckets in their order, so the seed,
/// which may differ from run to run, never reaches a result.
struct RecordTable<Record: KeyedRecord> {
  /// The records, oldest first.
  var records: [Record] = []
  /// One more than a record's index, or zero; the count is a power of two.
  private var buckets: [Int32]
  private var mask: Int
  private let seed: UInt64

  /// An empty table.
  init() {
    seed = Self.chosenSeed()
    buckets = [Int32](repeating: 0, count: Self.initialCapacity)
    mask = Self.initialCapacity - 1
  }

  private static var initialCapacity: Int { 64 }

  /// A number that an attacker who picks storage slots does not know.
  private static func chosenSeed() -> UInt64 {
    var hasher = Hasher()
    hasher.combine(0x6f70_616c as UInt64)
    return UInt64(truncatingIfNeeded: hasher.finalize())
  }

  /// The index of the record with a key, or nil.
  @inline(__always)
  func index(of key: Record.Key) -> Int? {
    var bucket = Int(truncatingIfNeeded: Record.mix(key, seed: seed)) & mask
    while true {
      let entry = Int(buckets[bucket])
      if entry == 0 { return nil }
      if records[entry &- 1].key == key { return entry &- 1 }
      bucket = (bucket &+ 1) & mask
    }
  }

  /// Adds a record whose key is not in the table yet, and returns its index.
  mutating func add(_ record: Record) -> Int {
    if records.count &* 2 >= buckets.count { grow() }
    records.append(record)
    place(key: record.key, entry: records.count)
    return records.count &- 1
  }

  /// Forgets all records.
  mutating func removeAll() {
    if records.isEmpty { return }
    if buckets.count > 1024 {
      self = RecordTable()
      return
    }
    records.removeAll(keepingCapacity: true)
    for bucket in buckets.indices { buckets[bucket] = 0 }
  }

  private mutating func place(key: Record.Key, entry: Int) {
    var bucket = Int(truncatingIfNeeded: Record.mix(key, seed: seed)) & mask
    while buckets[bucket] != 0 { bucket = (bucket &+ 1) & mask }
    buckets[bucket] = Int32(truncatingIfNeeded: entry)
  }

  private mutating func grow() {
    let capacity = buckets.count &* 2
    buckets = [Int32](repeating: 0, count: capacity)
    mask = capacity &- 1
    for index in records.indices { place(key: records[index].key, entry: index &+ 1) }
  }
}

/// The 128-bit product of two numbers, folded to 64 bits.
@inline(__always)
func foldedProduct(_ left: UInt64, _ right: UInt64) -> UInt64 {
  let product = left.multipliedFullWidth(by: right)
  return product.high ^ product.low
}
