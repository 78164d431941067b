import EventLog
import Primitives
import TransparencyLog

/// The last checkpoint that witnesses have cosigned, for those who ask.
///
/// It is the file `cosigned` of the data directory, which is read each time: `opal log submit` writes
/// it, beside a node that runs or does not.
public struct Cosignatures: Sendable {
  private let path: String

  /// The cosignatures that a file has.
  public init(path: String) { self.path = path }

  /// The last checkpoint that was cosigned; nil if there is none that can be read.
  public var head: SignedTreeHead? {
    let bytes = try? Files.read(path, limitInBytes: SignedNote.sizeLimitInBytes)
    return bytes.flatMap { try? SignedTreeHead($0) }
  }

  /// Keeps a cosigned checkpoint, unless a larger one is kept already.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``.
  public func keep(_ cosigned: SignedTreeHead) throws(NodeError) {
    var kept = cosigned
    if let known = head, known.head.origin == cosigned.head.origin {
      guard known.head.size <= cosigned.head.size else { return }
      if known.head == cosigned.head {
        kept = known
        for signature in cosigned.note.signatures { kept.append(signature) }
      }
    }
    try Files.write(kept.bytes, to: path)
  }

  /// A checkpoint with what witnesses have said of the same tree.
  public func joined(to checkpoint: SignedTreeHead) -> SignedTreeHead {
    guard let known = head, known.head == checkpoint.head else { return checkpoint }
    var joined = checkpoint
    for signature in known.note.signatures { joined.append(signature) }
    return joined
  }
}

extension DataDirectory {
  /// The file of the last checkpoint that witnesses have cosigned.
  public var cosigned: String { path + "/cosigned" }
}

extension Node {
  /// A checkpoint as the public gets it: signed by the log, and with the witnesses' cosignatures.
  public func publish(_ checkpoint: Checkpoint) -> SignedTreeHead {
    cosignatures.joined(to: identity.sign(checkpoint))
  }
}
