import Cryptography
import EVM
import Execution
import Ledger
import Primitives
import SQLite

/// Addresses and slots whose preimages were written lately, so that those that every block touches
/// cost no more than a look here.
struct WrittenPreimages {
  /// How many of each kind are remembered before all are forgotten.
  private static let limit = 32_768

  private var addresses: Set<Address> = []
  private var slots: Set<UInt256> = []

  /// Whether an address is new here; it no longer is.
  mutating func isNew(_ address: Address) -> Bool {
    if addresses.count >= Self.limit { addresses.removeAll(keepingCapacity: true) }
    return addresses.insert(address).inserted
  }

  /// Whether a slot must be written, and is new here; it no longer is.
  mutating func isNew(_ slot: UInt256) -> Bool {
    if SmallSlots.contains(slot) { return false }
    if slots.count >= Self.limit { slots.removeAll(keepingCapacity: true) }
    return slots.insert(slot).inserted
  }
}

extension Views {
  /// Writes the addresses and slots of a change, which the state knows by their hashes alone.
  func writePreimages(of diff: StateDiff) throws(ViewsError) {
    for change in diff.accounts {
      if written.isNew(change.address) { try write(preimage: change.address.bytes) }
      for slot in change.storage where written.isNew(slot.slot) {
        try write(preimage: slot.slot.bigEndianBytes)
      }
    }
  }

  /// Writes the addresses and slots that a chain begins with.
  func writePreimages(of genesis: Genesis) throws(ViewsError) {
    for (address, account) in genesis.alloc {
      if written.isNew(address) { try write(preimage: address.bytes) }
      for (slot, _) in account.storage where written.isNew(slot) {
        try write(preimage: slot.bigEndianBytes)
      }
    }
  }

  private func write(preimage: Bytes) throws(ViewsError) {
    try ViewsError.wrapping { () throws(SQLiteError) in
      gathered.preimages.append(Fingerprint.of(Keccak256.hash(preimage)))
      gathered.preimages.append(preimage)
      try gathered.preimages.writeIfFull(to: connection)
    }
  }
}

extension ViewSnapshot {
  /// The address or slot of 20 or 32 bytes whose Keccak-256 this is, if any block touched it or the
  /// slot is a small one.
  public func preimage(of hash: Hash) throws(ViewsError) -> Bytes? {
    let found = try all(
      "SELECT preimage FROM preimages WHERE fingerprint = ?1", [.integer(Fingerprint.of(hash))]
    ) { row throws(SQLiteError) in try row.blob(0) }
    return found.first { Keccak256.hash($0) == hash }
      ?? SmallSlots.slot(of: hash)?.bigEndianBytes
  }
}
