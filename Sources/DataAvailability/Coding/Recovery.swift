import Blobs
import Pairings
import Threads

/// Recovery of a blob from any sufficient set of chunks.
extension ErasureCode {
  /// A block's chunks by their place in it, those of which are known.
  private struct Block: Sendable {
    let index: Int
    var places: [Int]
  }

  /// The blob of which these are chunks.
  ///
  /// K of them suffice: with A, which is zero at their points, every column is Lagrange's
  /// q = Σ yᵢ/A'(xᵢ)·A/(X - xᵢ), and Σ nᵢ/(X - xᵢ) is the power series
  /// -Σⱼ (Σᵢ nᵢ·xᵢ^-(j+1))·Xʲ, whose first K coefficients small transforms give, one for each block
  /// of chunks that has some (after Soro and Lacan, *FNT-based Reed-Solomon erasure codes*, 2009).
  /// What comes out is compared with all chunks that went in.
  ///
  /// - Throws: `RecoveryError` for too few chunks, or chunks that do not fit each other.
  public func recover(
    _ chunks: [(index: Int, coefficients: [Scalar])], threads: Int = 1
  ) throws(RecoveryError) -> Blob {
    let slots = try sorted(chunks)
    let known = slots.reduce(0) { $0 + ($1 == nil ? 0 : 1) }
    guard known >= rowCount else { throw .tooFewChunks(needed: rowCount) }
    let coefficients = wholeBlock(slots) ?? solve(slots, threads: threads)
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

  /// Just as many known chunks as are needed, from as few blocks as have them.
  private func chosen(_ slots: [[Scalar]?]) -> [Block] {
    var blocks = (0..<blockCount).map { block in
      Block(
        index: block, places: (0..<rowCount).filter { slots[block * rowCount + $0] != nil })
    }
    blocks.sort { ($0.places.count, $1.index) > ($1.places.count, $0.index) }
    var left = rowCount
    for index in blocks.indices {
      blocks[index].places.removeLast(max(0, blocks[index].places.count - left))
      left -= blocks[index].places.count
    }
    return blocks.filter { !$0.places.isEmpty }
  }

  /// The point of a chunk, by its place in a block of a number.
  private func point(_ place: Int, _ number: Scalar) -> Scalar {
    let exponent = ScalarTransform.bitReversed(place, bits: transform.logarithm)
    let half = transform.roots.count
    let root = exponent < half ? transform.roots[exponent] : -transform.roots[exponent - half]
    return number * root
  }

  private func solve(_ slots: [[Scalar]?], threads: Int) -> [Scalar] {
    let blocks = chosen(slots)
    let numbers = blocks.map { blockNumber($0.index) }
    var points: [Scalar] = []
    for (block, number) in zip(blocks, numbers) {
      points += block.places.map { point($0, number) }
    }
    let vanishing = Polynomial.vanishing(at: points)
    var derivative = Array(vanishing[1...])
    for index in derivative.indices {
      derivative[index] = derivative[index] * Scalar(small: UInt64(index + 1))
    }
    let (slopes, width) = (derivative, shape.chunkLength)
    let parts = Parallel.map(blocks.count, threads: threads) { part in
      series(blocks[part], numbers[part], slopes, slots)
    }
    var sums = parts[0]
    for part in parts.dropFirst() {
      for index in sums.indices { sums[index] = sums[index] + part[index] }
    }
    return product(sums, Array(vanishing[..<rowCount]), width: width, threads: threads)
  }

  /// A block's share of the power series of all columns, its first K rows.
  private func series(
    _ block: Block, _ number: Scalar, _ derivative: [Scalar], _ slots: [[Scalar]?]
  ) -> [Scalar] {
    let width = shape.chunkLength
    var slopes = derivative
    if block.index != 0 { Self.scale(&slopes, by: number, width: 1) }
    transform.evaluate(&slopes)
    var inverses = block.places.map { slopes[$0] * -point($0, number) }
    Scalar.invert(&inverses)
    var rows = [Scalar](repeating: .zero, count: rowCount * width)
    // The inverse transform divides by K, which is made good here.
    let size = Scalar(small: UInt64(rowCount))
    for (place, inverse) in zip(block.places, inverses) {
      guard let chunk = slots[block.index * rowCount + place] else { continue }
      let factor = inverse * size
      for column in 0..<width { rows[place * width + column] = chunk[column] * factor }
    }
    transform.interpolate(&rows, width: width)
    if block.index != 0 { Self.scale(&rows, by: number.inverted(), width: width) }
    return rows
  }

  /// The first K rows of the product of every column with a polynomial of K coefficients.
  private func product(
    _ rows: [Scalar], _ factor: [Scalar], width: Int, threads: Int
  ) -> [Scalar] {
    let double = ScalarTransform(logarithm: transform.logarithm + 1)
    var values = factor + [Scalar](repeating: .zero, count: double.size - factor.count)
    double.evaluate(&values)
    let factors = values
    let ranges = Parallel.ranges(width, threads: threads)
    let parts = Parallel.map(ranges.count, threads: threads) { part -> [Scalar] in
      let range = ranges[part]
      var columns: [Scalar] = []
      columns.reserveCapacity(double.size * range.count)
      for row in 0..<rowCount {
        columns += rows[row * width + range.lowerBound..<row * width + range.upperBound]
      }
      columns += [Scalar](repeating: .zero, count: columns.count)
      double.evaluate(&columns, width: range.count)
      for row in 0..<double.size {
        for index in row * range.count..<(row + 1) * range.count {
          columns[index] = columns[index] * factors[row]
        }
      }
      double.interpolate(&columns, width: range.count)
      return Array(columns[..<(rowCount * range.count)])
    }
    if parts.count == 1 { return parts[0] }
    var result: [Scalar] = []
    result.reserveCapacity(rowCount * width)
    for row in 0..<rowCount {
      for (part, range) in zip(parts, ranges) {
        result += part[row * range.count..<(row + 1) * range.count]
      }
    }
    return result
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
    let column = (0..<rowCount).map { row in
      combined(coefficients[row * width..<(row + 1) * width])
    }
    for block in 0..<blockCount {
      let range = block * rowCount..<(block + 1) * rowCount
      guard slots[range].contains(where: { $0 != nil }) else { continue }
      var values = column
      if block != 0 { Self.scale(&values, by: blockNumber(block), width: 1) }
      transform.evaluate(&values)
      for (slot, value) in zip(slots[range], values) {
        guard let slot else { continue }
        guard combined(slot[...]) == value else { throw .inconsistent }
      }
    }
  }
}
