import Primitives

// The events of `contracts/Attribution.sol`, in the order in which it declares them.

/// A receipt was charged to its payer.
public struct UsageSettled: Hashable, Sendable {
  /// The receipt's digest.
  public var receipt: Hash
  /// Who paid.
  public var payer: Address
  /// Who served.
  public var engine: Address
  /// The authorisation's digest.
  public var authorization: Hash
  /// The model that was used.
  public var model: Hash
  /// The engine's number of the receipt.
  public var sequence: UInt64
  /// What left the balance of the payer, in wei.
  public var charged: UInt256
  /// What was credited to the engine, in wei.
  public var engineAmount: UInt256
  /// What contributors can claim, in wei.
  public var contributorAmount: UInt256
  /// The root of the contributors' tree.
  public var attributionRoot: Hash

  static let declaration = EventDeclaration(
    "UsageSettled(bytes32,address,address,bytes32,bytes32,uint64,uint256,"
      + "uint256,uint256,bytes32)", indexedCount: 3)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let authorization = fields.hash(0),
      let model = fields.hash(1),
      let sequence = fields.shortNumber(2),
      let charged = fields.number(3),
      let engineAmount = fields.number(4),
      let contributorAmount = fields.number(5),
      let attributionRoot = fields.hash(6)
    else { return nil }
    receipt = fields.topicHash(0)
    payer = fields.topicAddress(1)
    engine = fields.topicAddress(2)
    self.authorization = authorization
    self.model = model
    self.sequence = sequence
    self.charged = charged
    self.engineAmount = engineAmount
    self.contributorAmount = contributorAmount
    self.attributionRoot = attributionRoot
  }
}

/// The owner of a used model or adapter was credited.
public struct ModelOwnerCredited: Hashable, Sendable {
  /// The receipt's digest.
  public var receipt: Hash
  /// The model or adapter.
  public var model: Hash
  /// Its owner.
  public var owner: Address
  /// How much, in wei.
  public var amount: UInt256

  static let declaration = EventDeclaration(
    "ModelOwnerCredited(bytes32,bytes32,address,uint256)", indexedCount: 3)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let amount = fields.number(0)
    else { return nil }
    receipt = fields.topicHash(0)
    model = fields.topicHash(1)
    owner = fields.topicAddress(2)
    self.amount = amount
  }
}

/// A contributor was credited with their part of a receipt's pool.
public struct ContributorCredited: Hashable, Sendable {
  /// The receipt's digest.
  public var receipt: Hash
  /// The contributor.
  public var contributor: Address
  /// How much, in wei.
  public var amount: UInt256

  static let declaration = EventDeclaration(
    "ContributorCredited(bytes32,address,uint256)", indexedCount: 2)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let amount = fields.number(0)
    else { return nil }
    receipt = fields.topicHash(0)
    contributor = fields.topicAddress(1)
    self.amount = amount
  }
}
