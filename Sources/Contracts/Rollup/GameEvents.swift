import Primitives

// The events of the contracts that decide which claims hold.

/// A claim was made.
public struct DisputeGameCreated: Hashable, Sendable {
  /// The game about it.
  public var game: Address
  /// The game's type.
  public var gameType: UInt32
  /// The claimed output root.
  public var rootClaim: Hash

  static let declaration = EventDeclaration(
    "DisputeGameCreated(address,uint32,bytes32)", indexedCount: 3)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let type = fields.topicNumber(1).asUInt64, let gameType = UInt32(exactly: type)
    else { return nil }
    game = fields.topicAddress(0)
    self.gameType = gameType
    rootClaim = fields.topicHash(2)
  }
}

/// A game was decided.
public struct GameResolved: Hashable, Sendable {
  /// How.
  public var status: GameStatus

  static let declaration = EventDeclaration("Resolved(uint8)", indexedCount: 1)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data),
      let number = fields.topicNumber(0).asUInt64,
      let status = UInt8(exactly: number).flatMap(GameStatus.init)
    else { return nil }
    self.status = status
  }
}

/// A game's claim is the newest that holds.
public struct AnchorUpdated: Hashable, Sendable {
  /// The game.
  public var game: Address

  static let declaration = EventDeclaration("AnchorUpdated(address)", indexedCount: 1)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data) else {
      return nil
    }
    game = fields.topicAddress(0)
  }
}

/// A game never counts again.
public struct GameBlacklisted: Hashable, Sendable {
  /// The game.
  public var game: Address

  static let declaration = EventDeclaration("DisputeGameBlacklisted(address)", indexedCount: 1)

  /// Reads a log; nil for one that is no such event.
  public init?(topics: [Hash], data: Bytes) {
    guard let fields = EventFields(Self.declaration, topics: topics, data: data) else {
      return nil
    }
    game = fields.topicAddress(0)
  }
}
