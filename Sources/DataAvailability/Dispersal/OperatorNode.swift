import Blobs
import Cryptography
import Pairings
import Primitives
import Synchronization

/// Why an operator does not sign a batch.
public enum OperatorRefusal: Error, Equatable, Sendable {
  /// It does not answer.
  case noAnswer
  /// It answers after the time for signatures.
  case tooLate
  /// The root is not that of the blobs.
  case root
  /// A blob's commitment is malformed, or its length proof does not hold.
  case commitment(Hash)
  /// The version of a blob is not known, or its quorums have no assignment.
  case blob(Hash)
  /// The chunks of a blob are not those that the operator is to hold.
  case assignment(Hash)
  /// A chunk does not fit its blob's commitment.
  case chunks
  /// The chunks could not be kept.
  case store(ChunkStoreError)
}

/// A batch as it comes to an operator: the blobs, and the operator's chunks of each.
public struct BatchDelivery: Sendable {
  /// What is to be signed.
  public var header: BatchHeader
  /// The blobs, in the tree's order.
  public var certificates: [BlobCertificate]
  /// The operator's chunks of each blob.
  public var chunks: [[HeldChunks.Entry]]
  /// The second, since 1970, until which they are to be kept.
  public var expiry: UInt64

  /// A delivery of these parts.
  public init(
    header: BatchHeader, certificates: [BlobCertificate], chunks: [[HeldChunks.Entry]],
    expiry: UInt64
  ) {
    self.header = header
    self.certificates = certificates
    self.chunks = chunks
    self.expiry = expiry
  }
}

/// What all parties of a network agree on.
public struct StorageTerms: Sendable {
  /// The reference string.
  public let string: ReferenceString
  /// What a rollup demands of certificates.
  public let rules: CertificateRules
  /// How long chunks are kept: two weeks in EigenDA.
  public let retentionInSeconds: UInt64
  /// Longer blobs are refused, in coefficients.
  public let blobLengthLimit: Int

  /// Terms of these parts.
  public init(
    string: ReferenceString, rules: CertificateRules, retentionInSeconds: UInt64 = 1_209_600,
    blobLengthLimit: Int
  ) {
    self.string = string
    self.rules = rules
    self.retentionInSeconds = retentionInSeconds
    self.blobLengthLimit = blobLengthLimit
  }

  /// The parameters of a version of blobs, or nil if there is none.
  public func parameters(_ version: UInt16) -> BlobVersionParameters? {
    Int(version) < rules.blobVersions.count ? rules.blobVersions[Int(version)] : nil
  }

  /// How a blob is cut, or nil if it is not one of these terms.
  public func shape(_ header: BlobHeader) -> EncodingShape? {
    let length = Int(header.commitment.length)
    guard length <= blobLengthLimit, let parameters = parameters(header.version) else {
      return nil
    }
    return parameters.shape(blobLength: length)
  }
}

/// An operator: it checks what it is given, keeps it, signs for it, and gives it out again.
public final class OperatorNode: Sendable {
  /// Its identifier.
  public let id: Hash
  /// Its key.
  public let key: OperatorKey
  /// Where it keeps chunks.
  public let store: any ChunkStore
  private let secret: BN254.ScalarField
  private let terms: StorageTerms

  /// An operator with a secret and a store.
  public init(secret: BN254.ScalarField, store: any ChunkStore, terms: StorageTerms) {
    self.secret = secret
    self.store = store
    self.terms = terms
    key = OperatorKey(secret: secret)
    id = key.operatorID
  }

  /// The signature that registers the operator for an account.
  public func registration(_ account: Address) -> BN254.G1 {
    BLSSignature.sign(BLSSignature.registrationDigest(account), secret: secret)
  }

  /// Checks a batch, keeps the chunks, and signs.
  ///
  /// - Throws: `OperatorRefusal`, for which nothing is signed.
  public func sign(
    _ delivery: BatchDelivery, _ registry: OperatorRegistry, fault: OperatorFault
  ) throws(OperatorRefusal) -> BN254.G1 {
    switch fault {
    case .down: throw .noAnswer
    case .signsWithoutHolding: break
    case .equivocating: try? keep(delivery)
    case .none, .slow, .corrupting:
      try check(delivery, registry)
      do throws(ChunkStoreError) { try keep(delivery) } catch { throw .store(error) }
      if fault == .slow { throw .tooLate }
    }
    return BLSSignature.sign(delivery.header.hash, secret: secret)
  }

  private func keep(_ delivery: BatchDelivery) throws(ChunkStoreError) {
    for (certificate, chunks) in zip(delivery.certificates, delivery.chunks)
    where !chunks.isEmpty {
      guard let shape = terms.shape(certificate.header) else { continue }
      try store.put(
        HeldChunks(shape: shape, expiry: delivery.expiry, chunks: chunks),
        for: certificate.header.blobKey)
    }
  }

  private func check(
    _ delivery: BatchDelivery, _ registry: OperatorRegistry
  ) throws(OperatorRefusal) {
    guard !delivery.certificates.isEmpty, delivery.chunks.count == delivery.certificates.count,
      BatchTree(leaves: delivery.certificates.map { $0.hash }).root == delivery.header.root
    else { throw .root }
    var claims: [EncodingShape: [ChunkClaim]] = [:]
    for (certificate, chunks) in zip(delivery.certificates, delivery.chunks) {
      let (header, blobKey) = (certificate.header, certificate.header.blobKey)
      guard let commitment = header.commitment.points,
        commitment.verifyLength(terms.string.verificationPoints)
      else { throw .commitment(blobKey) }
      guard let shape = terms.shape(header), let parameters = terms.parameters(header.version),
        let assignment = try? ChunkAssignment(
          parameters,
          quorums: header.quorums.map {
            ($0, registry.stakes(in: $0, at: delivery.header.referenceBlock))
          })
      else { throw .blob(blobKey) }
      guard chunks.map({ $0.index }) == assignment.chunks(of: id) else {
        throw .assignment(blobKey)
      }
      claims[shape, default: []] += chunks.map { entry in
        ChunkClaim(commitment: commitment.commitment, index: entry.index, chunk: entry.chunk)
      }
    }
    for (shape, claims) in claims {
      guard let verifier = ChunkVerifier(shape, terms.string), verifier.areValid(claims) else {
        throw .chunks
      }
    }
  }

  /// The chunks that it gives out for a blob: nil if it does not answer, or has none.
  public func chunks(of blobKey: Hash, fault: OperatorFault) -> [HeldChunks.Entry]? {
    guard fault != .down, let held = try? store.chunks(for: blobKey) else { return nil }
    guard fault == .corrupting || fault == .equivocating else { return held.chunks }
    return held.chunks.map { entry in
      var entry = entry
      entry.chunk.coefficients[0] = entry.chunk.coefficients[0] + .one
      return entry
    }
  }

  /// One chunk, as a light client asks for it.
  public func chunk(
    _ index: Int, of blobKey: Hash, fault: OperatorFault
  ) -> Chunk? {
    chunks(of: blobKey, fault: fault)?.first { $0.index == index }?.chunk
  }
}
