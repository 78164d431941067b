import Blobs
import Pairings

/// Recovery of a blob from any sufficient set of chunks.
extension ErasureCode {
  /// The blob of which these are chunks.
  ///
  /// With Z, which is zero where a chunk is missing, the products qⱼ·Z are known everywhere, so an
  /// inverse transform gives their coefficients; the first K of qⱼ = (qⱼ·Z)/Z are those of a
  /// product with the power series 1/Z. What comes out is compared with all chunks that went in.
  ///
  /// - Throws: `RecoveryError` for too few chunks, or chunks that do not fit each other.
  public func recover(
    _ chunks: [(index: Int, coefficients: [Scalar])]
  ) throws(RecoveryError) -> Blob {
    let slots = try sorted(chunks)
    let known = slots.reduce(0) { $0 + ($1 == nil ? 0 : 1) }
    guard known >= rowCount else { throw .tooFewChunks(needed: rowCount) }
    let coefficients = wholeBlock(slots) ?? solve(slots)
    try check(coefficients, slots)
    guard coefficients[blobLength...].allSatisfy(\.isZero) else { throw .inconsistent }
    return Blob(coefficients: Array(coefficients[..<blobLength]))
  }

  private func sorted(
    _ chunks: [(index: Int, coefficients: [Scalar])]
  ) throws(RecoveryError) -> [[Scalar]?] {
    var slots = [[Scalar]?](repeating: nil, count: shape.chunkCount)
    for chunk in chunks {
      guard slots.indices.contains(chunk.index),
        chunk.coefficients.count == shape.chunkLength
      else { throw .malformedChunk(chunk.index) }
      if let other = slots[chunk.index], other != chunk.coefficients {
        throw .malformedChunk(chunk.index)
      }
      slots[chunk.index] = chunk.coefficients
    }
    return slots
  }

  /// The coefficients where a block is whole, by one small transform; nil where none is.
  private func wholeBlock(_ slots: [[Scalar]?]) -> [Scalar]? {
    for block in 0..<blockCount {
      let chunks = slots[block * rowCount..<(block + 1) * rowCount].compactMap { $0 }
      guard chunks.count == rowCount else { continue }
      var rows = Array(chunks.joined())
      transform.interpolate(&rows, width: shape.chunkLength)
      Self.scale(&rows, by: blockNumber(block).inverted(), width: shape.chunkLength)
      return rows
    }
    return nil
  }

  private func solve(_ slots: [[Scalar]?]) -> [Scalar] {
    let width = shape.chunkLength
    let whole = ScalarTransform(logarithm: shape.chunkCount.trailingZeroBitCount)
    var missing: [Scalar] = []
    for index in slots.indices where slots[index] == nil {
      let exponent = ScalarTransform.bitReversed(index, bits: whole.logarithm)
      missing.append(
        exponent < whole.roots.count
          ? whole.roots[exponent] : -whole.roots[exponent - whole.roots.count])
    }
    let vanishing = Polynomial.vanishing(at: missing)
    var values = vanishing + [Scalar](repeating: .zero, count: whole.size - vanishing.count)
    whole.evaluate(&values)
    var rows = [Scalar](repeating: .zero, count: whole.size * width)
    for (index, slot) in slots.enumerated() {
      guard let slot else { continue }
      for column in 0..<width { rows[index * width + column] = slot[column] * values[index] }
    }
    whole.interpolate(&rows, width: width)
    let inverse = Polynomial.inverseSeries(vanishing, count: rowCount)
    return divided(Array(rows[..<(rowCount * width)]), inverse, width: width)
  }

  /// The first K rows of the product of every column with a series.
  private func divided(_ rows: [Scalar], _ series: [Scalar], width: Int) -> [Scalar] {
    let double = ScalarTransform(logarithm: transform.logarithm + 1)
    var rows = rows + [Scalar](repeating: .zero, count: rows.count)
    var series = series + [Scalar](repeating: .zero, count: double.size - series.count)
    double.evaluate(&rows, width: width)
    double.evaluate(&series)
    for row in 0..<double.size {
      for index in row * width..<(row + 1) * width { rows[index] = rows[index] * series[row] }
    }
    double.interpolate(&rows, width: width)
    return Array(rows[..<(rowCount * width)])
  }

  /// Refuses chunks that are not of these coefficients: a weighted sum of the columns is coded
  /// again and compared.
  private func check(
    _ coefficients: [Scalar], _ slots: [[Scalar]?]
  ) throws(RecoveryError) {
    let width = shape.chunkLength
    // Chunks are checked against the commitment before; this catches mistakes, not forgers.
    let weights = ScalarTransform.powers(of: Scalar(small: 0x9e37_79b9_7f4a_7c15), count: width)
    func combined(_ row: ArraySlice<Scalar>) -> Scalar {
      zip(row, weights).reduce(.zero) { $0 + $1.0 * $1.1 }
    }
    var column = (0..<rowCount).map { row in
      combined(coefficients[row * width..<(row + 1) * width])
    }
    column += [Scalar](repeating: .zero, count: shape.chunkCount - rowCount)
    ScalarTransform(logarithm: shape.chunkCount.trailingZeroBitCount).evaluate(&column)
    for (index, slot) in slots.enumerated() {
      guard let slot else { continue }
      guard combined(slot[...]) == column[index] else { throw .inconsistent }
    }
  }
}
