import Primitives

/// What the LZ77 coder FastLZ would make of bytes, of which only the length counts.
///
/// Fjord estimates a transaction's part of a compressed batch by it, so the length is consensus.
/// Source: the OP Stack specification, Fjord; `fastlz_compress` level 1, of the C library.
public enum FastLZ {
  private static let tableSize = 8_192
  private static let farthest = 0x1fff

  /// How many bytes the coder makes of `input`.
  public static func compressedSize(of input: Bytes) -> Int {
    var coder = Coder(input: input)
    return coder.run()
  }

  private struct Coder {
    let input: Bytes
    /// The last position of each hash of three bytes.
    var table = [Int](repeating: 0, count: tableSize)
    var size = 0

    mutating func run() -> Int {
      let limit = max(input.count - 13, 0)
      var anchor = 0
      var position = 2
      while position < limit {
        guard let reference = findMatch(&position, limit) else { break }
        if position > anchor { addLiterals(position - anchor) }
        let length = matchLength(reference + 3, position + 3, end: limit + 9)
        addMatch(length)
        position += length
        remember(position)
        remember(position + 1)
        position += 2
        anchor = position
      }
      addLiterals(input.count - anchor)
      return size
    }

    /// Where three bytes like those at `position` stood before; moves on until there are some.
    private mutating func findMatch(_ position: inout Int, _ limit: Int) -> Int? {
      while true {
        let bytes = three(at: position)
        let hash = Self.hash(bytes)
        let reference = table[hash]
        table[hash] = position
        if position >= limit { return nil }
        if position - reference <= farthest, bytes == three(at: reference) {
          return position + 1 < limit ? reference : nil
        }
        position += 1
      }
    }

    private mutating func remember(_ position: Int) {
      table[Self.hash(three(at: position))] = position
    }

    /// How far two places are alike, counting the first byte in which they differ.
    private func matchLength(_ first: Int, _ second: Int, end: Int) -> Int {
      var length = 0
      while second + length < end {
        length += 1
        if input[first + length - 1] != input[second + length - 1] { break }
      }
      return length
    }

    /// A run of literals: a byte before each 32 of them.
    private mutating func addLiterals(_ count: Int) {
      size += 33 * (count / 32)
      if count % 32 != 0 { size += count % 32 + 1 }
    }

    /// A match: three bytes for each 262, then two or three.
    private mutating func addMatch(_ length: Int) {
      let rest = length - 1
      size += 3 * (rest / 262)
      size += rest % 262 >= 6 ? 3 : 2
    }

    private func three(at index: Int) -> UInt32 {
      UInt32(input[index]) | UInt32(input[index + 1]) << 8 | UInt32(input[index + 2]) << 16
    }

    private static func hash(_ bytes: UInt32) -> Int {
      Int((bytes &* 2_654_435_769) >> 19 & 0x1fff)
    }
  }
}
