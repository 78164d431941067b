import Primitives

/// 0x40 to 0x4A, where it takes more than a look at the environment.
extension Interpreter {
  /// BLOCKHASH knows the 256 blocks before this one, and answers zero for any other.
  @inline(never)
  func blockHash(_ r: inout Registers) throws(Interruption) {
    try r.need(1)
    try r.charge(Gas.blockHash)
    let number = r[0]
    if number.fitsUInt64, number.limb0 < block.number, block.number &- number.limb0 <= 256 {
      r[0] = UInt256(
        try asking { () throws(StateMiss) in try journal.reader.blockHash(number.limb0) })
    } else {
      r[0] = 0
    }
    r.next()
  }

  /// DIFFICULTY, which became PREVRANDAO with Paris (EIP-4399).
  @inline(never)
  func randomness(_ r: inout Registers) throws(Interruption) {
    try r.produce(Gas.base, fork >= .paris ? UInt256(block.prevRandao) : block.difficulty)
  }

  /// BLOBHASH answers zero beyond the transaction's blobs (EIP-4844).
  @inline(never)
  func blobHash(_ r: inout Registers) throws(Interruption) {
    try r.need(1)
    try r.charge(Gas.veryLow)
    let index = r[0].clampedInt
    let hashes = transaction.blobHashes
    r[0] = index < hashes.count ? UInt256(hashes[index]) : 0
    r.next()
  }
}
