import Glibc
import Primitives

/// A store in a folder: a file a blob, named by its key, written whole, flushed, and then renamed,
/// so that a crash leaves the old state or the new one.
public final class DiskChunkStore: ChunkStore {
  private let folder: String

  /// Files longer than this are damaged: no operator holds more of a blob.
  private static var sizeLimitInBytes: Int { 64 << 20 }

  /// The store of a folder, which is made if it is missing.
  ///
  /// - Throws: `ChunkStoreError.system` if it cannot be.
  public init(folder: String) throws(ChunkStoreError) {
    self.folder = folder
    var path = ""
    for part in folder.split(separator: "/", omittingEmptySubsequences: false) {
      path += path.isEmpty && !folder.hasPrefix("/") ? String(part) : "/" + part
      if part.isEmpty { continue }
      let status = unsafe mkdir(path, 0o755)
      guard status == 0 || errno == EEXIST else { throw .system(Self.reason()) }
    }
  }

  private func path(_ blobKey: Hash) -> String {
    folder + "/" + Hexadecimal.encode(blobKey.bytes) + ".chunks"
  }

  /// Keeps the chunks of a blob; they are durable when this returns.
  public func put(_ held: HeldChunks, for blobKey: Hash) throws(ChunkStoreError) {
    let (path, bytes) = (path(blobKey), held.bytes)
    let temporary = path + ".new"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system(Self.reason()) }
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes[written...].withUnsafeBytes { buffer in
        unsafe write(descriptor, buffer.baseAddress, buffer.count)
      }
      guard count > 0 else {
        close(descriptor)
        throw .system(Self.reason())
      }
      written += count
    }
    let status = fsync(descriptor)
    close(descriptor)
    guard status == 0, unsafe rename(temporary, path) == 0 else { throw .system(Self.reason()) }
  }

  /// The chunks of a blob, or nil if there are none.
  public func chunks(for blobKey: Hash) throws(ChunkStoreError) -> HeldChunks? {
    guard let bytes = try read(path(blobKey)) else { return nil }
    guard let held = HeldChunks(bytes: bytes) else { throw .damaged(blobKey) }
    return held
  }

  /// Throws away what has expired by a second since 1970, and what is damaged.
  public func prune(at second: UInt64) throws(ChunkStoreError) -> Int {
    var count = 0
    for blobKey in try blobKeys() {
      let held = try read(path(blobKey)).flatMap { HeldChunks(bytes: $0) }
      if let held, held.expiry > second { continue }
      guard unsafe unlink(path(blobKey)) == 0 else { throw .system(Self.reason()) }
      count += 1
    }
    return count
  }

  /// The keys of the blobs of which there are chunks, in order.
  public func blobKeys() throws(ChunkStoreError) -> [Hash] {
    guard let handle = unsafe opendir(folder) else { throw .system(Self.reason()) }
    defer { unsafe closedir(handle) }
    var keys: [Hash] = []
    while let entry = unsafe readdir(handle) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.hasSuffix(".chunks"), let key = Hash(hexadecimal: String(name.dropLast(7)))
      else { continue }
      keys.append(key)
    }
    return keys.sorted()
  }

  private func read(_ path: String) throws(ChunkStoreError) -> Bytes? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw .system(Self.reason())
    }
    defer { close(descriptor) }
    var bytes = Bytes()
    var chunk = Bytes(repeating: 0, count: 1 << 16)
    while bytes.count <= Self.sizeLimitInBytes {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      }
      guard count >= 0 else { throw .system(Self.reason()) }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
    }
    return bytes
  }

  private static func reason() -> String {
    unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
  }
}
