import Primitives

/// The words that every Brotli decoder knows.
///
/// Source: RFC 7932, section 8 and appendices A and B.
enum BrotliDictionary {
  static let lengths = 4...24
  /// For each length: how many bits the number of its words has.
  private static let sizeBits: [UInt8] = [
    0, 0, 0, 0, 10, 10, 11, 11, 10, 10, 10, 10, 10, 9, 9, 8, 7, 7, 8, 7, 7, 6, 6, 5, 5,
  ]

  /// All words, those of one length behind each other.
  private static let words = PackedBytes.unpack([packed1, packed2], sizeInBytes: 122_784)

  /// For each length: where its words begin.
  private static let offsets: [Int] = {
    var offsets: [Int] = []
    var next = 0
    for (length, bits) in sizeBits.enumerated() {
      offsets.append(next)
      if lengths.contains(length) { next += length << Int(bits) }
    }
    return offsets
  }()

  /// The word of that length which `reference` names together with a change, or nil.
  static func word(length: Int, reference: Int) -> Bytes? {
    guard lengths.contains(length) else { return nil }
    let bits = Int(sizeBits[length])
    let change = reference >> bits
    guard change < BrotliTransform.all.count else { return nil }
    let start = offsets[length] + (reference & (1 << bits - 1)) * length
    return BrotliTransform.all[change].apply(to: words[start..<start + length])
  }
}
