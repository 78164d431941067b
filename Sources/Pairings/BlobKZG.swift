import Cryptography
import Primitives

/// Why bytes are no blob of Ethereum's.
public enum BlobKZGError: Error, Equatable, Sendable {
  /// It has not 4,096 elements of 32 bytes.
  case wrongLength
  /// An element is not below the order of the field.
  case elementOutOfRange
  /// The setup has not 4,096 points in Lagrange form.
  case malformedSetup
}

/// Ethereum's blobs as polynomials: commitments to them, and proofs that a commitment is a blob's.
///
/// A blob's elements are the polynomial's values at the 4,096th roots of unity in bit-reversed
/// order. Source: EIP-4844, polynomial-commitments.md of the consensus specifications.
public struct BlobPolynomial: Equatable, Sendable {
  private typealias Scalar = BLS12381.ScalarField

  private let values: [BLS12381.ScalarField]
  private let blob: Bytes

  private static let count = 4096
  private static let logarithm = 12

  /// The polynomial of a blob.
  ///
  /// - Throws: `BlobKZGError`.
  public init(_ blob: Bytes) throws(BlobKZGError) {
    guard blob.count == Self.count * 32 else { throw .wrongLength }
    var values: [BLS12381.ScalarField] = []
    values.reserveCapacity(Self.count)
    for start in stride(from: 0, to: blob.count, by: 32) {
      guard let value = Scalar(bigEndian: blob[start..<start + 32]) else {
        throw .elementOutOfRange
      }
      values.append(value)
    }
    self.values = values
    self.blob = blob
  }

  /// The point at which a proof opens the commitment: it depends on blob and commitment.
  private func challenge(_ commitment: Bytes) -> BLS12381.ScalarField {
    var bytes = Bytes("FSBLOBVERIFY_V1_".utf8)
    bytes += Bytes(repeating: 0, count: 14) + [0x10, 0x00]
    bytes += blob
    bytes += commitment
    return Scalar(reducing: SHA256.hash(bytes))
  }

  /// The value at a point that is no root of unity; nil at one that is.
  private func value(at z: BLS12381.ScalarField) -> BLS12381.ScalarField? {
    let roots = Self.roots()
    var differences = roots.map { z - $0 }
    guard !differences.contains(where: { $0.isZero }) else { return nil }
    Self.invert(&differences)
    var sum = Scalar.zero
    for index in values.indices { sum = sum + values[index] * roots[index] * differences[index] }
    var power = z
    for _ in 0..<Self.logarithm { power = power.squared() }
    let size = Scalar(UInt384(UInt256(UInt64(Self.count))))
    return sum * (power - .one) * size.inverted()
  }

  /// Whether a proof shows that a commitment is this blob's; both are compressed points.
  public func verify(commitment: Bytes, proof: Bytes) -> Bool {
    guard commitment.count == 48, proof.count == 48 else { return false }
    let z = challenge(commitment)
    guard let y = value(at: z) else { return false }
    return KZG.verify(
      commitment: commitment[...], z: z.number.lowUInt256, y: y.number.lowUInt256,
      proof: proof[...]) ?? false
  }

  /// The commitment, a compressed point of 48 bytes.
  public func commitment(_ setup: KZGSetup) -> Bytes { setup.commit(values) }

  /// The proof that a commitment is this blob's, a compressed point of 48 bytes; nil if the
  /// challenge fell on a root of unity, which does not happen.
  public func proof(commitment: Bytes, _ setup: KZGSetup) -> Bytes? {
    let z = challenge(commitment)
    guard let y = value(at: z) else { return nil }
    var quotient = Self.roots().map { $0 - z }
    Self.invert(&quotient)
    for index in quotient.indices { quotient[index] = (values[index] - y) * quotient[index] }
    return setup.commit(quotient)
  }

  /// The points at which a blob's elements are the polynomial's values, in their order.
  public static let evaluationPoints: [UInt256] = roots().map { $0.number.lowUInt256 }

  /// The roots of unity in bit-reversed order.
  private static func roots() -> [BLS12381.ScalarField] {
    // 7 generates the field's group, whose order is divisible by 2^32.
    let exponent = (BLS12381ScalarModulus.modulus &- .one) >> logarithm
    let root = Scalar(UInt384(UInt256(7))).power(UInt384(exponent))
    var natural: [BLS12381.ScalarField] = [.one]
    natural.reserveCapacity(count)
    while natural.count < count { natural.append(natural[natural.count - 1] * root) }
    return natural.indices.map { natural[KZGSetup.bitReversed($0, bits: logarithm)] }
  }

  /// Inverts elements that are not zero, with one inversion (Montgomery's trick).
  private static func invert(_ elements: inout [BLS12381.ScalarField]) {
    var products: [BLS12381.ScalarField] = []
    products.reserveCapacity(elements.count)
    var product = Scalar.one
    for element in elements {
      products.append(product)
      product = product * element
    }
    var inverse = product.inverted()
    for index in elements.indices.reversed() {
      let element = elements[index]
      elements[index] = inverse * products[index]
      inverse = inverse * element
    }
  }
}

/// The outcome of Ethereum's ceremony, as far as commitments to blobs need it.
public struct KZGSetup: Sendable {
  /// The Lagrange points in bit-reversed order.
  private let points: [BLS12381.G1]

  /// The setup of 4,096 compressed points in Lagrange form, in the order of the roots' powers, as
  /// `genesis/kzg_trusted_setup.txt` has them.
  ///
  /// - Throws: `BlobKZGError.malformedSetup`.
  public init(lagrange compressed: [Bytes]) throws(BlobKZGError) {
    guard compressed.count == 4096 else { throw .malformedSetup }
    var points: [BLS12381.G1] = []
    points.reserveCapacity(compressed.count)
    for index in compressed.indices {
      let place = Self.bitReversed(index, bits: 12)
      guard let point = BLS12381.decompressG1(compressed[place][...]) else {
        throw .malformedSetup
      }
      points.append(point)
    }
    self.points = points
  }

  /// The compressed sum of the points, each times its scalar.
  func commit(_ scalars: [BLS12381.ScalarField]) -> Bytes {
    let sum = JacobianPoint.sum(of: points, times: scalars.map { $0.number.lowUInt256 })
    return BLS12381.compress(sum.affine)
  }

  static func bitReversed(_ index: Int, bits: Int) -> Int {
    var reversed = 0
    for bit in 0..<bits where index >> bit & 1 == 1 { reversed |= 1 << (bits - 1 - bit) }
    return reversed
  }
}

extension PrimeField256 where Modulus == BLS12381ScalarModulus {
  /// The number that a hash is, modulo the order.
  init(reducing hash: Hash) {
    var number = UInt256(hash)
    // The order is above 2^254, so three subtractions are the most.
    while number >= BLS12381ScalarModulus.modulus {
      number = number &- BLS12381ScalarModulus.modulus
    }
    self.init(UInt384(number))
  }
}
