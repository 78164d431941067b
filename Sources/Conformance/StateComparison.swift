import EVM
import Execution
import Primitives

/// Finds where a state is another than a test lists.
enum StateComparison {
  /// The first field of the accounts, in the file's order, that the state holds otherwise.
  ///
  /// Nil if there is none, also where accounts are there that the list has not.
  static func firstDifference(
    expected: [(address: Address, account: GenesisAccount)]?, state: State
  ) -> Difference? {
    for (address, wanted) in expected ?? [] {
      let name = address.hexadecimal
      guard let account = try? state.account(address) else {
        return Difference(name, expected: "an account", got: "none")
      }
      if account.balance != wanted.balance {
        return Difference(
          name + " balance", expected: wanted.balance.hexadecimal,
          got: account.balance.hexadecimal)
      }
      if account.nonce != wanted.nonce {
        return Difference(
          name + " nonce", expected: String(wanted.nonce), got: String(account.nonce))
      }
      let code = (try? state.code(at: address)) ?? []
      if code != wanted.code {
        return Difference(
          name + " code", expected: Hexadecimal.encodePrefixed(wanted.code),
          got: Hexadecimal.encodePrefixed(code))
      }
      for (slot, value) in wanted.storage {
        let got = (try? state.storage(address, slot)) ?? .zero
        if got != value {
          return Difference(
            "\(name) storage \(slot.hexadecimal)", expected: value.hexadecimal,
            got: got.hexadecimal)
        }
      }
    }
    return nil
  }
}
