import Contracts
import Ledger
import Primitives

/// Whose or what's uses are looked up, and whose sums are kept.
public enum UsageSubject: Hashable, Sendable {
  /// Who pays.
  case payer(Address)
  /// Who served.
  case engine(Address)
  /// The model that was used, by its hash.
  case model(Hash)
  /// Whose data counted.
  case contributor(Address)
  /// Who owns a model or an adapter; sums only, since reports do not name owners.
  case owner(Address)

  /// The number of the kind in the tables; 0 is for a use's own digest.
  var kind: Int64 {
    switch self {
    case .payer: 1
    case .engine: 2
    case .model: 3
    case .contributor: 4
    case .owner: 5
    }
  }

  /// The 20 or 32 bytes that name it among its kind.
  public var bytes: Bytes {
    switch self {
    case .payer(let address), .engine(let address), .contributor(let address),
      .owner(let address):
      address.bytes
    case .model(let hash): hash.bytes
    }
  }

  init?(kind: Int64, bytes: Bytes) {
    switch (kind, Address(checking: bytes), Hash(checking: bytes)) {
    case (1, let address?, _): self = .payer(address)
    case (2, let address?, _): self = .engine(address)
    case (3, _, let hash?): self = .model(hash)
    case (4, let address?, _): self = .contributor(address)
    case (5, let address?, _): self = .owner(address)
    default: return nil
    }
  }

  /// The number under which a use's digest stands in the index.
  static let digestKind: Int64 = 0

  /// The subjects under which a use is found: each once.
  static func all(of report: UsageReport) -> [UsageSubject] {
    var subjects: [UsageSubject] = [
      .payer(report.authorization.payer), .engine(report.authorization.engine),
      .model(report.receipt.model),
    ]
    var contributors: Set<Address> = []
    for share in report.shares where contributors.insert(share.contributor).inserted {
      subjects.append(.contributor(share.contributor))
    }
    return subjects
  }
}

/// What a subject has paid or earned, in wei, and for how many uses.
///
/// What is settled and claimed is read off the attribution contract's own events, so it holds for
/// settlements that others brought to the chain too.
public struct BillingSums: Hashable, Sendable {
  /// The subject.
  public var subject: UsageSubject
  /// Uses reported to the log.
  public var reportedCount: UInt64 = 0
  /// The fees of those uses; for owners and contributors 0, since a report does not split them.
  public var reportedAmount: UInt256 = .zero
  /// Uses settled on chain.
  public var settledCount: UInt64 = 0
  /// Charged to a payer or for a model; credited to an engine or owner; for a contributor, its
  /// part of the settled pools.
  public var settledAmount: UInt256 = .zero
  /// What a contributor has claimed of its part; 0 for the others, who need not claim.
  public var claimedAmount: UInt256 = .zero

  /// Sums of nothing.
  public init(subject: UsageSubject) { self.subject = subject }
}
