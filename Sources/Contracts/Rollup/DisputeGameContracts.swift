import Cryptography
import Primitives

/// Typed calls of `contracts/rollup/l1/DisputeGameFactory.sol`.
public enum DisputeGameFactoryContract {
  /// Where genesis places it.
  public static let address = LayerOneAddresses.disputeGameFactory

  /// The type of game that one honest proposer resolves after a delay: "OPAL".
  public static let proposalGameType: UInt32 = 0x4f50_414c

  /// Claims an output root for a block of L2; the bond of the type goes along as value.
  public static func propose(
    _ root: Hash, blockNumber: UInt64, gameType: UInt32 = proposalGameType
  ) -> Bytes {
    ABI.call(
      "create(uint32,bytes32,bytes)",
      [.uint(UInt64(gameType)), .bytes32(root), .bytes(UInt256(blockNumber).bigEndianBytes)])
  }

  /// What a game of a type costs its creator at first, in wei.
  public static func bond(gameType: UInt32 = proposalGameType) -> ContractView<UInt256> {
    ContractView(number: address, ABI.call("initBonds(uint32)", [.uint(UInt64(gameType))]))
  }

  /// How many games there are.
  public static var gameCount: ContractView<UInt64> {
    ContractView(shortNumber: address, ABI.call("gameCount()"))
  }

  /// The game with this number, counted from 0.
  public static func game(at index: UInt64) -> ContractView<ListedGame> {
    ContractView(
      address, ABI.call("gameAtIndex(uint256)", [.uint(index)]), returning: .uint(bits: 32),
      .uint(bits: 64), .address
    ) { values in
      guard let type = values[0].asUInt64, let time = values[1].asUInt64,
        let game = values[2].asAddress
      else { return nil }
      return ListedGame(
        address: game, gameType: UInt32(truncatingIfNeeded: type), createdAt: time)
    }
  }

  /// The game about a claim; the zero address if there is none.
  public static func game(
    root: Hash, blockNumber: UInt64, gameType: UInt32 = proposalGameType
  ) -> ContractView<Address> {
    ContractView(
      address,
      ABI.call(
        "games(uint32,bytes32,bytes)",
        [.uint(UInt64(gameType)), .bytes32(root), .bytes(UInt256(blockNumber).bigEndianBytes)]),
      returning: .address, .uint(bits: 64)
    ) { values in values[0].asAddress }
  }

  /// Names the code of a type of game, with what it is told beside the claim; the owner may.
  public static func setImplementation(
    gameType: UInt32, _ implementation: Address, arguments: Bytes
  ) -> Bytes {
    ABI.call(
      "setImplementation(uint32,address,bytes)",
      [.uint(UInt64(gameType)), .address(implementation), .bytes(arguments)])
  }

  /// Sets the bond of a type of game; the owner may.
  public static func setBond(gameType: UInt32, _ bond: UInt256) -> Bytes {
    ABI.call("setInitBond(uint32,uint256)", [.uint(UInt64(gameType)), .uint(bond)])
  }
}

/// A game as its factory lists it.
public struct ListedGame: Hashable, Sendable {
  /// Where it lies.
  public var address: Address
  /// Its type.
  public var gameType: UInt32
  /// When it was made, in Unix time.
  public var createdAt: UInt64
}

/// How a claim stands.
public enum GameStatus: UInt8, Hashable, Sendable {
  /// Nothing is decided.
  case inProgress = 0
  /// The claim is wrong.
  case challengerWins = 1
  /// The claim holds.
  case defenderWins = 2
}

/// Typed calls of a game: `contracts/rollup/l1/IDisputeGame.sol` and `ProposalGame.sol`.
public struct DisputeGameContract: Hashable, Sendable {
  /// Where it lies.
  public let address: Address

  /// The game at an address.
  public init(_ address: Address) { self.address = address }

  /// Decides, if it is time.
  public static var resolve: Bytes { ABI.call("resolve()") }

  /// Gives the creator the bond back and makes the claim the anchor, once it is final.
  public static func claimCredit(_ recipient: Address) -> Bytes {
    ABI.call("claimCredit(address)", [.address(recipient)])
  }

  /// Makes the claim the anchor, once it is final.
  public static var closeGame: Bytes { ABI.call("closeGame()") }

  /// How it stands.
  public var status: ContractView<GameStatus> {
    ContractView(address, ABI.call("status()"), returning: .uint(bits: 8)) { values in
      values[0].asUInt64.flatMap { GameStatus(rawValue: UInt8(truncatingIfNeeded: $0)) }
    }
  }

  /// The claimed output root.
  public var rootClaim: ContractView<Hash> {
    ContractView(hash: address, ABI.call("rootClaim()"))
  }

  /// The block of L2 that the claim is about.
  public var blockNumber: ContractView<UInt64> {
    ContractView(shortNumber: address, ABI.call("l2BlockNumber()"))
  }

  /// The block of L1 that data may come from, up to it.
  public var l1Head: ContractView<Hash> { ContractView(hash: address, ABI.call("l1Head()")) }

  /// When it was made, in Unix time.
  public var createdAt: ContractView<UInt64> {
    ContractView(shortNumber: address, ABI.call("createdAt()"))
  }

  /// When it was decided, in Unix time; 0 if it is not.
  public var resolvedAt: ContractView<UInt64> {
    ContractView(shortNumber: address, ABI.call("resolvedAt()"))
  }

  /// Who made it.
  public var creator: ContractView<Address> {
    ContractView(address: address, ABI.call("gameCreator()"))
  }

  /// How long a claim waits before it can be decided, in seconds; a proposal game has this.
  public var delay: ContractView<UInt64> {
    ContractView(shortNumber: address, ABI.call("maxClockDuration()"))
  }
}

/// Typed calls of `contracts/rollup/l1/AnchorStateRegistry.sol`.
public enum AnchorStateRegistryContract {
  /// Where genesis places it.
  public static let address = LayerOneAddresses.anchorStateRegistry

  /// The slot of the output root that the rollup begins with, which a genesis sets.
  public static let startingRootSlot: UInt256 = 1

  /// The newest claim that holds, and its block.
  public static var anchor: ContractView<AnchorRoot> {
    ContractView(
      address, ABI.call("getAnchorRoot()"), returning: .bytes32, .uint256
    ) { values in
      guard let root = values[0].asHash, let number = values[1].asUInt64 else { return nil }
      return AnchorRoot(root: root, blockNumber: number)
    }
  }

  /// Makes a game whose claim holds the anchor.
  public static func setAnchor(_ game: Address) -> Bytes {
    ABI.call("setAnchorState(address)", [.address(game)])
  }

  /// Games of this type count for withdrawals.
  public static var respectedGameType: ContractView<UInt64> {
    ContractView(address, ABI.call("respectedGameType()"), returning: .uint(bits: 32)) { values in
      values[0].asUInt64
    }
  }

  /// Lets games of another type count; the guardian may.
  public static func setRespectedGameType(_ gameType: UInt32) -> Bytes {
    ABI.call("setRespectedGameType(uint32)", [.uint(UInt64(gameType))])
  }

  /// Takes a game out of the count for ever; the guardian may.
  public static func blacklist(_ game: Address) -> Bytes {
    ABI.call("blacklistDisputeGame(address)", [.address(game)])
  }

  /// Takes all games that there are out of the count; the guardian may.
  public static var retireGames: Bytes { ABI.call("updateRetirementTimestamp()") }

  /// Whether a game's claim holds.
  public static func isClaimValid(_ game: Address) -> ContractView<Bool> {
    ContractView(flag: address, ABI.call("isGameClaimValid(address)", [.address(game)]))
  }

  /// How long a resolved game waits before it counts, in seconds.
  public static var finalityDelay: ContractView<UInt64> {
    ContractView(shortNumber: address, ABI.call("disputeGameFinalityDelaySeconds()"))
  }
}

/// The newest claim that holds.
public struct AnchorRoot: Hashable, Sendable {
  /// The output root.
  public var root: Hash
  /// Its block on L2.
  public var blockNumber: UInt64
}
