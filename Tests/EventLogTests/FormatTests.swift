import Cryptography
import EventLog
import Primitives
import SQLite
import TestSupport
import Testing

/// The file format is a promise for life: these bytes never change.
@Suite("The event log's format")
struct FormatTests {
  private static let row = Row(
    sequence: 258, kind: 0x10, payload: Array("a decision".utf8),
    commitment: Hash(1, 2, 3, 0xff))

  @Test("a row is encoded as RLP of its four columns")
  func encoding() {
    #expect(
      Hexadecimal.encode(Self.row.encoded)
        == "f0" + "820102" + "10" + "8a61206465636973696f6e"
        + "a0000000000000000100000000000000020000000000000003" + "00000000000000ff")
  }

  @Test("a leaf is SHA-256 of 0x00 and the row")
  func hashes() {
    let row = Self.row
    #expect(row.leafHash == SHA256.hash([0x00] + row.encoded))
    #expect(
      row.leafHash.hexadecimal
        == "0x63f871af8fdca2f4197c6e60d0c2dd848c910c2582aafab3fe0c8a4d446fc0f0")
  }

  @Test("zero and the largest numbers are encoded without leading zeros")
  func extremes() {
    let least = Row(sequence: 1, kind: 0, payload: [], commitment: .zero)
    #expect(Array(least.encoded.prefix(4)) == [0xe4, 0x01, 0x80, 0x80])
    let most = Row(sequence: .max, kind: .max, payload: [0x7f], commitment: .zero)
    #expect(
      Array(most.encoded.prefix(14))
        == [0xee, 0x88] + [UInt8](repeating: 0xff, count: 8) + [0x82, 0xff, 0xff, 0x7f])
  }

  @Test("rows of every shape have the same leaf hash in the log as alone")
  func shapes() throws {
    try withTemporaryDirectory { directory in
      let log = try EventLog(path: directory + "/log.sqlite", mode: .readWrite)
      let payloads: [Bytes] =
        [[], [0], [0x7f], [0x80], [0xff]]
        + [13, 14, 15, 54, 55, 56, 57, 200, 255, 256, 257, 65_535, 65_536, 70_000].map {
          Bytes(repeating: 0x5a, count: $0)
        }
      let kinds: [UInt16] = [0, 1, 0x7f, 0x80, 0xff, 0x100, .max]
      for payload in payloads {
        let rows = kinds.enumerated().map { index, kind in
          Row(
            sequence: log.count + UInt64(index) + 1, kind: kind, payload: payload,
            commitment: Hash(.max, 0, 1, 2))
        }
        try log.append(rows)
        for row in rows { #expect(try log.leafHash(at: row.sequence) == row.leafHash) }
      }
      #expect(try log.verify().count == UInt64(payloads.count * kinds.count))
    }
  }

  @Test("an error says which file, which event and what")
  func errors() {
    let said: [(EventLogError, String)] = [
      (.missing(path: "d/log"), "d/log: no such file"),
      (.inUse(path: "d", process: 7), "d: in use by process 7"),
      (
        .newerFormat(path: "d/log", found: 2, supported: 1),
        "d/log: written in format 2, and this version reads up to 1"
      ),
      (
        .diskFull(path: "d/log", sequence: 9),
        "d/log: the disk is full; event 9 and what follows it was not written"
      ),
      (
        .corrupt(path: "d/log", sequence: 9, detail: "it is missing"),
        "d/log: event 9: it is missing"
      ),
      (
        .payloadTooLarge(path: "d/log", sequence: 9, sizeInBytes: 3, limitInBytes: 2),
        "d/log: event 9: a payload of 3 bytes, and the limit is 2"
      ),
    ]
    for (error, text) in said { #expect(error.description == text) }
  }

  /// The hashes here were computed by another implementation, in Python.
  @Test("the tables hold these bytes, and no others")
  func tables() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/log.sqlite"
      do {
        let log = try EventLog(path: path, mode: .readWrite)
        try log.append(sampleRows(1...2))
        try log.append([sampleRow(3)])
        #expect(
          try log.root().hexadecimal
            == "0x30c3915a906277a881c24b76d89a2219a54ff50e28c78f228eb9c9a2b14bfaa3")
        let checkpoint = try log.writeCheckpoint(
          publicKey: ToyProvider.publicKey, provider: ToyProvider(), sign: ToyProvider.sign)
        #expect(
          checkpoint.digest.hexadecimal
            == "0x49a0cd67f8671ebfe222e1721dcd2ef8efa96e8e3fb3e5ada3ab98d461f77eb5")
        try log.append(sampleRows(4...300))
        #expect(
          try log.root().hexadecimal
            == "0x52993a1059739e2cd2c658d3eec4bd24895cd004e371a96464522d1b662ea0d9")
      }
      let file = try Connection(path: path, mode: .readOnly)
      #expect(try file.int64("PRAGMA application_id") == 0x4f50_4c47)
      #expect(try file.int64("PRAGMA user_version") == 2)
      #expect(try file.text("PRAGMA journal_mode") == "wal")
      let schema = try file.text(
        "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY name)")
      #expect(
        SHA256.hash(Array((schema ?? "").utf8)).hexadecimal
          == "0x2adef39de868b81c6c1ad1e20d05c417fd3ceae1e5036d50a41ea3320aa289c3")
      #expect(
        try file.text("SELECT sequence || ' ' || kind || ' ' || hex(payload) FROM event")
          == "1 1 " + Hexadecimal.encode(sampleRow(1).payload).uppercased())
      #expect(
        try file.text("SELECT group_concat(sequence || ':' || length(hashes)) FROM leaf")
          == "1:64,3:32,4:2048,68:2048,132:2048,196:1952,257:1408")
      #expect(
        try file.text("SELECT lower(hex(hashes)) FROM leaf WHERE sequence = 1")
          == "c8255ace69f852cc0103717d4b08c2055491ac8e1c229ae4574e13458f45ec71"
          + "142656dea48fc5666b5e1132651b297cfb49ed3166d837190132f27a388df7f6")
      #expect(
        try file.text("SELECT number || ' ' || lower(hex(root)) FROM tile")
          == "0 6a4f39bb64b538bbbe007e243133a6cbf03c5c4ee0f4fb515044341f24e72874")
      #expect(
        try file.text("SELECT sequence || ' ' || scheme || ' ' || lower(hex(root)) FROM checkpoint")
          == "3 1 30c3915a906277a881c24b76d89a2219a54ff50e28c78f228eb9c9a2b14bfaa3")
      #expect(
        try file.text("SELECT lower(hex(key) || hex(signature)) FROM checkpoint")
          == String(repeating: "11", count: 64) + "00"
          + "49a0cd67f8671ebfe222e1721dcd2ef8efa96e8e3fb3e5ada3ab98d461f77e"
          + String(repeating: "0", count: 63) + "7" + "1b")
    }
  }
}
