import Contracts
import Cryptography
import EVM
import Execution
import Primitives
import Testing

@Suite struct DisputeGameTests {
  private let factory = DisputeGameFactoryContract.address

  @Test("a game says what it was made with")
  func arguments() throws {
    let pair = try RollupPair()
    let output = try pair.output()
    let index = try pair.propose(output, blockNumber: 77)
    let game = try pair.game(index)
    let l1 = pair.l1
    #expect(try l1.read(game.rootClaim) == output.hash && l1.read(game.blockNumber) == 77)
    #expect(try l1.read(game.creator) == Parts.proposer && l1.read(game.delay) == 302_400)
    #expect(try l1.read(game.l1Head) == Keccak256.hash(UInt256(l1.number - 1)))
    #expect(try l1.read(game.createdAt) == l1.timestamp && l1.read(game.resolvedAt) == 0)
    #expect(try l1.read(game.status) == .inProgress)
    let listed = try l1.read(DisputeGameFactoryContract.game(at: index))
    #expect(listed.address == game.address && listed.createdAt == l1.timestamp)
    #expect(listed.gameType == DisputeGameFactoryContract.proposalGameType)
    #expect(
      try l1.read(DisputeGameFactoryContract.game(root: output.hash, blockNumber: 77))
        == game.address)
    #expect(
      try l1.read(DisputeGameFactoryContract.game(root: output.hash, blockNumber: 78)) == .zero)
    let type: ABIValue = .uint(UInt64(DisputeGameFactoryContract.proposalGameType))
    let found = try l1.send(
      .zero, factory,
      ABI.call(
        "findLatestGames(uint32,uint256,uint256)", [type, .uint(index), .uint(5 as UInt64)]))
    let results = try ABI.decode(
      [.array(.tuple([.uint256, .bytes32, .uint(bits: 64), .bytes32, .bytes]))], found.output)
    let games = try #require(results[0].asElements)
    #expect(games.count == 1 && games[0].asElements?[3].asHash == output.hash)
    #expect(games[0].asElements?[4].asBytes == UInt256(77).bigEndianBytes)
  }

  @Test("who may not, without the bond, twice, of another type or below the anchor: no game")
  func refusals() throws {
    let pair = try RollupPair()
    let bond = try pair.l1.read(DisputeGameFactoryContract.bond())
    let root = try pair.output().hash
    func refusal(
      by caller: Address = Parts.proposer, value: UInt256? = nil, number: UInt64 = 9,
      type: UInt32 = DisputeGameFactoryContract.proposalGameType
    ) throws -> String? {
      try pair.l1.refusal(
        caller, factory,
        DisputeGameFactoryContract.propose(root, blockNumber: number, gameType: type),
        value: value ?? bond)
    }
    #expect(try refusal(by: Parts.alice) == "BadAuth")
    #expect(try refusal(value: bond &- 1) == "IncorrectBondAmount")
    #expect(try refusal(number: 0) == "UnexpectedRootClaim")
    #expect(try refusal(type: 0) == "NoImplementation")
    #expect(try refusal() == nil)
    #expect(try refusal() == "GameAlreadyExists")
    #expect(try refusal(number: 10) == nil)
    #expect(try pair.l1.read(DisputeGameFactoryContract.gameCount) == 2)
    let long = ABI.call(
      "create(uint32,bytes32,bytes)",
      [
        .uint(UInt64(DisputeGameFactoryContract.proposalGameType)), .bytes32(root),
        .bytes(UInt256(11).bigEndianBytes + [0]),
      ])
    #expect(try pair.l1.refusal(Parts.proposer, factory, long, value: bond) == "BadExtraData")
    let game = try pair.game(0).address
    #expect(
      try pair.l1.refusal(Parts.proposer, game, ABI.call("initialize()")) == "AlreadyInitialized")
  }

  @Test("a claim wins after the delay, becomes the anchor once final, and pays its bond back")
  func life() throws {
    let pair = try RollupPair()
    let l1 = pair.l1
    let output = try pair.output()
    let game = try pair.game(try pair.propose(output, blockNumber: 5))
    let resolve = DisputeGameContract.resolve
    pair.wait(302_399)
    #expect(try l1.refusal(Parts.bob, game.address, resolve) == "ClockNotExpired")
    pair.wait(1)
    try l1.send(Parts.bob, game.address, resolve)
    #expect(try l1.read(game.status) == .defenderWins)
    #expect(try l1.refusal(Parts.bob, game.address, resolve) == "GameNotInProgress")
    let claim = DisputeGameContract.claimCredit(Parts.proposer)
    #expect(try l1.refusal(Parts.bob, game.address, claim) == "GameNotFinalized")
    #expect(
      try l1.refusal(
        Parts.bob, AnchorStateRegistryContract.address,
        AnchorStateRegistryContract.setAnchor(game.address))
        == "AnchorStateRegistry_InvalidAnchorGame")
    pair.wait(302_401)
    #expect(try l1.read(AnchorStateRegistryContract.isClaimValid(game.address)))
    let before = try l1.balance(Parts.proposer)
    try l1.send(Parts.bob, game.address, claim)
    #expect(
      try l1.balance(Parts.proposer) == before &+ l1.read(DisputeGameFactoryContract.bond()))
    let anchor = try l1.read(AnchorStateRegistryContract.anchor)
    #expect(anchor.root == output.hash && anchor.blockNumber == 5)
    #expect(try l1.refusal(Parts.bob, game.address, claim) == "NoCreditToClaim")
    // The anchor does not go back.
    let old = DisputeGameFactoryContract.propose(.zero, blockNumber: 5)
    let bond = try l1.read(DisputeGameFactoryContract.bond())
    #expect(
      try l1.refusal(Parts.proposer, factory, old, value: bond) == "UnexpectedRootClaim")
  }

  @Test("only the owner names implementations and bonds")
  func owner() throws {
    let chain = try RollupChain(layer: 1)
    for call in [
      DisputeGameFactoryContract.setImplementation(gameType: 0, Parts.bob, arguments: [1]),
      DisputeGameFactoryContract.setBond(gameType: 0, 7),
    ] {
      #expect(
        try chain.refusal(Parts.alice, factory, call) == "Ownable: caller is not the owner")
      #expect(try chain.refusal(Parts.owner, factory, call) == nil)
    }
    #expect(try chain.read(DisputeGameFactoryContract.bond(gameType: 0)) == 7)
  }
}
