import EVM
import Primitives

/// Ether that a block of proof of work brings into being for one account.
///
/// Source: Yellow Paper, section 11.3; EIP-649, EIP-1234.
public struct BlockReward: Hashable, Sendable {
  /// Who gets it.
  public var address: Address
  /// How much, in wei.
  public var amount: UInt256

  /// `amount` for `address`.
  public init(address: Address, amount: UInt256) {
    self.address = address
    self.amount = amount
  }

  /// What the maker of a block earns under a fork's rules, in wei; nothing since Paris.
  static func amount(_ fork: Fork) -> UInt256 {
    let ether: UInt256 = 1_000_000_000_000_000_000
    if fork >= .paris { return .zero }
    return fork >= .constantinople ? 2 * ether : fork >= .byzantium ? 3 * ether : 5 * ether
  }

  /// The rewards of a block that is worth `amount`: an eighth less for each generation that an
  /// ommer is older, and a 32nd more to the block's own maker for each of them.
  ///
  /// `age` is the difference of both numbers; an ommer from the eighth generation on gets nothing.
  public static func all(
    _ amount: UInt256, feeRecipient: Address, ommers: [(address: Address, age: UInt64)]
  ) -> [BlockReward] {
    var rewards: [BlockReward] = []
    var own = amount
    for ommer in ommers {
      let share = amount &* UInt256(8 - min(ommer.age, 8)) / 8
      rewards.append(BlockReward(address: ommer.address, amount: share))
      own = own &+ amount / 32
    }
    rewards.append(BlockReward(address: feeRecipient, amount: own))
    return rewards
  }
}
