/// A dense matrix of 32-bit floats, `[row, column]`, rows one after the other.
package struct Matrix: Sendable {
  package let rows: Int
  package let columns: Int
  package let values: [Float]

  /// A matrix over as many values as its shape says.
  package init(rows: Int, columns: Int, values: [Float]) {
    precondition(rows > 0 && columns > 0 && values.count == rows * columns)
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// One row as a slice: the embedding of a token.
  package func row(_ index: Int) -> ArraySlice<Float> {
    values[(index * columns)..<((index + 1) * columns)]
  }
}

/// Where one head of attention finds its data, in floats from the start of the arrays.
package struct AttentionShape: Sendable {
  /// The first float of the query and of the result.
  package var queryOffset: Int
  /// The first float of the key and value head within a position's row.
  package var headOffset: Int
  /// Floats per head.
  package var size: Int
  /// Floats per position in the key and the value cache.
  package var stride: Int
  /// The positions attended to.
  package var positions: Range<Int>
  /// What the products of query and key are multiplied with.
  package var scale: Float

  /// A head's place.
  package init(
    queryOffset: Int, headOffset: Int, size: Int, stride: Int, positions: Range<Int>, scale: Float
  ) {
    self.queryOffset = queryOffset
    self.headOffset = headOffset
    self.size = size
    self.stride = stride
    self.positions = positions
    self.scale = scale
  }
}
