import Pairings
import Primitives

/// How an encoded payload is read as a polynomial.
public enum PolynomialForm: UInt8, Equatable, Sendable {
  /// Its elements are the values at the roots of unity, in their order: what rollups use, since it
  /// can be opened at an element.
  case evaluations = 0
  /// Its elements are the coefficients.
  case coefficients = 1
}

/// Why bytes are not a blob.
public enum BlobError: Error, Equatable, Sendable {
  /// The length is not 32 bytes times a power of two, or above the limit.
  case length(Int)
  /// An element is not below the order of the field.
  case elementOutOfRange
}

/// A blob: a polynomial over the scalars of BN254 by its coefficients, a power of two of them.
public struct Blob: Equatable, Sendable {
  /// A coefficient.
  public typealias Scalar = BN254.ScalarField

  /// The coefficients, that of 1 first.
  public let coefficients: [Scalar]

  /// More coefficients than these, of 1 GiB, are refused.
  public static var lengthLimit: Int { 1 << 25 }

  /// The blob with these coefficients, filled up to a power of two.
  public init(coefficients: [Scalar]) {
    var length = 1
    while length < coefficients.count { length <<= 1 }
    self.coefficients =
      coefficients + [Scalar](repeating: .zero, count: length - coefficients.count)
  }

  /// The blob whose coefficients these bytes encode, 32 each, big-endian.
  ///
  /// - Throws: `BlobError` for an element from the order on, or a length that is no power of two.
  public init(bytes: Bytes) throws(BlobError) {
    let length = bytes.count / 32
    guard bytes.count % 32 == 0, length > 0, length & (length - 1) == 0,
      length <= Self.lengthLimit
    else { throw .length(bytes.count) }
    guard let coefficients = Scalar.scalars(bigEndian: bytes[...]) else {
      throw .elementOutOfRange
    }
    self.coefficients = coefficients
  }

  /// The blob of an encoded payload.
  ///
  /// - Throws: `BlobError` for an element from the order on, or a length that is no power of two.
  public init(encodedPayload: Bytes, form: PolynomialForm) throws(BlobError) {
    let blob = try Blob(bytes: encodedPayload)
    switch form {
    case .coefficients: self = blob
    case .evaluations:
      let transform = ScalarTransform(logarithm: blob.coefficients.count.trailingZeroBitCount)
      coefficients = transform.inverse(blob.coefficients)
    }
  }

  /// The blob of a payload.
  public init(payload: Bytes, form: PolynomialForm = .evaluations) throws(BlobError) {
    try self.init(encodedPayload: PayloadCodec.encode(payload), form: form)
  }

  /// The encoded payload that this blob carries; whether it is one, `PayloadCodec` says.
  public func encodedPayload(form: PolynomialForm) -> Bytes {
    switch form {
    case .coefficients: bytes
    case .evaluations:
      Scalar.bigEndianBytes(
        ScalarTransform(logarithm: length.trailingZeroBitCount).forward(coefficients))
    }
  }

  /// The coefficients as 32 bytes each, big-endian.
  public var bytes: Bytes { Scalar.bigEndianBytes(coefficients) }

  /// How many coefficients there are, zeros at the end included.
  public var length: Int { coefficients.count }

  /// The value of the polynomial at a point, by Horner's rule.
  public func value(at point: Scalar) -> Scalar {
    coefficients.reversed().reduce(.zero) { $0 * point + $1 }
  }

  /// The commitment Σ cᵢ·[τⁱ] over the powers of τ in G1, or nil if there are too few.
  public func commitment(_ powers: [BN254.G1]) -> BN254.G1? {
    guard powers.count >= length else { return nil }
    return BN254.sum(of: Array(powers[..<length]), times: coefficients.map { $0.asUInt256 })
  }
}
