import Primitives

// The events of `contracts/ModelMarket.sol`, in the order in which it declares them.

/// A model or adapter was registered.
public struct ModelRegistered: Hashable, Sendable {
  /// Its hash.
  public var model: Hash
  /// Who owns it.
  public var owner: Address
  /// What it was trained on.
  public var datanets: [UInt256]
  /// Among whom its fees are split.
  public var split: RevenueSplit
  /// What it costs.
  public var price: ModelPrice

  static let declaration = EventDeclaration(
    "ModelRegistered(bytes32,address,uint256[],(uint16,uint16,uint16),"
      + "(uint128,uint128))", indexedCount: 2)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let datanets = fields.numbers(0),
      let split = fields.split(1),
      let price = fields.price(2)
    else { return nil }
    model = fields.topicHash(0)
    owner = fields.topicAddress(1)
    self.datanets = datanets
    self.split = split
    self.price = price
  }
}

/// A new price of a model will hold.
public struct PriceAnnounced: Hashable, Sendable {
  /// The model.
  public var model: Hash
  /// The new price.
  public var price: ModelPrice
  /// From when it holds, in Unix time.
  public var effectiveAt: UInt64

  static let declaration = EventDeclaration(
    "PriceAnnounced(bytes32,(uint128,uint128),uint64)", indexedCount: 1)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let price = fields.price(0),
      let effectiveAt = fields.shortNumber(1)
    else { return nil }
    model = fields.topicHash(0)
    self.price = price
    self.effectiveAt = effectiveAt
  }
}

/// A model was opened to all engines, or closed to those not on its list.
public struct EnginesRestricted: Hashable, Sendable {
  /// The model.
  public var model: Hash
  /// Whether only listed engines may serve it.
  public var isRestricted: Bool

  static let declaration = EventDeclaration(
    "EnginesRestricted(bytes32,bool)", indexedCount: 1)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let isRestricted = fields.flag(0)
    else { return nil }
    model = fields.topicHash(0)
    self.isRestricted = isRestricted
  }
}

/// An engine was put on a model's list, or taken off.
public struct EngineAllowed: Hashable, Sendable {
  /// The model.
  public var model: Hash
  /// The engine.
  public var engine: Address
  /// Whether it is on the list now.
  public var isAllowed: Bool

  static let declaration = EventDeclaration(
    "EngineAllowed(bytes32,address,bool)", indexedCount: 2)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let isAllowed = fields.flag(0)
    else { return nil }
    model = fields.topicHash(0)
    engine = fields.topicAddress(1)
    self.isAllowed = isAllowed
  }
}

/// An engine registered itself.
public struct EngineRegistered: Hashable, Sendable {
  /// The engine.
  public var engine: Address
  /// What it staked, in wei.
  public var stake: UInt256

  static let declaration = EventDeclaration(
    "EngineRegistered(address,uint256)", indexedCount: 1)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let stake = fields.number(0)
    else { return nil }
    engine = fields.topicAddress(0)
    self.stake = stake
  }
}

/// An engine left the register.
public struct EngineRetired: Hashable, Sendable {
  /// The engine.
  public var engine: Address
  /// What it got back, in wei.
  public var stake: UInt256

  static let declaration = EventDeclaration(
    "EngineRetired(address,uint256)", indexedCount: 1)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let stake = fields.number(0)
    else { return nil }
    engine = fields.topicAddress(0)
    self.stake = stake
  }
}
