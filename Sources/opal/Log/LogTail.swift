import EventLog
import Glibc
import Ledger
import Node
import Primitives
import TransparencyLog

/// `opal log tail`: prints events whose hashes lead to a signed root, and watches the log for forks.
struct LogTail {
  private let arguments: Arguments
  private let keys: [VerifierKey]
  private var source: AnySource
  private var last: SignedTreeHead?
  private var next: UInt64

  /// How long to wait for more.
  private static let pauseInMicroseconds: UInt32 = 500_000
  /// The exit code where the log turns out to have forked.
  private static let forkExitCode: Int32 = 3

  init(_ arguments: Arguments) throws(Failure) {
    self.arguments = arguments
    source = try AnySource(arguments)
    keys = try TrustedKeys.read(arguments, source)
    next = try arguments.number("--from", in: 1...1 << 62) ?? 1
  }

  func run() throws(Failure) -> Int32 {
    var tail = self
    while true {
      if let fork = try tail.advance() { return try tail.report(fork) }
      guard arguments.has("--follow") else { return 0 }
      usleep(Self.pauseInMicroseconds)
      // A file that grows is opened anew, to see what was appended.
      tail.source = try AnySource(arguments)
    }
  }

  /// Prints what is new; the evidence, if the log no longer extends what was signed before.
  private mutating func advance() throws(Failure) -> LogFork? {
    let (source, keys, last, first) = (self.source, self.keys, self.last, self.next)
    let (checkpoint, fork, next) = try Failure.of { () throws(TransparencyError) in
      let checkpoint = try PublicLogCheck.checkpoint(source, keys: keys).checkpoint
      if let last, last.head == checkpoint.head { return (checkpoint, nil as LogFork?, first) }
      var tree = try TileTree(
        size: checkpoint.head.size, root: checkpoint.head.root, source: source)
      if let last, let fork = try Self.fork(last, checkpoint, &tree) {
        return (checkpoint, fork, first)
      }
      if let last, last.head.size > tree.size { return (last, nil, first) }
      guard first <= tree.size else { return (checkpoint, nil, first) }
      try tree.forEachEntry(from: first - 1) { (index, bytes) throws(TransparencyError) in
        Self.say(try PublicLogCheck.event(bytes, index: index))
      }
      return (checkpoint, nil, tree.size + 1)
    }
    self.last = checkpoint
    self.next = next
    return fork
  }

  /// The proof that two checkpoints contradict each other, if they do.
  private static func fork(
    _ last: SignedTreeHead, _ new: SignedTreeHead, _ tree: inout TileTree<AnySource>
  ) throws(TransparencyError) -> LogFork? {
    // A checkpoint that is older than the last is one that was served late, or a smaller fork,
    // which the tiles here cannot tell apart.
    guard last.head.size <= new.head.size, last.head.size > 0 else { return nil }
    guard try tree.root(size: last.head.size) != last.head.root else { return nil }
    let path =
      last.head.size == new.head.size ? [] : try tree.forkPath(oldSize: last.head.size)
    return LogFork(older: last, newer: new, path: path)
  }

  private func report(_ fork: LogFork) throws(Failure) -> Int32 {
    let path = try arguments.value("--evidence") ?? "fork.evidence"
    try Failure.ofNode { () throws(NodeError) in try Files.write(fork.bytes, to: path) }
    Terminal.complain(
      "opal log tail: \(source.place) has forked: its \(fork.newer.head.size) events do not extend "
        + "the \(fork.older.head.size) that it signed before; the proof is in \(path)")
    return Self.forkExitCode
  }

  private static func say(_ entry: Entry) {
    let name = Event.Kind(rawValue: entry.kind)?.name ?? "kind \(entry.kind)"
    let payload =
      switch entry.payload {
      case .whole(let bytes): Hexadecimal.encodePrefixed(bytes)
      case .digest(let size, let hash): "\(size) bytes with SHA-256 \(hash.hexadecimal)"
      }
    Terminal.say("\(entry.sequence)\t\(name)\t\(entry.commitment.hexadecimal)\t\(payload)")
  }
}
