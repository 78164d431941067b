import Cryptography
import Primitives

/// 0x30 to 0x3F: accounts, call data, code and return data.
extension Registers {
  @inline(__always)
  mutating func callDataLoad() throws(Interruption) {
    try need(1)
    try charge(Gas.veryLow)
    self[0] = inputWord(self[0])
    next()
  }
}

extension Interpreter {
  /// The index of the account that a word names, read and paid for if it is cold.
  func accessed(_ word: UInt256, _ r: inout Registers) throws(Interruption) -> Int {
    let index = journal.index(of: Address(word))
    if journal.access(index) { try r.charge(prices.coldAccount) }
    try asking { () throws(StateMiss) in try journal.load(index) }
    return index
  }

  @inline(never)
  func balance(_ r: inout Registers) throws(Interruption) {
    try r.need(1)
    try r.charge(balanceCost)
    let index = try accessed(r[0], &r)
    r[0] = journal.accounts[index].balance
    r.next()
  }

  @inline(never)
  func ownBalance(_ r: inout Registers) throws(Interruption) {
    try r.produce(Gas.low, journal.accounts[current.account].balance)
  }

  @inline(never)
  func callDataCopy(_ r: inout Registers) throws(Interruption) {
    try r.need(3)
    try r.charge(Gas.veryLow)
    let target = try memoryRange(r[0], r[2], &r)
    try r.chargeWords(target.count, Gas.copyWord)
    r.copyInput(from: r[1], to: target)
    r.drop(3)
    r.next()
  }

  @inline(never)
  func codeCopy(_ r: inout Registers) throws(Interruption) {
    try r.need(3)
    try r.charge(Gas.veryLow)
    let target = try memoryRange(r[0], r[2], &r)
    try r.chargeWords(target.count, Gas.copyWord)
    r.copy(current.stored.bytes, from: r[1], to: target)
    r.drop(3)
    r.next()
  }

  @inline(never)
  func externalCodeSize(_ r: inout Registers) throws(Interruption) {
    try r.need(1)
    try r.charge(codeCost)
    let index = try accessed(r[0], &r)
    let code = try asking { () throws(StateMiss) in try journal.code(at: index) }
    r[0] = UInt256(UInt64(code.count))
    r.next()
  }

  @inline(never)
  func externalCodeCopy(_ r: inout Registers) throws(Interruption) {
    try r.need(4)
    try r.charge(codeCost)
    let target = try memoryRange(r[1], r[3], &r)
    try r.chargeWords(target.count, Gas.copyWord)
    let index = try accessed(r[0], &r)
    let code = try asking { () throws(StateMiss) in try journal.code(at: index) }
    r.copy(code.bytes, from: r[2], to: target)
    r.drop(4)
    r.next()
  }

  /// EXTCODEHASH answers zero for an account that is empty or is not there (EIP-1052).
  @inline(never)
  func externalCodeHash(_ r: inout Registers) throws(Interruption) {
    try r.need(1)
    try r.charge(codeHashCost)
    let index = try accessed(r[0], &r)
    let isEmpty = journal.accounts[index].isEmpty
    r[0] = isEmpty ? 0 : UInt256(journal.accounts[index].codeHash)
    r.next()
  }

  /// RETURNDATACOPY halts beyond the end, where the other copies give zeros (EIP-211).
  @inline(never)
  func returnDataCopy(_ r: inout Registers) throws(Interruption) {
    try r.need(3)
    try r.charge(Gas.veryLow)
    let (end, isTooLarge) = r[1].addingReportingOverflow(r[2])
    guard !isTooLarge, end <= UInt256(UInt64(output.count)) else {
      throw .halt(.returnDataOutOfBounds)
    }
    let target = try memoryRange(r[0], r[2], &r)
    try r.chargeWords(target.count, Gas.copyWord)
    r.copy(output, from: r[1], to: target)
    r.drop(3)
    r.next()
  }
}
