import Cryptography
import EventLog
import Primitives
import SQLite
import TransparencyLog

/// The last signed checkpoint, kept in a file of its own beside the log.
///
/// A log whose end was cut off, by a damaged write-ahead file or by somebody, is a shorter log that
/// is in order in itself. This file remembers how long it was, and with which root:
///
///     origin
///     size
///     root in base64
///                                (an empty line)
///     — origin signature         (by Ed25519, and by the node key)
///
/// This is a checkpoint as C2SP's tlog-checkpoint has it, and as `/checkpoint` serves it.
enum KeptCheckpoint {
  /// Keeps a checkpoint in the place of the one before.
  static func write(
    _ checkpoint: SignedTreeHead, to path: String, on storage: Storage
  ) throws(NodeError) {
    try Files.write(checkpoint.bytes, to: path, on: storage)
  }

  /// Makes sure that a log still has what the kept checkpoint says.
  ///
  /// - Throws: ``NodeError/log(_:)`` when events are missing or were exchanged, or the file is no
  ///   checkpoint.
  static func check(_ log: EventLog, path: String) throws(NodeError) {
    let storage = log.storage
    guard storage.exists(path) else { return }
    let text = String(
      decoding: try Files.read(
        path, limitInBytes: SignedNote.sizeLimitInBytes, on: storage), as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 5, let size = UInt64(lines[1]) else {
      throw .file(path: path, reason: "is not a checkpoint of a log")
    }
    guard size <= log.count else {
      throw .log(
        "\(log.path): has \(log.count) events, and \(path) was signed over \(size): "
          + "events \(log.count + 1) to \(size) are lost")
    }
    do throws(EventLogError) {
      let expected = Checkpoint(
        origin: try log.origin(), size: size, root: try log.root(size: size), publicKey: [],
        signature: Signature(r: .zero, s: .zero, yParity: false))
      let body = lines[..<3].joined(separator: "\n") + "\n"
      guard expected.body == Bytes(body.utf8) else {
        throw .corrupt(
          path: log.path, sequence: size,
          detail: "the first \(size) events are not those that \(path) was signed over")
      }
    } catch {
      throw .log("\(error)")
    }
  }
}
