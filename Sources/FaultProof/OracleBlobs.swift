import Cryptography
import Derivation
import Pairings
import Primitives

extension OracleReader {
  /// Blobs of an L1 block of that time: each element under the key of its commitment and point.
  ///
  /// Source: the OP Stack specification, fault proof, type 5: global EIP-4844 point-evaluation key.
  func blobs(
    _ requests: [BlobRequest], timestamp: UInt64
  ) throws(PreimageFault) -> [Bytes] {
    var blobs: [Bytes] = []
    for request in requests {
      oracle.hint(
        .l1Blob(
          versionedHash: request.versionedHash, index: UInt64(request.index),
          timestamp: timestamp))
      let commitment = try sha256(request.versionedHash)
      var blob: Bytes = []
      blob.reserveCapacity(BlobData.blobSizeInBytes)
      for key in PreimageKey.blobElements(of: commitment) {
        guard let element = oracle.preimage(key) else { throw .missing(key) }
        guard element.count == 32 else { throw .malformed(key) }
        blob += element
      }
      blobs.append(blob)
    }
    return blobs
  }
}

extension PreimageKey {
  /// The keys of a blob's 4,096 elements, given its commitment of 48 bytes.
  public static func blobElements(of commitment: Bytes) -> [PreimageKey] {
    BlobPolynomial.evaluationPoints.map { point in
      .blob(Keccak256.hash(commitment + point.bigEndianBytes))
    }
  }
}
