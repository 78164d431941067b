/// A set of rules of the OP Stack, named after the upgrade that brought it.
///
/// Each stands on a fork of Ethereum (`RollupSchedule.ethereumForks`); later ones compare as
/// greater. Source: the OP Stack specification, superchain upgrades.
public enum RollupFork: UInt8, CaseIterable, Sendable {
  /// June 2023: deposits, L1 attributes and the first L1 fee.
  case bedrock
  /// Deposits are charged for the gas that they use; no system transactions.
  case regolith
  /// January 2024: Shanghai's rules; versioned deposit receipts.
  case canyon
  /// March 2024: Cancun's rules without blobs; the L1 fee follows L1's blobs.
  case ecotone
  /// July 2024: the L1 fee estimates compression; P-256.
  case fjord
  /// September 2024: a bound on the input of pairings.
  case granite
  /// January 2025: the base fee's parameters stand in the header.
  case holocene
  /// May 2025: Prague's rules; the operator fee; the withdrawals' storage root in the header.
  case isthmus
  /// December 2025: a lowest base fee, and a limit on the data that a block brings to L1.
  case jovian
}

extension RollupFork: Comparable {
  /// Whether the left fork came before the right one.
  public static func < (left: RollupFork, right: RollupFork) -> Bool {
    left.rawValue < right.rawValue
  }
}
