import Cryptography
import Pairings
import Primitives

/// That an encoded payload is the blob of a commitment: one opening, at a point that follows from
/// both, so that whoever made the commitment could not choose it (Fiat and Shamir).
///
/// It takes one point of the reference string, where the commitment itself takes one an element.
public enum PayloadProof {
  /// A scalar of BN254.
  public typealias Scalar = BN254.ScalarField

  /// The bytes that keep this hash apart from others.
  private static var domain: Bytes { Bytes("opal: payload of a commitment".utf8) }

  /// Where the commitment is opened.
  public static func point(_ encodedPayload: Bytes, _ commitment: G1Words) -> Scalar {
    Scalar(
      reducing: UInt256(
        Keccak256.hash(domain + commitment.bytes + Keccak256.hash(encodedPayload).bytes)))
  }

  /// The proof for an encoded payload, its elements the values at the roots of unity.
  ///
  /// Nil if it is no blob, or there are fewer powers of τ in G1 than elements.
  public static func make(
    encodedPayload: Bytes, commitment: G1Words, powers1: [BN254.G1]
  ) -> G1Words? {
    guard let blob = blob(encodedPayload) else { return nil }
    let opening = blob.opening(at: point(encodedPayload, commitment), powers1: powers1)
    return opening.map { G1Words($0.proof) }
  }

  /// Whether the proof holds; `tau2` is [τ] in G2, checked to be in the subgroup.
  public static func isValid(
    _ proof: G1Words, encodedPayload: Bytes, commitment: G1Words, tau2: BN254.G2
  ) -> Bool {
    guard let blob = blob(encodedPayload), let point1 = commitment.point,
      let proof = proof.point
    else { return false }
    let place = point(encodedPayload, commitment)
    let opening = Opening(point: place, value: blob.value(at: place), proof: proof)
    return opening.isValid(for: point1, tau2: tau2)
  }

  private static func blob(_ encodedPayload: Bytes) -> Blob? {
    do throws(BlobError) {
      return try Blob(encodedPayload: encodedPayload, form: .evaluations)
    } catch {
      return nil
    }
  }
}

extension PayloadCodec {
  /// The encoding of a payload, filled up to that many elements, as a longer blob has it.
  ///
  /// Nil unless that is a power of two which the payload fits into.
  public static func encode(_ payload: Bytes, elementCount: Int) -> Bytes? {
    guard elementCount & (elementCount - 1) == 0, elementCount <= Blob.lengthLimit,
      elementCount >= self.elementCount(payloadSizeInBytes: payload.count)
    else { return nil }
    var encoded = encode(payload)
    encoded += Bytes(repeating: 0, count: elementCount * elementSizeInBytes - encoded.count)
    return encoded
  }
}
