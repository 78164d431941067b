import COpenSSL
import Primitives

/// The tree's hashes, by the processor's own SHA-256 instructions where it has them.
///
/// The same hashes as `Row.leafHash` and `MerkleTree.nodeHash` give, by which proofs are checked.
struct TreeHasher: Sendable {
  private let format: Int64

  /// Hashes leaves as this version of the format has them.
  init(format: Int64) { self.format = format }

  /// The leaf hash of a row: of what `Row.entry` has, without putting it together.
  func leaf(_ row: Row) -> Hash {
    unsafe row.payload.withUnsafeBytes { payload in
      unsafe leaf(
        sequence: row.sequence, kind: row.kind, payload: payload, commitment: row.commitment)
    }
  }

  /// The leaf hash of a row whose payload lies elsewhere.
  @unsafe func leaf(
    sequence: UInt64, kind: UInt16, payload: UnsafeRawBufferPointer, commitment: Hash
  ) -> Hash {
    let limit = EventLogFormat.maximumEnteredPayloadSizeInBytes
    guard format < 2 || payload.count <= limit else {
      return unsafe abridged(sequence, kind, Bytes(payload), commitment)
    }
    let head = EntryHead(
      sequence: sequence, kind: kind, payloadSizeInBytes: payload.count,
      firstByte: unsafe payload.first ?? 0)
    let commitment = words(commitment)
    var digest: Words = (0, 0, 0, 0)
    unsafe withUnsafeBytes(of: (head.bytes, commitment)) { parts in
      unsafe withUnsafeMutableBytes(of: &digest) { digest in
        guard let first = parts.baseAddress, let output = digest.baseAddress else { return }
        unsafe opal_sha256_leaf(
          first, head.count, payload.baseAddress, payload.count, 0xa0, first + 32,
          output.assumingMemoryBound(to: UInt8.self))
      }
    }
    return hash(digest)
  }

  /// The leaf hash of a row whose payload is in its entry by its hash alone.
  private func abridged(
    _ sequence: UInt64, _ kind: UInt16, _ payload: Bytes, _ commitment: Hash
  ) -> Hash {
    let row = Row(sequence: sequence, kind: kind, payload: payload, commitment: commitment)
    return hash([0x00] + row.abridgedEntry(payloadHash: hash(payload)))
  }

  /// SHA-256 of bytes.
  func hash(_ bytes: Bytes) -> Hash {
    var digest: Words = (0, 0, 0, 0)
    unsafe withUnsafeMutableBytes(of: &digest) { digest in
      guard let output = digest.baseAddress else { return }
      unsafe SHA256(bytes, bytes.count, output.assumingMemoryBound(to: UInt8.self))
    }
    return hash(digest)
  }

  /// The hash of the node above two others.
  func node(_ left: Hash, _ right: Hash) -> Hash {
    let children = (words(left), words(right))
    var digest: Words = (0, 0, 0, 0)
    unsafe withUnsafeBytes(of: children) { children in
      unsafe withUnsafeMutableBytes(of: &digest) { digest in
        guard let first = children.baseAddress, let output = digest.baseAddress else { return }
        unsafe opal_sha256_node(0x01, first, output.assumingMemoryBound(to: UInt8.self))
      }
    }
    return hash(digest)
  }

  /// A hash's words as they lie in a message.
  private typealias Words = (UInt64, UInt64, UInt64, UInt64)

  private func words(_ hash: Hash) -> Words {
    (
      hash.word0.bigEndian, hash.word1.bigEndian, hash.word2.bigEndian, hash.word3.bigEndian
    )
  }

  private func hash(_ words: Words) -> Hash {
    Hash(
      UInt64(bigEndian: words.0), UInt64(bigEndian: words.1), UInt64(bigEndian: words.2),
      UInt64(bigEndian: words.3))
  }

  /// The root over leaves whose number is a power of two.
  func completeRoot(_ leaves: ArraySlice<Hash>) -> Hash {
    precondition(leaves.count.nonzeroBitCount == 1, "a complete tree has 2^n leaves")
    var level = Array(leaves)
    var count = level.count
    while count > 1 {
      count /= 2
      for index in 0..<count {
        level[index] = node(level[2 * index], level[2 * index + 1])
      }
    }
    return level[0]
  }
}
