import Contracts
import Cryptography
import EVM
import Execution
import JSON
import Primitives
import Testing

@Suite struct BridgeTests {
  private let l1Bridge = BridgeContract.layerOne
  private let l2Bridge = BridgeContract.layerTwo

  @Test("ether goes through both bridges and comes back")
  func ether() throws {
    let pair = try RollupPair()
    let before = try pair.l2.balance(Parts.bob)
    let sent = try pair.l1.send(
      Parts.alice, l1Bridge.address,
      BridgeContract.sendEther(to: Parts.bob, extraData: [9]), value: 1_000)
    #expect(try pair.deliver(sent).map(\.status) == [.success])
    #expect(try pair.l2.balance(Parts.bob) == before &+ 1_000)
    let bridged = sent.events.compactMap { event in
      if case .etherBridged(let bridged) = event { bridged } else { nil }
    }
    #expect(bridged.count == 1 && bridged[0].isInitiated && bridged[0].extraData == [9])

    let returned = try pair.l2.send(
      Parts.bob, l2Bridge.address, BridgeContract.sendEther(), value: 400)
    let l1Before = try pair.l1.balance(Parts.bob)
    let outcome = try pair.complete(try pair.withdrawal(returned))
    #expect(try pair.l1.balance(Parts.bob) == l1Before &+ 400)
    #expect(
      outcome.events.contains { event in
        if case .etherBridged(let bridged) = event {
          return !bridged.isInitiated && bridged.amount == 400 && bridged.from == Parts.bob
        }
        return false
      })
  }

  @Test("ether sent without input to a bridge, and by its older functions, arrives too")
  func olderWays() throws {
    let pair = try RollupPair()
    for input in [[], BridgeContract.depositEther(gasLimit: 100_000)] {
      let before = try pair.l2.balance(Parts.alice)
      let sent = try pair.l1.send(Parts.alice, l1Bridge.address, input, value: 70)
      #expect(sent.logs.contains { $0.topics[0] == ABI.eventTopic(depositInitiated) })
      try pair.deliver(sent)
      #expect(try pair.l2.balance(Parts.alice) == before &+ 70)
    }
    for input in [
      [], BridgeContract.withdraw(BridgeContract.legacyEther, amount: 30, gasLimit: 100_000),
    ] {
      let sent = try pair.l2.send(Parts.alice, l2Bridge.address, input, value: 30)
      let message = try pair.withdrawal(sent)
      #expect(message.value == 30 && message.target == MessengerContract.layerOne.address)
    }
    #expect(
      try pair.l1.refusal(
        Parts.bob, l1Bridge.address, BridgeContract.sendEther(), value: 1, origin: Parts.alice)
        == "StandardBridge: function can only be called from an EOA")
  }

  private var depositInitiated: String { "ETHDepositInitiated(address,address,uint256,bytes)" }

  /// A token of one layer, its counterpart on the other, and 1,000 of it in Alice's hands.
  private func tokens(_ pair: RollupPair, on layer: Int) throws -> (local: Address, remote: Address)
  {
    let (home, away) = layer == 1 ? (pair.l1, pair.l2) : (pair.l2, pair.l1)
    let factory = layer == 1 ? TokenFactoryContract.layerTwo : .layerOne
    let bridge = layer == 1 ? l1Bridge : l2Bridge
    let local = try home.create(
      Parts.bob, try Fixtures.artifact("WETH9")["bytecode"].asBytes())
    let made = try away.send(
      Parts.bob, factory.address,
      TokenFactoryContract.createToken(for: local, name: "Away Ether", symbol: "AWE"))
    guard case .mintableTokenCreated(let token)? = made.events.last else {
      throw RollupChain.Failure.refused("no token")
    }
    #expect(token.remoteToken == local && token.creator == Parts.bob)
    try home.send(Parts.alice, local, TokenContract.wrap, value: 1_000)
    try home.send(
      Parts.alice, local, TokenContract.approve(bridge.address, amount: 1_000))
    return (local, token.token)
  }

  @Test("a token of L1 is locked, minted on L2, burnt there and released")
  func tokenOfLayerOne() throws {
    let pair = try RollupPair()
    let (local, remote) = try tokens(pair, on: 1)
    let sent = try pair.l1.send(
      Parts.alice, l1Bridge.address,
      BridgeContract.sendTokens(local, as: remote, amount: 600, to: Parts.bob))
    #expect(try pair.l1.read(l1Bridge.locked(local, for: remote)) == 600)
    #expect(try pair.deliver(sent).map(\.status) == [.success])
    let token = TokenContract(remote)
    #expect(try pair.l2.read(token.balance(of: Parts.bob)) == 600)
    #expect(try pair.l2.read(token.totalSupply) == 600)
    #expect(try pair.l2.read(token.remoteToken) == local)

    let back = try pair.l2.send(
      Parts.bob, l2Bridge.address, BridgeContract.withdraw(remote, amount: 250, gasLimit: 200_000))
    #expect(try pair.l2.read(token.totalSupply) == 350)
    try pair.complete(try pair.withdrawal(back))
    #expect(try pair.l1.read(TokenContract(local).balance(of: Parts.bob)) == 250)
    #expect(try pair.l1.read(l1Bridge.locked(local, for: remote)) == 350)
    #expect(
      try pair.l2.refusal(
        Parts.bob, l2Bridge.address,
        BridgeContract.withdraw(remote, amount: 351, gasLimit: 200_000)) == "InsufficientTokens")
  }

  @Test("a token of L2 is locked there, minted on L1 and comes home")
  func tokenOfLayerTwo() throws {
    let pair = try RollupPair()
    let (local, remote) = try tokens(pair, on: 2)
    let sent = try pair.l2.send(
      Parts.alice, l2Bridge.address, BridgeContract.sendTokens(local, as: remote, amount: 600))
    try pair.complete(try pair.withdrawal(sent))
    #expect(try pair.l1.read(TokenContract(remote).balance(of: Parts.alice)) == 600)
    let back = try pair.l1.send(
      Parts.alice, l1Bridge.address,
      BridgeContract.sendTokens(remote, as: local, amount: 100, to: Parts.bob))
    try pair.deliver(back)
    #expect(try pair.l2.read(TokenContract(local).balance(of: Parts.bob)) == 100)
    #expect(try pair.l2.read(l2Bridge.locked(local, for: remote)) == 500)
  }

  @Test(
    "a token that is no pair, and ether beside tokens, are refused; a stranger finalises nothing")
  func refusals() throws {
    let pair = try RollupPair()
    let (local, remote) = try tokens(pair, on: 1)
    try pair.deliver(
      try pair.l1.send(
        Parts.alice, l1Bridge.address,
        BridgeContract.sendTokens(local, as: remote, amount: 600)))
    #expect(
      try pair.l2.refusal(
        Parts.alice, l2Bridge.address,
        BridgeContract.sendTokens(remote, as: Parts.bob, amount: 1))
        == "StandardBridge: wrong remote token for Optimism Mintable ERC20 local token")
    #expect(
      try pair.l2.refusal(
        Parts.alice, l2Bridge.address,
        BridgeContract.withdraw(remote, amount: 1, gasLimit: 1), value: 1)
        == "StandardBridge: cannot send value")
    let finalize = ABI.call(
      "finalizeBridgeETH(address,address,uint256,bytes)",
      [.address(Parts.alice), .address(Parts.alice), .uint(UInt256.zero), .bytes([])])
    for (chain, bridge) in [(pair.l1, l1Bridge), (pair.l2, l2Bridge)] {
      #expect(
        try chain.refusal(Parts.alice, bridge.address, finalize)
          == "StandardBridge: function can only be called from the other bridge")
    }
    // Minting is the bridge's alone; the wrong bridge of a pair cannot release what is not locked.
    let mint = ABI.call(
      "mint(address,uint256)", [.address(Parts.alice), .uint(UInt256(1))])
    #expect(
      try pair.l2.refusal(Parts.alice, remote, mint)
        == "OptimismMintableERC20: only bridge can mint and burn")
  }
}
