/// A set of rules for the virtual machine, named after the network upgrade that brought it.
///
/// Later forks compare as greater. Upgrades that changed nothing for the machine (the difficulty
/// bombs, the blob parameter forks) have no case; a chain's schedule maps them to the one before.
public enum Fork: UInt8, CaseIterable, Sendable {
  /// July 2015: the first rules.
  case frontier
  /// March 2016: DELEGATECALL, and a creation that cannot pay for its code fails.
  case homestead
  /// October 2016: gas costs raised against attacks (EIP-150).
  case tangerineWhistle
  /// November 2016: empty accounts are cleared and code has a largest size.
  case spuriousDragon
  /// October 2017: REVERT, return data, static calls.
  case byzantium
  /// February 2019, never live alone: shifts, CREATE2, EXTCODEHASH, net gas metering.
  case constantinople
  /// February 2019: Constantinople without its net gas metering (Petersburg).
  case constantinopleFix
  /// December 2019: CHAINID, SELFBALANCE, repriced storage.
  case istanbul
  /// April 2021: access lists; cold and warm state.
  case berlin
  /// August 2021: BASEFEE, smaller refunds, no code that begins with 0xEF.
  case london
  /// September 2022: proof of stake; PREVRANDAO.
  case paris
  /// April 2023: PUSH0, warm fee recipient, limited init code.
  case shanghai
  /// March 2024: transient storage, MCOPY, blobs, a tamed SELFDESTRUCT.
  case cancun
  /// May 2025: accounts that delegate to code; BLS12-381.
  case prague
  /// December 2025: CLZ, dearer MODEXP, P-256.
  case osaka
}

extension Fork: Comparable {
  /// Whether the left fork came before the right one.
  public static func < (left: Fork, right: Fork) -> Bool { left.rawValue < right.rawValue }
}
