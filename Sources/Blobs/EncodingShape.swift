import Pairings
import Primitives

/// How a version of blobs is coded: EigenDA registers one set of these numbers a version.
public struct BlobVersionParameters: Hashable, Sendable {
  /// How many chunks a blob becomes: a power of two.
  public var chunkCount: Int
  /// How many times as long the chunks are together as the blob: a power of two.
  public var codingRate: Int
  /// The most operators a quorum may have.
  public var operatorLimit: Int

  /// These numbers, or nil unless they fit each other.
  public init?(chunkCount: Int, codingRate: Int, operatorLimit: Int) {
    guard chunkCount > 0, chunkCount & (chunkCount - 1) == 0, chunkCount <= 1 << 20,
      codingRate > 0, codingRate & (codingRate - 1) == 0, codingRate <= chunkCount,
      operatorLimit >= 0, operatorLimit < chunkCount
    else { return nil }
    self.chunkCount = chunkCount
    self.codingRate = codingRate
    self.operatorLimit = operatorLimit
  }

  private init(_ chunkCount: Int, _ codingRate: Int, _ operatorLimit: Int) {
    self.chunkCount = chunkCount
    self.codingRate = codingRate
    self.operatorLimit = operatorLimit
  }

  /// Version 0 of EigenDA's main network.
  public static var mainnet: Self { Self(8192, 8, 3537) }

  /// A small version for interactive use: 64 chunks for at most 16 operators.
  public static var small: Self { Self(64, 8, 16) }

  /// The part of the stake, in per cent and rounded up, that always holds enough chunks.
  public var reconstructionPercent: Int {
    let divisor = (chunkCount - operatorLimit) * codingRate
    return (100 * chunkCount + divisor - 1) / divisor
  }

  /// The shape for a blob of that many coefficients, a power of two, or nil if it has none.
  public func shape(blobLength: Int) -> EncodingShape? {
    guard blobLength > 0, blobLength & (blobLength - 1) == 0 else { return nil }
    return EncodingShape(
      chunkCount: chunkCount, chunkLength: max(1, blobLength * codingRate / chunkCount))
  }
}

/// How a blob is cut: into chunks, powers of two of them, of as many coefficients each.
///
/// With M chunks of length D and the root of unity ω of order M·D, chunk i is the rest of the
/// polynomial modulo X^D - zᵢ, where zᵢ is ω^D to the power of i with its bits reversed: what the
/// polynomial is on a coset, by coefficients.
public struct EncodingShape: Hashable, Sendable {
  /// How many chunks there are, M.
  public let chunkCount: Int
  /// How many coefficients a chunk has, D.
  public let chunkLength: Int

  /// The shape of these numbers, or nil unless they are powers of two for which roots exist.
  public init?(chunkCount: Int, chunkLength: Int) {
    guard chunkCount > 0, chunkCount & (chunkCount - 1) == 0, chunkCount <= 1 << 20,
      chunkLength > 0, chunkLength & (chunkLength - 1) == 0,
      chunkLength <= (1 << 25) / chunkCount
    else { return nil }
    self.chunkCount = chunkCount
    self.chunkLength = chunkLength
  }

  /// The number zᵢ that the chunk's coefficients belong to.
  public func coset(ofChunk index: Int) -> BN254.ScalarField {
    precondition(index >= 0 && index < chunkCount, "a chunk of the shape")
    let logarithm = chunkCount.trailingZeroBitCount
    let exponent = ScalarTransform.bitReversed(index, bits: logarithm)
    return BN254.ScalarField.rootOfUnity(logarithm: logarithm).power(UInt64(exponent))
  }
}
