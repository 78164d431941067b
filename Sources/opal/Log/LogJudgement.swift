import EventLog
import Node
import Primitives
import TransparencyLog

/// `opal log verify FILE`: a proof, or the evidence of a fork, judged by a key alone.
struct LogJudgement {
  private let arguments: Arguments
  private let bytes: Bytes

  init(_ arguments: Arguments) throws(Failure) {
    self.arguments = arguments
    bytes = try Home.readFile(arguments.operands[1])
  }

  func run() throws(Failure) {
    let keys = try arguments.values("--key").map { (text) throws(Failure) in
      try TrustedKeys.key(text)
    }
    guard !keys.isEmpty else { throw .usage("--key is needed: whose signature counts") }
    let head = bytes.prefix { $0 != 0x0a }
    switch String(decoding: head, as: UTF8.self) {
    case InclusionStatement.title: try judgeInclusion(keys)
    case LogFork.title: try judgeFork(keys)
    case let line where line.hasPrefix("old "): try judgeConsistency(keys)
    default: try judgeCheckpoint(keys)
    }
  }

  private func judgeInclusion(_ keys: [VerifierKey]) throws(Failure) {
    let file = try arguments.value("--entry")
    let given = try file.map { (path) throws(Failure) in try Home.readFile(path) }
    let (statement, entry) = try Failure.of { () throws(TransparencyError) in
      let statement = try InclusionStatement(bytes)
      guard let entry = given ?? statement.extra else {
        throw .missing("the entry, for which --entry is")
      }
      try statement.verify(entry: entry, keys: keys)
      return (statement, try PublicLogCheck.event(entry, index: statement.index))
    }
    Terminal.say(
      "event \(entry.sequence) of kind \(entry.kind) is number \(statement.index + 1) of the "
        + "\(statement.checkpoint.head.size) events of \(statement.checkpoint.head.origin)")
  }

  private func judgeConsistency(_ keys: [VerifierKey]) throws(Failure) {
    guard let path = try arguments.value("--old") else {
      throw .usage("--old is needed: the file of the older checkpoint")
    }
    let older = try Home.readFile(path)
    let (old, new) = try Failure.of { () throws(TransparencyError) in
      let submission = try CheckpointSubmission(bytes)
      let old = try SignedTreeHead(older)
      for checkpoint in [old, submission.checkpoint] {
        _ = try checkpoint.note.verify(anyOf: keys)
      }
      guard old.head.origin == submission.checkpoint.head.origin,
        old.head.size == submission.oldSize, submission.extends(oldRoot: old.head.root)
      else { throw .contradictory("the newer checkpoint does not extend the older one") }
      return (old.head, submission.checkpoint.head)
    }
    Terminal.say("the log of \(new.size) events extends that of \(old.size)")
  }

  private func judgeFork(_ keys: [VerifierKey]) throws(Failure) {
    let fork = try Failure.of { () throws(TransparencyError) in
      let fork = try LogFork(bytes)
      guard let key = keys.first(where: { $0.name == fork.older.head.origin }) else {
        throw .untrusted("the evidence is about \(fork.older.head.origin), of which no --key is")
      }
      try fork.verify(key)
      return fork
    }
    let (old, new) = (fork.older.head, fork.newer.head)
    Terminal.say("\(old.origin) has forked: its key signed")
    Terminal.say("  \(old.size) events with the root \(old.root.hexadecimal)")
    Terminal.say("  \(new.size) events with the root \(new.root.hexadecimal)")
    Terminal.say(
      old.size == new.size
        ? "which are two trees of the same size"
        : "of which the first \(old.size) are others: no log has both")
  }

  private func judgeCheckpoint(_ keys: [VerifierKey]) throws(Failure) {
    let (head, signers) = try Failure.of { () throws(TransparencyError) in
      let checkpoint = try SignedTreeHead(bytes)
      return (checkpoint.head, try checkpoint.note.verify(anyOf: keys))
    }
    Terminal.say("\(head.origin): \(head.size) events, root \(head.root.hexadecimal)")
    for signer in signers { Terminal.say("signed by \(signer.name)") }
  }
}
