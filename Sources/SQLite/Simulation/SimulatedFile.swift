/// A file of a simulated disk, with the locks that connections hold on it.
final class SimulatedFile {
  /// What a reader sees.
  var content: [UInt8] = []
  var locks = SimulatedLocks()
  var memory: SimulatedMemory?
  /// What changes of it are counted as.
  var kind: String
  /// What was changed since the last sync, oldest first, with what was there before.
  private var pending: [Change] = []

  private struct Change {
    /// Where it was written; the new size for a truncation.
    var offset: Int
    /// What was written; nil for a truncation.
    var written: [UInt8]?
    /// What was there before: of a truncation, what was cut off.
    var before: [UInt8]
    var sizeBefore: Int
  }

  init(kind: String) { self.kind = kind }

  func write(_ bytes: [UInt8], at offset: Int) {
    guard !bytes.isEmpty else { return }
    let end = offset + bytes.count
    pending.append(
      Change(
        offset: offset, written: bytes,
        before: offset < content.count ? Array(content[offset..<min(end, content.count)]) : [],
        sizeBefore: content.count))
    put(bytes[...], at: offset)
  }

  func truncate(to size: Int) {
    guard size < content.count else { return }
    pending.append(
      Change(
        offset: size, written: nil, before: Array(content[size...]), sizeBefore: content.count))
    content.removeLast(content.count - size)
  }

  func sync() { pending = [] }

  /// Keeps, loses or tears each change since the last sync.
  func losePower(_ chance: inout SplitMix64) {
    for change in pending.reversed() {
      if content.count > change.sizeBefore {
        content.removeLast(content.count - change.sizeBefore)
      }
      put(change.before[...], at: change.offset)
    }
    for change in pending {
      let fate = chance.next(below: 3)
      guard fate > 0 else { continue }
      guard let written = change.written else {
        if content.count > change.offset { content.removeLast(content.count - change.offset) }
        continue
      }
      var start = 0
      while start < written.count {
        let end = min(written.count, start + 512 - (change.offset + start) % 512)
        if fate == 1 || chance.next(below: 2) == 0 {
          put(written[start..<end], at: change.offset + start)
        }
        start = end
      }
    }
  }

  /// Forgets who held it: they are gone.
  func restart() {
    pending = []
    locks = SimulatedLocks()
    memory = nil
  }

  private func put(_ bytes: ArraySlice<UInt8>, at offset: Int) {
    guard !bytes.isEmpty else { return }
    let end = offset + bytes.count
    if content.count < end {
      content.append(contentsOf: repeatElement(0, count: end - content.count))
    }
    content.replaceSubrange(offset..<end, with: bytes)
  }
}

/// SQLite's five states of a file's lock, among the connections of one process.
///
/// Source: https://www.sqlite.org/lockingv3.html
struct SimulatedLocks {
  private var levels: [ObjectIdentifier: Int32] = [:]

  /// Takes a connection's lock to a level: 1 shared, 2 reserved, 3 pending, 4 exclusive.
  mutating func raise(_ holder: ObjectIdentifier, to level: Int32) -> Bool {
    let own = levels[holder] ?? 0
    guard own < level else { return true }
    let others = levels.filter { $0.key != holder }.values
    if level == 1, others.contains(where: { $0 >= 3 }) { return false }
    if level >= 2, others.contains(where: { $0 >= 2 }) { return false }
    if level == 4, others.contains(where: { $0 >= 1 }) {
      levels[holder] = 3
      return false
    }
    levels[holder] = level
    return true
  }

  /// Takes a connection's lock down to a level.
  mutating func lower(_ holder: ObjectIdentifier, to level: Int32) {
    guard let own = levels[holder], own > level else { return }
    levels[holder] = level == 0 ? nil : level
  }

  /// Whether somebody may be about to write.
  var isReserved: Bool { levels.values.contains { $0 >= 2 } }
}

/// The memory that connections to a write-ahead log share, with its eight locks.
@safe final class SimulatedMemory {
  private(set) var regions: [UnsafeMutableRawPointer] = unsafe []
  private var shared: [Set<ObjectIdentifier>] = Array(repeating: [], count: 8)
  private var exclusive: [ObjectIdentifier?] = Array(repeating: nil, count: 8)
  var users = 0

  deinit {
    unsafe regions.forEach { region in unsafe region.deallocate() }
  }

  /// The region of a number; nil where it is not there and is not to be made.
  func region(_ number: Int, size: Int, extends: Bool) -> UnsafeMutableRawPointer? {
    while unsafe regions.count <= number {
      guard extends else { return nil }
      let made = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
      unsafe made.initializeMemory(as: UInt8.self, repeating: 0, count: size)
      unsafe regions.append(made)
    }
    return unsafe regions[number]
  }

  func lock(_ slots: Range<Int>, _ holder: ObjectIdentifier, isExclusive: Bool) -> Bool {
    for slot in slots {
      if let owner = exclusive[slot], owner != holder { return false }
      if isExclusive, !shared[slot].subtracting([holder]).isEmpty { return false }
    }
    for slot in slots {
      if isExclusive { exclusive[slot] = holder } else { shared[slot].insert(holder) }
    }
    return true
  }

  func unlock(_ slots: Range<Int>, _ holder: ObjectIdentifier) {
    for slot in slots {
      if exclusive[slot] == holder { exclusive[slot] = nil }
      shared[slot].remove(holder)
    }
  }
}
