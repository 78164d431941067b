import Cryptography
import EVM
import Execution
import Primitives

/// A state in dictionaries, for programs that run on nothing else.
public final class ProgramState: StateReader {
  private var accounts: [Address: Account] = [:]
  private var slots: [Address: [UInt256: UInt256]] = [:]
  private var codes: [Hash: Bytes] = [:]

  /// A state that holds these accounts; of two with one address, the last.
  public init(_ accounts: [(address: Address, account: GenesisAccount)]) {
    for (address, given) in accounts {
      var account = Account(nonce: given.nonce, balance: given.balance)
      if !given.code.isEmpty {
        account.codeHash = Keccak256.hash(given.code)
        codes[account.codeHash] = given.code
      }
      slots[address] = Dictionary(
        given.storage.filter { !$0.value.isZero }.map { ($0.slot, $0.value) },
        uniquingKeysWith: { $1 })
      // No trie is built: whoever reads asks only whether there is any storage.
      if slots[address]?.isEmpty == false { account.storageRoot = Hash(1, 0, 0, 0) }
      self.accounts[address] = account
    }
  }

  /// The account at an address, or nil.
  public func account(_ address: Address) throws(StateMiss) -> Account? { accounts[address] }

  /// The word in a slot; zero if none was given.
  public func storage(_ address: Address, _ slot: UInt256) throws(StateMiss) -> UInt256 {
    slots[address]?[slot] ?? 0
  }

  /// The code with a hash.
  ///
  /// - Throws: `StateMiss` for a hash of none of the accounts' codes.
  public func code(_ codeHash: Hash) throws(StateMiss) -> Bytes {
    guard let code = codes[codeHash] else { throw .code(codeHash) }
    return code
  }

  /// Zeros for every block.
  public func blockHash(_ number: UInt64) throws(StateMiss) -> Hash { .zero }
}
