/// How long the input of a precompiled contract may be on an OP chain, so that a fault proof can
/// check any call of it.
///
/// Source: the OP Stack specification, execution engine of Granite, Isthmus and Jovian.
struct RollupInputLimit {
  /// From Granite on for BN254, from Isthmus on for BLS12-381; in bytes.
  let atFirst: Int
  /// From Jovian on.
  let sinceJovian: Int
  /// The fork that brought a limit.
  let since: RollupFork

  static let bn254Pairing = RollupInputLimit(
    atFirst: 112_687, sinceJovian: 81_984, since: .granite)
  static let sumG1 = RollupInputLimit(atFirst: 513_760, sinceJovian: 288_960, since: .isthmus)
  static let sumG2 = RollupInputLimit(atFirst: 488_448, sinceJovian: 278_784, since: .isthmus)
  static let bls12381Pairing = RollupInputLimit(
    atFirst: 235_008, sinceJovian: 156_672, since: .isthmus)
}

extension PrecompileCall {
  /// Whether the input is as short as the chain asks for; always so on other chains.
  func isWithin(_ limit: RollupInputLimit) -> Bool {
    guard let rollup, rollup >= limit.since else { return true }
    return input.count <= (rollup >= .jovian ? limit.sinceJovian : limit.atFirst)
  }
}
