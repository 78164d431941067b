import Primitives

/// Eight bytes that stand for a hash, an address or a topic in an index.
///
/// An index of them is less than half as large as one of the values themselves. Two values may share
/// one: whoever looks one up compares what he finds with what he asked for.
enum Fingerprint {
  /// Of a block's or a transaction's hash, whose bytes are all equally good.
  static func of(_ hash: Hash) -> Int64 { Int64(bitPattern: hash.word0) }

  /// Of the address that a log came from; of all bytes, since addresses may be mostly zeros.
  static func of(emitter address: Address) -> Int64 {
    Int64(bitPattern: mix(address.word0, address.word1 ^ UInt64(address.word2) << 32))
  }

  /// Of a log's first topic; of all bytes, since a topic may be a small number.
  static func of(topic: Hash) -> Int64 {
    Int64(bitPattern: ~mix(topic.word0 ^ topic.word2, topic.word1 ^ topic.word3))
  }

  /// The finaliser of splitmix64 over two words; it spreads, it does not protect.
  private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
    var word = left &* 0x9e37_79b9_7f4a_7c15 ^ right
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }
}
