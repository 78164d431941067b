import Primitives

/// A recoverable secp256k1 signature.
///
/// Source: SEC 1, section 4.1; Yellow Paper, appendix F.
public struct Signature: Hashable, Sendable {
  /// The x coordinate of the nonce point modulo the order.
  public var r: UInt256
  /// The proof.
  public var s: UInt256
  /// Whether the y coordinate of the nonce point is odd.
  public var yParity: Bool

  /// The signature with these parts; none of them is checked.
  public init(r: UInt256, s: UInt256, yParity: Bool) {
    self.r = r
    self.s = s
    self.yParity = yParity
  }

  /// The order of the group of secp256k1.
  public static let order = UInt256(
    0xbfd2_5e8c_d036_4141, 0xbaae_dce6_af48_a03b, 0xffff_ffff_ffff_fffe, 0xffff_ffff_ffff_ffff)

  /// Half of the order, rounded down: the largest low s.
  public static let halfOrder = UInt256(
    0xdfe9_2f46_681b_20a0, 0x5d57_6e73_57a4_501d, 0xffff_ffff_ffff_ffff, 0x7fff_ffff_ffff_ffff)

  /// The signature in r ‖ s ‖ v, where v is 0, 1, 27 or 28; nil for other bytes.
  ///
  /// The ranges of r and s are not checked.
  public init?(bytes65 bytes: some Collection<UInt8>) {
    guard bytes.count == 65 else { return nil }
    let tail = bytes.dropFirst(32)
    guard let recovery = tail.dropFirst(32).first else { return nil }
    switch recovery {
    case 0, 27: yParity = false
    case 1, 28: yParity = true
    default: return nil
    }
    r = UInt256(bigEndian: bytes.prefix(32))
    s = UInt256(bigEndian: tail.prefix(32))
  }

  /// The 65 bytes r ‖ s ‖ v, where v is 27 or 28.
  public var bytes65: Bytes {
    var bytes = Bytes()
    bytes.reserveCapacity(65)
    r.append(to: &bytes)
    s.append(to: &bytes)
    bytes.append(yParity ? 28 : 27)
    return bytes
  }

  /// Whether s is in the lower half, so that nobody else can make a second one of this.
  public var isLowS: Bool { s <= Self.halfOrder }

  /// Whether r and s are neither 0 nor from the order on.
  public var isInRange: Bool {
    !r.isZero && !s.isZero && r < Self.order && s < Self.order
  }
}
