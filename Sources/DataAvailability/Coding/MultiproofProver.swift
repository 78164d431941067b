import Blobs
import Cryptography
import Pairings
import Primitives
import Threads

/// The proofs of all chunks of a blob.
///
/// By the way of Feist and Khovratovich (*Fast amortized KZG proofs*, 2023): the proof of chunk i
/// is Σ zᵢᵗ·Hₜ with the same K points Hₜ for all chunks, so a transform of points gives all of
/// them. And Hₜ = Σ rows b+t+1 of the blob times rows b of the powers of τ, a correlation in each
/// of D columns, which transforms turn into products; those of the powers are the prover's table.
public struct MultiproofProver: Sendable {
  /// A scalar of BN254.
  public typealias Scalar = BN254.ScalarField
  private typealias Point = JacobianPoint<BN254Curve>

  /// The code whose chunks are proved.
  public let code: ErasureCode
  /// The transforms of the powers of τ, of size 2K, row after row of D; empty for K = 1.
  private let table: [BN254.G1]
  private let double: ScalarTransform

  /// A prover with its table, which takes K·D·log K multiplications to make; nil if there are
  /// fewer powers of τ than coefficients.
  public init?(_ code: ErasureCode, powers1: [BN254.G1], threads: Int = 1) {
    let (rows, width) = (code.rowCount, code.shape.chunkLength)
    guard powers1.count >= rows * width || rows == 1 else { return nil }
    self.code = code
    let double = ScalarTransform(logarithm: code.transform.logarithm + 1)
    self.double = double
    if rows == 1 {
      table = []
      return
    }
    let columns = Parallel.map(width, threads: threads) { column in
      var points = (0..<rows).map { row in Point(powers1[(rows - 1 - row) * width + column]) }
      points += [Point](repeating: .infinity, count: rows)
      double.evaluate(&points)
      return Point.affine(points)
    }
    var table: [BN254.G1] = []
    table.reserveCapacity(2 * rows * width)
    for row in 0..<2 * rows { for column in columns { table.append(column[row]) } }
    self.table = table
  }

  /// A prover whose table is taken from a folder, or made and kept there for the next time.
  ///
  /// Nil if there are fewer powers of τ than coefficients.
  public static func cached(
    _ code: ErasureCode, powers1: [BN254.G1], folder: String?, threads: Int = 1
  ) -> MultiproofProver? {
    guard let folder, code.rowCount > 1, powers1.count > 1 else {
      return MultiproofProver(code, powers1: powers1, threads: threads)
    }
    // [τ] tells strings apart, whoever made them.
    let name = Hexadecimal.encode(Keccak256.hash(BN254.compress(powers1[1])).bytes.prefix(8))
    let (count, width) = (code.shape.chunkCount, code.shape.chunkLength)
    let path = folder + "/prover-\(name)-\(count)x\(width)-\(code.blobLength).points"
    let size = 2 * code.rowCount * width
    if let kept = PointFile.read(path, firstCount: size, secondCount: 0, threads: threads) {
      return MultiproofProver(code, table: kept.first)
    }
    guard let made = MultiproofProver(code, powers1: powers1, threads: threads) else {
      return nil
    }
    PointFile.write(made.table, [], to: path)
    return made
  }

  private init(_ code: ErasureCode, table: [BN254.G1]) {
    self.code = code
    self.table = table
    double = ScalarTransform(logarithm: code.transform.logarithm + 1)
  }

  /// The proofs of all chunks, in their order.
  public func proofs(_ blob: Blob, threads: Int = 1) -> [BN254.G1] {
    guard code.rowCount > 1 else {
      // The blob is no longer than a chunk: every quotient is zero.
      return [BN254.G1](repeating: .infinity, count: code.shape.chunkCount)
    }
    let sums = quotientSums(blob, threads: threads)
    let blocks = Parallel.map(code.blockCount, threads: threads) { block in
      var points = sums
      if block != 0 {
        let number = code.blockNumber(block)
        var power = number
        for index in 1..<points.count {
          points[index] = points[index].multiplied(by: power)
          power = power * number
        }
      }
      code.transform.evaluate(&points)
      return Point.affine(points)
    }
    return Array(blocks.joined())
  }

  /// The points H₀ to H of K - 1, the last of which is infinity.
  private func quotientSums(_ blob: Blob, threads: Int) -> [Point] {
    let (rows, width) = (code.rowCount, code.shape.chunkLength)
    var shifted = Array(blob.coefficients[width...])
    shifted += [Scalar](repeating: .zero, count: 2 * rows * width - shifted.count)
    double.evaluate(&shifted, width: width)
    // The inverse transform of the points leaves out its division by 2K, which is made here.
    let inverse = Scalar(small: UInt64(2 * rows)).inverted()
    let scalars = shifted.map { ($0 * inverse).asUInt256 }
    let parts = Parallel.map(2 * rows, threads: threads) { row in
      let range = row * width..<(row + 1) * width
      return Point.sum(of: table[range], times: scalars[range])
    }
    // The halves of the inverse transform are independent but for its last step.
    let halves = Parallel.map(2, threads: threads) { half in
      var points = Array(parts[half * rows..<(half + 1) * rows])
      code.transform.interpolateUnscaled(&points)
      return points
    }
    let last = Parallel.map(rows, threads: threads) { index in
      let right = halves[1][index].multiplied(by: double.inverseRoots[index])
      return (halves[0][index] + right, halves[0][index] + -right)
    }
    return [last[rows - 1].0] + last[..<(rows - 1)].map(\.1)
  }

  /// The proofs by division, chunk by chunk: what `proofs` must agree with, for small shapes.
  public static func proofsByDivision(
    _ blob: Blob, _ shape: EncodingShape, powers1: [BN254.G1]
  ) -> [BN254.G1] {
    let (width, length) = (shape.chunkLength, blob.length)
    return (0..<shape.chunkCount).map { chunk in
      guard length > width else { return .infinity }
      let number = shape.coset(ofChunk: chunk)
      var quotient = [Scalar](repeating: .zero, count: length - width)
      for index in stride(from: quotient.count - 1, through: 0, by: -1) {
        let above = index + width < quotient.count ? quotient[index + width] : .zero
        quotient[index] = blob.coefficients[index + width] + number * above
      }
      return Point.sum(
        of: powers1[..<quotient.count], times: quotient.map { $0.asUInt256 }[...]
      ).affine
    }
  }
}
