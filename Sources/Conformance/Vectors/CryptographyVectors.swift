import Cryptography
import Execution
import JSON
import NativeCryptography
import Primitives

/// Tests of hashes, keys and signatures.
let cryptographyVectors: [VectorKind] = [
  VectorKind({ $0.has("message", "digest") }) { test throws(FixtureError) in
    let digest = Keccak256.hash(try test.field("message").bytes())
    return .compare("keccak256", try test.field("digest").bytes(), digest.bytes)
  },
  VectorKind({ $0.isDocument(of: "algorithm", "testGroups") }) {
    document, _ throws(FixtureError) in
    try Wycheproof.run(document)
  },
  VectorKind({ $0.isDocument(of: "valid", "invalid", "extraEntropy") }) {
    document, _ throws(FixtureError) in
    try CurveVectors.signatures(document)
  },
  VectorKind({ $0.isDocument(of: "valid", "invalid") && !$0.members.contains("extraEntropy") }) {
    document, _ throws(FixtureError) in
    try CurveVectors.points(document)
  },
  VectorKind({ $0.has("message", "d", "k0") }, eachCase: CurveVectors.deterministicNonce),
  VectorKind({ $0.has("seed", "key", "addr") }, eachCase: BasicKeys.address),
  VectorKind({ $0.has("key", "unsigned", "signed") }, eachCase: BasicKeys.transaction),
  VectorKind({ $0.has("decryption_type") }, eachCase: KeyStoreVectors.cipher),
  VectorKind({ $0.has("json", "password", "priv") }, eachCase: KeyStoreVectors.verdict),
]

/// Google's Project Wycheproof: ECDSA signatures that are valid, and many that only look so.
enum Wycheproof {
  static func run(_ document: Fixture) throws(FixtureError) -> [CaseResult] {
    var results: [CaseResult] = []
    for group in try document.field("testGroups").elements() {
      let form = try group.field("type").text()
      let key = try group.field("publicKey")
      let curve = try key.field("curve").text()
      let point = try key.field("uncompressed").bytes()
      for test in try group.field("tests").elements() {
        let got: Bool
        let message = try test.field("msg").bytes()
        let signature = try test.field("sig").bytes()
        switch (curve, form) {
        case ("secp256k1", "EcdsaP1363Verify"):
          got =
            CurvePoint(point)?.verifies(
              compact: signature, hash: SHA256.hash(message), allowsHighS: true) ?? false
        case ("secp256k1", "EcdsaBitcoinVerify"):
          got = CurvePoint(point)?.verifies(der: signature, hash: SHA256.hash(message)) ?? false
        case ("secp256r1", "EcdsaP1363Verify"):
          got = verifyP256(point, signature, SHA256.hash(message))
        default: throw group.fault("\"\(form)\" over \"\(curve)\" is not known here")
        }
        let wanted = try test.field("result").text() != "invalid"
        let number = try test.field("tcId").uint64()
        let comment = try test.optional("comment")?.text() ?? ""
        results.append(
          CaseResult(
            name: "\(number) \(comment)", verdict: .check("signature", wanted, got)))
      }
    }
    return results
  }

  private static func verifyP256(_ point: Bytes, _ signature: Bytes, _ hash: Hash) -> Bool {
    guard point.count == 65, signature.count == 64 else { return false }
    func word(_ bytes: ArraySlice<UInt8>) -> UInt256 { UInt256(bigEndian: bytes) }
    return NativeCryptographyProvider.shared.verifyP256(
      messageHash: hash, r: word(signature[..<32]), s: word(signature[32...]),
      x: word(point[1..<33]), y: word(point[33...]))
  }
}

/// noble-curves' vectors of secp256k1.
enum CurveVectors {
  static func signatures(_ document: Fixture) throws(FixtureError) -> [CaseResult] {
    var results = try document.field("valid").cases(signature)
    let invalid = try document.field("invalid")
    results += try invalid.field("sign").cases { test throws(FixtureError) in
      .check("key", false, PrivateKey(try test.field("d").bytes()) != nil)
    }
    results += try invalid.field("verify").cases { test throws(FixtureError) in
      let hash = Hash(checking: try test.field("m").bytes())
      guard let hash, let point = CurvePoint(try test.field("Q").bytes()) else { return .passed }
      let signature = try test.field("signature").bytes()
      return .check("signature", false, point.verifies(compact: signature, hash: hash))
    }
    // Of these, the signature without extra entropy: Opal signs without.
    return results + (try document.field("extraEntropy").cases(signature))
  }

  @Sendable private static func signature(_ test: Fixture) throws(FixtureError) -> Verdict {
    guard let key = PrivateKey(try test.field("d").bytes()) else {
      return .check("key", true, false)
    }
    let signature = key.sign(try test.field("m").hash())
    return .compare(
      "signature", try test.field("signature").bytes(), Bytes(signature.bytes65.dropLast()))
  }

  /// The nonce of RFC 6979, seen in the signature: r is the x of its point.
  @Sendable static func deterministicNonce(_ test: Fixture) throws(FixtureError) -> Verdict {
    guard let key = PrivateKey(try test.field("d").bytes()),
      let nonce = PrivateKey(try test.field("k0").bytes())
    else { return .check("key", true, false) }
    let message = SHA256.hash(Bytes(try test.field("message").text().utf8))
    let x = UInt256(bigEndian: nonce.publicKey[..<32])
    let r = x >= Signature.order ? x - Signature.order : x
    return .compare("r", r.hexadecimal, key.sign(message).r.hexadecimal)
  }

  static func points(_ document: Fixture) throws(FixtureError) -> [CaseResult] {
    var results: [CaseResult] = []
    for (validity, operations) in try document.members() {
      for (operation, cases) in try operations.members() {
        for var result in try cases.cases({ test throws(FixtureError) in
          try point(operation, test)
        }) {
          result.name = "\(validity) \(operation) \(result.name)"
          results.append(result)
        }
      }
    }
    return results
  }

  private static func point(
    _ operation: String, _ test: Fixture
  ) throws(FixtureError) -> Verdict {
    let point = CurvePoint(try test.optional("P")?.bytes() ?? [])
    if operation == "isPoint" {
      return .check("point", test.json["expected"]?.bool ?? false, point != nil)
    }
    let scalar = try test.optional("d")?.bytes() ?? []
    var result: CurvePoint?
    switch operation {
    case "pointAdd": result = point?.adding(CurvePoint(try test.field("Q").bytes()))
    case "pointAddScalar": result = point?.adding(scalar: scalar)
    case "pointMultiply": result = point?.multiplied(by: scalar)
    case "pointFromScalar": result = CurvePoint(secret: scalar)
    case "pointCompress": result = point
    default: throw test.fault("\"\(operation)\" is not known here")
    }
    guard let expected = test.optional("expected") else {
      // Either the operation is refused, or its result is the point at infinity.
      return .check("point", false, result != nil)
    }
    let isCompressed = try expected.bytes().count == 33
    return .compare(
      "point", try expected.bytes(),
      (isCompressed ? result?.compressed : result?.uncompressed) ?? [])
  }
}

/// Keys from phrases, as the first tests made them.
///
/// Their `sig_of_emptystring` is left alone: it signs no hash of the empty string that is in use
/// (Keccak-256, SHA3-256, SHA-256, once or twice, all give other signers).
enum BasicKeys {
  @Sendable static func address(_ test: Fixture) throws(FixtureError) -> Verdict {
    let secret = Keccak256.hash(Bytes(try test.field("seed").text().utf8)).bytes
    guard let key = PrivateKey(secret) else { return .check("key", true, false) }
    return .all(
      .compare("key", try test.field("key").bytes(), secret),
      .compare("address", try test.field("addr").address().hexadecimal, key.address.hexadecimal))
  }
}

extension BasicKeys {
  /// A transaction of the time before the signature's final form: its parts, and who signed it.
  @Sendable static func transaction(_ test: Fixture) throws(FixtureError) -> Verdict {
    guard let key = PrivateKey(try test.field("key").bytes()) else {
      return .check("key", true, false)
    }
    var transaction = Transaction(
      legacyTo: try test.field("to").optionalAddress(), chainID: nil,
      nonce: try test.field("nonce").uint64(), gasPrice: try test.field("gasprice").uint256(),
      gasLimit: try test.field("startgas").uint64(), value: try test.field("value").uint256(),
      data: try test.field("data").bytes())
    // The form without a signature ended in three empty items.
    let signed = try test.field("signed").bytes()
    guard let given = try? Transaction.decode(signed) else {
      return .check("transaction", true, false)
    }
    transaction.signature = given.signature
    let sender = try? given.sender(NativeCryptographyProvider.shared, allowsHighS: true)
    return .all(
      .compare("signed", signed, transaction.encoded),
      .compare("sender", key.address.hexadecimal, sender?.hexadecimal ?? "nobody"))
  }
}
