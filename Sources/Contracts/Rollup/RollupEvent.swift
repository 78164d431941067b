import Primitives

/// What a log of one of a rollup's contracts says.
///
/// Events that bridges and factories emit a second time under an older name are not listed.
public enum RollupEvent: Hashable, Sendable {
  /// A part of the system's configuration was set.
  case configurationUpdated(ConfigurationUpdated)
  /// A transaction on L2 was asked for.
  case transactionDeposited(TransactionDeposited)
  /// A withdrawal was proved.
  case withdrawalProven(WithdrawalProven)
  /// Who proved it.
  case withdrawalProver(WithdrawalProver)
  /// A withdrawal was made a call.
  case withdrawalFinalized(WithdrawalFinalized)
  /// A message left L2.
  case messagePassed(MessagePassed)
  /// A claim was made.
  case disputeGameCreated(DisputeGameCreated)
  /// A game was decided.
  case gameResolved(GameResolved)
  /// A claim is the newest that holds.
  case anchorUpdated(AnchorUpdated)
  /// A game never counts again.
  case gameBlacklisted(GameBlacklisted)
  /// A message was sent.
  case sentMessage(SentMessage)
  /// The ether that goes along with it.
  case sentMessageValue(SentMessageValue)
  /// A message was made a call.
  case messageRelayed(MessageRelayed)
  /// Ether was sent or came.
  case etherBridged(EtherBridged)
  /// Tokens were sent or came.
  case tokensBridged(TokensBridged)
  /// A token was made.
  case mintableTokenCreated(MintableTokenCreated)

  /// Reads a log of a contract of L1; games are many, so their events are read at any address.
  public init?(layerOne address: Address, topics: [Hash], data: Bytes) {
    let event: RollupEvent? =
      switch address {
      case LayerOneAddresses.systemConfig:
        ConfigurationUpdated(topics: topics, data: data).map(Self.configurationUpdated)
      case LayerOneAddresses.portal: Self.ofPortal(topics, data)
      case LayerOneAddresses.disputeGameFactory:
        DisputeGameCreated(topics: topics, data: data).map(Self.disputeGameCreated)
      case LayerOneAddresses.anchorStateRegistry: Self.ofRegistry(topics, data)
      case LayerOneAddresses.messenger: Self.ofMessenger(topics, data)
      case LayerOneAddresses.bridge: Self.ofBridge(topics, data)
      case LayerOneAddresses.tokenFactory:
        MintableTokenCreated(topics: topics, data: data).map(Self.mintableTokenCreated)
      default: GameResolved(topics: topics, data: data).map(Self.gameResolved)
      }
    guard let event else { return nil }
    self = event
  }

  /// Reads a log of a contract of L2.
  public init?(layerTwo address: Address, topics: [Hash], data: Bytes) {
    let event: RollupEvent? =
      switch address {
      case LayerTwoAddresses.messagePasser:
        MessagePassed(topics: topics, data: data).map(Self.messagePassed)
      case LayerTwoAddresses.messenger: Self.ofMessenger(topics, data)
      case LayerTwoAddresses.bridge: Self.ofBridge(topics, data)
      case LayerTwoAddresses.tokenFactory:
        MintableTokenCreated(topics: topics, data: data).map(Self.mintableTokenCreated)
      default: nil
      }
    guard let event else { return nil }
    self = event
  }

  private static func ofPortal(_ topics: [Hash], _ data: Bytes) -> RollupEvent? {
    switch topics.first {
    case TransactionDeposited.declaration.topic:
      TransactionDeposited(topics: topics, data: data).map(transactionDeposited)
    case WithdrawalProven.declaration.topic:
      WithdrawalProven(topics: topics, data: data).map(withdrawalProven)
    case WithdrawalProver.declaration.topic:
      WithdrawalProver(topics: topics, data: data).map(withdrawalProver)
    case WithdrawalFinalized.declaration.topic:
      WithdrawalFinalized(topics: topics, data: data).map(withdrawalFinalized)
    default: nil
    }
  }

  private static func ofRegistry(_ topics: [Hash], _ data: Bytes) -> RollupEvent? {
    switch topics.first {
    case AnchorUpdated.declaration.topic:
      AnchorUpdated(topics: topics, data: data).map(anchorUpdated)
    case GameBlacklisted.declaration.topic:
      GameBlacklisted(topics: topics, data: data).map(gameBlacklisted)
    default: nil
    }
  }

  private static func ofMessenger(_ topics: [Hash], _ data: Bytes) -> RollupEvent? {
    switch topics.first {
    case SentMessage.declaration.topic:
      SentMessage(topics: topics, data: data).map(sentMessage)
    case SentMessageValue.declaration.topic:
      SentMessageValue(topics: topics, data: data).map(sentMessageValue)
    default: MessageRelayed(topics: topics, data: data).map(messageRelayed)
    }
  }

  private static func ofBridge(_ topics: [Hash], _ data: Bytes) -> RollupEvent? {
    if let event = EtherBridged(topics: topics, data: data) { return .etherBridged(event) }
    return TokensBridged(topics: topics, data: data).map(tokensBridged)
  }
}
