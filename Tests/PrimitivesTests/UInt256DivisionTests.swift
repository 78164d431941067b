import Primitives
import Testing

/// A small seeded generator (SplitMix64) whose numbers favour the corners of the limbs.
struct CornerGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A limb that is often 0, all ones, a single bit, or next to one.
  mutating func limb() -> UInt64 {
    switch next() % 8 {
    case 0: 0
    case 1: .max
    case 2: 1 << (next() % 64)
    case 3: (1 << (next() % 64)) &- 1
    case 4: .max - next() % 3
    case 5: next() >> (next() % 64)
    default: next()
    }
  }

  /// A number of random length.
  mutating func number() -> UInt256 {
    let number = UInt256(limb(), limb(), limb(), limb())
    return next() % 3 == 0 ? number.shiftedRight(by: next() % 257) : number
  }
}

@Suite("UInt256 division")
struct UInt256DivisionTests {
  /// Bit by bit, as a child divides.
  private func slowDivision(
    _ dividend: UInt256, _ divisor: UInt256
  ) -> (quotient: UInt256, remainder: UInt256) {
    var quotient = UInt256.zero
    var remainder = UInt256.zero
    for index in stride(from: 255, through: 0, by: -1) {
      let carry = remainder.bit(at: 255)
      remainder = remainder << 1 | UInt256(dividend.bit(at: index))
      if carry || remainder >= divisor {
        remainder = remainder &- divisor
        quotient = quotient | UInt256.one << index
      }
    }
    return (quotient, remainder)
  }

  @Test(
    "quotient and remainder are those of division bit by bit", arguments: [1, 2, 3] as [UInt64])
  func agreesWithSlowDivision(seed: UInt64) {
    var generator = CornerGenerator(seed: seed)
    var failures: [(UInt256, UInt256)] = []
    for _ in 0..<3_000 {
      let dividend = generator.number()
      let divisor = generator.number()
      guard !divisor.isZero else { continue }
      let fast = dividend.quotientAndRemainder(dividingBy: divisor)
      if fast != slowDivision(dividend, divisor) { failures.append((dividend, divisor)) }
    }
    #expect(failures.isEmpty)
  }

  @Test("quotient times divisor plus remainder is the dividend", arguments: [4, 5] as [UInt64])
  func identity(seed: UInt64) {
    var generator = CornerGenerator(seed: seed)
    var failures: [(UInt256, UInt256)] = []
    for _ in 0..<50_000 {
      let dividend = generator.number()
      let divisor = generator.number()
      guard !divisor.isZero else { continue }
      let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
      let product = quotient.multipliedReportingOverflow(by: divisor)
      let sum = product.partialValue.addingReportingOverflow(remainder)
      let holds =
        !product.overflow && !sum.overflow && sum.partialValue == dividend && remainder < divisor
      if !holds { failures.append((dividend, divisor)) }
    }
    #expect(failures.isEmpty)
  }

  /// `left * right mod modulus` by doubling, which needs no number above 257 bits.
  private func slowProduct(_ left: UInt256, _ right: UInt256, _ modulus: UInt256) -> UInt256 {
    func add(_ a: UInt256, _ b: UInt256) -> UInt256 {
      let (sum, overflow) = a.addingReportingOverflow(b)
      return overflow || sum >= modulus ? sum &- modulus : sum
    }
    let factor = left % modulus
    var product = UInt256.zero
    for index in stride(from: 255, through: 0, by: -1) {
      product = add(product, product)
      if right.bit(at: index) { product = add(product, factor) }
    }
    return product
  }

  @Test("a product modulo a number is that of doubling and adding", arguments: [6, 7] as [UInt64])
  func productModulo(seed: UInt64) {
    var generator = CornerGenerator(seed: seed)
    var failures: [(UInt256, UInt256, UInt256)] = []
    for _ in 0..<3_000 {
      let (left, right) = (generator.number(), generator.number())
      let modulus = generator.number()
      guard !modulus.isZero else { continue }
      let sum = slowProduct(left, 1, modulus).addModulo(slowProduct(right, 1, modulus), modulus)
      let holds =
        left.multiplyModulo(right, modulus) == slowProduct(left, right, modulus)
        && left.addModulo(right, modulus) == sum
      if !holds { failures.append((left, right, modulus)) }
    }
    #expect(failures.isEmpty)
  }

  @Test("division by zero is zero for the virtual machine")
  func byZero() {
    let seven: UInt256 = 7
    #expect(seven.evmDivide(by: 0) == 0)
    #expect(seven.evmModulo(0) == 0)
    #expect(seven.evmSignedDivide(by: 0) == 0)
    #expect(seven.evmSignedModulo(0) == 0)
    #expect(seven.addModulo(seven, 0) == 0)
    #expect(seven.multiplyModulo(seven, 0) == 0)
  }

  @Test("signed division rounds towards zero and the remainder has the dividend's sign")
  func signed() {
    let minusSeven = (7 as UInt256).negated
    let minusTwo = (2 as UInt256).negated
    #expect(minusSeven.evmSignedDivide(by: 2) == (3 as UInt256).negated)
    #expect((7 as UInt256).evmSignedDivide(by: minusTwo) == (3 as UInt256).negated)
    #expect(minusSeven.evmSignedDivide(by: minusTwo) == 3)
    #expect(minusSeven.evmSignedModulo(2) == UInt256.max)
    #expect((7 as UInt256).evmSignedModulo(minusTwo) == 1)
    let least = UInt256.one << 255
    #expect(least.evmSignedDivide(by: .max) == least)
  }
}
