import Cryptography
import EventLog
import Primitives
import SQLite
import TestSupport
import Testing

@Suite("Appending to the event log")
struct AppendTests {
  @Test("a new log is empty, and opens again as it was left")
  func empty() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/log.sqlite"
      for _ in 0..<2 {
        let log = try EventLog(path: path, mode: .readWrite)
        #expect(log.count == 0)
        #expect(try log.root() == MerkleTree.emptyRoot)
        #expect(try log.latestCheckpoint() == nil)
        #expect(try log.verify().count == 0)
        try log.append([])
        try log.forEachRow { _ in Issue.record("there is no row") }
      }
    }
  }

  @Test("what was appended is there after opening again", arguments: [1, 7, 256, 1000])
  func roundTrip(batch: UInt64) throws {
    try withLog(700, batch: batch) { path in
      for mode in [EventLog.Mode.readWrite, .readOnly] {
        let log = try EventLog(path: path, mode: mode)
        #expect(log.count == 700)
        var expected: UInt64 = 1
        try log.forEachRow { row in
          if row != sampleRow(expected) { Issue.record("row \(expected) differs") }
          expected += 1
        }
        #expect(expected == 701)
        #expect(try log.row(at: 256) == sampleRow(256))
        var middle = try log.rows(from: 255, through: 258)
        for sequence in UInt64(255)...258 {
          #expect(try middle.nextRow() == sampleRow(sequence))
        }
        #expect(try middle.nextRow() == nil)
        let verification = try log.verify()
        #expect(verification.count == 700)
        #expect(try verification.root == log.root())
      }
    }
  }

  @Test("how rows are batched does not show in the tree")
  func batching() throws {
    var roots: Set<Hash> = []
    for batch in [UInt64(1), 3, 15, 16, 17, 255, 256, 257, 600] {
      try withLog(600, batch: batch) { path in
        let log = try EventLog(path: path, mode: .readOnly)
        roots.insert(try log.root())
        try log.forEachRow { #expect($0 == sampleRow($0.sequence)) }
      }
    }
    #expect(roots == [MerkleTree.root(sampleRows(1...600).map(\.leafHash))])
  }

  @Test(
    "of a batch in which one row finds its place taken, none is kept",
    arguments: [0, 5, 16, 37] as [UInt64])
  func takenPlace(offset: UInt64) throws {
    try withLog(5) { path in
      let log = try EventLog(path: path, mode: .readWrite)
      try tamper(path, "INSERT INTO event VALUES (\(6 + offset), 1, x'', zeroblob(32))")
      #expect(throws: EventLogError.self) { try log.append(sampleRows(6...45)) }
      #expect(log.count == 5)
      let rows = try Connection(path: path, mode: .readOnly).int64("SELECT count(*) FROM event")
      #expect(rows == 6)
    }
  }

  @Test("a row that does not follow the last one is refused, and all of its batch")
  func order() throws {
    try withLog(5) { path in
      let log = try EventLog(path: path, mode: .readWrite)
      let refused: [[UInt64]] = [[5], [7], [0], [.max], [6, 8], [6, 6], [6, 7, 5]]
      for sequences in refused {
        let failure = #expect(throws: EventLogError.self) {
          try log.append(sequences.map(sampleRow))
        }
        guard case .outOfOrder = failure else {
          Issue.record("\(sequences): \(String(describing: failure))")
          continue
        }
        #expect(log.count == 5)
      }
      try log.fill(through: 10)
      #expect(try log.verify().count == 10)
    }
  }

  @Test("a payload past the limit is refused, and one at the limit is kept")
  func payloadLimit() throws {
    try withLog(1) { path in
      let log = try EventLog(path: path, mode: .readWrite)
      let limit = EventLogFormat.maximumPayloadSizeInBytes
      var row = sampleRow(2)
      row.payload = Bytes(repeating: 9, count: limit + 1)
      #expect(
        throws: EventLogError.payloadTooLarge(
          path: path, sequence: 2, sizeInBytes: limit + 1, limitInBytes: limit)
      ) { try log.append([row]) }
      row.payload.removeLast()
      try log.append([row])
      #expect(try log.row(at: 2) == row)
    }
  }

  @Test("a log opened for reading is not appended to, and follows the writer")
  func reader() throws {
    try withLog(10) { path in
      let reader = try EventLog(path: path, mode: .readOnly)
      #expect(throws: EventLogError.readOnly(path: path)) { try reader.append([sampleRow(11)]) }
      let writer = try EventLog(path: path, mode: .readWrite)
      for last in [UInt64(11), 255, 256, 257, 300, 1300] {
        try writer.fill(through: last)
        #expect(reader.count < last)
        #expect(throws: EventLogError.self) { try reader.row(at: last) }
        #expect(try reader.refresh() == last)
        #expect(try reader.row(at: last) == sampleRow(last))
        #expect(try reader.root() == writer.root())
      }
      #expect(try reader.verify().count == 1300)
    }
  }

  @Test("a reader in the middle of the rows does not keep the writer from appending")
  func cursorDuringAppend() throws {
    try withLog(600) { path in
      let log = try EventLog(path: path, mode: .readWrite)
      let reader = try EventLog(path: path, mode: .readOnly)
      var own = try log.rows()
      var others = try reader.rows()
      for sequence in UInt64(1)...600 {
        #expect(try own.nextRow() == sampleRow(sequence))
        #expect(try others.nextRow() == sampleRow(sequence))
        if sequence % 50 == 0 { try log.fill(through: log.count + 30) }
      }
      #expect(try own.nextRow() == nil)
      #expect(log.count == 960)
      #expect(try log.verify().count == 960)
    }
  }

  @Test("what is not there yet is out of range")
  func ranges() throws {
    try withLog(5) { path in
      let log = try EventLog(path: path, mode: .readOnly)
      for sequence in [UInt64(0), 6, .max] {
        #expect(throws: EventLogError.self) { try log.row(at: sequence) }
        #expect(throws: EventLogError.self) { try log.leafHash(at: sequence) }
      }
      for (first, last) in [(UInt64(0), UInt64(3)), (1, 6), (5, 3), (7, 6), (.max, .max)] {
        #expect(throws: EventLogError.self) { _ = try log.rows(from: first, through: last) }
      }
      var none = try log.rows(from: 6)
      #expect(try none.nextRow() == nil)
    }
  }

  @Test("a hundred thousand rows are appended, verified and proved")
  func hundredThousand() throws {
    try withLog(100_000, batch: 10_000) { path in
      let log = try EventLog(path: path, mode: .readWrite)
      var heard: [UInt64] = []
      let verification = try log.verify { heard.append($0) }
      #expect(verification.count == 100_000)
      #expect(heard.last == 100_000)
      for sequence in [UInt64(1), 256, 257, 65_536, 65_537, 99_999, 100_000] {
        let proof = try log.inclusionProof(sequence: sequence, size: 100_000)
        #expect(
          MerkleTree.verifyInclusion(
            leaf: sampleRow(sequence).leafHash, index: sequence - 1, treeSize: 100_000,
            root: verification.root, proof: proof))
      }
    }
  }
}
