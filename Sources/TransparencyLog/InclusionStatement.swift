import Cryptography
import Primitives

/// That an entry is in a log, in one file that convinces by itself.
///
/// Source: https://c2sp.org/tlog-proof
public struct InclusionStatement: Hashable, Sendable {
  /// The entry, or what else the log gives along; it is not proved by being here.
  public var extra: Bytes?
  /// The index of the leaf, from 0.
  public var index: UInt64
  /// The siblings from the leaf to the root.
  public var path: [Hash]
  /// The signed root.
  public var checkpoint: SignedTreeHead

  /// The first line.
  public static let title = "c2sp.org/tlog-proof@v1"

  /// A statement of these parts.
  public init(extra: Bytes?, index: UInt64, path: [Hash], checkpoint: SignedTreeHead) {
    self.extra = extra
    self.index = index
    self.path = path
    self.checkpoint = checkpoint
  }

  /// Reads a statement; nothing in it is checked.
  ///
  /// - Throws: `TransparencyError.malformed`.
  public init(_ bytes: Bytes) throws(TransparencyError) {
    var lines = LineReader(bytes)
    guard lines.next() == Self.title[...] else { throw Self.malformed("it is no tlog-proof") }
    var line = lines.next()
    if let text = line, text.hasPrefix("extra ") {
      guard let extra = Base64.decode(Array(text.dropFirst(6).utf8)) else {
        throw Self.malformed("its extra data is no base64")
      }
      self.extra = extra
      line = lines.next()
    }
    guard let text = line, text.hasPrefix("index "),
      let index = TreeHead.number(text.dropFirst(6))
    else { throw Self.malformed("it names no index") }
    self.index = index
    path = try lines.hashes(limit: 63, of: "the proof")
    checkpoint = try SignedTreeHead(lines.rest)
  }

  /// The statement as a file.
  public var bytes: Bytes {
    var lines = [Self.title]
    if let extra {
      lines.append("extra " + Base64.encode(extra))
    }
    lines.append("index \(index)")
    lines += path.map(TreeHead.base64)
    return Bytes((lines.joined(separator: "\n") + "\n\n").utf8) + checkpoint.bytes
  }

  /// Makes sure that an entry is in the tree that one of the keys has signed.
  ///
  /// - Throws: `TransparencyError`: `untrusted`, or `contradictory` if it is not.
  public func verify(entry: Bytes, keys: [VerifierKey]) throws(TransparencyError) {
    _ = try checkpoint.note.verify(anyOf: keys)
    let isIncluded = MerkleTree.verifyInclusion(
      leaf: MerkleTree.leafHash(entry), index: index, treeSize: checkpoint.head.size,
      root: checkpoint.head.root, proof: path)
    guard isIncluded else {
      throw .contradictory(
        "the entry is not number \(index) of the \(checkpoint.head.size) that are signed")
    }
  }

  private static func malformed(_ reason: String) -> TransparencyError {
    .malformed(what: "the proof", reason: reason)
  }
}

/// The lines of a small text, up to where something else begins.
struct LineReader {
  /// What was not read yet.
  private(set) var rest: Bytes

  init(_ bytes: Bytes) { rest = bytes }

  /// The next line without its newline; nil at the end, or if it is no UTF-8 or very long.
  mutating func next() -> Substring? {
    guard let end = rest.firstIndex(of: 0x0a), end <= 1 << 20,
      let line = String(validating: rest[..<end], as: UTF8.self)
    else { return nil }
    rest.removeFirst(end + 1)
    return line[...]
  }

  /// Hashes in base64, a line each, up to an empty line.
  mutating func hashes(
    limit: Int, of what: String
  ) throws(TransparencyError) -> [Hash] {
    var hashes: [Hash] = []
    while true {
      guard let line = next() else {
        throw .malformed(what: what, reason: "no empty line ends its hashes")
      }
      if line.isEmpty { return hashes }
      guard hashes.count < limit, let hash = TreeHead.hash(line) else {
        throw .malformed(what: what, reason: "it has more than \(limit) hashes, or a wrong one")
      }
      hashes.append(hash)
    }
  }
}
