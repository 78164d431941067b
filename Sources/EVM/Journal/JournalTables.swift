/// What a journal knows, in memory that is kept between journals.
final class JournalTables {
  let accounts = RecordTable<AccountRecord>()
  let slots = RecordTable<SlotRecord>()
  let transients = RecordTable<TransientRecord>()
  /// How to undo what happened in the current transaction.
  let undos = Pile<Undo>()
  /// The logs of the current transaction.
  let logs = LogPile()

  /// Forgets everything.
  func removeAll() {
    accounts.removeAll()
    slots.removeAll()
    transients.removeAll()
    undos.removeAll()
    logs.removeAll()
  }
}

/// Elements without references, of which the last is taken first.
@safe
final class Pile<Element> {
  private var elements: UnsafeMutablePointer<Element>
  private var capacity: Int
  /// How many elements there are.
  private(set) var count = 0

  /// A pile of nothing.
  init() {
    capacity = Self.initialCapacity
    unsafe elements = .allocate(capacity: capacity)
  }

  deinit { unsafe elements.deallocate() }

  private static var initialCapacity: Int { 64 }
  /// Larger memory is given back when the pile is emptied.
  private static var keptCapacity: Int { 1 << 16 }

  /// Puts an element on top.
  @inline(__always)
  func append(_ element: Element) {
    if count == capacity { grow() }
    unsafe (elements + count).initialize(to: element)
    count &+= 1
  }

  /// Takes the element on top.
  func removeLast() -> Element {
    precondition(count > 0, "there is an element")
    count &-= 1
    return unsafe (elements + count).move()
  }

  /// The element at an index from the bottom.
  @inline(__always)
  subscript(_ index: Int) -> Element {
    precondition(index >= 0 && index < count, "there is an element")
    return unsafe elements[index]
  }

  /// Takes the elements from an index on.
  func cut(to index: Int) {
    precondition(index >= 0 && index <= count, "there are so many elements")
    count = index
  }

  /// Takes all elements.
  func removeAll() {
    count = 0
    guard capacity > Self.keptCapacity else { return }
    unsafe elements.deallocate()
    capacity = Self.initialCapacity
    unsafe elements = .allocate(capacity: capacity)
  }

  @inline(never)
  private func grow() {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: 2 &* capacity)
    unsafe larger.moveInitialize(from: elements, count: count)
    unsafe elements.deallocate()
    unsafe elements = larger
    capacity &*= 2
  }
}
