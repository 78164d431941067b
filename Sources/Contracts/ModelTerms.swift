import Primitives

/// The price of a model, in wei a token.
public struct ModelPrice: Hashable, Sendable {
  /// For each token of the prompt; at most 128 bits.
  public var perPromptToken: UInt256
  /// For each generated token; at most 128 bits.
  public var perCompletionToken: UInt256

  /// A price below 2¹²⁸ wei a token.
  public init(perPromptToken: UInt256, perCompletionToken: UInt256) {
    precondition(
      perPromptToken.bitWidth <= 128 && perCompletionToken.bitWidth <= 128,
      "prices have at most 128 bits")
    self.perPromptToken = perPromptToken
    self.perCompletionToken = perCompletionToken
  }

  /// What a use costs, in wei: exactly what the contract computes.
  public func fee(promptTokens: UInt64, completionTokens: UInt64) -> UInt256 {
    perPromptToken * UInt256(promptTokens) + perCompletionToken * UInt256(completionTokens)
  }

  static let abiType = ABIType.tuple([.uint(bits: 128), .uint(bits: 128)])

  var abiValue: ABIValue { .tuple([.uint(perPromptToken), .uint(perCompletionToken)]) }

  init?(_ value: ABIValue) {
    guard let members = value.asElements, members.count == 2,
      let perPromptToken = members[0].asUInt256, perPromptToken.bitWidth <= 128,
      let perCompletionToken = members[1].asUInt256, perCompletionToken.bitWidth <= 128
    else { return nil }
    self.init(perPromptToken: perPromptToken, perCompletionToken: perCompletionToken)
  }
}

/// Among whom a fee is split, in basis points; the three sum to 10,000.
public struct RevenueSplit: Hashable, Sendable {
  /// The model's owner's share.
  public var owner: UInt16
  /// The contributors' share; zero for a model without datanets.
  public var contributors: UInt16
  /// The engine's share.
  public var engine: UInt16

  /// A split; the contract refuses one that does not sum to 10,000.
  public init(owner: UInt16, contributors: UInt16, engine: UInt16) {
    self.owner = owner
    self.contributors = contributors
    self.engine = engine
  }

  static let whole = UInt256(10_000)

  /// The parts of a fee, in wei, as the contract computes them; the owner has the remainder.
  public func parts(
    of fee: UInt256
  ) -> (owner: UInt256, contributors: UInt256, engine: UInt256) {
    let toContributors = fee * UInt256(UInt64(contributors)) / Self.whole
    let toEngine = fee * UInt256(UInt64(engine)) / Self.whole
    return (fee - toContributors - toEngine, toContributors, toEngine)
  }

  static let abiType = ABIType.tuple([.uint(bits: 16), .uint(bits: 16), .uint(bits: 16)])

  var abiValue: ABIValue {
    .tuple([.uint(UInt64(owner)), .uint(UInt64(contributors)), .uint(UInt64(engine))])
  }

  init?(_ value: ABIValue) {
    guard let members = value.asElements, members.count == 3 else { return nil }
    let shares = members.compactMap { member in member.asUInt64.flatMap(UInt16.init(exactly:)) }
    guard shares.count == 3 else { return nil }
    self.init(owner: shares[0], contributors: shares[1], engine: shares[2])
  }
}

/// A model or adapter as the market knows it.
public struct RegisteredModel: Hashable, Sendable {
  /// Who registered it and earns the owner's share.
  public var owner: Address
  /// Its split, fixed for good.
  public var split: RevenueSplit
  /// Whether only listed engines may serve it.
  public var isRestricted: Bool
  /// From when the announced price holds, in Unix time; zero if none was ever announced.
  public var nextPriceAt: UInt64
  /// The price until then.
  public var price: ModelPrice
  /// The price from then on.
  public var nextPrice: ModelPrice

  init?(_ value: ABIValue) {
    guard let members = value.asElements, members.count == 6,
      let owner = members[0].asAddress, let split = RevenueSplit(members[1]),
      let isRestricted = members[2].asBool, let nextPriceAt = members[3].asUInt64,
      let price = ModelPrice(members[4]), let nextPrice = ModelPrice(members[5])
    else { return nil }
    self.owner = owner
    self.split = split
    self.isRestricted = isRestricted
    self.nextPriceAt = nextPriceAt
    self.price = price
    self.nextPrice = nextPrice
  }

  /// The price that holds at a block's time.
  public func price(at timestamp: UInt64) -> ModelPrice {
    nextPriceAt != 0 && timestamp >= nextPriceAt ? nextPrice : price
  }
}

/// What a use costs and who gets which part, in wei.
public struct UsageQuote: Hashable, Sendable {
  /// The model's owner.
  public var owner: Address
  /// The owner's part.
  public var ownerAmount: UInt256
  /// The part of the contributors together.
  public var contributorAmount: UInt256
  /// The engine's part.
  public var engineAmount: UInt256

  /// The whole fee.
  public var fee: UInt256 { ownerAmount + contributorAmount + engineAmount }

  init?(_ values: [ABIValue]) {
    guard values.count == 4, let owner = values[0].asAddress,
      let ownerAmount = values[1].asUInt256, let contributorAmount = values[2].asUInt256,
      let engineAmount = values[3].asUInt256
    else { return nil }
    self.owner = owner
    self.ownerAmount = ownerAmount
    self.contributorAmount = contributorAmount
    self.engineAmount = engineAmount
  }
}
