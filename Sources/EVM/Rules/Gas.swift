/// Prices in gas that no fork has changed (Yellow Paper, appendix G).
enum Gas {
  static var jumpDestination: Int { 1 }
  static var base: Int { 2 }
  static var veryLow: Int { 3 }
  static var low: Int { 5 }
  static var middle: Int { 8 }
  static var high: Int { 10 }
  static var exponent: Int { 10 }
  static var blockHash: Int { 20 }
  static var keccak: Int { 30 }
  static var keccakWord: Int { 6 }
  static var copyWord: Int { 3 }
  /// For LOG itself, and again for each topic.
  static var log: Int { 375 }
  static var logByte: Int { 8 }
  static var create: Int { 32_000 }
  /// For each byte of a created contract's code.
  static var codeByte: Int { 200 }
  static var callValue: Int { 9000 }
  /// What a call with value gives the callee on top.
  static var callStipend: Int { 2300 }
  static var newAccount: Int { 25_000 }
  static var storageSet: Int { 20_000 }
  static var transient: Int { 100 }
}

/// Prices that forks changed and that depend on what an instruction does; Frontier's to begin with.
struct Prices: Sendable {
  /// EXP, for each byte of the exponent.
  var exponentByte = 10
  /// What the first access to an account costs on top of the warm price.
  var coldAccount = 0
  /// What the first SLOAD of a slot costs on top of the warm price.
  var coldSlot = 0
  /// What the first access to a slot costs on top if it is an SSTORE.
  var coldSlotWrite = 0
  /// What SELFDESTRUCT costs on top if the beneficiary is cold.
  var selfDestructCold = 0
  /// What SELFDESTRUCT costs on top if it brings the beneficiary into existence.
  var selfDestructNewAccount = 0
  /// What SELFDESTRUCT gives back.
  var selfDestructRefund: Int64 = 24_000
  /// Whether SSTORE compares with the value before the transaction (EIP-1283, EIP-2200).
  var isStorageMeteredNet = false
  /// SSTORE of a word that is there already, or over one changed in the same transaction.
  var storageUnchanged = 5000
  /// SSTORE over a word, first in the transaction.
  var storageReset = 5000
  /// What SSTORE gives back for a zero over a word.
  var storageClearRefund: Int64 = 15_000
  /// SSTORE fails if no more gas than this is left (EIP-2200).
  var storageSentry = 0
  /// For each word of init code (EIP-3860).
  var initCodeWord = 0
}
