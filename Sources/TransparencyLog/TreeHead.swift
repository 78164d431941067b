import Primitives

/// The text of a checkpoint: that a log's first entries have a certain root.
///
/// Source: https://c2sp.org/tlog-checkpoint
public struct TreeHead: Hashable, Sendable {
  /// The name of the log.
  public var origin: String
  /// How many entries it has.
  public var size: UInt64
  /// The root of the tree over them.
  public var root: Hash
  /// Further lines, whose meaning the log alone knows.
  public var extensions: [String] = []

  /// A tree head with these parts.
  public init(origin: String, size: UInt64, root: Hash) {
    self.origin = origin
    self.size = size
    self.root = root
  }

  /// Reads the text of a note.
  ///
  /// - Throws: `TransparencyError.malformed`.
  public init(text: Bytes) throws(TransparencyError) {
    guard text.last == 0x0a, let string = String(validating: text, as: UTF8.self) else {
      throw Self.malformed("its text is not lines of UTF-8")
    }
    let lines = string.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 3, lines.allSatisfy({ !$0.isEmpty }) else {
      throw Self.malformed("it has not at least three lines, none of them empty")
    }
    guard let size = Self.number(lines[1]) else {
      throw Self.malformed("its size, '\(lines[1].prefix(40))', is no number")
    }
    guard lines[2].utf8.count == 44, let bytes = Base64.decode(Array(lines[2].utf8)),
      let root = Hash(checking: bytes)
    else { throw Self.malformed("its root is not 32 bytes in base64") }
    origin = String(lines[0])
    self.size = size
    self.root = root
    extensions = lines[3...].map { String($0) }
  }

  /// The text that is signed.
  public var text: Bytes {
    let lines = [origin, "\(size)", Self.base64(root)] + extensions
    return Bytes((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// A decimal number without a sign or leading zeros, below 2^63.
  static func number(_ text: some StringProtocol) -> UInt64? {
    let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    guard isPlain, text == "0" || text.utf8.first != 0x30, let number = UInt64(text),
      number < 1 << 63
    else { return nil }
    return number
  }

  static func base64(_ hash: Hash) -> String {
    Base64.encode(hash.bytes)
  }

  /// The hash that a line of base64 spells.
  static func hash(_ line: some StringProtocol) -> Hash? {
    Base64.decode(Array(line.utf8)).flatMap { Hash(checking: $0) }
  }

  private static func malformed(_ reason: String) -> TransparencyError {
    .malformed(what: "the checkpoint", reason: reason)
  }
}

/// A tree head with its signatures, as a log serves it.
public struct SignedTreeHead: Hashable, Sendable {
  /// What is said.
  public let head: TreeHead
  /// Who has said it.
  public private(set) var note: SignedNote

  /// A tree head of our own, with signatures over its text.
  public init(_ head: TreeHead, signatures: [SignedNote.Signature]) {
    self.head = head
    note = SignedNote(text: head.text, signatures: signatures)
  }

  /// Reads a checkpoint; its signatures are not checked.
  ///
  /// - Throws: `TransparencyError.malformed`.
  public init(_ bytes: Bytes) throws(TransparencyError) {
    note = try SignedNote(bytes)
    head = try TreeHead(text: note.text)
  }

  /// The checkpoint as it is served.
  public var bytes: Bytes { note.bytes }

  /// Adds a signature of somebody else's behind the others, unless it is there.
  public mutating func append(_ signature: SignedNote.Signature) {
    if !note.signatures.contains(signature) { note.append(signature) }
  }
}
