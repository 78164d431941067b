import Primitives

/// Chance that can be had again: the same seed gives the same numbers on every machine.
///
/// Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (2014).
public struct SplitMix: Sendable {
  private var state: UInt64

  /// The numbers of a seed.
  public init(seed: UInt64) { state = seed }

  /// The numbers of one case of a seed; neighbouring cases have nothing in common.
  public init(seed: UInt64, index: UInt64) {
    var outer = SplitMix(seed: seed)
    var inner = SplitMix(seed: index ^ 0x6a09_e667_f3bc_c909)
    state = outer.next() ^ inner.next()
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }

  /// A number below `bound`, which is not zero.
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "a number below \(bound) is asked for")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A number of a range.
  public mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.count)
  }

  /// True once in so many times, on average.
  public mutating func oneIn(_ times: Int) -> Bool { below(times) == 0 }

  /// One of some elements, of which there is at least one.
  public mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[below(elements.count)]
  }

  /// One of some elements, each with its weight.
  public mutating func pick<Element>(weighted elements: [(weight: Int, element: Element)])
    -> Element
  {
    var place = below(elements.reduce(0) { $0 + $1.weight })
    for (weight, element) in elements {
      if place < weight { return element }
      place -= weight
    }
    return elements[elements.count - 1].element
  }

  /// So many bytes.
  public mutating func bytes(_ count: Int) -> Bytes {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 24) }
  }

  /// A word of which every bit is chance.
  public mutating func word() -> UInt256 { UInt256(next(), next(), next(), next()) }
}
