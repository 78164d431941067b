import Cryptography
import NativeCryptography
import Primitives
import Testing
import TransparencyLog

@Suite("What a log states, and who confirms it")
struct StatementTests {
  private var keys: [VerifierKey] { SampleLog.signer.map { [$0.verifier] } ?? [] }

  @Test("an inclusion statement convinces with the key alone, and not when altered")
  func inclusion() throws {
    let log = try SampleLog(size: 300)
    var tree = try log.tree()
    let statement = InclusionStatement(
      extra: SampleLog.entry(77), index: 77,
      path: try tree.inclusionProof(index: 77, treeSize: 300), checkpoint: log.checkpoint)
    let read = try InclusionStatement(statement.bytes)
    #expect(read == statement)
    try read.verify(entry: SampleLog.entry(77), keys: keys)
    #expect(throws: TransparencyError.self) {
      try read.verify(entry: SampleLog.entry(78), keys: keys)
    }
    var other = statement
    other.index = 78
    #expect(throws: TransparencyError.self) {
      try other.verify(entry: SampleLog.entry(77), keys: keys)
    }
    for end in stride(from: 0, to: statement.bytes.count, by: 7) {
      let cut = Bytes(statement.bytes[..<end])
      let isAccepted =
        (try? InclusionStatement(cut).verify(entry: SampleLog.entry(77), keys: keys)) != nil
      #expect(!isAccepted)
    }
  }

  @Test("a witness cosigns what extends the last, and nothing else")
  func witness() throws {
    let key = try #require(Ed25519PrivateKey(seed: Bytes(repeating: 9, count: 32)))
    let signer = try #require(NoteSigner(name: "w.example/1", key: key, isWitness: true))
    var witness = Witness(signer: signer, logs: keys)
    let (small, large) = (try SampleLog(size: 300), try SampleLog(size: 700))
    let first = CheckpointSubmission(oldSize: 0, proof: [], checkpoint: small.checkpoint)
    #expect(try CheckpointSubmission(first.bytes) == first)
    guard case .cosigned(let line) = witness.add(first, time: 1_700_000_000) else {
      Issue.record("the first checkpoint is not cosigned")
      return
    }
    var cosigned = small.checkpoint
    cosigned.append(line)
    #expect(try SignedTreeHead(cosigned.bytes).note.verify(anyOf: [signer.verifier]).count == 1)
    #expect(Cosignature.time(of: line.bytes) == 1_700_000_000)

    var tree = try large.tree()
    let proof = try tree.consistencyProof(oldSize: 300)
    let growth = CheckpointSubmission(oldSize: 300, proof: proof, checkpoint: large.checkpoint)
    var wrong = growth
    wrong.proof[0] = .zero
    #expect(witness.add(wrong, time: 1) == .inconsistent)
    wrong.proof = []
    #expect(witness.add(wrong, time: 1) == .inconsistent)
    wrong.oldSize = 299
    #expect(witness.add(wrong, time: 1) == .conflict(size: 300))
    wrong.oldSize = 701
    #expect(witness.add(wrong, time: 1).status == 400)
    let unsigned = CheckpointSubmission(
      oldSize: 300, proof: proof, checkpoint: SignedTreeHead(large.checkpoint.head, signatures: []))
    #expect(witness.add(unsigned, time: 1) == .untrusted)
    let elsewhere = SignedTreeHead(
      TreeHead(origin: "other", size: 1, root: .zero), signatures: [line])
    #expect(
      witness.add(.init(oldSize: 0, proof: [], checkpoint: elsewhere), time: 1) == .unknownLog)
    #expect(witness.add(growth, time: 2).status == 200)
    #expect(witness.add(growth, time: 2) == .conflict(size: 700))
    #expect(witness.latest["log.example/sample"]?.head.size == 700)

    let forked = try SampleLog(size: 700, changedFrom: 400)
    let answer = witness.add(
      .init(oldSize: 700, proof: [], checkpoint: forked.checkpoint), time: 3)
    guard case .forked(let fork) = answer else {
      Issue.record("two trees of a size go unnoticed")
      return
    }
    try fork.verify(keys[0])
    let request = growth.bytes
    for end in 0..<request.count {
      let cut = try? CheckpointSubmission(Bytes(request[..<end]))
      #expect(cut == nil)
    }
  }

  @Test("a fork is proved by two checkpoints, of the same size or of others")
  func forks() throws {
    for (old, new, change) in [
      (300, 300, 7), (300, 700, 299), (256, 700, 3), (512, 513, 0), (1, 2, 0), (699, 700, 698),
    ] {
      let (older, newer) = (
        try SampleLog(size: old), try SampleLog(size: new, changedFrom: change)
      )
      var tree = try newer.tree()
      let path = old == new ? [] : try tree.forkPath(oldSize: UInt64(old))
      let fork = LogFork(older: older.checkpoint, newer: newer.checkpoint, path: path)
      let read = try LogFork(fork.bytes)
      #expect(read == fork)
      try read.verify(keys[0])
      // What is no fork proves none.
      let honest = try SampleLog(size: new)
      var grown = try honest.tree()
      let honestPath = old == new ? [] : try grown.forkPath(oldSize: UInt64(old))
      let claim = LogFork(older: older.checkpoint, newer: honest.checkpoint, path: honestPath)
      #expect(throws: TransparencyError.self) { try claim.verify(keys[0]) }
      // Nor does a path that leads elsewhere, or a checkpoint that the log has not signed.
      let invented = LogFork(older: older.checkpoint, newer: honest.checkpoint, path: path)
      #expect(throws: TransparencyError.self) { try invented.verify(keys[0]) }
      let unsigned = SignedTreeHead(newer.checkpoint.head, signatures: [])
      #expect(throws: TransparencyError.self) {
        try LogFork(older: older.checkpoint, newer: unsigned, path: path).verify(keys[0])
      }
    }
    let same = try SampleLog(size: 300)
    let fork = LogFork(older: same.checkpoint, newer: same.checkpoint)
    for end in 0..<fork.bytes.count {
      #expect(throws: TransparencyError.self) { try LogFork(Bytes(fork.bytes[..<end])) }
    }
  }
}
