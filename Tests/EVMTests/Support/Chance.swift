import Primitives

/// Numbers that look random and are the same for the same seed (splitmix64).
struct Chance {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  mutating func word(_ bound: UInt64) -> UInt256 { UInt256(next() % bound) }

  mutating func bytes(_ count: Int) -> Bytes { (0..<count).map { _ in UInt8(next() & 255) } }
}
