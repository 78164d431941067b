import Execution
import Primitives

// The events of messengers and bridges, which are alike on both layers.

/// A message was sent to the other layer.
public struct SentMessage: Hashable, Sendable {
  /// Who is called there.
  public var target: Address
  /// Who sent it.
  public var sender: Address
  /// The call's input.
  public var data: Bytes
  /// The message's nonce, with its version.
  public var nonce: UInt256
  /// The gas that the call gets at least.
  public var gasLimit: UInt256

  static let declaration = EventDeclaration(
    "SentMessage(address,address,bytes,uint256,uint256)", indexedCount: 1)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let sender = fields.address(0), let input = fields.bytes(1), let nonce = fields.number(2),
      let gasLimit = fields.number(3)
    else { return nil }
    target = fields.topicAddress(0)
    self.sender = sender
    self.data = input
    self.nonce = nonce
    self.gasLimit = gasLimit
  }

  /// The message, with the value that the event behind this one states.
  public func message(value: UInt256) -> LayerMessage {
    LayerMessage(
      nonce: nonce, sender: sender, target: target, value: value, gasLimit: gasLimit, data: data)
  }
}

/// The ether that goes along with the message of the event before.
public struct SentMessageValue: Hashable, Sendable {
  /// Who sent it.
  public var sender: Address
  /// In wei.
  public var value: UInt256

  static let declaration = EventDeclaration(
    "SentMessageExtension1(address,uint256)", indexedCount: 1)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let value = fields.number(0)
    else { return nil }
    sender = fields.topicAddress(0)
    self.value = value
  }
}

/// A message of the other layer was made a call.
public struct MessageRelayed: Hashable, Sendable {
  /// Its hash.
  public var message: Hash
  /// Whether the call succeeded; if not, it may be tried again.
  public var isSuccess: Bool

  static let success = EventDeclaration("RelayedMessage(bytes32)", indexedCount: 1)
  static let failure = EventDeclaration("FailedRelayedMessage(bytes32)", indexedCount: 1)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    isSuccess = topics.first == Self.success.topic
    let declaration = isSuccess ? Self.success : Self.failure
    guard let fields = EventFields(declaration, topics: topics, data: data) else { return nil }
    message = fields.topicHash(0)
  }
}

/// Ether was sent to the other layer, or came from there.
public struct EtherBridged: Hashable, Sendable {
  /// Whether it was sent from here.
  public var isInitiated: Bool
  /// Who sent it.
  public var from: Address
  /// Who gets it.
  public var to: Address
  /// How much, in wei.
  public var amount: UInt256
  /// What the sender added.
  public var extraData: Bytes

  static let initiated = EventDeclaration(
    "ETHBridgeInitiated(address,address,uint256,bytes)", indexedCount: 2)
  static let finalized = EventDeclaration(
    "ETHBridgeFinalized(address,address,uint256,bytes)", indexedCount: 2)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    isInitiated = topics.first == Self.initiated.topic
    let declaration = isInitiated ? Self.initiated : Self.finalized
    guard let fields = EventFields(declaration, topics: topics, data: data),
      let amount = fields.number(0), let extraData = fields.bytes(1)
    else { return nil }
    from = fields.topicAddress(0)
    to = fields.topicAddress(1)
    self.amount = amount
    self.extraData = extraData
  }
}

/// Tokens were sent to the other layer, or came from there.
public struct TokensBridged: Hashable, Sendable {
  /// Whether they were sent from here.
  public var isInitiated: Bool
  /// The token here.
  public var localToken: Address
  /// The token there.
  public var remoteToken: Address
  /// Who sent them.
  public var from: Address
  /// Who gets them.
  public var to: Address
  /// How many.
  public var amount: UInt256
  /// What the sender added.
  public var extraData: Bytes

  static let initiated = EventDeclaration(
    "ERC20BridgeInitiated(address,address,address,address,uint256,bytes)", indexedCount: 3)
  static let finalized = EventDeclaration(
    "ERC20BridgeFinalized(address,address,address,address,uint256,bytes)", indexedCount: 3)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    isInitiated = topics.first == Self.initiated.topic
    let declaration = isInitiated ? Self.initiated : Self.finalized
    guard let fields = EventFields(declaration, topics: topics, data: data),
      let to = fields.address(0), let amount = fields.number(1), let extraData = fields.bytes(2)
    else { return nil }
    localToken = fields.topicAddress(0)
    remoteToken = fields.topicAddress(1)
    from = fields.topicAddress(2)
    self.to = to
    self.amount = amount
    self.extraData = extraData
  }
}

/// A token that stands for one of the other layer was made.
public struct MintableTokenCreated: Hashable, Sendable {
  /// The token.
  public var token: Address
  /// That of the other layer.
  public var remoteToken: Address
  /// Who asked for it.
  public var creator: Address

  static let declaration = EventDeclaration(
    "OptimismMintableERC20Created(address,address,address)", indexedCount: 2)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let creator = fields.address(0)
    else { return nil }
    token = fields.topicAddress(0)
    remoteToken = fields.topicAddress(1)
    self.creator = creator
  }
}
