import Contracts
import Cryptography
import Execution
import FaultProof
import JSON
import Primitives

/// Messages between layers, the names of their senders, and keys of preimages.
enum MessageVectors {
  /// A message's relaying call, or its hash, by the version in its nonce.
  @Sendable static func message(_ test: Fixture) throws(FixtureError) -> Verdict {
    let message = LayerMessage(
      nonce: try test.field("versionedNonce").uint256(),
      sender: try test.field("sender").address(), target: try test.field("target").address(),
      value: try test.field("value").uint256(), gasLimit: try test.field("gasLimit").uint256(),
      data: try test.field("data").bytes())
    let call = message.nonce >> 240 == .zero ? message.legacyRelayCall : message.relayCall
    if let encoded = test.optional("encoded") {
      return .compare("encoded", try encoded.bytes(), call)
    }
    return .compare("hash", try test.field("hash").hash(), Keccak256.hash(call))
  }

  /// A contract's address on the other layer.
  @Sendable static func alias(_ test: Fixture) throws(FixtureError) -> Verdict {
    let one = try test.field("l1").address()
    let two = try test.field("l2").address()
    return .all(
      .compare("l2", two.bytes, AddressAlias.applied(to: one).bytes),
      .compare("l1", one.bytes, AddressAlias.removed(from: two).bytes))
  }

  /// The key of something that the fault-proof program asks for.
  @Sendable static func key(_ test: Fixture) throws(FixtureError) -> Verdict {
    let key: PreimageKey
    switch try test.field("type").uint64() {
    case 1: key = .local(try test.field("index").uint64())
    case 2: key = .keccak256(try hash(test) { Keccak256.hash($0) })
    case 4: key = .sha256(try hash(test) { SHA256.hash($0) })
    case 5: key = .blob(try test.field("hash").hash())
    case 6:
      if let address = test.optional("address") {
        key = .precompile(
          address: try address.address(), input: try test.field("input").bytes(),
          requiredGas: try test.optional("requiredGas")?.uint64())
      } else {
        key = .precompile(try test.field("hash").hash())
      }
    default: throw test.fault("its type is unknown")
    }
    return .compare("key", try test.field("key").hash(), key.bytes)
  }

  private static func hash(
    _ test: Fixture, _ function: (Bytes) -> Hash
  ) throws(FixtureError) -> Hash {
    if let preimage = test.optional("preimage") { return function(try preimage.bytes()) }
    return try test.field("hash").hash()
  }
}
