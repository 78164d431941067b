/// Numbers that look random and follow from a seed.
///
/// Source: https://prng.di.unimi.it/splitmix64.c
public struct SplitMix64: Sendable {
  private var state: UInt64

  /// The numbers of a seed.
  public init(seed: UInt64) { state = seed }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }

  /// The next number below a bound, which is above 0.
  public mutating func next(below bound: UInt64) -> UInt64 { next() % bound }
}
