import Cryptography
import EventLog
import Primitives
import SQLite
import TestSupport
import Testing

@Suite("The event log's entries and tiles")
struct TileTests {
  @Test("a payload above the limit stands in its entry by size and SHA-256")
  func largePayloads() throws {
    let limit = EventLogFormat.maximumEnteredPayloadSizeInBytes
    for size in [limit - 1, limit, limit + 1, 1 << 20] {
      let row = Row(
        sequence: .max, kind: .max, payload: Bytes(repeating: 7, count: size),
        commitment: Hash(.max, 1, 2, 3))
      #expect(row.entry.count <= 65_535)
      #expect((row.entry == row.encoded) == (size <= limit))
      #expect(row.leafHash == SHA256.hash([0x00] + row.entry))
      let entry = try Entry(row.entry)
      #expect(entry.row(large: row.payload) == row)
      if size > limit {
        #expect(
          entry.payload == .digest(sizeInBytes: UInt64(size), hash: SHA256.hash(row.payload)))
        #expect(entry.row() == nil)
        #expect(entry.row(large: Bytes(repeating: 8, count: size)) == nil)
        #expect(entry.row(large: row.payload.dropLast() + []) == nil)
      }
    }
  }

  @Test("an entry that no row has is refused")
  func hostileEntries() {
    let row = sampleRow(5)
    let good = row.entry
    for end in 0..<good.count {
      #expect(throws: RLPError.self) { try Entry(Bytes(good[..<end])) }
    }
    #expect(throws: RLPError.self) { try Entry(good + [0]) }
    for size in [0, 1, 65_280, UInt64.max] {
      var writer = RLPWriter()
      writer.list { writer in
        writer.append(uint64: 1)
        writer.append(uint64: 1)
        writer.list { writer in
          writer.append(uint64: size)
          writer.append(hash: .zero)
        }
        writer.append(hash: .zero)
      }
      #expect(throws: RLPError.self) { try Entry(writer.bytes) }
    }
  }

  @Test("tiles have the hashes of their level, as far as the log goes")
  func tiles() throws {
    try withLog(1100, batch: 170) { path in
      let log = try EventLog(path: path, mode: .readOnly)
      let leaves = sampleRows(1...1100).map(\.leafHash)
      #expect(try log.tileHashes(level: 0, index: 1, width: 256) == Array(leaves[256..<512]))
      #expect(try log.tileHashes(level: 0, index: 4, width: 76) == Array(leaves[1024...]))
      #expect(try log.tileHashes(level: 0, index: 4, width: 3) == Array(leaves[1024..<1027]))
      let roots = (0..<4).map { MerkleTree.root(Array(leaves[256 * $0..<256 * $0 + 256])) }
      #expect(try log.tileHashes(level: 1, index: 0, width: 4) == roots)
      for (level, index, width) in [
        (0, 4, 77), (0, 5, 1), (1, 0, 5), (1, 1, 1), (2, 0, 1), (7, 0, 1), (0, .max, 1),
        (0, 1 << 56, 1),
      ] as [(Int, UInt64, Int)] {
        #expect(throws: EventLogError.self) {
          try log.tileHashes(level: level, index: index, width: width)
        }
      }
      #expect(try log.entries(index: 4, width: 76) == sampleRows(1025...1100).map(\.entry))
      for (index, width) in [(4, 77), (5, 1), (.max, 1)] as [(UInt64, Int)] {
        #expect(throws: EventLogError.self) { try log.entries(index: index, width: width) }
      }
    }
  }

  @Test("a log of format 1, which had every payload whole in its leaf, is read and extended")
  func firstFormat() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/log.sqlite"
      do { _ = try EventLog(path: path, mode: .readWrite) }
      let file = try Connection(path: path, mode: .readWrite)
      file.setTriggers(enabled: false)
      try file.execute(
        "UPDATE meta SET value = '1' WHERE name = 'version'; PRAGMA user_version = 1")
      let row = Row(
        sequence: 1, kind: 1, payload: Bytes(repeating: 1, count: 70_000), commitment: .zero)
      let log = try EventLog(path: path, mode: .readWrite)
      #expect(log.format == 1)
      try log.append([row])
      #expect(try log.leafHash(at: 1) == SHA256.hash([0x00] + row.encoded))
      #expect(try log.entries(index: 0, width: 1) == [row.encoded])
      #expect(try log.verify().count == 1)
      #expect(try log.row(at: 1) == row)
    }
  }
}
