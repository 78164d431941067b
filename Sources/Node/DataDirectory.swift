import EventLog
import NativeCryptography
import Primitives
import SQLite

/// The folder in which a node keeps all it knows.
///
///     log.sqlite     the events: the truth
///     views.sqlite   what follows from them: a cache
///     snapshot       a world written down, so that a start is fast: a cache
///     checkpoint     the last signed checkpoint of the log
///     node.key       the key that signs checkpoints of the log
///     log.key        the Ed25519 key that signs them for the public
///     log.vkey       its public half, as verifiers of signed notes take it
///     keys.json      the API keys' hashes, with the authorisations they are bound to
///     fork.cache     what is known of another chain's state, if the chain goes on from one
///     content/       large bytes by their hash
///     lock           held while a process writes
public struct DataDirectory: Sendable {
  /// The folder's path.
  public let path: String

  /// Names a folder; nothing is read or made yet.
  public init(path: String) { self.path = path }

  /// The event log's file.
  public var log: String { path + "/log.sqlite" }
  /// The views' file.
  public var views: String { path + "/views.sqlite" }
  /// The file of the last snapshot.
  public var snapshot: String { path + "/snapshot" }
  /// The last signed checkpoint's file.
  public var checkpoint: String { path + "/checkpoint" }
  /// The node key's file.
  public var key: String { path + "/node.key" }
  /// The API keys' file.
  public var apiKeys: String { path + "/keys.json" }
  /// The content store's folder.
  public var content: String { path + "/content" }
  /// The file with what is known of another chain's state.
  public var fork: String { path + "/fork.cache" }
  /// The lock's file.
  public var lock: String { path + "/lock" }

  /// Whether a log stands here.
  public var holdsLog: Bool { Files.exists(log) }

  /// The key that signs the log's checkpoints, made at random when there is none yet.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``, also when the file holds no key.
  public func nodeKey(on storage: Storage = .machine) throws(NodeError) -> PrivateKey {
    if !storage.exists(key) {
      let made = PrivateKey.random()
      try Files.write(
        Bytes((Hexadecimal.encode(made.bytes) + "\n").utf8), to: key,
        permissions: 0o600, on: storage)
      return made
    }
    let text = try Files.read(key, limitInBytes: 1024, on: storage)
    guard let digits = String(validating: text, as: UTF8.self),
      let bytes = Hexadecimal.decode(digits.filter { !$0.isWhitespace }),
      let held = PrivateKey(bytes)
    else { throw .file(path: key, reason: "does not hold a private key of 64 hexadecimal digits") }
    return held
  }
}
