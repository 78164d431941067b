import Blobs
import Cryptography
import Glibc
import Pairings
import Primitives

/// Why a network's folder cannot be used.
public enum StorageFolderError: Error, Equatable, Sendable {
  /// The system refused, for this reason.
  case system(String)
  /// The events are not those that were written, from this one on.
  case damaged(event: Int)
  /// An event does not fit the state before it.
  case misfit(event: Int, StorageMisfit)
}

/// A network's folder: `events`, one file to which decisions are appended, and a folder with the
/// chunks of each operator.
///
/// A record is the event's length in 4 bytes, the event, and 32 bytes of a hash chain: Keccak-256
/// of the hash before it and the event. A record that a crash cut off is cut off; anything else that
/// is wrong is an error.
public final class StorageFolder {
  /// The folder.
  public let path: String
  /// The state after all events.
  public private(set) var state: StorageState
  private var chain = Hash.zero
  private let descriptor: Int32

  /// Opens a folder, or makes it; `state` is the one before any event.
  ///
  /// - Throws: `StorageFolderError`.
  public init(path: String, state: StorageState) throws(StorageFolderError) {
    do throws(ChunkStoreError) {
      _ = try DiskChunkStore(folder: path)
    } catch {
      throw .system("\(error)")
    }
    self.path = path
    self.state = state
    descriptor = unsafe open(path + "/events", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system(Self.reason()) }
    try replay()
  }

  deinit { close(descriptor) }

  /// The folder of an operator's chunks.
  public func chunkFolder(of id: Hash) -> String {
    path + "/operators/" + Hexadecimal.encode(id.bytes.prefix(8))
  }

  /// Appends an event; it is durable when this returns.
  ///
  /// - Throws: `StorageFolderError.system`.
  public func append(_ event: StorageEvent) throws(StorageFolderError) {
    let bytes = event.bytes
    let next = Keccak256.hash(chain.bytes + bytes)
    var record = Bytes()
    for shift: UInt32 in [24, 16, 8, 0] {
      record.append(UInt8(truncatingIfNeeded: UInt32(bytes.count) >> shift))
    }
    record += bytes + next.bytes
    var written = 0
    while written < record.count {
      let count = unsafe record[written...].withUnsafeBytes { buffer in
        unsafe write(descriptor, buffer.baseAddress, buffer.count)
      }
      guard count > 0 else { throw .system(Self.reason()) }
      written += count
    }
    guard fsync(descriptor) == 0 else { throw .system(Self.reason()) }
    chain = next
  }

  private func replay() throws(StorageFolderError) {
    let bytes = try readAll()
    var position = 0
    var count = 0
    while position + 4 <= bytes.count {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = position + 4 + length + 32
      guard end <= bytes.count else { break }
      let content = Bytes(bytes[position + 4..<end - 32])
      let next = Keccak256.hash(chain.bytes + content)
      guard next.bytes[...] == bytes[end - 32..<end],
        let event = try? StorageEvent(bytes: content)
      else { throw .damaged(event: count) }
      do throws(StorageMisfit) {
        try state.apply(event)
      } catch {
        throw .misfit(event: count, error)
      }
      chain = next
      position = end
      count += 1
    }
    guard ftruncate(descriptor, position) == 0, lseek(descriptor, position, SEEK_SET) >= 0 else {
      throw .system(Self.reason())
    }
  }

  private func readAll() throws(StorageFolderError) -> Bytes {
    var bytes = Bytes()
    var chunk = Bytes(repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe read(descriptor, buffer.baseAddress, buffer.count)
      }
      guard count >= 0 else { throw .system(Self.reason()) }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
    }
  }

  private static func reason() -> String {
    unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
  }
}
