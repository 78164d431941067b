import Primitives

/// A field whose elements can be a compressed point's x: they have bytes, and roots to choose from.
protocol CompressibleField: Field {
  /// How many bytes an element fills.
  static var sizeInBytes: Int { get }
  /// The element with this big-endian encoding of `sizeInBytes` bytes, or nil if it is of none.
  init?(bigEndian bytes: ArraySlice<UInt8>)
  /// The big-endian encoding, of `sizeInBytes` bytes.
  var bigEndianBytes: Bytes { get }
  /// A square root, or nil if this is not a square.
  func squareRoot() -> Self?
  /// Whether this is above its negative.
  var isLarger: Bool { get }
}

extension PrimeField256: CompressibleField {}
extension PrimeField384: CompressibleField {}

/// An element's encoding has the coefficient of u first.
extension Fp2: CompressibleField {
  static var sizeInBytes: Int { 2 * T.Base.sizeInBytes }

  init?(bigEndian bytes: ArraySlice<UInt8>) {
    guard let c1 = T.Base(bigEndian: bytes.prefix(T.Base.sizeInBytes)),
      let c0 = T.Base(bigEndian: bytes.dropFirst(T.Base.sizeInBytes))
    else { return nil }
    self.init(c0, c1)
  }

  var bigEndianBytes: Bytes { c1.bigEndianBytes + c0.bigEndianBytes }
}

/// What the highest bits of a compressed point say: which y belongs to its x, or that it is
/// infinity.
struct CompressionFlags {
  /// The bits.
  let mask: UInt8
  /// That y is the smaller root.
  let smaller: UInt8
  /// That y is the larger root.
  let larger: UInt8
  /// That it is infinity; all other bits are zero then.
  let infinity: UInt8

  /// Those of gnark, for BN254.
  static var gnark: Self { Self(mask: 0xc0, smaller: 0x80, larger: 0xc0, infinity: 0x40) }
  /// Those of ZCash, for BLS12-381.
  static var zcash: Self { Self(mask: 0xe0, smaller: 0x80, larger: 0xa0, infinity: 0xc0) }
}

extension AffinePoint where C.Coordinate: CompressibleField {
  /// The point with this encoding: x, with flags in the highest bits; nil if it is of none.
  init?(compressed bytes: ArraySlice<UInt8>, _ flags: CompressionFlags) {
    guard bytes.count == C.Coordinate.sizeInBytes else { return nil }
    var cleared = Bytes(bytes)
    let flag = cleared[0] & flags.mask
    cleared[0] &= ~flags.mask
    if flag == flags.infinity {
      guard cleared.allSatisfy({ $0 == 0 }) else { return nil }
      self = .infinity
      return
    }
    guard flag == flags.smaller || flag == flags.larger,
      let x = C.Coordinate(bigEndian: cleared[...]),
      let root = (x.squared() * x + C.b).squareRoot()
    else { return nil }
    self.init(unchecked: x, root.isLarger == (flag == flags.larger) ? root : -root)
  }

  /// The encoding with these flags.
  func compressed(_ flags: CompressionFlags) -> Bytes {
    var bytes = x.bigEndianBytes
    bytes[0] |= isInfinity ? flags.infinity : y.isLarger ? flags.larger : flags.smaller
    return bytes
  }
}
