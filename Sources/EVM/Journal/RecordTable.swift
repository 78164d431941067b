/// A record that a table finds by its key; it holds no references.
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
/// which may differ from run to run, never reaches a result. Records and buckets lie in memory of
/// the table's own: an array in a class property would have each access ask whether another one is
/// under way, and whether the array is shared.
@safe
final class RecordTable<Record: KeyedRecord> {
  /// A place for a record: one more than its index, or zero; and the half of its mixed key that
  /// says where it belongs, so that most other keys are told apart here, and the table grows
  /// without looking at its records.
  private struct Bucket {
    var entry: UInt32
    var tag: UInt32
  }

  private var records: UnsafeMutablePointer<Record>
  private var capacity: Int
  /// How many records there are.
  private(set) var count = 0
  private var buckets: UnsafeMutablePointer<Bucket>
  /// One less than the number of buckets, which is a power of two and at least twice the capacity.
  private var mask: Int
  private let seed: UInt64

  /// An empty table.
  init() {
    seed = Self.chosenSeed()
    capacity = Self.initialCapacity
    unsafe records = .allocate(capacity: capacity)
    unsafe buckets = Self.emptyBuckets(2 * capacity)
    mask = 2 * capacity - 1
  }

  deinit {
    unsafe records.deallocate()
    unsafe buckets.deallocate()
  }

  private static var initialCapacity: Int { 32 }
  /// Larger tables are made afresh when they are emptied.
  private static var keptCapacity: Int { 1 << 15 }

  /// A number that an attacker who picks storage slots does not know.
  private static func chosenSeed() -> UInt64 {
    var hasher = Hasher()
    hasher.combine(0x6f70_616c as UInt64)
    return UInt64(truncatingIfNeeded: hasher.finalize())
  }

  private static func emptyBuckets(_ count: Int) -> UnsafeMutablePointer<Bucket> {
    let buckets = UnsafeMutablePointer<Bucket>.allocate(capacity: count)
    unsafe buckets.initialize(repeating: Bucket(entry: 0, tag: 0), count: count)
    return unsafe buckets
  }

  /// The record with an index that the table has given.
  subscript(_ index: Int) -> Record {
    @inline(__always)
    _read {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      yield unsafe records[index]
    }
    @inline(__always)
    _modify {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      yield unsafe &records[index]
    }
  }

  /// The indices of all records, in the order in which they were added.
  var indices: Range<Int> { 0..<count }

  /// The index of the record with a key, or nil.
  @inline(__always)
  func index(of key: Record.Key) -> Int? {
    let tag = UInt32(truncatingIfNeeded: Record.mix(key, seed: seed))
    var place = Int(tag) & mask
    while true {
      let bucket = unsafe buckets[place]
      if bucket.entry == 0 { return nil }
      let index = Int(bucket.entry) &- 1
      if bucket.tag == tag, unsafe records[index].key == key { return index }
      place = (place &+ 1) & mask
    }
  }

  /// Adds a record whose key is not in the table yet, and returns its index.
  func add(_ record: Record) -> Int {
    if count == capacity { grow() }
    unsafe (records + count).initialize(to: record)
    count &+= 1
    let tag = UInt32(truncatingIfNeeded: Record.mix(record.key, seed: seed))
    let bucket = Bucket(entry: UInt32(truncatingIfNeeded: count), tag: tag)
    unsafe Self.place(bucket, in: buckets, mask)
    return count &- 1
  }

  /// Forgets all records.
  func removeAll() {
    if count == 0 { return }
    if capacity > Self.keptCapacity {
      unsafe records.deallocate()
      unsafe buckets.deallocate()
      capacity = Self.initialCapacity
      mask = 2 * capacity - 1
      unsafe records = .allocate(capacity: capacity)
      unsafe buckets = Self.emptyBuckets(2 * capacity)
    } else if count > mask / 16 {
      unsafe buckets.update(repeating: Bucket(entry: 0, tag: 0), count: mask + 1)
    } else {
      for index in 0..<count { clear(from: unsafe records[index].key) }
    }
    count = 0
  }

  /// Empties the buckets from a key's first one to the next that is empty already.
  ///
  /// Done for every key this empties all: a record lies behind its first bucket with none empty
  /// between them, unless an earlier walk has come by, which went on to the record too.
  private func clear(from key: Record.Key) {
    var place = Int(UInt32(truncatingIfNeeded: Record.mix(key, seed: seed))) & mask
    while unsafe buckets[place].entry != 0 {
      unsafe buckets[place].entry = 0
      place = (place &+ 1) & mask
    }
  }

  @inline(__always)
  private static func place(
    _ bucket: Bucket, in buckets: UnsafeMutablePointer<Bucket>, _ mask: Int
  ) {
    var place = Int(bucket.tag) & mask
    while unsafe buckets[place].entry != 0 { place = (place &+ 1) & mask }
    unsafe buckets[place] = bucket
  }

  @inline(never)
  private func grow() {
    let larger = UnsafeMutablePointer<Record>.allocate(capacity: 2 &* capacity)
    unsafe larger.moveInitialize(from: records, count: count)
    unsafe records.deallocate()
    unsafe records = larger
    capacity &*= 2
    let fresh = unsafe Self.emptyBuckets(2 &* capacity)
    let wider = 2 &* capacity &- 1
    for place in 0...mask where unsafe buckets[place].entry != 0 {
      unsafe Self.place(buckets[place], in: fresh, wider)
    }
    mask = wider
    unsafe buckets.deallocate()
    unsafe buckets = fresh
  }
}

/// The 128-bit product of two numbers, folded to 64 bits.
@inline(__always)
func foldedProduct(_ left: UInt64, _ right: UInt64) -> UInt64 {
  let product = left.multipliedFullWidth(by: right)
  return product.high ^ product.low
}
