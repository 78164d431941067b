import Primitives

/// What a log of one of Opal's contracts says.
public enum ContractEvent: Hashable, Sendable {
  /// A datanet was created.
  case datanetCreated(DatanetCreated)
  /// Content was submitted to a datanet.
  case contributionSubmitted(ContributionSubmitted)
  /// A contribution counts from now on.
  case contributionApproved(ContributionApproved)
  /// A contribution was refused.
  case contributionRejected(ContributionRejected)
  /// A model or adapter was registered.
  case modelRegistered(ModelRegistered)
  /// A new price of a model will hold.
  case priceAnnounced(PriceAnnounced)
  /// A model was opened to all engines, or closed to those not on its list.
  case enginesRestricted(EnginesRestricted)
  /// An engine was put on a model's list, or taken off.
  case engineAllowed(EngineAllowed)
  /// An engine registered itself.
  case engineRegistered(EngineRegistered)
  /// An engine left the register.
  case engineRetired(EngineRetired)
  /// A receipt was charged to its payer.
  case usageSettled(UsageSettled)
  /// The owner of a used model or adapter was credited.
  case modelOwnerCredited(ModelOwnerCredited)
  /// A contributor was credited with their part of a receipt's pool.
  case contributorCredited(ContributorCredited)
  /// A payer added to their balance.
  case deposited(Deposited)
  /// A payer asked to take out money.
  case withdrawalRequested(WithdrawalRequested)
  /// A payer took out money.
  case withdrawn(Withdrawn)
  /// A payer asked to void the authorisations of a nonce.
  case revocationRequested(RevocationRequested)
  /// Somebody was paid what they had earned.
  case earningsPaid(EarningsPaid)

  /// Reads a log; nil if it is by another contract or no event that this program knows.
  public init?(address: Address, topics: [Hash], data: Bytes) {
    let event: ContractEvent? =
      switch address {
      case DatanetRegistryContract.address: Self.ofRegistry(topics, data)
      case ModelMarketContract.address: Self.ofMarket(topics, data)
      case AttributionContract.address: Self.ofAttribution(topics, data)
      default: nil
      }
    guard let event else { return nil }
    self = event
  }

  private static func ofRegistry(_ topics: [Hash], _ data: Bytes) -> ContractEvent? {
    switch topics.first {
    case DatanetCreated.declaration.topic:
      DatanetCreated(topics: topics, data: data).map(datanetCreated)
    case ContributionSubmitted.declaration.topic:
      ContributionSubmitted(topics: topics, data: data).map(contributionSubmitted)
    case ContributionApproved.declaration.topic:
      ContributionApproved(topics: topics, data: data).map(contributionApproved)
    case ContributionRejected.declaration.topic:
      ContributionRejected(topics: topics, data: data).map(contributionRejected)
    default: nil
    }
  }

  private static func ofMarket(_ topics: [Hash], _ data: Bytes) -> ContractEvent? {
    switch topics.first {
    case ModelRegistered.declaration.topic:
      ModelRegistered(topics: topics, data: data).map(modelRegistered)
    case PriceAnnounced.declaration.topic:
      PriceAnnounced(topics: topics, data: data).map(priceAnnounced)
    case EnginesRestricted.declaration.topic:
      EnginesRestricted(topics: topics, data: data).map(enginesRestricted)
    case EngineAllowed.declaration.topic:
      EngineAllowed(topics: topics, data: data).map(engineAllowed)
    case EngineRegistered.declaration.topic:
      EngineRegistered(topics: topics, data: data).map(engineRegistered)
    case EngineRetired.declaration.topic:
      EngineRetired(topics: topics, data: data).map(engineRetired)
    default: nil
    }
  }

  private static func ofAttribution(_ topics: [Hash], _ data: Bytes) -> ContractEvent? {
    switch topics.first {
    case UsageSettled.declaration.topic:
      UsageSettled(topics: topics, data: data).map(usageSettled)
    case ModelOwnerCredited.declaration.topic:
      ModelOwnerCredited(topics: topics, data: data).map(modelOwnerCredited)
    case ContributorCredited.declaration.topic:
      ContributorCredited(topics: topics, data: data).map(contributorCredited)
    case Deposited.declaration.topic:
      Deposited(topics: topics, data: data).map(deposited)
    case WithdrawalRequested.declaration.topic:
      WithdrawalRequested(topics: topics, data: data).map(withdrawalRequested)
    case Withdrawn.declaration.topic:
      Withdrawn(topics: topics, data: data).map(withdrawn)
    case RevocationRequested.declaration.topic:
      RevocationRequested(topics: topics, data: data).map(revocationRequested)
    case EarningsPaid.declaration.topic:
      EarningsPaid(topics: topics, data: data).map(earningsPaid)
    default: nil
    }
  }
}
