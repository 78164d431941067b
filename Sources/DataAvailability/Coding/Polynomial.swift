import Pairings

/// Polynomials over the scalars of BN254 by their coefficients, multiplied by Fourier transforms.
enum Polynomial {
  typealias Scalar = BN254.ScalarField

  /// The product.
  static func product(_ left: [Scalar], _ right: [Scalar]) -> [Scalar] {
    if left.isEmpty || right.isEmpty { return [] }
    let count = left.count + right.count - 1
    if min(left.count, right.count) <= 32 { return schoolbook(left, right) }
    var logarithm = 0
    while 1 << logarithm < count { logarithm += 1 }
    let transform = ScalarTransform(logarithm: logarithm)
    let padding = [Scalar](repeating: .zero, count: transform.size)
    var (a, b) = (left + padding[left.count...], right + padding[right.count...])
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

  /// The product of X - root over all roots, pairs first.
  static func vanishing(at roots: [Scalar]) -> [Scalar] {
    var factors = roots.map { [-$0, Scalar.one] }
    if factors.isEmpty { return [.one] }
    while factors.count > 1 {
      var next: [[Scalar]] = []
      for index in stride(from: 0, to: factors.count, by: 2) {
        next.append(
          index + 1 < factors.count
            ? product(factors[index], factors[index + 1]) : factors[index])
      }
      factors = next
    }
    return factors[0]
  }

  /// The first coefficients of 1/polynomial as a power series, by Newton's iteration.
  ///
  /// The coefficient of 1 must not be zero.
  static func inverseSeries(_ polynomial: [Scalar], count: Int) -> [Scalar] {
    var inverse = [polynomial[0].inverted()]
    while inverse.count < count {
      let length = min(count, 2 * inverse.count)
      let square = product(product(inverse, inverse), Array(polynomial.prefix(length)))
      var next = [Scalar](repeating: .zero, count: length)
      for index in 0..<length {
        if index < inverse.count { next[index] = inverse[index].doubled() }
        if index < square.count { next[index] = next[index] - square[index] }
      }
      inverse = next
    }
    return inverse
  }
}
