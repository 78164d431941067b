/// Transcendental functions of our own.
///
/// The C library picks another variant of `exp` or `sin` per processor, and the last bit differs.
/// A usage receipt promises that anybody gets the same bits from the same request, so these
/// functions use additions, multiplications and divisions alone, in the order written, which
/// IEEE 754 fixes on every machine. Swift neither contracts nor reorders floating point.
package enum Mathematics {
  /// Raises *e* to each lane; lanes below -87.3 give zero, lanes above 88.3 the value at 88.3.
  ///
  /// Within 2 units in the last place. The polynomial is the one of Cephes' `expf` (Moshier 1989).
  @inline(__always)
  package static func exponential(_ input: SIMD16<Float>) -> SIMD16<Float> {
    let lowest = SIMD16<Float>(repeating: -87.3)
    let highest = SIMD16<Float>(repeating: 88.3)
    var x = input
    x.replace(with: lowest, where: x .< lowest)
    x.replace(with: highest, where: x .> highest)
    // Adding 1.5 * 2^23 rounds to the nearest whole number, which then sits in the low bits.
    let shifter = SIMD16<Float>(repeating: 12_582_912)
    let shifted = x * 1.442_695_04 + shifter
    let whole = shifted - shifter
    let rest = (x - whole * 0.693_359_375) - whole * -2.121_944_4e-4
    var sum = rest * 1.987_569_15e-4 + 1.398_199_95e-3
    sum = sum * rest + 8.333_451_9e-3
    sum = sum * rest + 4.166_579_6e-2
    sum = sum * rest + 0.166_666_655
    sum = sum * rest + 0.5
    sum = (sum * (rest * rest) + rest) + 1
    let bits = unsafe unsafeBitCast(shifted, to: SIMD16<Int32>.self)
    let exponent = (bits &- 0x4B40_0000 &+ 127) &<< 23
    var result = sum * (unsafe unsafeBitCast(exponent, to: SIMD16<Float>.self))
    result.replace(with: 0, where: input .< lowest)
    return result
  }

  /// Raises *e* to one number, with the same bits as a lane of the vector form.
  package static func exponential(_ x: Float) -> Float {
    exponential(SIMD16<Float>(repeating: x))[0]
  }

  /// Sine and cosine of an angle in radians of a magnitude below a million.
  ///
  /// Within 1 unit in the last place: Cody and Waite's reduction by multiples of a quarter turn,
  /// then the polynomials of fdlibm's `k_sin.c` and `k_cos.c`.
  package static func sineAndCosine(_ angle: Double) -> (sine: Double, cosine: Double) {
    let shifter = 6_755_399_441_055_744.0  // 1.5 * 2^52
    let quarters = (angle * 0.636_619_772_367_581_343_076 + shifter) - shifter
    guard quarters.magnitude < 1_000_000 else { return (0, 1) }
    var rest = angle - quarters * 1.570_796_326_734_125_614_17
    rest -= quarters * 6.077_100_506_303_965_976_60e-11
    rest -= quarters * 2.022_266_248_795_950_631_54e-21
    let square = rest * rest
    var sine = square * 1.589_690_995_211_550_102_21e-10 - 2.505_076_025_340_686_341_95e-8
    sine = sine * square + 2.755_731_370_707_006_767_89e-6
    sine = sine * square - 1.984_126_982_985_794_931_34e-4
    sine = sine * square + 8.333_333_333_322_489_461_24e-3
    sine = sine * square - 0.166_666_666_666_666_324_348
    sine = rest + rest * square * sine
    var cosine = 2.087_572_321_298_174_827_90e-9 - square * 1.135_964_755_778_819_482_65e-11
    cosine = cosine * square - 2.755_731_435_139_066_330_35e-7
    cosine = cosine * square + 2.480_158_728_947_672_941_78e-5
    cosine = cosine * square - 1.388_888_888_887_410_957_49e-3
    cosine = cosine * square + 4.166_666_666_666_660_190_37e-2
    cosine = 1 - (0.5 * square - square * square * cosine)
    switch Int(quarters) & 3 {
    case 0: return (sine, cosine)
    case 1: return (cosine, -sine)
    case 2: return (-sine, -cosine)
    default: return (-cosine, sine)
    }
  }

  /// The natural logarithm of a positive, finite, normal number.
  package static func logarithm(_ x: Double) -> Double {
    var exponent = Double(x.exponent)
    var significand = x.significand
    if significand > 1.414_213_562_373_095_1 {
      significand *= 0.5
      exponent += 1
    }
    // ln(m) = 2 artanh((m - 1) / (m + 1)), whose series converges fast for m near one.
    let ratio = (significand - 1) / (significand + 1)
    let square = ratio * ratio
    var sum = 0.0
    var divisor = 23.0
    while divisor > 0 {
      sum = sum * square + 1 / divisor
      divisor -= 2
    }
    return exponent * 0.693_147_180_559_945_309_417 + 2 * ratio * sum
  }

  /// A positive number raised to a power, for results within the range of a normal `Double`.
  package static func power(_ base: Double, _ exponent: Double) -> Double {
    let product = logarithm(base) * exponent
    let shifter = 6_755_399_441_055_744.0
    let whole = (product * 1.442_695_040_888_963_407_36 + shifter) - shifter
    guard whole.magnitude < 1_000 else { return whole > 0 ? .infinity : 0 }
    let rest =
      (product - whole * 0.693_147_180_369_123_816_490) - whole * 1.908_214_929_270_587_700_02e-10
    var sum = 1.0
    var term = 16.0
    while term > 0 {
      sum = sum * rest / term + 1
      term -= 1
    }
    return Double(sign: .plus, exponent: Int(whole), significand: sum)
  }
}
