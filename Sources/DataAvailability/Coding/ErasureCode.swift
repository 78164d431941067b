import Blobs
import Pairings
import Threads

/// Why a blob could not be made of chunks.
public enum RecoveryError: Error, Equatable, Sendable {
  /// There are fewer different chunks than this many.
  case tooFewChunks(needed: Int)
  /// A chunk's index or length is not one of the shape's, or two chunks with one index differ.
  case malformedChunk(Int)
  /// The chunks are not all of one polynomial of the blob's length.
  case inconsistent
}

/// The code of Reed and Solomon in the form of EigenDA: a blob becomes M chunks of D coefficients,
/// and any n/D of them give it back.
///
/// The coefficients are read as K = n/D rows of D. Column j is a polynomial qⱼ with
/// p = Σ Xʲ·qⱼ(X^D), so coefficient j of chunk i is qⱼ(zᵢ), and D transforms of size M, made side
/// by side, are the whole code. Chunks in their order are the transform's order with bits
/// reversed; they come in M/K *blocks* of K, each a transform of size K of the rows multiplied by
/// powers of the block's number.
public struct ErasureCode: Sendable {
  /// A scalar of BN254.
  public typealias Scalar = BN254.ScalarField

  /// The shape of the chunks.
  public let shape: EncodingShape
  /// How many coefficients the blob has.
  public let blobLength: Int
  /// How many chunks give the blob back, K.
  public let rowCount: Int
  /// How many times as long the chunks are together as the blob, M/K.
  public let blockCount: Int
  let transform: ScalarTransform

  /// The code for a length, a power of two, or nil if it does not fit the shape.
  public init?(_ shape: EncodingShape, blobLength: Int) {
    let rows = max(1, blobLength / shape.chunkLength)
    guard blobLength > 0, blobLength & (blobLength - 1) == 0, rows <= shape.chunkCount else {
      return nil
    }
    self.shape = shape
    self.blobLength = blobLength
    rowCount = rows
    blockCount = shape.chunkCount / rows
    transform = ScalarTransform(logarithm: rows.trailingZeroBitCount)
  }

  /// The coefficients of all chunks, one after the other.
  public func encode(_ blob: Blob, threads: Int = 1) -> [Scalar] {
    let blocks = Parallel.map(blockCount, threads: threads) { encode(blob, block: $0) }
    return blocks.count == 1 ? blocks[0] : Array(blocks.joined())
  }

  /// The coefficients of the chunks of one block, one after the other.
  public func encode(_ blob: Blob, block: Int) -> [Scalar] {
    precondition(blob.length == blobLength, "the code is for one length")
    var rows = blob.coefficients
    let width = shape.chunkLength
    rows += [Scalar](repeating: .zero, count: rowCount * width - rows.count)
    let multiplier = blockNumber(block)
    if block != 0 { Self.scale(&rows, by: multiplier, width: width) }
    transform.evaluate(&rows, width: width)
    return rows
  }

  /// The number of a block: the root of order M to the power of the block's index, its bits
  /// reversed.
  func blockNumber(_ block: Int) -> Scalar {
    let exponent = ScalarTransform.bitReversed(block, bits: blockCount.trailingZeroBitCount)
    let logarithm = shape.chunkCount.trailingZeroBitCount
    return Scalar.rootOfUnity(logarithm: logarithm).power(UInt64(exponent))
  }

  /// Multiplies row a by the power a of a number.
  static func scale(_ rows: inout [Scalar], by multiplier: Scalar, width: Int) {
    var power = Scalar.one
    unsafe rows.withUnsafeMutableBufferPointer { rows in
      for start in stride(from: 0, to: rows.count, by: width) {
        for index in start..<start + width { unsafe rows[index] = rows[index] * power }
        power = power * multiplier
      }
    }
  }
}
