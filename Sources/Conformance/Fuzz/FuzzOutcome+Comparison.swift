import Primitives

extension FuzzOutcome {
  /// The first field that another implementation has otherwise; `expected` is theirs.
  public func firstDifference(from theirs: FuzzOutcome) -> Difference? {
    guard refusal == nil, theirs.refusal == nil else {
      if refusal != nil, theirs.refusal != nil { return nil }
      return Difference(
        "transaction", expected: theirs.refusal.map { "refused: \($0)" } ?? "accepted",
        got: refusal.map { "refused: \($0)" } ?? "accepted")
    }
    func difference(_ field: String, _ expected: String, _ got: String) -> Difference? {
      expected == got ? nil : Difference(field, expected: expected, got: got)
    }
    let result =
      difference("status", theirs.status.rawValue, status.rawValue)
      ?? difference("gasUsed", String(theirs.gasUsed), String(gasUsed))
      ?? difference(
        "output", Hexadecimal.encodePrefixed(theirs.output), Hexadecimal.encodePrefixed(output))
    if let result { return result }
    if logs != theirs.logs {
      return Difference("logs", expected: "\(theirs.logs)", got: "\(logs)")
    }
    for address in Set(accounts.keys).union(theirs.accounts.keys).sorted() {
      let name = address.hexadecimal
      guard let own = accounts[address], let their = theirs.accounts[address] else {
        return difference(
          name, theirs.accounts[address] == nil ? "no account" : "an account",
          accounts[address] == nil ? "no account" : "an account")
      }
      if own == their { continue }
      return difference(name + " nonce", String(their.nonce), String(own.nonce))
        ?? difference(
          name + " balance", their.balance.decimalString, own.balance.decimalString)
        ?? difference(
          name + " code", Hexadecimal.encodePrefixed(their.code),
          Hexadecimal.encodePrefixed(own.code))
        ?? Self.storageDifference(name, own.storage, their.storage)
    }
    return nil
  }

  private static func storageDifference(
    _ name: String, _ own: [UInt256: UInt256], _ their: [UInt256: UInt256]
  ) -> Difference? {
    for slot in Set(own.keys).union(their.keys).sorted() where own[slot] != their[slot] {
      return Difference(
        "\(name) storage \(slot.hexadecimal)",
        expected: (their[slot] ?? .zero).hexadecimal, got: (own[slot] ?? .zero).hexadecimal)
    }
    return nil
  }
}
