/// The Fourier transform of points of BN254's G1, which multiplies them by roots of unity.
extension ScalarTransform {
  /// A point of G1 on its way.
  public typealias Point = JacobianPoint<BN254Curve>

  /// Coefficients to values at the powers of the root, values in bit-reversed order.
  public func evaluate(_ points: inout [Point]) {
    precondition(points.count == size, "as many points as the transform's size")
    var half = size / 2
    var stride = 1
    while half >= 1 {
      for block in Swift.stride(from: 0, to: size, by: 2 * half) {
        for index in 0..<half {
          let (left, right) = (points[block + index], points[block + index + half])
          points[block + index] = left + right
          let difference = left + -right
          points[block + index + half] =
            index == 0 ? difference : difference.multiplied(by: roots[index * stride])
        }
      }
      half /= 2
      stride *= 2
    }
  }

  /// Values at the powers of the root, in bit-reversed order, to coefficients times the size.
  public func interpolateUnscaled(_ points: inout [Point]) {
    precondition(points.count == size, "as many points as the transform's size")
    var half = 1
    var stride = size / 2
    while half < size {
      for block in Swift.stride(from: 0, to: size, by: 2 * half) {
        for index in 0..<half {
          let left = points[block + index]
          var right = points[block + index + half]
          if index != 0 { right = right.multiplied(by: inverseRoots[index * stride]) }
          points[block + index] = left + right
          points[block + index + half] = left + -right
        }
      }
      half *= 2
      stride /= 2
    }
  }
}
