import Primitives

/// 0xFF: a contract gives its balance away and, if it may, ends to be.
extension Interpreter {
  @inline(never)
  func selfDestruct(_ r: inout Registers) throws(Interruption) {
    try r.need(1)
    if current.isStatic { throw .halt(.writeProtection) }
    try r.charge(selfDestructCost)
    let beneficiary = journal.index(of: Address(r[0]))
    if journal.access(beneficiary) { try r.charge(prices.selfDestructCold) }
    try asking { () throws(StateMiss) in try journal.load(beneficiary) }
    let balance = journal.accounts[current.account].balance
    if isNew(beneficiary, receiving: balance) { try r.charge(prices.selfDestructNewAccount) }
    if let tracer {
      tracer.selfDestruct(
        current.address, beneficiary: journal.accounts[beneficiary].key,
        balance: balance, depth: depth)
    }
    giveAway(balance, to: beneficiary)
    try end(&r, .success, .empty)
  }

  /// Whether the transfer would bring the beneficiary into existence; from EIP-158 on only a
  /// transfer of something does.
  private func isNew(_ beneficiary: Int, receiving balance: UInt256) -> Bool {
    let record = journal.accounts[beneficiary]
    if fork < .spuriousDragon { return !record.exists }
    return !balance.isZero && record.isEmpty
  }

  /// From Cancun on only a contract created in the same transaction ends to be (EIP-6780).
  private func giveAway(_ balance: UInt256, to beneficiary: Int) {
    let own = current.account
    let ends = fork < .cancun || journal.flags(own).contains(.created)
    _ = journal.transfer(balance, from: own, to: beneficiary)
    guard ends else { return }
    journal.setBalance(0, at: own)
    if journal.destroy(own) { journal.addRefund(prices.selfDestructRefund) }
  }
}
