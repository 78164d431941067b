import Primitives
import Testing

@Suite("UInt256")
struct UInt256Tests {
  @Test("addition, subtraction and multiplication obey the laws of a ring", arguments: [1, 2])
  func ring(seed: Int) {
    var generator = CornerGenerator(seed: UInt64(seed))
    var failures: [(UInt256, UInt256, UInt256)] = []
    for _ in 0..<20_000 {
      let (a, b, c) = (generator.number(), generator.number(), generator.number())
      let holds =
        a &+ b == b &+ a && (a &+ b) &+ c == a &+ (b &+ c) && (a &+ b) &- b == a
        && a &* b == b &* a && (a &* b) &* c == a &* (b &* c)
        && a &* (b &+ c) == (a &* b) &+ (a &* c) && a &+ a.negated == .zero
        && a &* .one == a && a &* .zero == .zero && a &* 2 == a &+ a
      if !holds { failures.append((a, b, c)) }
    }
    #expect(failures.isEmpty)
  }

  /// Sums 16-bit digits by hand.
  private func slowFullProduct(_ left: UInt256, _ right: UInt256) -> Bytes {
    let (a, b) = (Bytes(left.bigEndianBytes.reversed()), Bytes(right.bigEndianBytes.reversed()))
    var digits = [Int](repeating: 0, count: 64)
    for (i, x) in a.enumerated() {
      for (j, y) in b.enumerated() { digits[i + j] += Int(x) * Int(y) }
    }
    var carry = 0
    return Bytes(
      digits.map { digit in
        carry += digit
        defer { carry >>= 8 }
        return UInt8(carry & 0xff)
      }.reversed())
  }

  @Test("the product in 512 bits is that of schoolbook multiplication")
  func fullProduct() {
    var generator = CornerGenerator(seed: 3)
    var failures: [(UInt256, UInt256)] = []
    for _ in 0..<2_000 {
      let (a, b) = (generator.number(), generator.number())
      let (high, low) = a.multipliedFullWidth(by: b)
      let (wrapped, overflow) = a.multipliedReportingOverflow(by: b)
      let holds =
        high.bigEndianBytes + low.bigEndianBytes == slowFullProduct(a, b)
        && wrapped == low && a &* b == low && overflow == !high.isZero
      if !holds { failures.append((a, b)) }
    }
    #expect(failures.isEmpty)
  }

  @Test("overflow is reported exactly when the order of the results says so")
  func overflow() {
    var generator = CornerGenerator(seed: 4)
    var failures: [(UInt256, UInt256)] = []
    for _ in 0..<20_000 {
      let (a, b) = (generator.number(), generator.number())
      let sum = a.addingReportingOverflow(b)
      let difference = a.subtractingReportingOverflow(b)
      let holds =
        sum.partialValue == a &+ b && sum.overflow == (a &+ b < a)
        && difference.partialValue == a &- b && difference.overflow == (a < b)
      if !holds { failures.append((a, b)) }
    }
    #expect(failures.isEmpty)
    #expect(UInt256.max.addingReportingOverflow(1) == (.zero, true))
    #expect(UInt256.zero.subtractingReportingOverflow(1) == (.max, true))
  }

  @Test("the order is that of the big-endian bytes, and the signed one that of the shifted line")
  func order() {
    var generator = CornerGenerator(seed: 5)
    var failures: [(UInt256, UInt256)] = []
    for _ in 0..<5_000 {
      let (a, b) = (generator.number(), generator.number())
      let bytesLess = a.bigEndianBytes.lexicographicallyPrecedes(b.bigEndianBytes)
      let middle = UInt256.one << 255
      let holds =
        (a < b) == bytesLess && !(a < a) && (a == b) == (a.bigEndianBytes == b.bigEndianBytes)
        && a.signedLess(than: b) == (a &+ middle < b &+ middle)
        && (Hash(a) < Hash(b)) == bytesLess
        && (Address(a) < Address(b))
          == Address(a).bytes.lexicographicallyPrecedes(Address(b).bytes)
      if !holds { failures.append((a, b)) }
    }
    #expect(failures.isEmpty)
  }

  @Test("shifts move bits one by one, and 256 or more leave nothing")
  func shifts() {
    var generator = CornerGenerator(seed: 6)
    for _ in 0..<20 {
      let value = generator.number()
      var (left, right, signed) = (value, value, value)
      let sign = value.isNegative ? UInt256.one << 255 : .zero
      for amount in 0...300 as ClosedRange<UInt64> {
        #expect(value.shiftedLeft(by: amount) == left)
        #expect(value.shiftedRight(by: UInt256(amount)) == right)
        #expect(value.shiftedArithmeticRight(by: UInt256(amount)) == signed)
        left = left &+ left
        right = right / 2
        signed = signed.shiftedRight(by: 1 as UInt64) | sign
      }
      let far = UInt256(5, 0, 1, 0)
      #expect(value.shiftedLeft(by: far) == 0)
      #expect(value.shiftedRight(by: far) == 0)
      #expect(value.shiftedArithmeticRight(by: far) == (value.isNegative ? .max : 0))
    }
  }

  @Test("bytes, bits and widths are those of the big-endian form")
  func bytes() {
    var generator = CornerGenerator(seed: 7)
    for _ in 0..<200 {
      let value = generator.number()
      let bytes = value.bigEndianBytes
      #expect(bytes.count == 32)
      #expect(UInt256(bigEndian: bytes) == value)
      #expect(UInt256(bigEndian: bytes.lazy.map { $0 }) == value)
      #expect(value.minimalBigEndianBytes == Bytes(bytes.drop { $0 == 0 }))
      #expect(UInt256(bigEndian: value.minimalBigEndianBytes) == value)
      #expect(value.byteWidth == value.minimalBigEndianBytes.count)
      for index in 0..<32 {
        #expect(value.byte(at: UInt256(index)) == UInt256(UInt64(bytes[index])))
      }
      #expect(value.byte(at: 32) == 0)
      #expect(value.byte(at: .max) == 0)
      let width = (0..<256).last { value.bit(at: $0) }.map { $0 + 1 } ?? 0
      #expect(value.bitWidth == width && value.leadingZeroBitCount == 256 - width)
    }
  }

  @Test("sign extension copies the top bit of a byte into all bytes above it")
  func signExtension() {
    var generator = CornerGenerator(seed: 8)
    for _ in 0..<100 {
      let value = generator.number()
      for index in 0..<32 {
        var bytes = value.bigEndianBytes
        let fill: UInt8 = bytes[31 - index] & 0x80 == 0 ? 0 : 0xff
        for above in 0..<31 - index { bytes[above] = fill }
        #expect(value.signExtended(fromByte: UInt256(index)) == UInt256(bigEndian: bytes))
      }
      #expect(value.signExtended(fromByte: 32) == value)
      #expect(value.signExtended(fromByte: .max) == value)
    }
  }

  @Test("powers are repeated products, and of two they are shifts")
  func powers() {
    var generator = CornerGenerator(seed: 9)
    for _ in 0..<50 {
      let base = generator.number()
      var product = UInt256.one
      for exponent in 0..<20 as Range<UInt64> {
        #expect(base.power(UInt256(exponent)) == product)
        product = product &* base
      }
      // x^(a+b) is x^a times x^b, however large a and b are.
      let (a, b) = (generator.number() >> 1, generator.number() >> 1)
      #expect(base.power(a + b) == base.power(a) &* base.power(b))
    }
    #expect((2 as UInt256).power(255) == UInt256.one << 255)
    #expect((2 as UInt256).power(256) == 0)
    #expect((0 as UInt256).power(0) == 1)
  }

  @Test("numbers that fit are the same as machine numbers")
  func machineNumbers() {
    #expect(UInt256(7).asUInt64 == 7)
    #expect(UInt256(UInt64.max).asInt == nil)
    #expect(UInt256(UInt64.max).clampedInt == .max)
    #expect((UInt256.one << 64).asUInt64 == nil)
    #expect((UInt256.one << 64).clampedUInt64 == .max)
    #expect((UInt256.one << 64 | 9).lowUInt64 == 9)
    #expect(UInt256(true) == 1 && UInt256(false) == 0)
    #expect(UInt256.max.isNegative && UInt256.max.signedMagnitude == 1)
  }

  @Test("a sum above the largest number stops the program")
  func checkedSum() async {
    await #expect(processExitsWith: .failure) { _ = UInt256.max + 1 }
    await #expect(processExitsWith: .failure) { _ = UInt256.zero - 1 }
    await #expect(processExitsWith: .failure) { _ = UInt256.max * 2 }
    await #expect(processExitsWith: .failure) { _ = UInt256.max / 0 }
  }
}
