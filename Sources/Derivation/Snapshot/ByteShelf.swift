import Primitives

/// Long byte strings of a snapshot, each once however often it is held.
///
/// How a pipeline stood after each of the last L1 blocks differs little from one to the next: what
/// they share is written down once, in the order in which it was met.
public struct ByteShelf: Sendable {
  /// A string by its length and its ends; those that are alike are compared.
  private struct Name: Hashable {
    var count: Int
    var ends: Bytes

    init(_ bytes: Bytes) {
      count = bytes.count
      ends = Bytes(bytes.prefix(32)) + bytes.suffix(32)
    }
  }

  private var items: [Bytes] = []
  private var places: [Name: [Int]] = [:]

  /// A shelf with nothing on it.
  public init() {}

  /// Puts bytes on the shelf, where they are not there yet.
  mutating func place(of bytes: Bytes) -> UInt64 {
    let name = Name(bytes)
    let alike = places[name] ?? []
    for place in alike where items[place] == bytes { return UInt64(place) }
    places[name] = alike + [items.count]
    items.append(bytes)
    return UInt64(items.count - 1)
  }

  func bytes(at place: UInt64) throws(RLPError) -> Bytes {
    guard place < UInt64(items.count) else { throw .tooLarge }
    return items[Int(place)]
  }

  /// Writes all that is on the shelf, as one list.
  public func write(to list: inout RLPWriter) {
    list.append(items) { list, item in list.append(bytes: item) }
  }

  /// Reads a shelf that was written down.
  /// - Throws: `RLPError`.
  public init(from list: inout RLPReader) throws(RLPError) {
    items = try list.all { (list) throws(RLPError) in Bytes(try list.bytes()) }
  }
}

extension RLPWriter {
  mutating func append(_ bytes: Bytes, on shelf: inout ByteShelf) {
    append(uint64: shelf.place(of: bytes))
  }

  mutating func append(_ strings: [Bytes], on shelf: inout ByteShelf) {
    list { items in for bytes in strings { items.append(bytes, on: &shelf) } }
  }
}

extension RLPReader {
  mutating func bytes(on shelf: ByteShelf) throws(RLPError) -> Bytes {
    try shelf.bytes(at: try uint64())
  }

  mutating func strings(on shelf: ByteShelf) throws(RLPError) -> [Bytes] {
    try all { (list) throws(RLPError) in try list.bytes(on: shelf) }
  }

  mutating func number<Number: FixedWidthInteger>() throws(RLPError) -> Number {
    guard let number = Number(exactly: try uint64()) else { throw .tooLarge }
    return number
  }
}
