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
      do throws(TransparencyError) {
        if let fork = try tail.advance() { return try tail.report(fork) }
      } catch {
        // A node that is away for a while is no reason to forget what it has signed.
        guard case .unreadable = error, tail.last != nil, arguments.has("--follow") else {
          throw Failure(error)
        }
      }
      guard arguments.has("--follow") else { return 0 }
      usleep(Self.pauseInMicroseconds)
      // A file that grows is opened anew, to see what was appended.
      tail.source = try AnySource(arguments)
    }
  }

  /// Prints what is new; the evidence, if the log no longer extends what was signed before.
  private mutating func advance() throws(TransparencyError) -> LogFork? {
    let checkpoint = try PublicLogCheck.checkpoint(source, keys: keys).checkpoint
    if let last, last.head == checkpoint.head { return nil }
    var tree = try TileTree(
      size: checkpoint.head.size, root: checkpoint.head.root, source: source)
    if let last {
      if let fork = try Self.fork(last, checkpoint, &tree) { return fork }
      if last.head.size > tree.size { return nil }
    }
    if next <= tree.size {
      try tree.forEachEntry(from: next - 1) { (index, bytes) throws(TransparencyError) in
        Self.say(try PublicLogCheck.event(bytes, index: index))
      }
      next = tree.size + 1
    }
    last = checkpoint
    return nil
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

  private func report(_ fork: LogFork) throws(TransparencyError) -> Int32 {
    let path = arguments.values("--evidence").last ?? "fork.evidence"
    do throws(NodeError) {
      try Files.write(fork.bytes, to: path)
    } catch {
      throw .malformed(what: path, reason: error.message)
    }
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
