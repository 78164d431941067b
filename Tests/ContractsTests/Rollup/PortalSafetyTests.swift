import Contracts
import Cryptography
import EVM
import Execution
import Primitives
import Testing

@Suite struct PortalSafetyTests {
  private let portal = PortalContract.address

  /// Calls the portal with its own input, and keeps whether that succeeded in slot 0.
  private var forwarder: Bytes {
    // CALLDATACOPY(0, 0, CALLDATASIZE); CALL(GAS, portal, 0, 0, CALLDATASIZE, 0, 0); SSTORE(0, _)
    [0x36, 0x5f, 0x5f, 0x37, 0x5f, 0x5f, 0x36, 0x5f, 0x5f, 0x73] + portal.bytes
      + [0x5a, 0xf1, 0x60, 0x01, 0x01, 0x5f, 0x55, 0x00]
  }

  /// Asks the portal for the sender on L2, and keeps it in slot 0.
  private var witness: Bytes {
    // MSTORE(0, selector); STATICCALL(GAS, portal, 28, 4, 0, 32); SSTORE(0, MLOAD(0))
    [0x63] + ABI.selector("l2Sender()") + [0x5f, 0x52, 0x60, 0x20, 0x5f, 0x60, 0x04, 0x60, 0x1c]
      + [0x73] + portal.bytes + [0x5a, 0xfa, 0x50, 0x5f, 0x51, 0x5f, 0x55, 0x00]
  }

  private func initiate(
    _ pair: RollupPair, to target: Address, data: Bytes = []
  ) throws -> LayerMessage {
    try pair.withdrawal(
      try pair.l2.send(
        Parts.bob, MessagePasserContract.address,
        MessagePasserContract.initiateWithdrawal(target: target, gasLimit: 900_000, data: data)))
  }

  @Test("the call of a withdrawal sees who sent it on L2, and afterwards nobody does")
  func sender() throws {
    let pair = try RollupPair()
    let contract = Sample.account("00000000000000000000000000000000000c0de0")
    try pair.l1.place(witness, at: contract)
    try pair.complete(try initiate(pair, to: contract))
    #expect(try pair.l1.state.storage(contract, 0) == UInt256(Parts.bob))
    #expect(UInt256(try pair.l1.read(PortalContract.layerTwoSender)) == 0xdead)
  }

  @Test("the call of a withdrawal cannot finalise another, which can be finalised afterwards")
  func reentrancy() throws {
    let pair = try RollupPair()
    let contract = Sample.account("00000000000000000000000000000000000c0de1")
    try pair.l1.place(forwarder, at: contract)
    let inner = try initiate(pair, to: Parts.alice)
    let call = PortalContract.finalize(inner, provedBy: Parts.alice)
    let outer = try initiate(pair, to: contract, data: call)
    let output = try pair.output()
    let game = try pair.propose(output)
    pair.wait(12)
    for message in [inner, outer] {
      try pair.l1.send(
        Parts.alice, portal,
        PortalContract.prove(
          message, gameIndex: UInt256(game), output: output, proof: try pair.proof(message)))
    }
    try pair.mature(game)
    let outcome = try pair.l1.send(Parts.alice, portal, PortalContract.finalize(outer))
    guard case .withdrawalFinalized(let event)? = outcome.events.last else {
      Issue.record("no event")
      return
    }
    // The outer call succeeded, and what it tried did not: 1 + 0.
    #expect(event.isSuccess && outcome.events.count == 1)
    #expect(try pair.l1.state.storage(contract, 0) == 1)
    #expect(try !pair.l1.read(PortalContract.isFinalized(inner.withdrawalHash)))
    try pair.l1.send(Parts.bob, contract, call)
    #expect(try pair.l1.state.storage(contract, 0) == 2)
    #expect(try pair.l1.read(PortalContract.isFinalized(inner.withdrawalHash)))
  }

  @Test("nodes of less than 32 bytes are read within their parents, and may be listed again")
  func inlineNodes() throws {
    let pair = try RollupPair()
    let message = try initiate(pair, to: Parts.alice)
    let key = Keccak256.hash(message.sentMessagesSlot).bytes
    let nibbles = key.flatMap { [$0 >> 4, $0 & 15] }
    // A leaf of five nibbles in a branch in an extension of 58: all in the root node.
    let leaf = RLPWriter.list { list in
      list.append(bytes: Self.path(Array(nibbles[59...]), flags: 2))
      list.append(bytes: [1])
    }
    let branch = RLPWriter.list { list in
      for digit in 0..<16 {
        if UInt8(digit) == nibbles[58] {
          list.append(raw: leaf)
        } else {
          list.append(bytes: [])
        }
      }
      list.append(bytes: [])
    }
    #expect(leaf.count < 32 && branch.count < 32)
    let root = RLPWriter.list { list in
      list.append(bytes: Self.path(Array(nibbles[..<58]), flags: 0))
      list.append(raw: branch)
    }
    let output = OutputRoot(
      stateRoot: .zero, messagePasserStorageRoot: Keccak256.hash(root), blockHash: .zero)
    let game = UInt256(try pair.propose(output))
    pair.wait(12)
    func refusal(_ proof: [Bytes]) throws -> String? {
      let before = pair.l1.state
      defer { pair.l1.state = before }
      return try pair.l1.refusal(
        Parts.alice, portal,
        PortalContract.prove(message, gameIndex: game, output: output, proof: proof))
    }
    #expect(try refusal([root]) == nil)
    #expect(try refusal([root, branch, leaf]) == nil)
    #expect(try refusal([root, branch]) == nil)
    #expect(try refusal([root, leaf, branch]) == "InvalidTrieProof")
    #expect(try refusal([root, branch, leaf, leaf]) == "InvalidTrieProof")
    #expect(try refusal([branch, leaf]) == "InvalidTrieProof")
  }

  /// A path with its flags, as leaves and extensions have it.
  private static func path(_ nibbles: [UInt8], flags: UInt8) -> Bytes {
    let all =
      nibbles.count % 2 == 1 ? [flags + 1] + nibbles : [flags, 0] + nibbles
    return stride(from: 0, to: all.count, by: 2).map { all[$0] << 4 | all[$0 + 1] }
  }
}
