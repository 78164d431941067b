import Cryptography
import Primitives
import Synchronization

/// Where the bytes are that Keccak commitments stand for.
public protocol PreimageStore: AnyObject, Sendable {
  /// Keeps bytes by their Keccak-256; false if they cannot be kept.
  func keepPreimage(_ bytes: Bytes) -> Bool

  /// The bytes of this Keccak-256; nil if they are not here.
  func preimage(of hash: Hash) -> Bytes?
}

/// Preimages in memory, up to a size.
public final class MemoryPreimageStore: PreimageStore {
  private let content = Mutex<(bytes: [Hash: Bytes], size: Int)>(([:], 0))
  private let limitInBytes: Int

  /// An empty store.
  public init(limitInBytes: Int = 256 << 20) { self.limitInBytes = limitInBytes }

  /// Keeps bytes by their Keccak-256; false if there is no room for them.
  public func keepPreimage(_ bytes: Bytes) -> Bool {
    let hash = Keccak256.hash(bytes)
    return content.withLock { content in
      if content.bytes[hash] != nil { return true }
      guard bytes.count <= limitInBytes - content.size else { return false }
      content.bytes[hash] = bytes
      content.size += bytes.count
      return true
    }
  }

  /// The bytes of this Keccak-256; nil if they are not here.
  public func preimage(of hash: Hash) -> Bytes? { content.withLock { $0.bytes[hash] } }
}
