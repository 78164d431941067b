import Cryptography
import Primitives

/// The slots whose hashes anybody can try out: they need not be written down.
///
/// Most variables of contracts stand there, and the rings in which each block of a chain writes its
/// time and its parent's hash: thousands of rows in an order of hashes, which is to say in none.
enum SmallSlots {
  /// All slots below this are small; the rings have 8,191 and twice as many.
  static let count = 16_384

  /// The slots by the first eight bytes of their hashes, made when somebody asks.
  private static let slots: [UInt64: UInt16] = {
    var slots: [UInt64: UInt16] = [:]
    slots.reserveCapacity(count)
    for slot in 0..<UInt16(count) { slots[Keccak256.hash(UInt256(UInt64(slot))).word0] = slot }
    return slots
  }()

  /// Whether a slot is one of them.
  static func contains(_ slot: UInt256) -> Bool { slot.fitsUInt64 && slot.limb0 < count }

  /// The slot of a hash, if it is one of them.
  static func slot(of hash: Hash) -> UInt256? {
    guard let slot = slots[hash.word0].map({ UInt256(UInt64($0)) }) else { return nil }
    return Keccak256.hash(slot) == hash ? slot : nil
  }
}
