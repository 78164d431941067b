import Primitives

/// scrypt for parameters that OpenSSL refuses: RFC 7914 bounds the cost by the block size, and
/// wallets have written key files beyond that bound.
enum Scrypt {
  /// The most memory that a key may take, in bytes.
  private static let memoryLimit: UInt64 = 1 << 28

  /// The key, or nil for parameters that are out of bounds.
  static func key(
    password: Bytes, salt: Bytes, cost: UInt64, blockSize: UInt64, parallelism: UInt64,
    sizeInBytes: Int
  ) -> Bytes? {
    guard cost > 1, cost & (cost - 1) == 0, 1...8 ~= blockSize, 1...8 ~= parallelism,
      cost < memoryLimit / (128 * blockSize), 128 * blockSize * parallelism <= 1024
    else { return nil }
    let blockBytes = Int(128 * blockSize)
    guard
      var blocks = KeyDerivation.pbkdf2SHA256(
        password: password, salt: salt, rounds: 1, sizeInBytes: blockBytes * Int(parallelism))
    else { return nil }
    for lane in 0..<Int(parallelism) {
      let range = lane * blockBytes..<(lane + 1) * blockBytes
      var words = [UInt32](repeating: 0, count: blockBytes / 4)
      for (index, byte) in blocks[range].enumerated() {
        words[index / 4] |= UInt32(byte) << UInt32(index % 4 * 8)
      }
      mix(&words, cost: Int(cost))
      for (index, place) in range.enumerated() {
        blocks[place] = UInt8(truncatingIfNeeded: words[index / 4] >> UInt32(index % 4 * 8))
      }
    }
    return KeyDerivation.pbkdf2SHA256(
      password: password, salt: blocks, rounds: 1, sizeInBytes: sizeInBytes)
  }

  /// ROMix: fills a table, and walks through it as its own words say.
  private static func mix(_ words: inout [UInt32], cost: Int) {
    let count = words.count
    var table = [UInt32]()
    table.reserveCapacity(cost * count)
    for _ in 0..<cost {
      table += words
      shuffle(&words)
    }
    for _ in 0..<cost {
      let row = Int(words[count - 16]) & (cost - 1)
      for index in 0..<count { words[index] ^= table[row * count + index] }
      shuffle(&words)
    }
  }

  /// BlockMix over Salsa20/8; even blocks come first in the result.
  private static func shuffle(_ words: inout [UInt32]) {
    let blocks = words.count / 16
    var state = Array(words[(words.count - 16)...])
    var shuffled = [UInt32](repeating: 0, count: words.count)
    for block in 0..<blocks {
      for index in 0..<16 { state[index] ^= words[block * 16 + index] }
      salsa(&state)
      let target = block.isMultiple(of: 2) ? block / 2 : (block + blocks) / 2
      for index in 0..<16 { shuffled[target * 16 + index] = state[index] }
    }
    words = shuffled
  }

  private static func salsa(_ state: inout [UInt32]) {
    var x = state
    func turn(_ target: Int, _ left: Int, _ right: Int, _ shift: UInt32) {
      let sum = x[left] &+ x[right]
      x[target] ^= sum << shift | sum >> (32 - shift)
    }
    func quarter(_ a: Int, _ b: Int, _ c: Int, _ d: Int) {
      turn(b, a, d, 7)
      turn(c, b, a, 9)
      turn(d, c, b, 13)
      turn(a, d, c, 18)
    }
    for _ in 0..<4 {
      quarter(0, 4, 8, 12)
      quarter(5, 9, 13, 1)
      quarter(10, 14, 2, 6)
      quarter(15, 3, 7, 11)
      quarter(0, 1, 2, 3)
      quarter(5, 6, 7, 4)
      quarter(10, 11, 8, 9)
      quarter(15, 12, 13, 14)
    }
    for index in 0..<16 { state[index] = state[index] &+ x[index] }
  }
}
