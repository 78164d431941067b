import Cryptography
import Primitives

/// Where contracts come to be, and whose code a call runs.
extension Journal {
  /// Whether an address has a contract, had a transaction, or holds storage (EIP-684, EIP-7610).
  func isTaken(_ account: Int) -> Bool {
    accounts[account].nonce != 0
      || accounts[account].codeHash != Keccak256.empty || hasStorage(account)
  }

  /// Brings a new contract into existence.
  func prepareContract(_ account: Int) {
    touch(account)
    _ = raise(.created, at: account)
    if fork >= .spuriousDragon { setNonce(1, at: account) }
  }

  /// The code of an account to which another one delegates; that of a precompiled contract is
  /// empty (EIP-7702).
  func delegatedCode(_ account: Int) throws(StateMiss) -> CodeReference {
    if isPrecompile(accounts[account].key) { return workspace.emptyCode.reference }
    try load(account)
    return try code(at: account)
  }
}
