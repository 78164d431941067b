import Primitives

/// An unsigned 384-bit integer: a field element as a number, or an exponent.
public struct UInt384: Equatable, Sendable {
  /// The limbs, the least significant first.
  let limb0: UInt64
  let limb1: UInt64
  let limb2: UInt64
  let limb3: UInt64
  let limb4: UInt64
  let limb5: UInt64

  /// The number with these limbs, the least significant first.
  @inline(__always)
  public init(
    _ limb0: UInt64, _ limb1: UInt64, _ limb2: UInt64, _ limb3: UInt64, _ limb4: UInt64 = 0,
    _ limb5: UInt64 = 0
  ) {
    self.limb0 = limb0
    self.limb1 = limb1
    self.limb2 = limb2
    self.limb3 = limb3
    self.limb4 = limb4
    self.limb5 = limb5
  }

  /// The number with the same value.
  @inline(__always)
  public init(_ number: UInt256) {
    self.init(number.limb0, number.limb1, number.limb2, number.limb3)
  }

  /// The number modulo 2²⁵⁶.
  @inline(__always)
  public var lowUInt256: UInt256 { UInt256(limb0, limb1, limb2, limb3) }

  /// The number that the bytes encode, at most 48 of them.
  init(bigEndian bytes: ArraySlice<UInt8>) {
    precondition(bytes.count <= 48, "a number has at most 48 bytes")
    var words = [6 of UInt64](repeating: 0)
    for (index, byte) in bytes.reversed().enumerated() {
      words[index / 8] |= UInt64(byte) &<< UInt64(8 * (index % 8))
    }
    self.init(words[0], words[1], words[2], words[3], words[4], words[5])
  }

  /// The last bytes of the big-endian encoding.
  func bigEndianBytes(count: Int) -> Bytes {
    var bytes = Bytes()
    bytes.reserveCapacity(count)
    for index in stride(from: count - 1, through: 0, by: -1) {
      bytes.append(UInt8(truncatingIfNeeded: limb(index / 8) &>> UInt64(8 * (index % 8))))
    }
    return bytes
  }

  /// A limb, 0 for the least significant.
  @inline(__always)
  func limb(_ index: Int) -> UInt64 {
    switch index {
    case 0: limb0
    case 1: limb1
    case 2: limb2
    case 3: limb3
    case 4: limb4
    default: limb5
    }
  }

  /// Four bits, index 0 for the least significant.
  @inline(__always)
  func nibble(at index: Int) -> Int {
    Int(truncatingIfNeeded: limb(index / 16) &>> UInt64(4 * (index % 16)) & 15)
  }

  /// A bit, index 0 for the least significant.
  @inline(__always)
  func bit(at index: Int) -> Bool { limb(index / 64) &>> UInt64(index % 64) & 1 == 1 }

  /// The difference, for a number that the lowest limb alone can serve.
  func subtracting(_ small: UInt64) -> UInt384 {
    UInt384(limb0 - small, limb1, limb2, limb3, limb4, limb5)
  }

  /// The sum, for a number that the lowest limb alone can hold.
  func adding(_ small: UInt64) -> UInt384 {
    UInt384(limb0 + small, limb1, limb2, limb3, limb4, limb5)
  }

  /// A quarter, rounded down.
  func shiftedRightByTwo() -> UInt384 {
    UInt384(
      limb0 >> 2 | limb1 << 62, limb1 >> 2 | limb2 << 62, limb2 >> 2 | limb3 << 62,
      limb3 >> 2 | limb4 << 62, limb4 >> 2 | limb5 << 62, limb5 >> 2)
  }
}

extension UInt384: Comparable {
  /// Whether the left number is below the right one.
  public static func < (left: UInt384, right: UInt384) -> Bool {
    for index in stride(from: 5, through: 0, by: -1) where left.limb(index) != right.limb(index) {
      return left.limb(index) < right.limb(index)
    }
    return false
  }
}
