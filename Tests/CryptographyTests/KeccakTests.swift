import Cryptography
import Primitives
import Testing

@Suite("Keccak-256")
struct KeccakTests {
  @Test("known hashes come out")
  func known() {
    #expect(Keccak256.hash([] as Bytes) == Keccak256.empty)
    #expect(
      Keccak256.hash(Bytes("abc".utf8)).hexadecimal
        == "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")
    #expect(
      Keccak256.hash(Bytes("hello".utf8)).hexadecimal
        == "0x1c8aff950685c2ed4bc3174f3472287b56d9517b9c948127319a09a7a36deac8")
  }

  /// Keccak-f as nested loops, as the standard describes it.
  private static func referenceHash(_ message: Bytes) -> Bytes {
    var padded = message + [1]
    while padded.count % 136 != 0 { padded.append(0) }
    padded[padded.count - 1] |= 0x80
    var state = [[UInt64]](repeating: [UInt64](repeating: 0, count: 5), count: 5)
    for block in stride(from: 0, to: padded.count, by: 136) {
      for index in 0..<136 {
        let lane = index / 8
        state[lane % 5][lane / 5] ^= UInt64(padded[block + index]) << UInt64(8 * (index % 8))
      }
      permute(&state)
    }
    return (0..<32).map { UInt8(truncatingIfNeeded: state[$0 / 8][0] >> UInt64(8 * ($0 % 8))) }
  }

  private static func permute(_ state: inout [[UInt64]]) {
    func turn(_ lane: UInt64, _ count: Int) -> UInt64 {
      count == 0 ? lane : lane << UInt64(count) | lane >> UInt64(64 - count)
    }
    var feedback: UInt8 = 1
    for _ in 0..<24 {
      let parity = state.map { $0.reduce(0, ^) }
      for x in 0..<5 {
        let change = parity[(x + 4) % 5] ^ turn(parity[(x + 1) % 5], 1)
        for y in 0..<5 { state[x][y] ^= change }
      }
      var (x, y, current) = (1, 0, state[1][0])
      for step in 0..<24 {
        (x, y) = (y, (2 * x + 3 * y) % 5)
        (current, state[x][y]) = (state[x][y], turn(current, (step + 1) * (step + 2) / 2 % 64))
      }
      for y in 0..<5 {
        let row = (0..<5).map { state[$0][y] }
        for x in 0..<5 { state[x][y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]) }
      }
      for bit in 0..<7 {
        if feedback & 1 == 1 { state[0][0] ^= 1 << UInt64((1 << bit) - 1) }
        feedback = feedback & 0x80 == 0 ? feedback << 1 : feedback << 1 ^ 0x71
      }
    }
  }

  @Test("the unrolled permutation is the one of nested loops for every length to 300")
  func agreesWithLoops() {
    var failures: [Int] = []
    for count in 0...300 {
      let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ count) }
      if Keccak256.hash(message).bytes != Self.referenceHash(message) { failures.append(count) }
    }
    #expect(failures.isEmpty)
  }

  @Test("bytes that arrive piece by piece hash as they do at once")
  func pieces() {
    let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    for piece in [1, 31, 135, 136, 137, 272, 999] {
      var hasher = Keccak256Hasher()
      for start in stride(from: 0, to: message.count, by: piece) {
        hasher.update(message[start..<min(start + piece, message.count)])
      }
      #expect(hasher.finalize() == Keccak256.hash(message))
    }
  }

  @Test("words and addresses hash as their bytes do")
  func words() {
    let left = UInt256(1, 2, 3, 4)
    let right = UInt256(5, 6, 7, 8)
    #expect(Keccak256.hash(left) == Keccak256.hash(left.bigEndianBytes))
    #expect(
      Keccak256.hash(left, right) == Keccak256.hash(left.bigEndianBytes + right.bigEndianBytes))
    #expect(Keccak256.hash(Address(left)) == Keccak256.hash(Address(left).bytes))
    #expect(Keccak256.hash(Hash(left)) == Keccak256.hash(left))
  }
}
