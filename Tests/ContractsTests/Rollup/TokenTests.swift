import Contracts
import Cryptography
import EVM
import JSON
import NativeCryptography
import Primitives
import Testing

@Suite struct TokenTests {
  @Test("ether is wrapped, moved by its owner and by whom it allows, and unwrapped")
  func wrappedEther() throws {
    let chain = try RollupChain(layer: 2)
    let weth = TokenContract.wrappedEther
    try chain.send(Parts.alice, weth.address, TokenContract.wrap, value: 10)
    try chain.send(Parts.alice, weth.address, value: 5)
    #expect(try chain.read(weth.balance(of: Parts.alice)) == 15)
    try chain.send(
      Parts.alice, weth.address, TokenContract.transfer(to: Parts.bob, amount: 4))
    let take = ABI.call(
      "transferFrom(address,address,uint256)",
      [.address(Parts.alice), .address(Parts.bob), .uint(UInt256(6))])
    #expect(try chain.refusal(Parts.bob, weth.address, take) != nil)
    try chain.send(Parts.alice, weth.address, TokenContract.approve(Parts.bob, amount: 6))
    try chain.send(Parts.bob, weth.address, take)
    #expect(try chain.read(weth.balance(of: Parts.bob)) == 10)
    #expect(try chain.read(weth.allowance(of: Parts.alice, for: Parts.bob)) == 0)
    let before = try chain.balance(Parts.bob)
    try chain.send(Parts.bob, weth.address, TokenContract.unwrap(amount: 10))
    #expect(try chain.balance(Parts.bob) == before &+ 10)
    #expect(
      try chain.refusal(Parts.bob, weth.address, TokenContract.unwrap(amount: 1)) != nil)
    #expect(try chain.read(weth.totalSupply) == 5)
  }

  @Test("a bridge's token obeys permits that its owner signed, each once, until their deadline")
  func permits() throws {
    let chain = try RollupChain(layer: 2)
    let made = try chain.send(
      Parts.bob, LayerTwoAddresses.tokenFactory,
      TokenFactoryContract.createToken(for: Parts.bob, name: "Token", symbol: "TOK"))
    guard case .mintableTokenCreated(let event)? = made.events.last else {
      Issue.record("no token")
      return
    }
    let token = TokenContract(event.token)
    let owner = Actors.curator
    let deadline = chain.timestamp + 10
    func permit(value: UInt64, nonce: UInt64) -> Bytes {
      let type = Keccak256.hash(
        Bytes(
          "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
            .utf8))
      let domainType = Keccak256.hash(
        Bytes(
          "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
            .utf8))
      let domain = Keccak256.hash(
        ABI.encode([
          .bytes32(domainType), .bytes32(Keccak256.hash(Bytes("Token".utf8))),
          .bytes32(Keccak256.hash(Bytes("1".utf8))), .uint(901 as UInt64),
          .address(token.address),
        ]))
      let statement = Keccak256.hash(
        ABI.encode([
          .bytes32(type), .address(owner.address), .address(Parts.bob), .uint(value),
          .uint(nonce), .uint(deadline),
        ]))
      let digest = Keccak256.hash([0x19, 0x01] + domain.bytes + statement.bytes)
      let signature = owner.sign(digest)
      return ABI.call(
        "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
        [
          .address(owner.address), .address(Parts.bob), .uint(value), .uint(deadline),
          .uint(signature.yParity ? 28 as UInt64 : 27), .bytes32(Hash(signature.r)),
          .bytes32(Hash(signature.s)),
        ])
    }
    try chain.send(Parts.proposer, token.address, permit(value: 9, nonce: 0))
    #expect(try chain.read(token.allowance(of: owner.address, for: Parts.bob)) == 9)
    #expect(
      try chain.refusal(Parts.proposer, token.address, permit(value: 9, nonce: 0))
        == "WrongPermitSignature")
    chain.timestamp = deadline + 1
    #expect(
      try chain.refusal(Parts.proposer, token.address, permit(value: 3, nonce: 1))
        == "PermitExpired")
    // What moves everybody's tokens on every chain moves these.
    let permit2 = Sample.account("000000000022d473030f116ddee9f6b43ac78ba3")
    #expect(try chain.read(token.allowance(of: owner.address, for: permit2)) == .max)
  }

  @Test(
    "WETH9 answers and logs as OP's does",
    .enabled(if: RealPredeploys.areHere, "the vectors of OP chains are not here"))
  func realWrappedEther() throws {
    let address = LayerTwoAddresses.wrappedEther
    let chains = try RealPredeploys.pair([(address, try RealPredeploys.placed("06"))])
    let take = ABI.call(
      "transferFrom(address,address,uint256)",
      [.address(Parts.alice), .address(Parts.bob), .uint(UInt256(6))])
    let calls: [(Address, Bytes, UInt256)] = [
      (Parts.alice, [], 9), (Parts.alice, TokenContract.wrap, 5), (Parts.alice, [1, 2], 1),
      (Parts.bob, take, 0), (Parts.alice, TokenContract.approve(Parts.bob, amount: 7), 0),
      (Parts.bob, take, 0), (Parts.bob, take, 0),
      (Parts.bob, TokenContract.transfer(to: Parts.alice, amount: 2), 0),
      (Parts.bob, TokenContract.transfer(to: Parts.alice, amount: 200), 0),
      (Parts.bob, TokenContract.unwrap(amount: 4), 0),
      (Parts.bob, TokenContract.unwrap(amount: 1), 0),
      (Parts.alice, TokenContract.approve(Parts.bob, amount: .max), 0), (Parts.bob, take, 0),
      (Parts.bob, ABI.call("totalSupply()"), 0), (Parts.bob, ABI.call("name()"), 0),
      (Parts.bob, ABI.call("symbol()"), 0), (Parts.bob, ABI.call("decimals()"), 0),
      (
        Parts.bob,
        TokenContract.wrappedEther.allowance(of: Parts.alice, for: Parts.bob).input, 0
      ),
    ]
    for (index, (caller, input, value)) in calls.enumerated() {
      let ours = try chains.ours.run(from: caller, to: address, input: input, value: value)
      let real = try chains.real.run(from: caller, to: address, input: input, value: value)
      #expect(Visible(ours) == Visible(real), "call \(index)")
    }
  }
}
