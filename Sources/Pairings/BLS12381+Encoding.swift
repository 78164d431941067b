import Primitives

/// The padded encodings of EIP-2537: coordinates of 64 bytes, big-endian, those of Fp2 with the
/// coefficient of 1 first; infinity is all zeros.
extension BLS12381 {
  /// The element of Fp with this encoding of 64 bytes, or nil if it is of none.
  public static func decodeElement(_ bytes: ArraySlice<UInt8>) -> BaseField? {
    guard bytes.count == 64, bytes.prefix(16).allSatisfy({ $0 == 0 }) else { return nil }
    return BaseField(bigEndian: bytes.dropFirst(16))
  }

  /// The element of Fp2 with this encoding of 128 bytes, or nil if it is of none.
  public static func decodeQuadraticElement(_ bytes: ArraySlice<UInt8>) -> QuadraticField? {
    guard bytes.count == 128, let c0 = decodeElement(bytes.prefix(64)),
      let c1 = decodeElement(bytes.suffix(64))
    else { return nil }
    return QuadraticField(c0, c1)
  }

  /// The point of the curve with this encoding of 128 bytes, or nil if it is of none.
  public static func decodeG1(_ bytes: ArraySlice<UInt8>) -> G1? {
    guard bytes.count == 128, let x = decodeElement(bytes.prefix(64)),
      let y = decodeElement(bytes.suffix(64))
    else { return nil }
    return x.isZero && y.isZero ? .infinity : G1(x: x, y: y)
  }

  /// The point of the twist with this encoding of 256 bytes, or nil if it is of none.
  public static func decodeG2(_ bytes: ArraySlice<UInt8>) -> G2? {
    guard bytes.count == 256, let x = decodeQuadraticElement(bytes.prefix(128)),
      let y = decodeQuadraticElement(bytes.suffix(128))
    else { return nil }
    return x.isZero && y.isZero ? .infinity : G2(x: x, y: y)
  }

  /// The encoding of a point, of 128 bytes.
  public static func encode(_ point: G1) -> Bytes { padded(point.x) + padded(point.y) }

  /// The encoding of a point, of 256 bytes.
  public static func encode(_ point: G2) -> Bytes {
    padded(point.x.c0) + padded(point.x.c1) + padded(point.y.c0) + padded(point.y.c1)
  }

  private static func padded(_ element: BaseField) -> Bytes {
    Bytes(repeating: 0, count: 16) + element.bigEndianBytes
  }
}

/// The compressed encodings of ZCash: x, big-endian, with three flags in its highest bits: it is
/// compressed, it is infinity, y is the larger root.
extension BLS12381 {
  /// The point of the curve with this encoding of 48 bytes, or nil if it is of none.
  ///
  /// It need not be in G1.
  public static func decompressG1(_ bytes: ArraySlice<UInt8>) -> G1? {
    G1(compressed: bytes, .zcash)
  }

  /// The point of the twist with this encoding of 96 bytes, the coefficient of u first, or nil if
  /// it is of none.
  ///
  /// It need not be in G2.
  public static func decompressG2(_ bytes: ArraySlice<UInt8>) -> G2? {
    G2(compressed: bytes, .zcash)
  }

  /// The compressed encoding of a point, of 48 bytes.
  public static func compress(_ point: G1) -> Bytes { point.compressed(.zcash) }

  /// The compressed encoding of a point, of 96 bytes.
  public static func compress(_ point: G2) -> Bytes { point.compressed(.zcash) }
}
