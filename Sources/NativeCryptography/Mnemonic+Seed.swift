import Primitives

extension Mnemonic {
  /// The phrase of 12 words that foundry's tools make of a number, which everybody can guess.
  ///
  /// Their generator is Rust's standard one: the number is stretched to a key by PCG32, the key to a
  /// stream of words by ChaCha with 12 rounds, and of each word one byte is entropy.
  public static func phrase(seed: UInt64) -> String {
    var state = seed
    let key = (0..<8).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 11_634_580_027_462_260_723
      let mixed = UInt32(truncatingIfNeeded: ((state >> 18) ^ state) >> 27)
      let turn = UInt32(truncatingIfNeeded: state >> 59)
      return mixed >> turn | mixed << ((32 - turn) & 31)
    }
    let words = ChaCha.firstBlock(key: key, rounds: 12)
    return phrase(entropy: words.map { UInt8(truncatingIfNeeded: $0) })
  }
}

/// The stream cipher ChaCha.
///
/// Source: D. J. Bernstein, "ChaCha, a variant of Salsa20"; RFC 8439 has it with 20 rounds.
public enum ChaCha {
  /// The 16 words with which the stream of a key of 8 words begins, after an even number of rounds;
  /// counter and nonce are 0.
  public static func firstBlock(key: [UInt32], rounds: Int) -> [UInt32] {
    precondition(key.count == 8 && rounds % 2 == 0, "a key of 256 bits, and double rounds")
    // "expand 32-byte k"
    let start: [UInt32] =
      [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574] + key + [0, 0, 0, 0]
    var words = start
    for _ in 0..<rounds / 2 {
      for (a, b, c, d) in columns + diagonals { quarter(&words, a, b, c, d) }
    }
    return zip(words, start).map { $0 &+ $1 }
  }

  private typealias Places = (Int, Int, Int, Int)
  private static let columns: [Places] = [
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
  ]
  private static let diagonals: [Places] = [
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
  ]

  private static func quarter(_ words: inout [UInt32], _ a: Int, _ b: Int, _ c: Int, _ d: Int) {
    func add(_ target: Int, _ other: Int, _ mixed: Int, turn: UInt32) {
      words[target] &+= words[other]
      let sum = words[mixed] ^ words[target]
      words[mixed] = sum << turn | sum >> (32 - turn)
    }
    add(a, b, d, turn: 16)
    add(c, d, b, turn: 12)
    add(a, b, d, turn: 8)
    add(c, d, b, turn: 7)
  }
}
