import COpenSSL
import Primitives

/// The tree's hashes, by the processor's own SHA-256 instructions where it has them.
///
/// The same hashes as `Row.leafHash` and `MerkleTree.nodeHash`, which verification uses: so each
/// implementation checks the other. One context is kept, because making one costs more than a hash.
@safe final class TreeHasher {
  private let context: OpaquePointer
  private let format: Int64
  /// Room for what precedes a payload, kept between rows.
  private var head: Bytes = []

  /// Hashes leaves as this version of the format has them.
  init(format: Int64) {
    self.format = format
    guard let context = unsafe EVP_MD_CTX_new(),
      unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    else { preconditionFailure("SHA-256 is in every OpenSSL, and its context needs 200 bytes") }
    unsafe self.context = context
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  /// The leaf hash of a row: of what `Row.entry` has, without putting it together.
  func leaf(_ row: Row) -> Hash {
    guard format < 2 || row.isEnteredWhole else {
      return leafHash(ofEntry: row.abridgedEntry(payloadHash: hash(row.payload)))
    }
    head.removeAll(keepingCapacity: true)
    head.append(0x00)
    row.appendHead(to: &head)
    return unsafe digest { context in
      // The commitment's four words, preceded by the byte that says that 32 follow.
      var tail = (
        UInt8(0xa0), row.commitment.word0.bigEndian, row.commitment.word1.bigEndian,
        row.commitment.word2.bigEndian, row.commitment.word3.bigEndian
      )
      return unsafe EVP_DigestUpdate(context, head, head.count) == 1
        && EVP_DigestUpdate(context, row.payload, row.payload.count) == 1
        && update(context, &tail, count: 32)
    }
  }

  /// SHA-256 of bytes.
  func hash(_ bytes: Bytes) -> Hash {
    unsafe digest { context in unsafe EVP_DigestUpdate(context, bytes, bytes.count) == 1 }
  }

  /// The hash of a leaf with these bytes.
  private func leafHash(ofEntry bytes: Bytes) -> Hash { hash([0x00] + bytes) }

  /// The hash of the node above two others.
  func node(_ left: Hash, _ right: Hash) -> Hash {
    unsafe digest { context in
      var message = (
        UInt8(0x01), left.word0.bigEndian, left.word1.bigEndian, left.word2.bigEndian,
        left.word3.bigEndian, right.word0.bigEndian, right.word1.bigEndian,
        right.word2.bigEndian, right.word3.bigEndian
      )
      return unsafe update(context, &message, count: 64)
    }
  }

  /// Takes in a byte and the words behind it, which 7 bytes of padding keep apart.
  private func update<Message>(
    _ context: OpaquePointer, _ message: inout Message, count: Int
  ) -> Bool {
    unsafe withUnsafeBytes(of: &message) { bytes in
      unsafe EVP_DigestUpdate(context, bytes.baseAddress, 1) == 1
        && EVP_DigestUpdate(context, bytes.baseAddress.map { unsafe $0 + 8 }, count) == 1
    }
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

  private func digest(_ update: (OpaquePointer) -> Bool) -> Hash {
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    let isDone = unsafe withUnsafeMutableBytes(of: &words) { output in
      unsafe EVP_DigestInit_ex(context, nil, nil) == 1 && update(context)
        && EVP_DigestFinal_ex(context, output.bindMemory(to: UInt8.self).baseAddress, nil) == 1
    }
    precondition(isDone, "SHA-256 has no input that it fails on")
    return Hash(
      UInt64(bigEndian: words.0), UInt64(bigEndian: words.1), UInt64(bigEndian: words.2),
      UInt64(bigEndian: words.3))
  }
}
