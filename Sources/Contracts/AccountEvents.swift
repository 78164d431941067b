import Primitives

// The events of `contracts/Accounts.sol`, in the order in which it declares them.

/// A payer added to their balance.
public struct Deposited: Hashable, Sendable {
  /// The payer.
  public var payer: Address
  /// How much, in wei.
  public var amount: UInt256

  static let declaration = EventDeclaration(
    "Deposited(address,uint256)", indexedCount: 1)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let amount = fields.number(0)
    else { return nil }
    payer = fields.topicAddress(0)
    self.amount = amount
  }
}

/// A payer asked to take out money.
public struct WithdrawalRequested: Hashable, Sendable {
  /// The payer.
  public var payer: Address
  /// How much, in wei; zero drops an earlier request.
  public var amount: UInt256
  /// From when it can be taken, in Unix time.
  public var readyAt: UInt64

  static let declaration = EventDeclaration(
    "WithdrawalRequested(address,uint256,uint64)", indexedCount: 1)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let amount = fields.number(0),
      let readyAt = fields.shortNumber(1)
    else { return nil }
    payer = fields.topicAddress(0)
    self.amount = amount
    self.readyAt = readyAt
  }
}

/// A payer took out money.
public struct Withdrawn: Hashable, Sendable {
  /// The payer.
  public var payer: Address
  /// How much, in wei.
  public var amount: UInt256

  static let declaration = EventDeclaration(
    "Withdrawn(address,uint256)", indexedCount: 1)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let amount = fields.number(0)
    else { return nil }
    payer = fields.topicAddress(0)
    self.amount = amount
  }
}

/// A payer asked to void the authorisations of a nonce.
public struct RevocationRequested: Hashable, Sendable {
  /// The payer.
  public var payer: Address
  /// The nonce.
  public var nonce: UInt256
  /// From when they are void, in Unix time.
  public var effectiveAt: UInt64

  static let declaration = EventDeclaration(
    "RevocationRequested(address,uint256,uint64)", indexedCount: 2)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let effectiveAt = fields.shortNumber(0)
    else { return nil }
    payer = fields.topicAddress(0)
    nonce = fields.topicNumber(1)
    self.effectiveAt = effectiveAt
  }
}

/// Somebody was paid what they had earned.
public struct EarningsPaid: Hashable, Sendable {
  /// Who was paid.
  public var account: Address
  /// How much, in wei.
  public var amount: UInt256

  static let declaration = EventDeclaration(
    "EarningsPaid(address,uint256)", indexedCount: 1)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let amount = fields.number(0)
    else { return nil }
    account = fields.topicAddress(0)
    self.amount = amount
  }
}
