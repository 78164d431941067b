import Cryptography
import EventLog
import NativeCryptography
import Primitives
import SQLite
import TransparencyLog

/// The keys under which a log speaks to the public, both by the name of its origin.
public struct LogIdentity: Sendable {
  /// Signs the log's tree heads as notes.
  public let key: Ed25519PrivateKey

  /// The identity of a key.
  public init(key: Ed25519PrivateKey) { self.key = key }

  /// The line by which others know the key of a log of an origin.
  public func verifier(origin: String) -> VerifierKey? {
    VerifierKey(name: origin, kind: .ed25519, publicKey: key.publicKey)
  }

  /// A checkpoint of the log as the public gets it: by both keys, in the form of a signed note.
  public func sign(_ checkpoint: Checkpoint) -> SignedTreeHead {
    let head = TreeHead(checkpoint)
    var signatures: [SignedNote.Signature] = []
    if let signer = NoteSigner(name: head.origin, key: key) {
      signatures.append(signer.sign(head.text, time: 0))
    }
    if let line = checkpoint.noteSignature { signatures.append(line) }
    return SignedTreeHead(head, signatures: signatures)
  }
}

extension TreeHead {
  /// What a checkpoint of an event log says.
  public init(_ checkpoint: Checkpoint) {
    self.init(origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root)
  }
}

extension Checkpoint {
  /// The signature as a line of a note.
  public var noteSignature: SignedNote.Signature? {
    VerifierKey(name: origin, kind: .secp256k1, publicKey: publicKey).map {
      SignedNote.Signature(name: $0.name, keyID: $0.keyID, bytes: signature.bytes65)
    }
  }

  /// The checkpoint that a note of the public form has, signed by a secp256k1 key (x ‖ y); nil if
  /// that key has not signed it.
  public init?(_ head: SignedTreeHead, publicKey: Bytes) {
    guard
      let key = VerifierKey(name: head.head.origin, kind: .secp256k1, publicKey: publicKey),
      (try? head.note.verify(key)) != nil,
      let line = head.note.signatures.first(where: {
        $0.name == key.name && $0.keyID == key.keyID
      }), let signature = Signature(bytes65: line.bytes)
    else { return nil }
    self.init(
      origin: head.head.origin, size: head.head.size, root: head.head.root,
      publicKey: publicKey, signature: signature)
  }
}

extension DataDirectory {
  /// The file of the key that signs the log's tree heads for the public.
  public var logKey: String { path + "/log.key" }
  /// The file of that key's public half, in one line.
  public var logVerifierKey: String { path + "/" + LogResources.key }

  /// Who the log is to the public; its key is made at random when there is none yet.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``, also when the file holds no key.
  public func logIdentity(on storage: Storage = .machine) throws(NodeError) -> LogIdentity {
    LogIdentity(key: try ed25519Key(logKey, on: storage))
  }

  /// The key in a file, made at random when there is none yet.
  func ed25519Key(
    _ file: String, on storage: Storage = .machine
  ) throws(NodeError) -> Ed25519PrivateKey {
    if !storage.exists(file) {
      let made = Ed25519PrivateKey.random()
      try Files.write(
        Bytes((Hexadecimal.encode(made.seed) + "\n").utf8), to: file, permissions: 0o600,
        on: storage)
      return made
    }
    let text = String(
      decoding: try Files.read(file, limitInBytes: 1024, on: storage), as: UTF8.self)
    guard let bytes = Hexadecimal.decode(text.filter { !$0.isWhitespace }),
      let held = Ed25519PrivateKey(seed: bytes)
    else {
      throw .file(path: file, reason: "does not hold a key of 64 hexadecimal digits")
    }
    return held
  }
}
