import Primitives

/// The logs of a transaction, in memory that is kept between journals.
///
/// They become `Log`s when the transaction ends: a log of a call that reverts then has cost a few
/// stores and no allocation.
@safe
final class LogPile {
  /// A log, by where its parts end.
  private struct Record {
    var address: Address
    var topicEnd: Int
    var dataEnd: Int
  }

  private let records = Pile<Record>()
  private let topics = Pile<Hash>()
  private var bytes: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var byteCount = 0
  /// How many logs there are.
  private(set) var count = 0

  /// A pile of nothing.
  init() {
    capacity = Self.initialCapacity
    unsafe bytes = .allocate(capacity: capacity)
  }

  deinit { unsafe bytes.deallocate() }

  private static var initialCapacity: Int { 1 << 12 }
  /// Larger memory is given back when the pile is emptied.
  private static var keptCapacity: Int { 1 << 20 }

  /// Adds a topic to the log that comes next.
  @inline(__always)
  func appendTopic(_ topic: Hash) { topics.append(topic) }

  /// Adds a log with these contents and the topics that came before it.
  func append(_ address: Address, _ data: UnsafeRawBufferPointer) {
    if data.count > capacity &- byteCount { grow(by: data.count) }
    if let base = data.baseAddress {
      unsafe UnsafeMutableRawPointer(bytes + byteCount)
        .copyMemory(from: base, byteCount: data.count)
    }
    byteCount &+= data.count
    records.append(Record(address: address, topicEnd: topics.count, dataEnd: byteCount))
    count &+= 1
  }

  /// Adds a log.
  func append(_ log: Log) {
    for topic in log.topics { appendTopic(topic) }
    unsafe log.data.withUnsafeBytes { unsafe append(log.address, $0) }
  }

  /// Forgets the logs from an index on.
  func cut(to index: Int) {
    records.cut(to: index)
    topics.cut(to: index == 0 ? 0 : records[index - 1].topicEnd)
    byteCount = index == 0 ? 0 : records[index - 1].dataEnd
    count = index
  }

  /// Forgets all logs.
  func removeAll() {
    records.removeAll()
    topics.removeAll()
    byteCount = 0
    count = 0
    guard capacity > Self.keptCapacity else { return }
    unsafe bytes.deallocate()
    capacity = Self.initialCapacity
    unsafe bytes = .allocate(capacity: capacity)
  }

  /// All logs, the oldest first.
  var all: [Log] { (0..<count).map { self[$0] } }

  /// The log at an index.
  subscript(_ index: Int) -> Log {
    let record = records[index]
    let topicStart = index == 0 ? 0 : records[index - 1].topicEnd
    let dataStart = index == 0 ? 0 : records[index - 1].dataEnd
    let data = unsafe UnsafeBufferPointer(
      start: bytes + dataStart, count: record.dataEnd - dataStart)
    return Log(
      address: record.address, topics: (topicStart..<record.topicEnd).map { topics[$0] },
      data: unsafe Bytes(data))
  }

  @inline(never)
  private func grow(by size: Int) {
    let larger = Swift.max(2 &* capacity, byteCount &+ size)
    let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    unsafe fresh.update(from: bytes, count: byteCount)
    unsafe bytes.deallocate()
    unsafe bytes = fresh
    capacity = larger
  }
}
