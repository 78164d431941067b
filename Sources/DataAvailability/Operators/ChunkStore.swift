import Blobs
import Cryptography
import Primitives
import Synchronization

/// The chunks of one blob that an operator holds.
public struct HeldChunks: Equatable, Sendable {
  /// How the blob is cut.
  public var shape: EncodingShape
  /// The second, since 1970, from which on they may be thrown away.
  public var expiry: UInt64
  /// The chunks with their indices.
  public var chunks: [Entry]

  /// A chunk and its index.
  public struct Entry: Equatable, Sendable {
    /// Which chunk it is.
    public var index: Int
    /// The chunk.
    public var chunk: Chunk

    /// A chunk at an index.
    public init(index: Int, chunk: Chunk) {
      self.index = index
      self.chunk = chunk
    }
  }

  /// Some chunks of a blob.
  public init(shape: EncodingShape, expiry: UInt64, chunks: [Entry]) {
    self.shape = shape
    self.expiry = expiry
    self.chunks = chunks
  }

  /// The bytes of a store's file: RLP, and its Keccak-256, by which damage is found.
  public var bytes: Bytes {
    let content = RLPWriter.list { writer in
      writer.append(uint64: UInt64(shape.chunkCount))
      writer.append(uint64: UInt64(shape.chunkLength))
      writer.append(uint64: expiry)
      writer.list { writer in
        for entry in chunks {
          writer.append(uint64: UInt64(entry.index))
          writer.append(bytes: entry.chunk.bytes)
        }
      }
    }
    return content + Keccak256.hash(content).bytes
  }

  /// What such bytes say, or nil for others.
  public init?(bytes: Bytes) {
    guard bytes.count > 32 else { return nil }
    let content = bytes[..<(bytes.count - 32)]
    guard Keccak256.hash(content).bytes[...] == bytes.suffix(32),
      let held = try? Self.decode(content)
    else { return nil }
    self = held
  }

  private static func decode(_ content: ArraySlice<UInt8>) throws(RLPError) -> HeldChunks {
    var outer = RLPReader(content)
    var fields = try outer.list()
    try outer.end()
    guard let count = Int(exactly: try fields.uint64()),
      let length = Int(exactly: try fields.uint64()),
      let shape = EncodingShape(chunkCount: count, chunkLength: length)
    else { throw .tooLarge }
    var held = HeldChunks(shape: shape, expiry: try fields.uint64(), chunks: [])
    var list = try fields.list()
    try fields.end()
    while !list.isAtEnd {
      guard let index = Int(exactly: try list.uint64()), index < count,
        let chunk = Chunk(bytes: try list.bytes(), length: length)
      else { throw .tooLarge }
      held.chunks.append(Entry(index: index, chunk: chunk))
    }
    return held
  }
}

/// Why a store failed.
public enum ChunkStoreError: Error, Equatable, Sendable {
  /// The system refused, for this reason.
  case system(String)
  /// A file is not what was written.
  case damaged(Hash)
}

/// Where an operator keeps its chunks, by blob key.
public protocol ChunkStore: AnyObject, Sendable {
  /// Keeps the chunks of a blob; they are durable when this returns.
  ///
  /// - Throws: `ChunkStoreError` if they could not be kept.
  func put(_ held: HeldChunks, for blobKey: Hash) throws(ChunkStoreError)

  /// The chunks of a blob, or nil if there are none.
  ///
  /// - Throws: `ChunkStoreError` if they cannot be read, or are damaged.
  func chunks(for blobKey: Hash) throws(ChunkStoreError) -> HeldChunks?

  /// Throws away what has expired by a second since 1970; returns how many blobs.
  ///
  /// - Throws: `ChunkStoreError` if that failed.
  func prune(at second: UInt64) throws(ChunkStoreError) -> Int

  /// The keys of the blobs of which there are chunks, in order.
  ///
  /// - Throws: `ChunkStoreError` if they cannot be listed.
  func blobKeys() throws(ChunkStoreError) -> [Hash]
}

/// A store in memory: for simulations.
public final class MemoryChunkStore: ChunkStore {
  private let content = Mutex<[Hash: HeldChunks]>([:])

  /// An empty store.
  public init() {}

  /// Keeps the chunks of a blob.
  public func put(_ held: HeldChunks, for blobKey: Hash) throws(ChunkStoreError) {
    content.withLock { $0[blobKey] = held }
  }

  /// The chunks of a blob, or nil if there are none.
  public func chunks(for blobKey: Hash) throws(ChunkStoreError) -> HeldChunks? {
    content.withLock { $0[blobKey] }
  }

  /// Throws away what has expired.
  public func prune(at second: UInt64) throws(ChunkStoreError) -> Int {
    content.withLock { content in
      let before = content.count
      content = content.filter { $0.value.expiry > second }
      return before - content.count
    }
  }

  /// The keys, in order.
  public func blobKeys() throws(ChunkStoreError) -> [Hash] {
    content.withLock { $0.keys.sorted() }
  }
}

/// A store that cannot be used: whoever has it keeps nothing, and says why.
public final class BrokenChunkStore: ChunkStore {
  private let error: ChunkStoreError

  /// A store that fails with an error.
  public init(_ error: ChunkStoreError) { self.error = error }

  /// Keeps nothing.
  public func put(_ held: HeldChunks, for blobKey: Hash) throws(ChunkStoreError) { throw error }

  /// Has nothing.
  public func chunks(for blobKey: Hash) throws(ChunkStoreError) -> HeldChunks? { throw error }

  /// Throws nothing away.
  public func prune(at second: UInt64) throws(ChunkStoreError) -> Int { throw error }

  /// Knows of nothing.
  public func blobKeys() throws(ChunkStoreError) -> [Hash] { throw error }
}
