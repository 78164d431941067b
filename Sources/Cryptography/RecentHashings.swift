import Primitives

/// The hashes of addresses and slots that were asked for lately.
///
/// Block after block touches the same few accounts, and what is read of a slot is mostly written
/// next: to look here takes a tenth of hashing again. Whether an answer comes from memory cannot be
/// told. Not for two threads at once.
public final class RecentHashings {
  /// How many of each kind are remembered, each at the one place that its bits say.
  private static let count = 1_024

  /// The place of what has these bits, of which the system's contracts share the last ones.
  private static func place(_ bits: UInt64) -> Int {
    Int(truncatingIfNeeded: (bits &* 0x9e37_79b9_7f4a_7c15) >> 54)
  }

  private var addresses: [(address: Address, hash: Hash)] = []
  private var slots: [(slot: UInt256, hash: Hash)] = []

  /// A memory of nothing, which takes room once it is asked.
  public init() {}

  /// The Keccak-256 of an address's 20 bytes.
  public func hash(_ address: Address) -> Hash {
    if addresses.isEmpty {
      addresses = Array(repeating: (.zero, Keccak256.hash(Address.zero)), count: Self.count)
    }
    let place = Self.place(address.word0 ^ UInt64(address.word2))
    let known = addresses[place]
    if known.address == address { return known.hash }
    let hash = Keccak256.hash(address)
    addresses[place] = (address, hash)
    return hash
  }

  /// The Keccak-256 of a slot's 32 bytes.
  public func hash(_ slot: UInt256) -> Hash {
    if slots.isEmpty {
      slots = Array(repeating: (.zero, Keccak256.hash(UInt256.zero)), count: Self.count)
    }
    let place = Self.place(slot.limb0 ^ slot.limb3)
    let known = slots[place]
    if known.slot == slot { return known.hash }
    let hash = Keccak256.hash(slot)
    slots[place] = (slot, hash)
    return hash
  }
}
