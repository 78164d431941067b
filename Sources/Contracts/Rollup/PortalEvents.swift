import Execution
import Primitives

// The events by which the layers hear of each other: SystemConfig, OptimismPortal2,
// L2ToL1MessagePasser.

/// The owner of the system's configuration set a part of it.
public struct ConfigurationUpdated: Hashable, Sendable {
  /// Which part, such as 0 for the batcher.
  public var part: UInt64
  /// Its new value, as the ABI encodes it.
  public var value: Bytes

  static let declaration = EventDeclaration(
    "ConfigUpdate(uint256,uint8,bytes)", indexedCount: 2)

  /// Reads a log; nil for one that is no such event of version 0.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      fields.topicNumber(0).isZero, let part = fields.topicNumber(1).asUInt64,
      let value = fields.bytes(0)
    else { return nil }
    self.part = part
    self.value = value
  }
}

/// A transaction on L2 was asked for; `Transaction.deposit(from:l1BlockHash:logIndex:)` reads it.
public struct TransactionDeposited: Hashable, Sendable {
  /// Who sends it on L2.
  public var from: Address
  /// Who is called there.
  public var to: Address
  /// Mint, value, gas limit, whether it creates, input: packed.
  public var opaqueData: Bytes

  static let declaration = EventDeclaration(
    "TransactionDeposited(address,address,uint256,bytes)", indexedCount: 3)

  /// Reads a log; nil for one that is no such event of version 0.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      fields.topicNumber(2).isZero, let opaqueData = fields.bytes(0)
    else { return nil }
    from = fields.topicAddress(0)
    to = fields.topicAddress(1)
    self.opaqueData = opaqueData
  }
}

/// A withdrawal was shown to be in a claimed state of L2.
public struct WithdrawalProven: Hashable, Sendable {
  /// The message's hash.
  public var withdrawal: Hash
  /// Who sent it on L2.
  public var from: Address
  /// Who will be called on L1.
  public var to: Address

  static let declaration = EventDeclaration(
    "WithdrawalProven(bytes32,address,address)", indexedCount: 3)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data) else {
      return nil
    }
    withdrawal = fields.topicHash(0)
    from = fields.topicAddress(1)
    to = fields.topicAddress(2)
  }
}

/// Who showed that a withdrawal is in a claimed state.
public struct WithdrawalProver: Hashable, Sendable {
  /// The message's hash.
  public var withdrawal: Hash
  /// Who proved it.
  public var prover: Address

  static let declaration = EventDeclaration(
    "WithdrawalProvenExtension1(bytes32,address)", indexedCount: 2)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data) else {
      return nil
    }
    withdrawal = fields.topicHash(0)
    prover = fields.topicAddress(1)
  }
}

/// A withdrawal was made a call on L1.
public struct WithdrawalFinalized: Hashable, Sendable {
  /// The message's hash.
  public var withdrawal: Hash
  /// Whether the call succeeded.
  public var isSuccess: Bool

  static let declaration = EventDeclaration("WithdrawalFinalized(bytes32,bool)", indexedCount: 1)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let isSuccess = fields.flag(0)
    else { return nil }
    withdrawal = fields.topicHash(0)
    self.isSuccess = isSuccess
  }
}

/// A message left L2.
public struct MessagePassed: Hashable, Sendable {
  /// The message.
  public var withdrawal: LayerMessage
  /// Its hash, as the contract states it.
  public var hash: Hash

  static let declaration = EventDeclaration(
    "MessagePassed(uint256,address,address,uint256,uint256,bytes,bytes32)", indexedCount: 3)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let value = fields.number(0), let gasLimit = fields.number(1), let input = fields.bytes(2),
      let hash = fields.hash(3)
    else { return nil }
    withdrawal = LayerMessage(
      nonce: fields.topicNumber(0), sender: fields.topicAddress(1),
      target: fields.topicAddress(2), value: value, gasLimit: gasLimit, data: input)
    self.hash = hash
  }
}
