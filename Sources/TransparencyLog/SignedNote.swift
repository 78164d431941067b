import Primitives

/// A text that one or more keys have signed.
///
/// Source: https://c2sp.org/signed-note
public struct SignedNote: Hashable, Sendable {
  /// The signed bytes, in UTF-8, with the newline at their end.
  public let text: Bytes
  /// The signatures in the order of their lines; none of them is checked.
  public private(set) var signatures: [Signature]

  /// A line under the text.
  public struct Signature: Hashable, Sendable {
    /// The name of the key.
    public let name: String
    /// The first bytes of a hash over name and key.
    public let keyID: UInt32
    /// What the key has made of the text; its form depends on the kind of key.
    public let bytes: Bytes

    /// A signature with these parts; the name must be one that a key can have.
    public init(name: String, keyID: UInt32, bytes: Bytes) {
      precondition(SignedNote.isKeyName(name), "a key's name has no space and no plus sign")
      self.name = name
      self.keyID = keyID
      self.bytes = bytes
    }

    /// The line, without its newline.
    public var line: String {
      let id = (0..<4).map { UInt8(truncatingIfNeeded: keyID >> (24 - 8 * UInt32($0))) }
      return "\u{2014} \(name) " + Base64.encode(id + bytes)
    }
  }

  /// The most bytes that a note may have: enough for sixteen signatures of any kind known.
  public static let sizeLimitInBytes = 256 << 10
  /// The most signatures that a note may have.
  public static let signatureLimit = 64

  /// A note with a text of our own, which ends in a newline.
  public init(text: Bytes, signatures: [Signature] = []) {
    precondition(text.last == 0x0a, "a note's text ends in a newline")
    self.text = text
    self.signatures = signatures
  }

  /// Reads a note.
  ///
  /// - Throws: `TransparencyError.malformed`.
  public init(_ bytes: Bytes) throws(TransparencyError) {
    guard bytes.count <= Self.sizeLimitInBytes else {
      throw Self.malformed("it has more than \(Self.sizeLimitInBytes) bytes")
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw Self.malformed("it is not UTF-8")
    }
    guard bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0a }) else {
      throw Self.malformed("it has control characters")
    }
    guard bytes.last == 0x0a else { throw Self.malformed("it does not end in a newline") }
    // The last empty line is what parts the text from the signatures.
    let end = bytes.indices.dropFirst().last { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a }
    guard let end else { throw Self.malformed("no empty line precedes the signatures") }
    text = Bytes(bytes[..<end])
    signatures = try Self.signatures(bytes[(end + 1)...])
  }

  private static func signatures(
    _ bytes: ArraySlice<UInt8>
  ) throws(TransparencyError) -> [Signature] {
    let lines = bytes.dropLast().split(separator: 0x0a, omittingEmptySubsequences: false)
    guard !bytes.isEmpty else { throw malformed("it has no signature") }
    guard lines.count <= signatureLimit else {
      throw malformed("it has more than \(signatureLimit) signatures")
    }
    var signatures: [Signature] = []
    for line in lines { signatures.append(try signature(line)) }
    return signatures
  }

  /// Reads a signature's line.
  ///
  /// - Throws: `TransparencyError.malformed`.
  public static func signature(
    _ line: ArraySlice<UInt8>
  ) throws(TransparencyError) -> Signature {
    let dash = Array("\u{2014} ".utf8)
    guard line.starts(with: dash) else { throw malformed("a signature's line has no dash") }
    let parts = line.dropFirst(dash.count).split(
      separator: 0x20, omittingEmptySubsequences: false)
    guard parts.count == 2, let name = String(validating: parts[0], as: UTF8.self),
      isKeyName(name)
    else { throw malformed("a signature's line is not a name and a signature") }
    guard let decoded = Base64.decode(parts[1]), decoded.count > 4 else {
      throw malformed("the signature of \(name) is no base64 of a key's number and more")
    }
    let keyID = decoded[..<4].reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
    return Signature(name: name, keyID: keyID, bytes: Bytes(decoded[4...]))
  }

  /// The note as it is written.
  public var bytes: Bytes {
    text + [0x0a] + signatures.flatMap { Bytes(($0.line + "\n").utf8) }
  }

  /// Adds a signature behind the others.
  public mutating func append(_ signature: Signature) { signatures.append(signature) }

  /// Whether a key can have the name: not empty, without white space, control or plus signs.
  public static func isKeyName(_ name: String) -> Bool {
    !name.isEmpty
      && name.unicodeScalars.allSatisfy {
        !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20
      }
  }

  /// Makes sure that a key has signed the text, and that all it has signed is right.
  ///
  /// - Throws: `TransparencyError.untrusted`.
  public func verify(_ key: VerifierKey) throws(TransparencyError) {
    let own = signatures.filter { $0.name == key.name && $0.keyID == key.keyID }
    guard !own.isEmpty else { throw .untrusted("it is not signed by \(key.name)") }
    for signature in own where !key.isValid(signature.bytes, of: text) {
      throw .untrusted("the signature by \(key.name) is wrong")
    }
  }

  /// Those of the keys that have signed the text, each once; no signature of theirs is wrong.
  ///
  /// - Throws: `TransparencyError.untrusted` for a wrong signature, or if none of the keys signed.
  public func verify(anyOf keys: [VerifierKey]) throws(TransparencyError) -> [VerifierKey] {
    var signers: [VerifierKey] = []
    for key in keys where !signers.contains(key) {
      let hasSigned = signatures.contains { $0.name == key.name && $0.keyID == key.keyID }
      guard hasSigned else { continue }
      try verify(key)
      signers.append(key)
    }
    guard !signers.isEmpty else { throw .untrusted("it is signed by none of the trusted keys") }
    return signers
  }

  private static func malformed(_ reason: String) -> TransparencyError {
    .malformed(what: "the note", reason: reason)
  }
}
