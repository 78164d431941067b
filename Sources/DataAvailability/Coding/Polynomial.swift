import Pairings

/// Polynomials over the scalars of BN254 by their coefficients, multiplied by Fourier transforms.
enum Polynomial {
  typealias Scalar = BN254.ScalarField

  /// Factors of fewer coefficients than this are multiplied as at school.
  private static let schoolbookLimit = 32

  /// The product of X - root over all roots, pairs first.
  ///
  /// What is multiplied is monic, so the leading 1 is left out: with a and b of n and m
  /// coefficients, (Xⁿ + a)(Xᵐ + b) = Xⁿ⁺ᵐ + a·Xᵐ + b·Xⁿ + ab, and ab fits a transform of
  /// size n + m.
  static func vanishing(at roots: [Scalar]) -> [Scalar] {
    var factors = roots.map { [-$0] }
    if factors.isEmpty { return [.one] }
    var transforms: [Int: ScalarTransform] = [:]
    while factors.count > 1 {
      var next: [[Scalar]] = []
      next.reserveCapacity((factors.count + 1) / 2)
      for index in stride(from: 0, to: factors.count, by: 2) {
        next.append(
          index + 1 < factors.count
            ? monicProduct(factors[index], factors[index + 1], &transforms) : factors[index])
      }
      factors = next
    }
    return factors[0] + [.one]
  }

  private static func monicProduct(
    _ a: [Scalar], _ b: [Scalar], _ transforms: inout [Int: ScalarTransform]
  ) -> [Scalar] {
    var product =
      min(a.count, b.count) < schoolbookLimit
      ? schoolbook(a, b) : transformed(a, b, &transforms)
    product.append(.zero)
    for index in a.indices { product[b.count + index] = product[b.count + index] + a[index] }
    for index in b.indices { product[a.count + index] = product[a.count + index] + b[index] }
    return product
  }

  private static func transformed(
    _ left: [Scalar], _ right: [Scalar], _ transforms: inout [Int: ScalarTransform]
  ) -> [Scalar] {
    let count = left.count + right.count - 1
    var logarithm = 0
    while 1 << logarithm < count { logarithm += 1 }
    let transform = transforms[logarithm] ?? ScalarTransform(logarithm: logarithm)
    transforms[logarithm] = transform
    var a = left + [Scalar](repeating: .zero, count: transform.size - left.count)
    var b = right + [Scalar](repeating: .zero, count: transform.size - right.count)
    transform.evaluate(&a)
    transform.evaluate(&b)
    for index in a.indices { a[index] = a[index] * b[index] }
    transform.interpolate(&a)
    return Array(a[..<count])
  }

  private static func schoolbook(_ left: [Scalar], _ right: [Scalar]) -> [Scalar] {
    var product = [Scalar](repeating: .zero, count: left.count + right.count - 1)
    for (i, a) in left.enumerated() {
      for (j, b) in right.enumerated() { product[i + j] = product[i + j] + a * b }
    }
    return product
  }
}
