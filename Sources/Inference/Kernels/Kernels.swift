/// The loops in which nearly all the time is spent.
///
/// **Kernel version 1**, the contract behind a receipt: every sum of products runs in 16 lanes,
/// lane *j* takes the elements *j*, *j* + 16, *j* + 32, … in ascending order, multiplies, rounds,
/// adds and rounds (no fused multiply-add), a missing element counts as zero, and the lanes are
/// then added in halves: 8 + 8, 4 + 4, 2 + 2, 1 + 1. So the bits do not depend on how many rows or
/// tokens are worked on at a time, on the width of the processor's vectors, or on the build.
/// Whoever changes an order of summation raises `version`, which every request hash contains.
///
/// Pointers live in this file only. Each function checks the sizes that it is handed.
package enum Kernels {
  /// The version of the arithmetic, part of every request hash.
  package static let version: UInt64 = 1

  package typealias Lanes = SIMD16<Float>

  // MARK: Matrix times vectors

  /// Multiplies a matrix `[row, column]` with `count` vectors: `[vector, column]` to `[vector, row]`.
  package static func multiply(
    _ matrix: Matrix, _ inputs: [Float], count: Int, into outputs: inout [Float]
  ) {
    let rows = matrix.rows
    let columns = matrix.columns
    precondition(inputs.count >= count * columns && outputs.count >= count * rows)
    unsafe matrix.values.withUnsafeBufferPointer { weights in
      unsafe inputs.withUnsafeBufferPointer { inputs in
        unsafe outputs.withUnsafeMutableBufferPointer { outputs in
          guard let weight = weights.baseAddress, let input = inputs.baseAddress,
            let output = outputs.baseAddress
          else { return }
          unsafe multiply(
            weight, rows: rows, columns: columns, input, count: count, into: output)
        }
      }
    }
  }

  /// Two rows at a time: two accumulators of 16 lanes fill the eight registers that SSE2 can spare.
  private static func multiply(
    _ weights: UnsafePointer<Float>, rows: Int, columns: Int,
    _ inputs: UnsafePointer<Float>, count: Int, into outputs: UnsafeMutablePointer<Float>
  ) {
    var row = 0
    while row + 2 <= rows {
      let first = unsafe weights + row * columns
      let second = unsafe first + columns
      for vector in 0..<count {
        let input = unsafe inputs + vector * columns
        let sums = unsafe twoProducts(first, second, input, count: columns)
        unsafe outputs[vector * rows + row] = sums.0
        unsafe outputs[vector * rows + row + 1] = sums.1
      }
      row += 2
    }
    guard row < rows else { return }
    for vector in 0..<count {
      unsafe outputs[vector * rows + row] = product(
        weights + row * columns, inputs + vector * columns, count: columns)
    }
  }

  @inline(__always)
  private static func twoProducts(
    _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>,
    _ input: UnsafePointer<Float>, count: Int
  ) -> (Float, Float) {
    #if DEBUG
      return unsafe (product(first, input, count: count), product(second, input, count: count))
    #else
      var firstSum = Lanes(repeating: 0)
      var secondSum = firstSum
      var index = 0
      while index + 16 <= count {
        let lanes = unsafe load(input + index)
        unsafe firstSum += load(first + index) * lanes
        unsafe secondSum += load(second + index) * lanes
        index += 16
      }
      if index < count {
        let lanes = unsafe load(input + index, count: count - index)
        unsafe firstSum += load(first + index, count: count - index) * lanes
        unsafe secondSum += load(second + index, count: count - index) * lanes
      }
      return (total(firstSum), total(secondSum))
    #endif
  }

  @inline(__always)
  private static func product(
    _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, count: Int
  ) -> Float {
    #if DEBUG
      // Without the optimizer a vector operation is a call of 0.2 µs, and one lane after the other
      // is faster. The sums and their order are the same, and a test compares them.
      return unsafe productLaneByLane(first, second, count: count)
    #else
      var sum = Lanes(repeating: 0)
      var index = 0
      while index + 16 <= count {
        unsafe sum += load(first + index) * load(second + index)
        index += 16
      }
      if index < count {
        unsafe sum +=
          load(first + index, count: count - index) * load(second + index, count: count - index)
      }
      return total(sum)
    #endif
  }

  /// The definition of the kernels' sum of products, written out.
  private static func productLaneByLane(
    _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, count: Int
  ) -> Float {
    var lanes = [16 of Float](repeating: 0)
    var index = 0
    while index < count {
      unsafe lanes[index & 15] += first[index] * second[index]
      index &+= 1
    }
    var width = 8
    while width > 0 {
      for lane in 0..<width { lanes[lane] += lanes[lane + width] }
      width /= 2
    }
    return lanes[0]
  }

  // MARK: Attention

  /// One head's attention of one query to the cached positions: softmax(q·k · scale) · v.
  ///
  /// `query` is read at `queryOffset`, keys and values `[position, stride]` at `headOffset`; the
  /// result, `size` floats, is written to `outputs` at `queryOffset`. `scores` holds one float per
  /// position, rounded up to 16.
  package static func attend(
    _ shape: AttentionShape, query: [Float], keys: [Float], values: [Float],
    scores: inout [Float], into outputs: inout [Float]
  ) {
    let count = shape.positions.count
    precondition(count > 0 && shape.positions.lowerBound >= 0)
    let furthest = (shape.positions.upperBound - 1) * shape.stride + shape.headOffset + shape.size
    precondition(furthest <= keys.count && furthest <= values.count)
    precondition(shape.queryOffset + shape.size <= min(query.count, outputs.count))
    precondition((count + 15) / 16 * 16 <= scores.count)
    unsafe query.withUnsafeBufferPointer { query in
      unsafe keys.withUnsafeBufferPointer { keys in
        for (index, position) in shape.positions.enumerated() {
          guard let start = query.baseAddress, let key = keys.baseAddress else { return }
          let similarity = unsafe product(
            start + shape.queryOffset, key + position * shape.stride + shape.headOffset,
            count: shape.size)
          scores[index] = similarity * shape.scale
        }
      }
    }
    softmax(&scores, count: count)
    unsafe values.withUnsafeBufferPointer { values in
      unsafe outputs.withUnsafeMutableBufferPointer { outputs in
        guard let value = values.baseAddress, let output = outputs.baseAddress else { return }
        unsafe weightedSum(
          shape, scores: scores, value + shape.headOffset, into: output + shape.queryOffset)
      }
    }
  }

  /// Sums the value rows weighted by the scores, positions ascending.
  private static func weightedSum(
    _ shape: AttentionShape, scores: [Float], _ values: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>
  ) {
    var index = 0
    while index < shape.size {
      let width = min(16, shape.size - index)
      var sum = Lanes(repeating: 0)
      for (rank, position) in shape.positions.enumerated() {
        let row = unsafe values + position * shape.stride + index
        let lanes = unsafe width == 16 ? load(row) : load(row, count: width)
        sum += lanes * scores[rank]
      }
      for lane in 0..<width { unsafe output[index + lane] = sum[lane] }
      index += 16
    }
  }

  /// Turns `count` scores into probabilities; the rest of the last 16 becomes zero.
  package static func softmax(_ scores: inout [Float], count: Int) {
    let padded = (count + 15) / 16 * 16
    precondition(count > 0 && padded <= scores.count)
    var highest = -Float.infinity
    for index in 0..<count where scores[index] > highest { highest = scores[index] }
    for index in count..<padded { scores[index] = -.infinity }
    var sum = Lanes(repeating: 0)
    transform(&scores, count: padded) { lanes in
      let weights = Mathematics.exponential(lanes - highest)
      sum += weights
      return weights
    }
    let divisor = total(sum)
    transform(&scores, count: padded) { $0 / divisor }
  }

  // MARK: Element by element

  /// Root-mean-square normalisation of each row: x / sqrt(mean(x²) + epsilon) · weight.
  package static func normalize(
    _ inputs: [Float], count: Int, weight: [Float], epsilon: Float, into outputs: inout [Float]
  ) {
    let size = weight.count
    precondition(inputs.count >= count * size && outputs.count >= count * size)
    for row in 0..<count {
      let squares = unsafe inputs.withUnsafeBufferPointer { buffer -> Float in
        guard let start = buffer.baseAddress else { return 0 }
        return unsafe product(start + row * size, start + row * size, count: size)
      }
      let factor = 1 / (squares / Float(size) + epsilon).squareRoot()
      for index in 0..<size {
        outputs[row * size + index] = inputs[row * size + index] * factor * weight[index]
      }
    }
  }

  /// The gated activation silu(gate) · up, written over `gate`; silu(x) = x / (1 + exp(-x)).
  package static func activate(_ gate: inout [Float], up: [Float], count: Int) {
    precondition(up.count >= count && gate.count >= count)
    transform(&gate, count: count) { lanes in
      lanes / (1 + Mathematics.exponential(0 - lanes))
    }
    for index in 0..<count { gate[index] *= up[index] }
  }

  /// Turns pairs of dimensions (the two halves of each head) of one row of `heads` heads.
  package static func rotate(
    _ values: inout [Float], row: Int, heads: Int, cosines: [Float], sines: [Float]
  ) {
    let half = cosines.count
    precondition(sines.count == half && (row + 1) * heads * half * 2 <= values.count)
    for head in (row * heads)..<((row + 1) * heads) {
      let start = head * half * 2
      for pair in 0..<half {
        let first = values[start + pair]
        let second = values[start + pair + half]
        values[start + pair] = first * cosines[pair] - second * sines[pair]
        values[start + pair + half] = second * cosines[pair] + first * sines[pair]
      }
    }
  }

  /// Adds `scale` times the second vector to the first.
  package static func add(
    _ other: [Float], scale: Float = 1, count: Int, to sum: inout [Float]
  ) {
    precondition(other.count >= count && sum.count >= count)
    for index in 0..<count { sum[index] += other[index] * scale }
  }

  // MARK: Lanes

  /// Applies a function to each of the first `count` elements, 16 at a time.
  @inline(__always)
  private static func transform(
    _ values: inout [Float], count: Int, _ body: (Lanes) -> Lanes
  ) {
    unsafe values.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      var index = 0
      while index + 16 <= count {
        let result = unsafe body(load(start + index))
        unsafe UnsafeMutableRawPointer(start + index).storeBytes(of: result, as: Lanes.self)
        index += 16
      }
      guard index < count else { return }
      let result = unsafe body(load(start + index, count: count - index))
      for lane in 0..<(count - index) { unsafe start[index + lane] = result[lane] }
    }
  }

  @inline(__always)
  private static func load(_ start: UnsafePointer<Float>) -> Lanes {
    unsafe UnsafeRawPointer(start).loadUnaligned(as: Lanes.self)
  }

  private static func load(_ start: UnsafePointer<Float>, count: Int) -> Lanes {
    var lanes = Lanes(repeating: 0)
    for lane in 0..<count { unsafe lanes[lane] = start[lane] }
    return lanes
  }

  /// The sum of the lanes, added in halves.
  @inline(__always)
  private static func total(_ lanes: Lanes) -> Float {
    let eight = lanes.lowHalf + lanes.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }
}
