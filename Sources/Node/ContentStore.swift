import Cryptography
import Ledger
import Primitives
import SQLite

/// The bytes that the log knows by hash alone: datasets, adapters, blobs.
///
/// A file a content, named by its Keccak-256. What is written is never changed, so readers need no
/// lock, and what is read is hashed again, so a damaged file is an error and not data.
public final class ContentStore: ContentSource, Sendable {
  private let directory: String
  private let storage: Storage

  /// Opens the store in a folder, which is made if it is missing.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``.
  public init(directory: String, storage: Storage = .machine) throws(NodeError) {
    try Files.makeDirectory(directory, on: storage)
    self.directory = directory
    self.storage = storage
  }

  /// Reads the store in a folder, which need not be there.
  public init(reading directory: String, storage: Storage = .machine) {
    self.directory = directory
    self.storage = storage
  }

  /// The bytes of this hash; nil if they were never kept here, or are not as they were.
  public func content(of hash: Hash) -> Bytes? { (try? bytes(of: hash)) ?? nil }

  /// Keeps bytes, and returns the hash by which they are found again.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``.
  @discardableResult
  public func keep(_ bytes: Bytes) throws(NodeError) -> Hash {
    let hash = Keccak256.hash(bytes)
    // Read, not merely looked for: what was damaged since is made whole by the same bytes.
    let path = path(of: hash)
    let isKept =
      storage.exists(path)
      && (try? Files.read(path, limitInBytes: bytes.count, on: storage)) == bytes
    if !isKept { try Files.write(bytes, to: path, on: storage) }
    return hash
  }

  /// The bytes of this hash; nil if they were never kept here.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``, also when the file no longer has its hash.
  public func bytes(of hash: Hash) throws(NodeError) -> Bytes? {
    let path = path(of: hash)
    guard storage.exists(path) else { return nil }
    let bytes = try Files.read(path, on: storage)
    guard Keccak256.hash(bytes) == hash else {
      throw .file(path: path, reason: "its content no longer has its hash")
    }
    return bytes
  }

  private func path(of hash: Hash) -> String {
    directory + "/" + Hexadecimal.encode(hash.bytes)
  }
}
