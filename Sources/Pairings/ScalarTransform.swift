import Primitives

/// The Fourier transform over the scalars of BN254, of a size that is a power of two.
///
/// It goes over *rows*: arrays of `size` rows, each of `width` scalars side by side, and transforms
/// every column. A plain transform has rows of one scalar.
public struct ScalarTransform: Sendable {
  /// A scalar of BN254.
  public typealias Scalar = BN254.ScalarField

  /// How many values a column has.
  public let size: Int
  /// The logarithm of the size.
  public let logarithm: Int
  /// The powers of the root of unity from 0 to size/2 - 1.
  public let roots: [Scalar]
  /// The inverses of `roots`.
  public let inverseRoots: [Scalar]

  /// The transform of size 2^logarithm, at most 2²⁸.
  public init(logarithm: Int) {
    size = 1 << logarithm
    self.logarithm = logarithm
    let root = Scalar.rootOfUnity(logarithm: logarithm)
    roots = Self.powers(of: root, count: max(1, size / 2))
    inverseRoots = Self.powers(of: root.inverted(), count: max(1, size / 2))
  }

  /// The transform of that size, or nil unless it is a power of two of at most 2²⁸.
  public init?(size: Int) {
    guard size > 0, size & (size - 1) == 0, size <= 1 << Scalar.twoAdicity else { return nil }
    self.init(logarithm: size.trailingZeroBitCount)
  }

  /// The powers of a scalar, from the power 0 on.
  public static func powers(of base: Scalar, count: Int) -> [Scalar] {
    var powers: [Scalar] = []
    powers.reserveCapacity(count)
    var power = Scalar.one
    for _ in 0..<count {
      powers.append(power)
      power = power * base
    }
    return powers
  }

  /// The index whose `bits` bits are those of an index in reverse.
  public static func bitReversed(_ index: Int, bits: Int) -> Int {
    var result = 0
    for bit in 0..<bits where index >> bit & 1 == 1 { result |= 1 << (bits - 1 - bit) }
    return result
  }

  /// Coefficients to values at the powers of the root, rows of values in bit-reversed order.
  public func evaluate(_ rows: inout [Scalar], width: Int = 1) {
    precondition(rows.count == size * width, "as many rows as the transform's size")
    unsafe rows.withUnsafeMutableBufferPointer { rows in
      var half = size / 2
      var stride = 1
      while half >= 1 {
        for block in Swift.stride(from: 0, to: size, by: 2 * half) {
          for index in 0..<half {
            let root = roots[index * stride]
            let low = (block + index) * width
            let high = low + half * width
            for column in 0..<width {
              let left = unsafe rows[low + column]
              let right = unsafe rows[high + column]
              unsafe rows[low + column] = left + right
              unsafe rows[high + column] = index == 0 ? left - right : (left - right) * root
            }
          }
        }
        half /= 2
        stride *= 2
      }
    }
  }

  /// Values at the powers of the root, rows in bit-reversed order, to coefficients.
  public func interpolate(_ rows: inout [Scalar], width: Int = 1) {
    precondition(rows.count == size * width, "as many rows as the transform's size")
    unsafe rows.withUnsafeMutableBufferPointer { rows in
      var half = 1
      var stride = size / 2
      while half < size {
        for block in Swift.stride(from: 0, to: size, by: 2 * half) {
          for index in 0..<half {
            let root = inverseRoots[index * stride]
            let low = (block + index) * width
            let high = low + half * width
            for column in 0..<width {
              let left = unsafe rows[low + column]
              let high0 = unsafe rows[high + column]
              let right = index == 0 ? high0 : high0 * root
              unsafe rows[low + column] = left + right
              unsafe rows[high + column] = left - right
            }
          }
        }
        half *= 2
        stride /= 2
      }
      let inverse = Scalar(small: UInt64(size)).inverted()
      for index in rows.indices { unsafe rows[index] = rows[index] * inverse }
    }
  }

  /// Puts each row where its index, bits reversed, says.
  public func reverseBits(_ rows: inout [Scalar], width: Int = 1) {
    precondition(rows.count == size * width, "as many rows as the transform's size")
    for index in 0..<size {
      let other = Self.bitReversed(index, bits: logarithm)
      if other <= index { continue }
      for column in 0..<width { rows.swapAt(index * width + column, other * width + column) }
    }
  }

  /// Values in the order of the powers of the root, for coefficients.
  public func forward(_ coefficients: [Scalar]) -> [Scalar] {
    var values = coefficients
    evaluate(&values)
    reverseBits(&values)
    return values
  }

  /// The coefficients, for values in the order of the powers of the root.
  public func inverse(_ values: [Scalar]) -> [Scalar] {
    var coefficients = values
    reverseBits(&coefficients)
    interpolate(&coefficients)
    return coefficients
  }
}
