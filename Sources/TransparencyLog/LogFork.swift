import Cryptography
import Primitives

/// Two checkpoints that one log has signed, and that no single tree has: it lied to somebody.
///
/// Of trees of the same size the roots say all. Of different sizes, `path` is what of the newer tree
/// leads to both its signed root and the root that it has at the older size, which is another one.
/// As a file:
///
///     opal.log/fork@v1
///     older <bytes of the older checkpoint>
///     newer <bytes of the newer checkpoint>
///     <hash in base64>               (the path, a line each)
///
///     <the older checkpoint><the newer checkpoint>
public struct LogFork: Hashable, Sendable {
  /// The checkpoint of the smaller tree.
  public let older: SignedTreeHead
  /// The checkpoint of the tree that is at least as large.
  public let newer: SignedTreeHead
  /// The consistency path within the newer tree, the node that it starts from first.
  public let path: [Hash]

  /// The first line of the file.
  public static let title = "opal.log/fork@v1"

  /// Evidence of these parts; whether it proves anything, `verify` says.
  public init(older: SignedTreeHead, newer: SignedTreeHead, path: [Hash] = []) {
    self.older = older
    self.newer = newer
    self.path = path
  }

  /// Reads evidence; nothing in it is checked.
  ///
  /// - Throws: `TransparencyError.malformed`.
  public init(_ bytes: Bytes) throws(TransparencyError) {
    var lines = LineReader(bytes)
    guard lines.next() == Self.title[...] else { throw Self.malformed("it is no evidence of one") }
    let sizes = [
      try Self.size(lines.next(), after: "older "), try Self.size(lines.next(), after: "newer "),
    ]
    path = try lines.hashes(limit: 64, of: "the evidence of a fork")
    guard lines.rest.count == sizes[0] + sizes[1] else {
      throw Self.malformed("its checkpoints do not have the sizes that it says")
    }
    older = try SignedTreeHead(Bytes(lines.rest[..<sizes[0]]))
    newer = try SignedTreeHead(Bytes(lines.rest[sizes[0]...]))
  }

  private static func size(
    _ line: Substring?, after word: String
  ) throws(TransparencyError) -> Int {
    guard let line, line.hasPrefix(word), let size = TreeHead.number(line.dropFirst(word.count)),
      size <= SignedNote.sizeLimitInBytes
    else { throw malformed("the size of a checkpoint is missing") }
    return Int(size)
  }

  /// The evidence as a file.
  public var bytes: Bytes {
    let lines =
      [Self.title, "older \(older.bytes.count)", "newer \(newer.bytes.count)"]
      + path.map(TreeHead.base64)
    return Bytes((lines.joined(separator: "\n") + "\n\n").utf8) + older.bytes + newer.bytes
  }

  /// Makes sure that a log has forked: that its key signed both checkpoints, and that they
  /// contradict each other.
  ///
  /// - Throws: `TransparencyError`, with what is wanting, if the evidence proves no fork.
  public func verify(_ key: VerifierKey) throws(TransparencyError) {
    for checkpoint in [older, newer] {
      guard checkpoint.head.origin == key.name else {
        throw .untrusted("a checkpoint is of \(checkpoint.head.origin), and not of \(key.name)")
      }
      try checkpoint.note.verify(key)
    }
    let (old, new) = (older.head, newer.head)
    if old.size == new.size {
      guard old.root != new.root else {
        throw .contradictory("both checkpoints have the same root: this is no fork")
      }
      return
    }
    guard let first = path.first,
      let roots = MerkleTree.consistentRoots(
        oldSize: old.size, newSize: new.size, first: first, path: path.dropFirst()),
      roots.new == new.root
    else { throw .contradictory("the path does not lead to the newer checkpoint's root") }
    guard roots.old != old.root else {
      throw .contradictory("the newer tree extends the older one: this is no fork")
    }
  }

  private static func malformed(_ reason: String) -> TransparencyError {
    .malformed(what: "the evidence of a fork", reason: reason)
  }
}

extension TileTree {
  /// The path in this tree by which a fork from an older, smaller checkpoint is proved.
  ///
  /// The old size is above 0 and below the tree's.
  ///
  /// - Throws: `TransparencyError`.
  public mutating func forkPath(oldSize: UInt64) throws(TransparencyError) -> [Hash] {
    let proof = try consistencyProof(oldSize: oldSize)
    // Where the old tree is one complete subtree, its root is not part of the proof.
    guard oldSize & (oldSize - 1) == 0 else { return proof }
    let level = oldSize.trailingZeroBitCount
    return [try subtree(level, 0)] + proof
  }
}
