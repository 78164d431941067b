import Cryptography
import NativeCryptography
import Primitives
import Synchronization
import TransparencyLog

/// A witness with a folder of its own, which remembers what it cosigned.
///
///     witness.key     the Ed25519 key that cosigns
///     witness.vkey    its public half, as verifiers of cosignatures take it
///     latest/<hash>   the last checkpoint of each log, by SHA-256 of its origin
public final class WitnessStore: Sendable {
  private let path: String
  private let witness: Mutex<Witness>

  /// The key by which others know the witness.
  public let key: VerifierKey

  /// Opens the folder of a witness, or makes one.
  ///
  /// - Throws: ``NodeError``, also when what it remembers cannot be read: then it must not cosign.
  public init(path: String, name: String, logs: [VerifierKey]) throws(NodeError) {
    try Files.makeDirectory(path + "/latest")
    self.path = path
    let secret = try DataDirectory(path: path).ed25519Key(path + "/witness.key")
    guard let signer = NoteSigner(name: name, key: secret, isWitness: true) else {
      throw .refused("'\(name)' is no name that a key can have")
    }
    key = signer.verifier
    try Files.write(Bytes((key.text + "\n").utf8), to: path + "/witness.vkey")
    var latest: [String: SignedTreeHead] = [:]
    for log in logs {
      let file = Self.file(path, log.name)
      guard Files.exists(file) else { continue }
      do throws(TransparencyError) {
        latest[log.name] = try SignedTreeHead(
          (try? Files.read(file, limitInBytes: SignedNote.sizeLimitInBytes)) ?? [])
      } catch {
        throw .file(path: file, reason: error.message)
      }
    }
    witness = Mutex(Witness(signer: signer, logs: logs, latest: latest))
  }

  /// What a witness answers over HTTP.
  public struct Response: Sendable {
    /// The status.
    public var status: Int
    /// What the body is.
    public var contentType = "text/plain; charset=utf-8"
    /// The body.
    public var body: Bytes
  }

  /// Answers the body of a request to cosign; `time` is in seconds since 1970.
  ///
  /// The checkpoint is kept before its cosignature is given. The proof of a fork is written into
  /// the folder, too.
  public func add(_ body: Bytes, time: UInt64) -> Response {
    let submission: CheckpointSubmission
    do throws(TransparencyError) {
      submission = try CheckpointSubmission(body)
    } catch {
      return Response(status: 400, body: Bytes((error.message + "\n").utf8))
    }
    return witness.withLock { witness in
      var next = witness
      let answer = next.add(submission, time: time)
      switch answer {
      case .cosigned(let signature):
        let file = Self.file(path, submission.checkpoint.head.origin)
        guard (try? Files.write(submission.checkpoint.bytes, to: file)) != nil else {
          return Response(status: 500, body: Bytes("the checkpoint cannot be kept\n".utf8))
        }
        witness = next
        return Response(status: 200, body: Bytes((signature.line + "\n").utf8))
      case .conflict(let size):
        return Response(
          status: 409, contentType: "text/x.tlog.size", body: Bytes("\(size)\n".utf8))
      case .forked(let fork):
        let name = Hexadecimal.encode(SHA256.hash(fork.bytes).bytes)
        _ = try? Files.write(fork.bytes, to: "\(path)/fork-\(name.prefix(16)).evidence")
        return Response(
          status: 409, contentType: "text/x.tlog.size",
          body: Bytes("\(fork.older.head.size)\n".utf8))
      case .malformed(let reason):
        return Response(status: answer.status, body: Bytes((reason + "\n").utf8))
      case .unknownLog, .untrusted, .inconsistent:
        return Response(status: answer.status, body: [])
      }
    }
  }

  private static func file(_ path: String, _ origin: String) -> String {
    path + "/latest/" + Hexadecimal.encode(SHA256.hash(Bytes(origin.utf8)).bytes)
  }
}
