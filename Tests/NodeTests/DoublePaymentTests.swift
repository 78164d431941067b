import Contracts
import Cryptography
import Execution
import JSON
import Ledger
import Node
import Primitives
import Testing

@Suite("A receipt that is paid twice")
struct DoublePaymentTests {
  /// The development chain, but for a contract in the attribution contract's place that says of
  /// each call that it has paid the same receipt.
  private func declaration() throws -> GenesisDeclaration {
    var declaration = try Project.declaration()
    let topic = Keccak256.hash(
      Bytes(
        ("UsageSettled(bytes32,address,address,bytes32,bytes32,uint64,uint256,uint256,uint256,"
          + "bytes32)").utf8))
    // PUSH0 PUSH0 PUSH32 receipt PUSH32 topic PUSH1 224 PUSH0 LOG4 STOP
    let code: Bytes =
      [0x5f, 0x5f, 0x7f] + Keccak256.hash([]).bytes + [0x7f] + topic.bytes
      + [0x60, 0xe0, 0x5f, 0xa4, 0x00]
    let json = try JSON.parse(declaration.documents[1].json)
    var document = try #require(json.object)
    var alloc = try #require(document["alloc"]?.object)
    var name = AttributionContract.address.hexadecimal
    if alloc[name] == nil { name = String(name.dropFirst(2)) }
    var account = try #require(alloc[name]?.object)
    account["code"] = .string(Hexadecimal.encodePrefixed(code))
    alloc[name] = .object(account)
    document["alloc"] = .object(alloc)
    declaration.documents[1].json = JSON.object(document).serialized()
    return declaration
  }

  @Test("is found by an audit, which names the event")
  func found() throws {
    let place = try Place()
    let node = try Node(try place.configuration(genesis: try declaration()))
    for nonce in UInt64(0)..<2 {
      let outcome = try node.submit(
        .submit(
          transfer(
            nonce: nonce, to: AttributionContract.address, value: .zero, gasLimit: 100_000)))
      #expect(
        outcome.receipt(
          of: transfer(
            nonce: nonce, to: AttributionContract.address, value: .zero, gasLimit: 100_000
          ).hash)?.logs.count == 1)
    }
    node.stop()
    #expect(try Replay.check(place.directory).progress.blocks == 2, "the log itself is in order")
    var audit = Audit(directory: place.directory, key: nil)
    let error = nodeError { _ = try audit.run() }
    #expect(sequence(in: error) == 5, "\(error?.message ?? "")")
    #expect(error?.message.contains("paid a second time") == true)
  }
}
