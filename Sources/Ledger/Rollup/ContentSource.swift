import Primitives

/// Large bytes that the log knows by their Keccak-256 alone.
///
/// What a hash names cannot be anything else, so a world that asks for it stays a function of its
/// events; where it is not to be had, the event cannot be applied.
public protocol ContentSource: AnyObject, Sendable {
  /// The bytes of this hash; nil if nobody has them, or not as they were.
  func content(of hash: Hash) -> Bytes?
}

/// Where the blobs of recent L1 blocks are: content by the versioned hashes of their commitments.
public struct BlobIndex: Sendable {
  private var places: [Hash: Hash] = [:]
  private var order: [Hash] = []

  init() {}

  /// The content's Keccak-256: blob, commitment and proof.
  public subscript(versionedHash: Hash) -> Hash? { places[versionedHash] }

  mutating func add(_ versionedHash: Hash, content: Hash) {
    guard places.updateValue(content, forKey: versionedHash) == nil else { return }
    order.append(versionedHash)
    guard order.count > Limits.recentBlobCount * 2 else { return }
    for hash in order.prefix(order.count - Limits.recentBlobCount) { places[hash] = nil }
    order.removeFirst(order.count - Limits.recentBlobCount)
  }
}
