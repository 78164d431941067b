import Blobs
import Pairings
import Primitives
import Synchronization

/// Why a blob could not be retrieved.
public enum RetrievalError: Error, Equatable, Sendable {
  /// The header names a version or length that these terms do not have, or a malformed commitment.
  case malformedHeader
  /// The operators that answered with valid chunks hold fewer than this many.
  case tooFewChunks(needed: Int, found: Int)
  /// The chunks give a blob that is not the one committed to.
  case inconsistent
}

/// How a relay misbehaves.
public enum RelayFault: Equatable, Sendable {
  /// Not at all.
  case none
  /// It gives out nothing.
  case withholding
  /// It gives out another blob.
  case lying
}

/// A relay: it keeps whole blobs, and gives them out faster than operators could.
public final class BlobRelay: Sendable {
  private struct Content {
    var blobs: [Hash: Blob] = [:]
    var order: [Hash] = []
    var sizeInBytes = 0
    var fault = RelayFault.none
  }

  private let content = Mutex(Content())
  private let limitInBytes: Int

  /// An empty relay that keeps the latest blobs, up to a size.
  public init(limitInBytes: Int = 256 << 20) { self.limitInBytes = limitInBytes }

  /// Makes it misbehave, or stop to.
  public func set(fault: RelayFault) { content.withLock { $0.fault = fault } }

  /// Keeps a blob; the oldest ones make room.
  public func put(_ blob: Blob, for blobKey: Hash) {
    content.withLock { content in
      guard content.blobs[blobKey] == nil else { return }
      content.blobs[blobKey] = blob
      content.order.append(blobKey)
      content.sizeInBytes += 32 * blob.length
      while content.sizeInBytes > limitInBytes, content.order.count > 1 {
        let oldest = content.order.removeFirst()
        if let gone = content.blobs.removeValue(forKey: oldest) {
          content.sizeInBytes -= 32 * gone.length
        }
      }
    }
  }

  /// The blob, as far as the relay is to be believed.
  public func blob(_ blobKey: Hash) -> Blob? {
    content.withLock { content in
      guard let blob = content.blobs[blobKey], content.fault != .withholding else { return nil }
      guard content.fault == .lying else { return blob }
      return Blob(coefficients: blob.coefficients.map { $0 + .one })
    }
  }

  /// The blob itself, for the disperser whose relay it is.
  func original(_ blobKey: Hash) -> Blob? { content.withLock { $0.blobs[blobKey] } }

  /// Forgets a blob.
  public func remove(_ blobKey: Hash) {
    content.withLock { content in
      guard let gone = content.blobs.removeValue(forKey: blobKey) else { return }
      content.sizeInBytes -= 32 * gone.length
      content.order.removeAll { $0 == blobKey }
    }
  }
}

/// Retrieval of a blob that a header commits to, from whoever answers: nobody is believed.
public struct Retriever: Sendable {
  /// What an operator says of a blob's chunks; nil if it does not answer.
  public typealias Source = @Sendable (_ blobKey: Hash) -> [HeldChunks.Entry]?

  private let terms: StorageTerms

  /// A retriever under these terms.
  public init(_ terms: StorageTerms) { self.terms = terms }

  /// The blob: from the relay if what it gives out fits the commitment, else from chunks.
  ///
  /// - Throws: `RetrievalError` if it cannot be had.
  public func retrieve(
    _ header: BlobHeader, relay: BlobRelay?, operators: [Source]
  ) throws(RetrievalError) -> Blob {
    guard let commitment = header.commitment.commitment.point else { throw .malformedHeader }
    if let blob = relay?.blob(header.blobKey), fits(blob, header, commitment) { return blob }
    return try fromChunks(header, commitment, operators)
  }

  private func fits(_ blob: Blob, _ header: BlobHeader, _ commitment: BN254.G1) -> Bool {
    blob.length == Int(header.commitment.length)
      && blob.commitment(terms.string.powers1) == commitment
  }

  /// The blob from chunks, each of which is checked against the commitment.
  private func fromChunks(
    _ header: BlobHeader, _ commitment: BN254.G1, _ operators: [Source]
  ) throws(RetrievalError) -> Blob {
    guard let shape = terms.shape(header),
      let code = ErasureCode(shape, blobLength: Int(header.commitment.length)),
      let verifier = ChunkVerifier(shape, terms.string)
    else { throw .malformedHeader }
    var found: [Int: [BN254.ScalarField]] = [:]
    for source in operators where found.count < code.rowCount {
      let claims = (source(header.blobKey) ?? [])
        .filter { found[$0.index] == nil }
        .map { ChunkClaim(commitment: commitment, index: $0.index, chunk: $0.chunk) }
      // One bad chunk spoils the check of all; then each is looked at by itself.
      let valid = verifier.areValid(claims) ? claims : claims.filter { verifier.isValid($0) }
      for claim in valid { found[claim.index] = claim.chunk.coefficients }
    }
    let chunks = found.sorted { $0.key < $1.key }
      .map { (index: $0.key, coefficients: $0.value) }
    let blob: Blob
    do throws(RecoveryError) {
      blob = try code.recover(chunks)
    } catch {
      throw .tooFewChunks(needed: code.rowCount, found: chunks.count)
    }
    guard fits(blob, header, commitment) else { throw .inconsistent }
    return blob
  }
}
