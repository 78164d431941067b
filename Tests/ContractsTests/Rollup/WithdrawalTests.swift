import Contracts
import Cryptography
import EVM
import Execution
import JSON
import Primitives
import TestSupport
import Testing

@Suite struct WithdrawalTests {
  private let portal = PortalContract.address

  /// Sends ether from L2 to L1 through the message passer.
  private func initiate(
    _ pair: RollupPair, value: UInt256 = 5, target: Address = Parts.bob, data: Bytes = []
  ) throws -> LayerMessage {
    try pair.withdrawal(
      try pair.l2.send(
        Parts.alice, MessagePasserContract.address,
        MessagePasserContract.initiateWithdrawal(target: target, gasLimit: 100_000, data: data),
        value: value))
  }

  @Test("a withdrawal is proved by a state of L2 and becomes a call on L1, once")
  func complete() throws {
    let pair = try RollupPair()
    let message = try initiate(pair)
    #expect(message.nonce == UInt256(1).shiftedLeft(by: 240 as UInt64))
    #expect(try pair.l2.read(MessagePasserContract.isSent(message.withdrawalHash)))
    #expect(
      try pair.l2.state.storage(MessagePasserContract.address, message.sentMessagesSlot) == 1)
    let before = try pair.l1.balance(Parts.bob)
    let outcome = try pair.complete(message)
    #expect(try pair.l1.balance(Parts.bob) == before &+ 5)
    guard case .withdrawalFinalized(let event)? = outcome.events.last else {
      Issue.record("no event")
      return
    }
    #expect(event.withdrawal == message.withdrawalHash && event.isSuccess)
    #expect(try pair.l1.read(PortalContract.isFinalized(message.withdrawalHash)))
    #expect(
      try pair.l1.refusal(Parts.alice, portal, PortalContract.finalize(message))
        == "OptimismPortal_AlreadyFinalized")
    #expect(try pair.l1.read(PortalContract.layerTwoSender) == Sample.account(dead))
  }

  private var dead: String { "000000000000000000000000000000000000dead" }

  @Test("among hundreds of messages each is proved, and a proof of one proves no other")
  func manyMessages() throws {
    let pair = try RollupPair()
    var messages: [LayerMessage] = []
    for index in 0..<200 {
      messages.append(try initiate(pair, value: UInt256(UInt64(index))))
    }
    let proved = try pair.proposed(messages[0])
    for index in stride(from: 0, to: 200, by: 13) {
      var one = proved
      one.message = messages[index]
      one.proof = try pair.proof(messages[index])
      let outcome = try pair.l1.send(Parts.alice, portal, one.call)
      #expect(outcome.events.count == 2)
      one.message = messages[(index + 1) % 200]
      #expect(try pair.l1.refusal(Parts.alice, portal, one.call) == "InvalidTrieProof")
    }
    let found = try pair.l1.read(
      PortalContract.proof(of: messages[13].withdrawalHash, by: Parts.alice))
    #expect(found.provenAt == pair.l1.timestamp)
    #expect(try found.game == pair.game(0).address)
  }

  @Test("a changed, cut or lengthened proof proves nothing")
  func hostileProofs() throws {
    let pair = try RollupPair()
    for index in 0..<20 { _ = try initiate(pair, value: UInt256(UInt64(index))) }
    let proved = try pair.proposed(try initiate(pair))
    var numbers = SeededNumbers(state: 5)
    func refused(_ change: (inout RollupPair.Proved) -> Void) throws {
      var changed = proved
      change(&changed)
      let outcome = try pair.l1.run(from: Parts.alice, to: portal, input: changed.call)
      #expect(outcome.status == .revert)
    }
    for node in proved.proof.indices {
      for _ in 0..<40 {
        let position = Int(numbers.next(below: UInt64(proved.proof[node].count)))
        let bit = UInt8(1 << numbers.next(below: 8))
        try refused { $0.proof[node][position] ^= bit }
      }
      try refused { $0.proof[node].removeLast() }
      try refused { $0.proof[node].append(0) }
      try refused { $0.proof.remove(at: node) }
    }
    try refused { $0.proof.append([0x80]) }
    try refused { $0.proof.append($0.proof[0]) }
    try refused { $0.proof = [] }
    try refused { $0.message.value = 6 }
    try refused { $0.message.target = Parts.alice }
    try refused { $0.output.messagePasserStorageRoot = Keccak256.hash(Bytes()) }
    #expect(try pair.l1.refusal(Parts.alice, portal, proved.call) == nil)
  }

  @Test("an output root, a game and a time that do not fit are each refused by name")
  func refusals() throws {
    let pair = try RollupPair()
    let message = try initiate(pair)
    var proved = try pair.proposed(message)
    func refusal() throws -> String? { try pair.l1.refusal(Parts.alice, portal, proved.call) }
    proved.output.blockHash = .zero
    #expect(try refusal() == "OptimismPortal_InvalidOutputRootProof")
    proved.output = try pair.output()
    proved.output.blockHash = Keccak256.hash(UInt256(pair.l2.number - 1))
    #expect(try refusal() == nil)
    let finalize = PortalContract.finalize(message)
    #expect(
      try pair.l1.refusal(Parts.alice, portal, finalize) == "OptimismPortal_ProofNotOldEnough")
    #expect(try pair.l1.refusal(Parts.bob, portal, finalize) == "OptimismPortal_Unproven")
    pair.wait(RollupPair.week + 24)
    #expect(
      try pair.l1.refusal(Parts.alice, portal, finalize) == "OptimismPortal_InvalidRootClaim")
    try pair.l1.send(Parts.bob, try pair.game(0).address, DisputeGameContract.resolve)
    #expect(
      try pair.l1.refusal(Parts.alice, portal, finalize) == "OptimismPortal_InvalidRootClaim")
    pair.wait(RollupPair.week / 2)
    #expect(
      try pair.l1.refusal(Parts.alice, portal, finalize) == "OptimismPortal_InvalidRootClaim")
    pair.wait(1)
    #expect(
      try pair.l1.refusal(
        Parts.bob, portal, PortalContract.finalize(message, provedBy: Parts.alice)) == nil)
    #expect(try pair.l1.refusal(Parts.alice, portal, try pairCall(pair, 9, proved)) != nil)
  }

  private func pairCall(
    _ pair: RollupPair, _ game: UInt64, _ proved: RollupPair.Proved
  ) throws -> Bytes {
    var other = proved
    other.game = game
    return other.call
  }

  @Test("a proof in the block of its game is too early")
  func sameBlock() throws {
    let pair = try RollupPair()
    let message = try initiate(pair)
    let output = try pair.output()
    let index = try pair.propose(output)
    let call = PortalContract.prove(
      message, gameIndex: UInt256(index), output: output, proof: try pair.proof(message))
    #expect(
      try pair.l1.refusal(Parts.alice, portal, call) == "OptimismPortal_InvalidProofTimestamp")
  }

  @Test("a pause, a blacklisted game, a retired game and another type stop a withdrawal")
  func guardian() throws {
    let anchors = AnchorStateRegistryContract.address
    let superchain = SuperchainConfigContract.address
    let pair = try RollupPair()
    let message = try initiate(pair)
    let proved = try pair.proposed(message)
    try pair.l1.send(Parts.owner, superchain, SuperchainConfigContract.pause("test"))
    #expect(
      try pair.l1.refusal(Parts.alice, portal, proved.call) == "OptimismPortal_CallPaused")
    try pair.l1.send(Parts.owner, superchain, SuperchainConfigContract.unpause)
    try pair.l1.send(Parts.alice, portal, proved.call)
    try pair.mature(proved.game)
    let finalize = PortalContract.finalize(message)
    let snapshot = pair.l1.state
    let game = try pair.game(proved.game)

    for (call, target) in [
      (AnchorStateRegistryContract.blacklist(game.address), anchors),
      (AnchorStateRegistryContract.retireGames, anchors),
    ] {
      #expect(
        try pair.l1.refusal(Parts.alice, target, call) == "AnchorStateRegistry_Unauthorized")
      try pair.l1.send(Parts.owner, target, call)
      #expect(
        try pair.l1.refusal(Parts.alice, portal, finalize) == "OptimismPortal_InvalidRootClaim")
      #expect(
        try pair.l1.refusal(Parts.alice, portal, proved.call)
          == "OptimismPortal_ImproperDisputeGame")
      pair.l1.state = snapshot
    }
    try pair.l1.send(Parts.owner, superchain, SuperchainConfigContract.pause("test"))
    #expect(try pair.l1.refusal(Parts.alice, portal, finalize) == "OptimismPortal_CallPaused")
    pair.l1.state = snapshot

    // Games of before count by what was respected when they were made.
    try pair.l1.send(Parts.owner, anchors, AnchorStateRegistryContract.setRespectedGameType(0))
    let other = try pair.proposed(message)
    #expect(
      try pair.l1.refusal(Parts.bob, portal, other.call) == "OptimismPortal_InvalidDisputeGame")
    #expect(try pair.l1.refusal(Parts.alice, portal, finalize) == nil)
  }

  @Test("a call that fails is final; one without enough gas is not")
  func callsThatFail() throws {
    let pair = try RollupPair()
    // The wrapped token of L1 does not exist, the anchor registry takes no ether.
    let message = try initiate(pair, target: AnchorStateRegistryContract.address)
    try pair.prove(message)
    let finalize = PortalContract.finalize(message)
    let poor = try pair.l1.run(from: Parts.alice, to: portal, input: finalize, gasLimit: 190_000)
    #expect(RollupChain.reason(poor.output) == "NotEnoughGas")
    let before = pair.l1.state
    let estimator = Sample.account("0000000000000000000000000000000000000001")
    #expect(
      try pair.l1.refusal(
        Parts.bob, portal, PortalContract.finalize(message, provedBy: Parts.alice),
        origin: estimator) == "OptimismPortal_GasEstimation")
    pair.l1.state = before
    let outcome = try pair.l1.send(Parts.alice, portal, finalize)
    guard case .withdrawalFinalized(let event)? = outcome.events.last else {
      Issue.record("no event")
      return
    }
    #expect(!event.isSuccess)
    #expect(
      try pair.l1.refusal(Parts.alice, portal, finalize) == "OptimismPortal_AlreadyFinalized")
  }

  @Test("a withdrawal whose target is the portal is refused")
  func portalAsTarget() throws {
    let pair = try RollupPair()
    let message = try initiate(pair, target: portal)
    let proved = try pair.proposed(message)
    #expect(
      try pair.l1.refusal(Parts.alice, portal, proved.call) == "OptimismPortal_BadTarget")
    #expect(
      try pair.l1.refusal(Parts.alice, portal, PortalContract.finalize(message))
        == "OptimismPortal_BadTarget")
  }

  @Test("ether that has left L2 is burnt by anybody")
  func burn() throws {
    let pair = try RollupPair()
    _ = try initiate(pair, value: 77)
    let passer = MessagePasserContract.address
    #expect(try pair.l2.balance(passer) == 77)
    try pair.l2.send(Parts.bob, passer, MessagePasserContract.burn)
    #expect(try pair.l2.balance(passer) == 0)
  }

  @Test(
    "hashes and slots of messages are those of the vectors",
    .enabled(if: Project.hasVectors("op/withdrawal_hash.json")))
  func vectors() throws {
    let cases = try Fixtures.rollupVectors("withdrawal_hash")
    for entry in cases {
      let message = LayerMessage(
        nonce: try #require(UInt256(decimal: entry["nonce"]?.string ?? "")),
        sender: try entry["sender"].asAddress(), target: try entry["target"].asAddress(),
        value: try #require(UInt256(decimal: entry["value"]?.string ?? "")),
        gasLimit: try #require(UInt256(decimal: entry["gasLimit"]?.string ?? "")),
        data: try entry["data"].asBytes())
      let chain = try RollupChain(layer: 2)
      try chain.fund(message.sender, message.value)
      let version = message.nonce.shiftedRight(by: 240 as UInt64)
      // The contract counts from 0 with version 1; the vectors' nonces have version 0.
      #expect(version.isZero)
      #expect(message.withdrawalHash == (try entry["withdrawalHash"].asHash()))
      let outcome = try chain.send(
        message.sender, MessagePasserContract.address,
        MessagePasserContract.initiateWithdrawal(
          target: message.target, gasLimit: message.gasLimit, data: message.data),
        value: message.value)
      var expected = message
      expected.nonce = UInt256(1).shiftedLeft(by: 240 as UInt64) &+ message.nonce
      guard case .messagePassed(let passed)? = outcome.events.first else {
        Issue.record("no event")
        return
      }
      #expect(passed.withdrawal == expected && passed.hash == expected.withdrawalHash)
      #expect(try chain.read(MessagePasserContract.isSent(expected.withdrawalHash)))
    }
  }
}
