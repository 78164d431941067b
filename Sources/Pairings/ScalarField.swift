import Primitives

/// The scalars of BN254 as numbers and bytes, and roots of unity among them.
extension PrimeField256<BN254ScalarModulus> {
  /// The scalar that is this number, or nil unless it is below the order.
  public init?(_ number: UInt256) {
    guard number < BN254ScalarModulus.modulus else { return nil }
    self = Self.product(Self(montgomery: BN254ScalarModulus.square), Self(montgomery: number))
  }

  /// The scalar that is this number modulo the order.
  public init(reducing number: UInt256) {
    self = Self.product(Self(montgomery: BN254ScalarModulus.square), Self(montgomery: number))
  }

  /// The scalar that is this number.
  public init(small number: UInt64) { self.init(reducing: UInt256(number)) }

  /// The number below the order that this is.
  public var asUInt256: UInt256 {
    Self.product(self, Self(montgomery: UInt256(1, 0, 0, 0))).limbs
  }

  /// The power.
  public func power(_ exponent: UInt64) -> Self {
    var result = Self.one
    for index in stride(from: 63 - exponent.leadingZeroBitCount, through: 0, by: -1) {
      result = result.squared()
      if exponent >> UInt64(index) & 1 == 1 { result = result * self }
    }
    return result
  }

  /// The largest power of two that divides the order less one is 2 to the power of this.
  public static var twoAdicity: Int { 28 }

  /// The root of unity of order 2^logarithm that gnark and EigenDA take, for at most 2²⁸.
  ///
  /// All are powers of one: the power (r - 1)/2²⁸ of 5.
  public static func rootOfUnity(logarithm: Int) -> Self {
    precondition(logarithm >= 0 && logarithm <= twoAdicity, "the order has no such root")
    var root = Self(
      reducing: UInt256(
        0x9bd6_1b6e_725b_19f0, 0x402d_111e_4111_2ed4, 0x00e0_a7eb_8ef6_2abc,
        0x2a3c_09f0_a58a_7e85))
    for _ in logarithm..<twoAdicity { root = root.squared() }
    return root
  }

  /// The scalars that 32 bytes each encode, big-endian, or nil if one is not below the order or
  /// the bytes do not divide evenly.
  public static func scalars(bigEndian bytes: ArraySlice<UInt8>) -> [Self]? {
    guard bytes.count % 32 == 0 else { return nil }
    var scalars: [Self] = []
    scalars.reserveCapacity(bytes.count / 32)
    for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: 32) {
      guard let scalar = Self(UInt256(bigEndian: bytes[start..<start + 32])) else { return nil }
      scalars.append(scalar)
    }
    return scalars
  }

  /// The scalars as 32 bytes each, big-endian.
  public static func bigEndianBytes(_ scalars: some Collection<Self>) -> Bytes {
    var bytes = Bytes()
    bytes.reserveCapacity(32 * scalars.count)
    for scalar in scalars { Hash(scalar.asUInt256).append(to: &bytes) }
    return bytes
  }

  /// Inverts each scalar in place by Montgomery's trick, one inversion for all; zeros stay.
  public static func invert(_ scalars: inout [Self]) {
    var products: [Self] = []
    products.reserveCapacity(scalars.count)
    var product = Self.one
    for scalar in scalars {
      products.append(product)
      if !scalar.isZero { product = product * scalar }
    }
    var inverse = product.inverted()
    for index in scalars.indices.reversed() where !scalars[index].isZero {
      let scalar = scalars[index]
      scalars[index] = inverse * products[index]
      inverse = inverse * scalar
    }
  }
}
