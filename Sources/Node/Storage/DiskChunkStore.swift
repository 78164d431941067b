import DataAvailability
import Primitives
import SQLite

/// An operator's store in a folder: a file a blob, named by its key, written whole, flushed, and
/// then renamed, so that a crash leaves the old state or the new one.
///
/// What ``put(_:for:)`` has returned from is there after a loss of power: the name, too, is durable.
public final class DiskChunkStore: ChunkStore {
  private let folder: String
  private let storage: Storage

  /// Files longer than this are damaged: no operator holds more of a blob.
  private static var sizeLimitInBytes: Int { 64 << 20 }
  private static let ending = ".chunks"

  /// The store of a folder, which is made if it is missing.
  ///
  /// - Throws: `ChunkStoreError.system` if it cannot be.
  public init(folder: String, storage: Storage = .machine) throws(ChunkStoreError) {
    self.folder = folder
    self.storage = storage
    try Self.wrapping { () throws(NodeError) in
      try Files.makeDirectory(folder, on: storage)
    }
  }

  private func path(_ blobKey: Hash) -> String {
    folder + "/" + Hexadecimal.encode(blobKey.bytes) + Self.ending
  }

  /// Keeps the chunks of a blob; they are durable when this returns.
  public func put(_ held: HeldChunks, for blobKey: Hash) throws(ChunkStoreError) {
    try Self.wrapping { () throws(NodeError) in
      try Files.write(held.bytes, to: path(blobKey), on: storage)
    }
  }

  /// The chunks of a blob, or nil if there are none.
  public func chunks(for blobKey: Hash) throws(ChunkStoreError) -> HeldChunks? {
    guard let bytes = try read(blobKey) else { return nil }
    guard let held = HeldChunks(bytes: bytes) else { throw .damaged(blobKey) }
    return held
  }

  /// Throws away what has expired by a second since 1970, and what is damaged or was left
  /// half-written by a crash.
  public func prune(at second: UInt64) throws(ChunkStoreError) -> Int {
    for name in Files.names(in: folder, on: storage) where name.hasSuffix(".new") {
      storage.remove(folder + "/" + name)
    }
    var count = 0
    for blobKey in try blobKeys() {
      let held = try read(blobKey).flatMap { HeldChunks(bytes: $0) }
      if let held, held.expiry > second { continue }
      storage.remove(path(blobKey))
      guard !storage.exists(path(blobKey)) else {
        throw .system("\(path(blobKey)) cannot be removed")
      }
      count += 1
    }
    return count
  }

  /// The keys of the blobs of which there are chunks, in order.
  public func blobKeys() throws(ChunkStoreError) -> [Hash] {
    Files.names(in: folder, on: storage).compactMap { name in
      guard name.hasSuffix(Self.ending) else { return nil }
      return Hash(hexadecimal: String(name.dropLast(Self.ending.count)))
    }.sorted()
  }

  private func read(_ blobKey: Hash) throws(ChunkStoreError) -> Bytes? {
    guard storage.exists(path(blobKey)) else { return nil }
    return try Self.wrapping { () throws(NodeError) in
      try Files.read(path(blobKey), limitInBytes: Self.sizeLimitInBytes, on: storage)
    }
  }

  private static func wrapping<Value>(
    _ body: () throws(NodeError) -> Value
  ) throws(ChunkStoreError) -> Value {
    do throws(NodeError) { return try body() } catch { throw .system(error.message) }
  }
}
