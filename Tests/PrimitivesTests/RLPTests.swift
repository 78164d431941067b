import Primitives
import Testing

@Suite("RLP")
struct RLPTests {
  private func bytes(_ text: String) -> Bytes { Hexadecimal.decode(text) ?? [] }

  @Test("the examples of the Yellow Paper come out")
  func golden() {
    #expect(RLPWriter.encode(bytes: Bytes("dog".utf8)) == bytes("83646f67"))
    #expect(RLPWriter.encode(bytes: []) == [0x80])
    #expect(RLPWriter.encode(bytes: [0]) == [0])
    #expect(RLPWriter.encode(bytes: [0x7f]) == [0x7f])
    #expect(RLPWriter.encode(bytes: [0x80]) == [0x81, 0x80])
    #expect(RLPWriter.encode(uint64: 0) == [0x80])
    #expect(RLPWriter.encode(uint64: 15) == [15])
    #expect(RLPWriter.encode(uint64: 1024) == [0x82, 4, 0])
    #expect(RLPWriter.encode(uint256: .max) == [0xa0] + Bytes(repeating: 0xff, count: 32))
    #expect(RLPWriter.list { _ in } == [0xc0])
    let nested = RLPWriter.list { outer in
      outer.list { _ in }
      outer.list { middle in middle.list { _ in } }
      outer.list { middle in
        middle.list { _ in }
        middle.list { inner in inner.list { _ in } }
      }
    }
    #expect(nested == bytes("c7c0c1c0c3c0c1c0"))
  }

  @Test(
    "lengths around the steps of the header are written and read",
    arguments: [0, 1, 55, 56, 255, 256, 65_535, 65_536])
  func lengths(count: Int) throws {
    let content = Bytes(repeating: 0xaa, count: count)
    var reader = RLPReader(RLPWriter.encode(bytes: content))
    #expect(Bytes(try reader.bytes()) == content)
    try reader.end()
    let list = RLPWriter.list { writer in
      for _ in 0..<count { writer.append(uint64: 1) }
    }
    #expect(list == RLPWriter.list(rawItems: [Bytes](repeating: [1], count: count)))
    var outer = RLPReader(list)
    var inner = try outer.list()
    try outer.end()
    for _ in 0..<count { #expect(try inner.uint64() == 1) }
    try inner.end()
  }

  @Test("every kind of field is read as it was written")
  func fields() throws {
    let address = Address(UInt256(7))
    let hash = Hash(UInt256.max)
    let encoded = RLPWriter.list { writer in
      writer.append(uint64: .max)
      writer.append(uint256: UInt256.one << 200)
      writer.append(bool: true)
      writer.append(bool: false)
      writer.append(address: address)
      writer.append(optionalAddress: nil)
      writer.append(optionalAddress: address)
      writer.append(hash: hash)
      writer.append(bytes: [1, 2, 3])
      writer.append(raw: [0xc2, 1, 2])
    }
    var outer = RLPReader(encoded)
    #expect(try outer.nextIsList())
    var reader = try outer.list()
    try outer.end()
    #expect(try reader.uint64() == .max)
    #expect(try reader.uint256() == UInt256.one << 200)
    #expect(try reader.bool() == true)
    #expect(try reader.bool() == false)
    #expect(try reader.address() == address)
    #expect(try reader.optionalAddress() == nil)
    #expect(try reader.optionalAddress() == address)
    #expect(try reader.hash() == hash)
    #expect(Bytes(try reader.bytes(count: 3)) == [1, 2, 3])
    #expect(Bytes(try reader.rawItem()) == [0xc2, 1, 2])
    #expect(reader.isAtEnd)
  }

  @Test(
    "bytes that are not canonical are refused",
    arguments: [
      ("", RLPError.truncated), ("81", .truncated), ("8100", .nonCanonical),
      ("817f", .nonCanonical), ("b800", .nonCanonical),
      ("b837" + String(repeating: "aa", count: 55), .nonCanonical),
      ("b90038" + String(repeating: "aa", count: 56), .nonCanonical),
      ("b838" + String(repeating: "aa", count: 55), .truncated), ("b8", .truncated),
      ("bf", .truncated), ("bfffffffffffffffff", .truncated),
      ("bf7fffffffffffffff", .truncated), ("bf0000000000000001aa", .nonCanonical),
      ("83aabb", .truncated), ("c0", .expectedBytes), ("f8", .truncated),
    ])
  func hostileBytes(text: String, expected: RLPError) {
    var reader = RLPReader(bytes(text))
    #expect(throws: expected) { try reader.bytes() }
  }

  @Test(
    "lists that are not canonical are refused",
    arguments: [
      ("80", RLPError.expectedList), ("c1", .truncated), ("f800", .nonCanonical),
      ("f837" + String(repeating: "01", count: 55), .nonCanonical), ("ff", .truncated),
      ("ffffffffffffffffff", .truncated), ("f90001", .nonCanonical),
    ])
  func hostileLists(text: String, expected: RLPError) {
    var reader = RLPReader(bytes(text))
    #expect(throws: expected) { try reader.list() }
  }

  @Test("an item that leaves its list is refused, though the bytes go on")
  func leavingTheList() throws {
    var outer = RLPReader(bytes("c283aabbcc"))
    var inner = try outer.list()
    #expect(throws: RLPError.truncated) { try inner.bytes() }
  }

  @Test("numbers with leading zeros, too large ones and short fields are refused")
  func hostileFields() {
    func refuses(_ text: String, _ expected: RLPError, _ read: (inout RLPReader) throws -> Void) {
      var reader = RLPReader(bytes(text))
      #expect(throws: expected) { try read(&reader) }
    }
    refuses("00", .nonCanonical) { _ = try $0.uint64() }
    refuses("820001", .nonCanonical) { _ = try $0.uint64() }
    refuses("89010000000000000000", .tooLarge) { _ = try $0.uint64() }
    refuses("a1" + String(repeating: "ff", count: 33), .tooLarge) { _ = try $0.uint256() }
    refuses("02", .tooLarge) { _ = try $0.bool() }
    refuses("80", .wrongLength) { _ = try $0.address() }
    refuses("8101", .nonCanonical) { _ = try $0.address() }
    refuses("01", .wrongLength) { _ = try $0.optionalAddress() }
    refuses("9f" + String(repeating: "11", count: 31), .wrongLength) { _ = try $0.hash() }
    refuses("01", .trailingBytes) { try $0.end() }
  }

  @Test("random bytes never stop the reader, and what it accepts is written the same again")
  func random() throws {
    var generator = CornerGenerator(seed: 11)
    for _ in 0..<20_000 {
      let count = Int(generator.next() % 12)
      let input = (0..<count).map { _ in
        UInt8(
          truncatingIfNeeded: generator.next() % 3 == 0
            ? 0xc0 + generator.next() % 4 : generator.next())
      }
      guard let copy = try? rewritten(input) else { continue }
      #expect(copy == input)
    }
  }

  /// Reads items with a stack of open lists and writes them again.
  private func rewritten(_ input: Bytes) throws -> Bytes {
    var readers = [RLPReader(input)]
    var levels: [[Bytes]] = [[]]
    while var reader = readers.popLast() {
      if reader.isAtEnd {
        guard let items = levels.popLast(), !readers.isEmpty else {
          return levels.isEmpty ? input : []
        }
        levels[levels.count - 1].append(RLPWriter.list(rawItems: items))
        continue
      }
      if try reader.nextIsList() {
        let inner = try reader.list()
        readers.append(contentsOf: [reader, inner])
        levels.append([])
      } else {
        levels[levels.count - 1].append(RLPWriter.encode(bytes: Bytes(try reader.bytes())))
        readers.append(reader)
      }
      if readers.count == 1, readers[0].isAtEnd { return levels[0].flatMap { $0 } }
    }
    return []
  }
}
