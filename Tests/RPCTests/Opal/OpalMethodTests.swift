import Contracts
import Cryptography
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives
import RPC
import Testing

@Suite("Opal's own methods", .serialized)
struct OpalMethodTests {
  @Test("an event's inclusion is proved against the signed checkpoint")
  func proofs() async throws {
    let node = try ServingNode()
    for value in 1...5 as ClosedRange<Int64> {
      _ = try await node.call(
        "eth_sendTransaction",
        [
          "from": .data(node.base.accounts[0]), "to": .data(node.base.accounts[1]),
          "value": .quantity(UInt64(value)),
        ])
    }
    let checkpoint = try #require(try await node.call("opal_getCheckpoint")["result"])
    let size = try #require(checkpoint["size"]?.string.flatMap { UInt256(hexadecimal: $0) })
    let root = try #require(checkpoint["root"]?.string.flatMap { Hash(hexadecimal: $0) })
    #expect(try await node.call("opal_getCheckpoint")["result"] == checkpoint)
    for sequence in 1...(size.asUInt64 ?? 0) {
      let event = try await node.call("opal_getEvent", .quantity(sequence))["result"]
      let proof = try await node.call(
        "opal_getInclusionProof", .quantity(sequence), .quantity(size))["result"]
      #expect(proof?["leafHash"] == event?["leafHash"] && proof?["root"] == checkpoint["root"])
      let leaf = try #require(event?["leafHash"]?.string.flatMap { Hash(hexadecimal: $0) })
      let path = (proof?["path"]?.array ?? []).compactMap { $0.string }
        .compactMap { Hash(hexadecimal: $0) }
      #expect(
        MerkleTree.verifyInclusion(
          leaf: leaf, index: sequence - 1, treeSize: size.asUInt64 ?? 0, root: root, proof: path))
    }
    for old in 1...(size.asUInt64 ?? 0) {
      let proof = try await node.call(
        "opal_getConsistencyProof", .quantity(old), .quantity(size))["result"]
      let hashes = (proof?["path"]?.array ?? []).compactMap { $0.string }
        .compactMap { Hash(hexadecimal: $0) }
      let oldRoot = try #require(proof?["oldRoot"]?.string.flatMap { Hash(hexadecimal: $0) })
      #expect(
        MerkleTree.verifyConsistency(
          oldSize: old, oldRoot: oldRoot, newSize: size.asUInt64 ?? 0, newRoot: root,
          proof: hashes))
    }
    let error = try await node.call(
      "opal_getConsistencyProof", .quantity(2 as UInt64), .quantity(1 as UInt64))
    #expect(error["error"]?["code"]?.int == -32602)
    let body = try #require(checkpoint["body"]?.string)
    let key = try #require(checkpoint["publicKey"]?.string.flatMap { Hexadecimal.decode($0) })
    let bytes = try #require(checkpoint["signature"]?.string.flatMap { Hexadecimal.decode($0) })
    let signature = try #require(Signature(bytes65: bytes))
    let signer = NativeCryptographyProvider.shared.recoverPublicKey(
      messageHash: SHA256.hash(Bytes(body.utf8)), r: signature.r, s: signature.s,
      yParity: signature.yParity)
    #expect(signer == key)
  }

  @Test("a foreign engine's use is taken once, and only if both signatures are right")
  func submission() async throws {
    let node = try ServingNode()
    let question: JSON = [
      "model": "opal-demo", "prompt": "In the beginning", "max_tokens": 2, "temperature": 0,
    ]
    #expect(try await node.send("/v1/completions", question).status == 200)
    let grant = try await node.grant()
    let domain = try #require(node.node.world.usageDomain)
    let model = grant.authorization.models[0]
    let terms = try node.engine.terms(of: model)
    var receipt = UsageReceipt(
      authorization: grant.authorization.digest(domain), payer: grant.authorization.payer,
      model: model, requestHash: Hash(UInt256(1)), outputHash: Hash(UInt256(2)), promptTokens: 3,
      completionTokens: 4, fee: terms.price.fee(promptTokens: 3, completionTokens: 4),
      attributionRoot: .zero, sequence: 50)
    func settlement() -> JSON {
      Settlement(
        authorization: grant.authorization, payerSignature: grant.signature, receipt: receipt,
        engineSignature: DevelopmentRole.engine.key.sign(receipt.digest(domain))
      ).json
    }
    let taken = try await node.call("opal_submitUsage", settlement())
    let digest = try #require(taken["result"]?["receipt"])
    #expect(try await node.call("opal_getUsage", digest)["result"]?["status"] == "settled")
    #expect(try await node.call("opal_getClaims", digest)["result"] == [])
    let again = try await node.call("opal_submitUsage", settlement())
    #expect(again["error"]?["message"]?.string?.contains("not above") == true)
    receipt.sequence = 51
    receipt.fee = receipt.fee &+ 1
    let dear = try await node.call("opal_submitUsage", settlement())
    #expect(dear["error"]?["message"]?.string?.contains("WrongFee") == true)
    guard case .object(var forged) = settlement() else { return }
    forged["engineSignature"] = forged["payerSignature"]
    let refused = try await node.call("opal_submitUsage", .object(forged))
    #expect(refused["error"]?["message"]?.string?.contains("engine signature") == true)
  }

  @Test("what is malformed or not there is said to be so")
  func hostile() async throws {
    let node = try ServingNode()
    #expect(try await node.call("opal_getUsage", .data(Hash.zero))["result"] == .null)
    #expect(try await node.call("opal_getEvent", "0x99")["result"] == .null)
    let parameters: [(String, [JSON])] = [
      ("opal_submitUsage", []), ("opal_submitUsage", [5]), ("opal_submitUsage", [[:]]),
      ("opal_submitUsage", [["authorization": [:]]]), ("opal_getUsage", ["0x12"]),
      ("opal_getEvent", ["x"]), ("opal_getEvent", []), ("opal_getCheckpoint", [1]),
      ("opal_getInclusionProof", ["0x0"]), ("opal_getInclusionProof", ["0x1", "0xffff"]),
      ("opal_getInclusionProof", ["0x5", "0x1"]), ("opal_createApiKey", [["authorization": 1]]),
      ("opal_getClaims", [[]]),
    ]
    for (method, values) in parameters {
      let request: JSON = [
        "jsonrpc": "2.0", "id": 1, "method": .string(method), "params": .array(values),
      ]
      let reply = try JSON.parse(try await node.send("/", request).text)
      #expect(reply["error"]?["code"] == -32602, "\(method) \(values): \(reply)")
    }
  }
}
