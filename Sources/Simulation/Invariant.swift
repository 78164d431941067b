/// What must hold after every step of a simulation, whatever happens.
public enum Invariant: String, CaseIterable, Sendable {
  /// What was acknowledged is in the log.
  case nothingIsLost = "nothing acknowledged is lost"
  /// What the log has had it has for ever; no two trees of one size are signed.
  case logOnlyGrows = "the log only grows"
  /// The log can be read, and is what was appended.
  case logIsWhole = "the log is whole"
  /// Each row, executed again without the node's hints, gives the node's world.
  case replayEqualsLive = "replay is equal to the live state"
  /// Nothing adds to money but deposits, which the portal holds; nothing takes from it but fees.
  case moneyIsConserved = "money is conserved"
  /// Each receipt is paid once on every branch.
  case receiptsArePaidOnce = "every receipt is paid at most once"
  /// Who has the same L1 block has the same L2 block.
  case everybodyDerivesTheSame = "everybody derives the same chain"
  /// L2's blocks come to stand on L1.
  case blocksReachL1 = "what was acknowledged comes to stand on L1"
  /// What the DA layer has certified can be had.
  case certifiedDataIsThere = "certified data can be had"
  /// Views made anew are equal to those that lived through everything.
  case viewsFollow = "views follow from the log"
  /// A node that has ended begins again.
  case nodeBeginsAgain = "the node begins again"
}

/// That an invariant does not hold.
struct Finding: Error {
  var invariant: Invariant
  var reason: String

  init(_ invariant: Invariant, _ reason: String) {
    self.invariant = invariant
    self.reason = reason
  }
}
