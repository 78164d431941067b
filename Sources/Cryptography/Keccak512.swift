import Primitives

/// Keccak with 512 bits, which the proof of work uses; as Keccak-256, not the SHA-3 of FIPS 202.
public enum Keccak512 {
  /// The bytes that one permutation takes in.
  private static let rateInBytes = 72

  /// The 64 bytes of the hash.
  public static func hash(_ bytes: Bytes) -> Bytes {
    var state = KeccakState()
    var padded = bytes
    padded.append(1)
    while padded.count % rateInBytes != 0 { padded.append(0) }
    padded[padded.count - 1] |= 0x80
    for start in stride(from: 0, to: padded.count, by: rateInBytes) {
      for index in 0..<rateInBytes {
        state.lanes[index / 8] ^= UInt64(padded[start + index]) << UInt64(index % 8 * 8)
      }
      state.permute()
    }
    return words(state)
  }

  /// The hash of 16 words of 32 bits, the lower byte first, as such words again.
  public static func hash(_ words: [16 of UInt32]) -> [16 of UInt32] {
    var state = KeccakState()
    for index in 0..<8 {
      state.lanes[index] = UInt64(words[2 * index]) | UInt64(words[2 * index + 1]) << 32
    }
    state.lanes[8] = 1 | 1 << 63
    state.permute()
    var hash = [16 of UInt32](repeating: 0)
    for index in 0..<8 {
      hash[2 * index] = UInt32(truncatingIfNeeded: state.lanes[index])
      hash[2 * index + 1] = UInt32(truncatingIfNeeded: state.lanes[index] >> 32)
    }
    return hash
  }

  private static func words(_ state: KeccakState) -> Bytes {
    var bytes: Bytes = []
    for lane in 0..<8 {
      for shift in 0..<8 {
        bytes.append(UInt8(truncatingIfNeeded: state.lanes[lane] >> UInt64(8 * shift)))
      }
    }
    return bytes
  }
}
