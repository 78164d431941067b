import Foundation
import JSON
import Pairings
import Primitives
import TestSupport
import Testing

/// BN254 as EigenDA uses it, against output of its own code (gnark-crypto).
@Suite(.enabled(if: Project.hasVectors("da/bn254"), "no vectors of the DA layer"))
struct EigenDATests {
  private func vectors(_ name: String) throws -> JSON {
    let file = Project.vectors.appending(path: "da/bn254").appending(path: name)
    return try JSON.parse(Bytes(try Data(contentsOf: file)))
  }

  /// A coordinate, which gnark writes as a negative number where that is shorter.
  private func coordinate(_ json: JSON, _ field: String) throws -> Bytes {
    guard let text = json[field]?.string else { throw Misshapen(field: field) }
    let number = try #require(UInt256(decimal: text.utf8.drop { $0 == UInt8(ascii: "-") }))
    let modulus = BN254.BaseField.modulus.lowUInt256
    return (text.hasPrefix("-") ? modulus - number : number).bigEndianBytes
  }

  private func first(_ json: JSON?) throws -> BN254.G1 {
    let json = try #require(json)
    let encoded = try coordinate(json, "x") + coordinate(json, "y")
    let point = try #require(BN254.decodeG1(encoded[...]))
    #expect(BN254.compress(point) == (try json.bytes("compressed")))
    #expect(BN254.decompressG1(try json.bytes("compressed")[...]) == point)
    return point
  }

  private func second(_ json: JSON?) throws -> BN254.G2 {
    let json = try #require(json)
    let encoded = try ["x_c1", "x_c0", "y_c1", "y_c0"]
      .flatMap { try coordinate(json, $0) }
    let point = try #require(BN254.decodeG2(encoded[...]))
    #expect(BN254.compress(point) == (try json.bytes("compressed")))
    #expect(BN254.decompressG2(try json.bytes("compressed")[...]) == point)
    return point
  }

  @Test("multiples, compressed points and the pairing's bytes are gnark's")
  func basics() throws {
    let vectors = try vectors("bn254_basic.json")
    for vector in try vectors.list("scalar_mul") {
      let scalar = try vector.decimal("k")
      #expect(try first(vector["g1"]) == BN254.multiply(BN254.generator1, by: scalar))
      #expect(try second(vector["g2"]) == BN254.multiply(BN254.generator2, by: scalar))
    }
    #expect(BN254.decompressG1(try vectors.bytes("infinity_g1")[...]) == .infinity)
    #expect(BN254.decompressG2(try vectors.bytes("infinity_g2")[...]) == .infinity)
    #expect(
      BN254.pairing([(BN254.generator1, BN254.generator2)]).bigEndianBytes
        == (try vectors.bytes("pairing_G1_G2_gnark_bytes")))
  }

  @Test("digests are mapped, keys derived, and signatures verified one by one and together")
  func signatures() throws {
    let vectors = try vectors("bls_bn254.json")
    for vector in try vectors.list("map_to_curve") {
      let digest = try #require(Hash(checking: try vector.bytes("digest")))
      #expect(BN254.map(digest: digest) == (try first(vector["point"])))
    }
    let message = try #require(Hash(checking: try vectors.bytes("message")))
    let point = BN254.map(digest: message)
    for (operatorKeys, signature) in zip(
      try vectors.list("operators"), try vectors.list("sigs"))
    {
      let secret = try operatorKeys.decimal("sk_decimal")
      let key = try second(operatorKeys["pk_g2"])
      #expect(BN254.multiply(BN254.generator2, by: secret) == key)
      #expect(
        BN254.multiply(BN254.generator1, by: secret) == (try first(operatorKeys["pk_g1"])))
      let signature = try first(signature)
      #expect(BN254.multiply(point, by: secret) == signature)
      #expect(BN254.pairingIsOne([(-signature, BN254.generator2), (point, key)]))
      #expect(!BN254.pairingIsOne([(signature, BN254.generator2), (point, key)]))
    }
    let together = try first(vectors["agg_sigma"])
    let key = try second(vectors["signers_apk_g2"])
    #expect(BN254.pairingIsOne([(-together, BN254.generator2), (point, key)]))
  }

  @Test("go-ethereum's vectors of BN254 hold for the functions themselves")
  func contracts() throws {
    for vector in try vectors("geth_bn256Pairing.json").array ?? [] {
      let input = try vector.bytes("Input")
      var pairs: [(BN254.G1, BN254.G2)] = []
      for start in stride(from: 0, to: input.count, by: 192) {
        let point = try #require(BN254.decodeG1(input[start..<start + 64]))
        let twist = try #require(BN254.decodeG2(input[start + 64..<start + 192]))
        #expect(BN254.isInSubgroup(twist))
        pairs.append((point, twist))
      }
      #expect(BN254.pairingIsOne(pairs) == (try vector.bytes("Expected").last == 1))
    }
    for vector in try vectors("geth_bn256ScalarMul.json").array ?? [] {
      let input = try vector.bytes("Input") + Bytes(repeating: 0, count: 96)
      let point = try #require(BN254.decodeG1(input[..<64]))
      let product = BN254.multiply(point, by: UInt256(bigEndian: input[64..<96]))
      #expect(BN254.encode(product) == (try vector.bytes("Expected")))
    }
    for vector in try vectors("geth_bn256Add.json").array ?? [] {
      let input = try vector.bytes("Input") + Bytes(repeating: 0, count: 128)
      let left = try #require(BN254.decodeG1(input[..<64]))
      let right = try #require(BN254.decodeG1(input[64..<128]))
      #expect(BN254.encode(BN254.add(left, right)) == (try vector.bytes("Expected")))
    }
  }
}
