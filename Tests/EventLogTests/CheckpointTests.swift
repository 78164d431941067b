import Cryptography
import EventLog
import Primitives
import Testing

@Suite("The event log's checkpoints")
struct CheckpointTests {
  private func write(
    _ log: EventLog, key: Bytes = ToyProvider.publicKey,
    sign: (Hash) -> Signature = ToyProvider.sign
  ) throws(EventLogError) -> Checkpoint {
    try log.writeCheckpoint(publicKey: key, provider: ToyProvider(), sign: sign)
  }

  @Test("the signed text is that of a C2SP checkpoint, byte by byte")
  func body() {
    let checkpoint = Checkpoint(
      origin: "opal.log/00ff", size: 258, root: Hash(0, 1, 2, 0xffff_ffff_ffff_ffff),
      publicKey: [], signature: ToyProvider.sign(.zero))
    #expect(
      String(decoding: checkpoint.body, as: UTF8.self)
        == "opal.log/00ff\n258\nAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAC//////////8=\n")
    #expect(checkpoint.digest == SHA256.hash(checkpoint.body))
  }

  @Test("a checkpoint covers all events, is kept, and is not signed twice")
  func writing() throws {
    try withLog(300) { path in
      do {
        let log = try EventLog(path: path, mode: .readWrite)
        let first = try write(log)
        #expect(first.size == 300)
        #expect(try first.root == log.root())
        #expect(first.origin == "opal.log/" + Hexadecimal.encode(sampleRow(1).leafHash.bytes))
        #expect(first.isSigned(provider: ToyProvider()))
        let again = try write(log) { _ in
          Issue.record("nothing new is there to sign")
          return ToyProvider.sign(.zero)
        }
        #expect(again == first)
        try log.fill(through: 301)
        #expect(try write(log).size == 301)
      }
      let log = try EventLog(path: path, mode: .readOnly)
      #expect(try log.checkpoints().map(\.size) == [300, 301])
      #expect(try log.latestCheckpoint()?.size == 301)
      #expect(try log.verify(provider: ToyProvider()).checkpoints.count == 2)
      #expect(throws: EventLogError.readOnly(path: path)) { try write(log) }
    }
  }

  @Test("an empty log, a foreign key and a wrong signature get no checkpoint")
  func refusals() throws {
    func refused(_ log: EventLog, _ body: () throws -> Checkpoint) {
      let failure = #expect(throws: EventLogError.self) { try body() }
      guard case .checkpointRefused? = failure else {
        Issue.record("\(String(describing: failure))")
        return
      }
    }
    try withLog(0) { path in
      let log = try EventLog(path: path, mode: .readWrite)
      refused(log) { try write(log) }
      try log.fill(through: 5)
      refused(log) { try write(log, key: Bytes(repeating: 0x33, count: 64)) }
      refused(log) { try write(log) { _ in ToyProvider.sign(.zero) } }
      refused(log) {
        try write(log) { digest in
          var signature = ToyProvider.sign(digest)
          signature.s = Signature.halfOrder + 1
          return signature
        }
      }
      #expect(try log.latestCheckpoint() == nil)
      _ = try write(log)
      refused(log) { try write(log, key: Bytes(repeating: 0x22, count: 64)) }
    }
  }

  @Test("nothing is signed that does not extend the last checkpoint")
  func extension_() throws {
    try withLog(300) { path in
      let log = try EventLog(path: path, mode: .readWrite)
      _ = try write(log)
      try log.fill(through: 310)
      try tamper(path, "UPDATE checkpoint SET root = zeroblob(32)")
      let failure = #expect(throws: EventLogError.self) { try write(log) }
      guard case .checkpointRefused? = failure else {
        Issue.record("\(String(describing: failure))")
        return
      }
    }
  }

  @Test("a log that does not have the checkpoint's root is refused at opening")
  func opening() throws {
    for change in [
      "root = zeroblob(32)", "sequence = 299", "sequence = 301", "sequence = 9000", "scheme = 2",
      "key = x'00'", "signature = zeroblob(64)", "signature = zeroblob(65)",
    ] {
      try withLog(300) { path in
        do {
          let log = try EventLog(path: path, mode: .readWrite)
          _ = try write(log)
          try log.fill(through: 310)
        }
        try tamper(path, "UPDATE checkpoint SET \(change)")
        let failure = #expect(throws: EventLogError.self, "\(change)") {
          let log = try EventLog(path: path, mode: .readOnly)
          _ = try log.verify(provider: ToyProvider())
        }
        guard case .corrupt? = failure else {
          Issue.record("\(change): \(String(describing: failure))")
          return
        }
      }
    }
  }
}
