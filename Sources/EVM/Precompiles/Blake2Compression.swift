import Cryptography
import Primitives

extension PrecompileTable {
  /// 0x09: the compression function F of BLAKE2b (EIP-152), one gas a round.
  ///
  /// Input: rounds (4 bytes, big-endian), state (64), message (128), counter (16), last (1);
  /// words are little-endian. Any other length, or a last byte above 1, is refused.
  static func blake2Compression(_ call: PrecompileCall) -> PrecompileAnswer {
    let input = call.input
    guard input.count == 213 else { return .refusal(.inputLength) }
    guard input[212] <= 1 else { return .refusal(.finalFlag) }
    var rounds: UInt32 = 0
    for byte in input[0..<4] { rounds = rounds << 8 | UInt32(byte) }
    let cost = PrecompileGas.blake2Round * Int(rounds)
    guard cost <= call.gasLimit else { return .outOfGas }
    var state = [8 of UInt64](repeating: 0)
    for index in 0..<8 { state[index] = littleEndianWord(input, at: 4 + 8 * index) }
    var message = [16 of UInt64](repeating: 0)
    for index in 0..<16 { message[index] = littleEndianWord(input, at: 68 + 8 * index) }
    let counter = (littleEndianWord(input, at: 196), littleEndianWord(input, at: 204))
    let result = Blake2b.compress(
      rounds: rounds, h: state, m: message, t: counter, final: input[212] == 1)
    var output = Bytes()
    output.reserveCapacity(64)
    for index in 0..<8 {
      for shift in 0..<8 {
        output.append(UInt8(truncatingIfNeeded: result[index] >> (8 * UInt64(shift))))
      }
    }
    return .output(output, cost: cost)
  }

  private static func littleEndianWord(_ bytes: Bytes, at offset: Int) -> UInt64 {
    var word: UInt64 = 0
    for index in 0..<8 { word |= UInt64(bytes[offset + index]) << (8 * UInt64(index)) }
    return word
  }
}
