import Contracts
import Cryptography
import EVM
import Execution
import JSON
import Primitives
import TestSupport
import Testing

@Suite struct MessengerTests {
  private let l1 = MessengerContract.layerOne
  private let l2 = MessengerContract.layerTwo

  private func message(_ outcome: RollupChain.Outcome) throws -> LayerMessage {
    var sent: SentMessage?
    var value: UInt256?
    for event in outcome.events {
      if case .sentMessage(let event) = event { sent = event }
      if case .sentMessageValue(let event) = event { value = event.value }
    }
    return try #require(sent).message(value: try #require(value))
  }

  @Test("a message from L1 is relayed on L2 by its deposit, and not again")
  func relay() throws {
    let pair = try RollupPair()
    let before = try pair.l2.balance(Parts.bob)
    let outcome = try pair.l1.send(
      Parts.alice, l1.address,
      MessengerContract.send(to: Parts.bob, data: [1, 2], gasLimit: 50_000), value: 3)
    let message = try message(outcome)
    #expect(message.sender == Parts.alice && message.value == 3 && message.data == [1, 2])
    let deposit = try #require(try pair.deposits(outcome).first)
    #expect(
      deposit.gasLimit == MessengerContract.baseGas(dataSizeInBytes: 2, gasLimit: 50_000))
    #expect(deposit.data == message.relayCall && deposit.to == l2.address)
    try pair.deliver(outcome)
    #expect(try pair.l2.read(l2.isRelayed(message.relayHash)))
    #expect(try pair.l2.balance(Parts.bob) == before &+ 3)
    #expect(
      try pair.l2.refusal(Parts.alice, l2.address, MessengerContract.relay(message))
        == "CrossDomainMessenger: message cannot be replayed")
  }

  @Test("a message that failed waits with its ether, and is relayed when its target can take it")
  func replay() throws {
    let pair = try RollupPair()
    // L1Block takes no ether.
    let outcome = try pair.l1.send(
      Parts.alice, l1.address,
      MessengerContract.send(to: L1BlockContract.address, data: [], gasLimit: 50_000), value: 8)
    let message = try message(outcome)
    try pair.deliver(outcome)
    #expect(try pair.l2.read(l2.isFailed(message.relayHash)))
    #expect(try pair.l2.balance(l2.address) == 8)
    let replay = MessengerContract.relay(message)
    #expect(
      try pair.l2.refusal(Parts.bob, l2.address, replay, value: 1)
        == "CrossDomainMessenger: value must be zero unless message is from a system address")
    // Still in vain.
    try pair.l2.send(Parts.bob, l2.address, replay)
    #expect(try !pair.l2.read(l2.isRelayed(message.relayHash)))
    // Code that takes everything: STOP.
    try pair.l2.place([0x00], at: L1BlockContract.address)
    let done = try pair.l2.send(Parts.bob, l2.address, replay)
    #expect(done.events == [.messageRelayed(try relayed(message, done))])
    #expect(try pair.l2.balance(L1BlockContract.address) == 8)
    #expect(
      try pair.l2.refusal(Parts.bob, l2.address, replay)
        == "CrossDomainMessenger: message has already been relayed")
  }

  private func relayed(
    _ message: LayerMessage, _ outcome: RollupChain.Outcome
  ) throws -> MessageRelayed {
    guard case .messageRelayed(let event)? = outcome.events.first else {
      throw RollupChain.Failure.refused("no event")
    }
    #expect(event.isSuccess && event.message == message.relayHash)
    return event
  }

  @Test("a message with too little gas is kept for later and not lost")
  func tooLittleGas() throws {
    let pair = try RollupPair()
    let sent = try pair.l2.send(
      Parts.alice, l2.address,
      MessengerContract.send(to: Parts.bob, data: [7], gasLimit: 2_000_000), value: 6)
    let message = try message(sent)
    let withdrawal = try pair.withdrawal(sent)
    #expect(withdrawal.data == message.relayCall)
    #expect(
      withdrawal.gasLimit
        == UInt256(MessengerContract.baseGas(dataSizeInBytes: 1, gasLimit: 2_000_000)))
    try pair.prove(withdrawal)
    let portal = PortalContract.address
    let finalize = PortalContract.finalize(withdrawal)
    let poor = try pair.l1.run(
      from: Parts.alice, to: portal, input: finalize, gasLimit: 2_300_000)
    #expect(RollupChain.reason(poor.output) == "NotEnoughGas")
    try pair.l1.send(Parts.alice, portal, finalize)
    #expect(try pair.l1.read(l1.isRelayed(message.relayHash)))
  }

  @Test("a message to the messenger itself or to the layer's gate is not relayed")
  func unsafeTargets() throws {
    let pair = try RollupPair()
    for target in [l2.address, MessagePasserContract.address] {
      let sent = try pair.l1.send(
        Parts.alice, l1.address, MessengerContract.send(to: target, data: [], gasLimit: 1))
      #expect(try pair.deliver(sent).map(\.status) == [.revert])
    }
    for target in [l1.address, PortalContract.address] {
      let sent = try pair.l2.send(
        Parts.alice, l2.address, MessengerContract.send(to: target, data: [], gasLimit: 1))
      let outcome = try pair.complete(try pair.withdrawal(sent))
      guard case .withdrawalFinalized(let event)? = outcome.events.last else {
        Issue.record("no event")
        return
      }
      #expect(!event.isSuccess)
    }
  }

  @Test("nobody but the other messenger brings a message")
  func strangers() throws {
    let pair = try RollupPair()
    let message = LayerMessage(
      nonce: UInt256(1).shiftedLeft(by: 240 as UInt64), sender: Parts.alice, target: Parts.bob,
      value: 0,
      gasLimit: 0, data: [])
    for (chain, messenger) in [(pair.l1, l1), (pair.l2, l2)] {
      #expect(
        try chain.refusal(Parts.alice, messenger.address, MessengerContract.relay(message))
          == "CrossDomainMessenger: message cannot be replayed")
      #expect(
        try chain.refusal(
          Parts.alice, messenger.address, ABI.call("xDomainMessageSender()"))
          == "CrossDomainMessenger: xDomainMessageSender is not set")
    }
    // L1's messenger itself, but by its own address and not by its alias.
    #expect(
      try pair.l2.refusal(l1.address, l2.address, MessengerContract.relay(message))
        == "CrossDomainMessenger: message cannot be replayed")
    // A withdrawal of somebody else's that calls the messenger.
    let withdrawal = try pair.withdrawal(
      try pair.l2.send(
        Parts.alice, MessagePasserContract.address,
        MessagePasserContract.initiateWithdrawal(
          target: l1.address, gasLimit: 500_000, data: message.relayCall)))
    let outcome = try pair.complete(withdrawal)
    #expect(try !pair.l1.read(l1.isRelayed(message.relayHash)))
    #expect(!outcome.events.isEmpty)
  }

  @Test("a pause stops what arrives on L1, and it arrives afterwards")
  func pause() throws {
    let pair = try RollupPair()
    let sent = try pair.l2.send(
      Parts.alice, l2.address, MessengerContract.send(to: Parts.bob, data: [], gasLimit: 1))
    let withdrawal = try pair.withdrawal(sent)
    try pair.prove(withdrawal)
    let superchain = SuperchainConfigContract.address
    #expect(
      try pair.l1.refusal(Parts.alice, superchain, SuperchainConfigContract.pause("x"))
        == "SuperchainConfig: only guardian can pause")
    try pair.l1.send(Parts.owner, superchain, SuperchainConfigContract.pause("x"))
    #expect(
      try pair.l1.refusal(
        Parts.alice, l1.address, MessengerContract.relay(try message(sent)))
        == "CrossDomainMessenger: paused")
    try pair.l1.send(Parts.owner, superchain, SuperchainConfigContract.unpause)
    try pair.l1.send(Parts.alice, PortalContract.address, PortalContract.finalize(withdrawal))
    #expect(try pair.l1.read(l1.isRelayed(try message(sent).relayHash)))
  }

  @Test("the gas formula of the contract is that of the bindings")
  func baseGas() throws {
    let chain = try RollupChain(layer: 1)
    for (size, gas) in [(0, 0), (1, 63), (100, 64), (20_000, 5), (90_000, 4_000_000_000)] {
      let outcome = try chain.send(
        .zero, l1.address,
        ABI.call(
          "baseGas(bytes,uint32)",
          [.bytes(Bytes(repeating: 1, count: size)), .uint(UInt64(gas))]))
      #expect(
        UInt256(bigEndian: outcome.output[...]).asUInt64
          == MessengerContract.baseGas(dataSizeInBytes: size, gasLimit: UInt32(gas)))
    }
  }

  @Test(
    "messages are encoded and hashed as in the vectors",
    .enabled(if: Project.hasVectors("op/cross_domain_message.json")))
  func vectors() throws {
    let cases = try Fixtures.rollupVectors("cross_domain_message")
    for entry in cases {
      let message = LayerMessage(
        nonce: try entry["versionedNonce"].asNumber(), sender: try entry["sender"].asAddress(),
        target: try entry["target"].asAddress(),
        value: try #require(UInt256(decimal: entry["value"]?.string ?? "")),
        gasLimit: try #require(UInt256(decimal: entry["gasLimit"]?.string ?? "")),
        data: try entry["data"].asBytes())
      let isLegacy = message.nonce.shiftedRight(by: 240 as UInt64).isZero
      let call = isLegacy ? message.legacyRelayCall : message.relayCall
      if let encoded = entry["encoded"] { #expect(try encoded.asBytes() == call) }
      if let hash = entry["hash"] { #expect(try hash.asHash() == Keccak256.hash(call)) }
    }
  }
}
