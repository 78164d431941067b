/// A sequence that grows at its end and is forgotten at its beginning, and costs next to nothing to
/// copy and go on with.
///
/// The world is handed to readers after every batch. An array of thousands would then be copied as
/// a whole for each element that is added; this one copies its last few elements, and shares the
/// rest.
public struct Window<Element: Sendable>: RandomAccessCollection, Sendable {
  private final class Chunk: Sendable {
    let elements: [Element]
    init(_ elements: [Element]) { self.elements = elements }
  }

  /// Elements of a chunk.
  private static var size: Int { 32 }

  private var chunks: [Chunk] = []
  /// How many elements of the first chunk are forgotten.
  private var forgotten = 0
  private var tail: [Element] = []

  init() {}

  init(_ element: Element) { tail = [element] }

  /// Where the elements begin.
  public var startIndex: Int { 0 }

  /// Where the elements end.
  public var endIndex: Int { chunks.count * Self.size - forgotten + tail.count }

  /// The element at that place, from 0 on.
  public subscript(position: Int) -> Element {
    let place = position + forgotten
    let chunked = chunks.count * Self.size
    return place < chunked
      ? chunks[place / Self.size].elements[place % Self.size] : tail[place - chunked]
  }

  mutating func append(_ element: Element) {
    tail.append(element)
    guard tail.count == Self.size else { return }
    chunks.append(Chunk(tail))
    tail = []
  }

  /// Forgets so many of the first elements.
  mutating func removeFirst(_ count: Int) {
    let chunked = chunks.count * Self.size - forgotten
    guard count < chunked else {
      chunks = []
      forgotten = 0
      tail.removeFirst(count - chunked)
      return
    }
    forgotten += count
    chunks.removeFirst(forgotten / Self.size)
    forgotten %= Self.size
  }

  /// Takes the last element out.
  @discardableResult
  mutating func removeLast() -> Element {
    if tail.isEmpty, let last = chunks.popLast() {
      tail = last.elements
      if chunks.isEmpty {
        tail.removeFirst(forgotten)
        forgotten = 0
      }
    }
    return tail.removeLast()
  }

  /// Takes so many of the last elements out.
  mutating func removeLast(_ count: Int) {
    for _ in 0..<count { removeLast() }
  }
}
