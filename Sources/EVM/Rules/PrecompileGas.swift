/// Prices of the precompiled contracts in gas, fork by fork; where one grows with its input, for
/// what it grows with is in the name.
///
/// Source: Yellow Paper, appendix E; EIP-152, 196, 197, 198, 1108, 2537, 2565, 4844, 7212, 7883,
/// 7951.
enum PrecompileGas {
  static var recoverSigner: Int { 3000 }
  static var sha256: Int { 60 }
  static var sha256Word: Int { 12 }
  static var ripemd160: Int { 600 }
  static var ripemd160Word: Int { 120 }
  static var identity: Int { 15 }
  static var identityWord: Int { 3 }
  static var blake2Round: Int { 1 }
  static var pointEvaluation: Int { 50_000 }

  /// BN254: Byzantium's prices, and Istanbul's, for which better algorithms had been found.
  struct BN254 {
    var add = 500
    var multiply = 40_000
    var pairing = 100_000
    var pairingPair = 80_000
  }

  static func bn254(_ fork: Fork) -> BN254 {
    fork < .istanbul
      ? BN254() : BN254(add: 150, multiply: 6000, pairing: 45_000, pairingPair: 34_000)
  }

  /// A modular power: what its work is divided by, the least it costs, and what each byte of a long
  /// exponent adds to the work.
  struct ModularPower {
    var divisor: UInt64 = 20
    var least = 0
    var exponentByte: UInt64 = 8
  }

  static func modularPower(_ fork: Fork) -> ModularPower {
    var prices = ModularPower()
    if fork >= .berlin { prices = ModularPower(divisor: 3, least: 200) }
    if fork >= .osaka { prices = ModularPower(divisor: 1, least: 500, exponentByte: 16) }
    return prices
  }

  static var bls12381AddG1: Int { 375 }
  static var bls12381AddG2: Int { 600 }
  /// A single multiple; sums have discounts (`SumDiscounts.swift`).
  static var bls12381MultiplyG1: Int { 12_000 }
  static var bls12381MultiplyG2: Int { 22_500 }
  static var bls12381Pairing: Int { 37_700 }
  static var bls12381PairingPair: Int { 32_600 }
  static var bls12381MapToG1: Int { 5500 }
  static var bls12381MapToG2: Int { 23_800 }

  /// P-256: Osaka's price, and that of OP chains, which had it before.
  static func verifyP256(_ rollup: RollupFork?) -> Int { rollup == nil ? 6900 : 3450 }
}
