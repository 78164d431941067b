import Blobs
import Cryptography
import JSON
import Pairings
import Primitives

/// Multiples and pairings on BN254, keys of operators, and their signatures.
enum SignatureVectors {
  static func multiples(_ document: Fixture) throws(FixtureError) -> [CaseResult] {
    var results = try document.field("scalar_mul").cases { test throws(FixtureError) in
      let scalar = try test.field("k").uint256()
      return .all(
        .check(
          "g1", true,
          BN254.multiply(BN254.generator1, by: scalar) == (try test.field("g1").point1())),
        .check(
          "g2", true,
          BN254.multiply(BN254.generator2, by: scalar) == (try test.field("g2").point2())))
    }
    results.append(
      CaseResult(
        name: "infinity",
        verdict: .all(
          .compare(
            "g1", try document.field("infinity_g1").bytes(),
            BN254.compress(BN254.G1.infinity)),
          .compare(
            "g2", try document.field("infinity_g2").bytes(),
            BN254.compress(BN254.G2.infinity)))))
    results.append(
      CaseResult(
        name: "pairing",
        verdict: .compare(
          "bytes", try document.field("pairing_G1_G2_gnark_bytes").bytes(),
          BN254.pairing([(BN254.generator1, BN254.generator2)]).bigEndianBytes)))
    return results
  }

  static func signatures(_ document: Fixture) throws(FixtureError) -> [CaseResult] {
    var results = try document.field("map_to_curve").cases { test throws(FixtureError) in
      let digest = try test.field("digest").hash()
      return .check("point", true, BN254.map(digest: digest) == (try test.field("point").point1()))
    }
    let message = try document.field("message").hash()
    let signatures = try document.field("sigs").elements()
    let operators = try document.field("operators").elements()
    guard signatures.count == operators.count else {
      throw document.fault("has not one signature an operator")
    }
    for (index, test) in operators.enumerated() {
      results.append(
        CaseResult(
          name: "operator \(index)",
          verdict: try operatorVerdict(test, try signatures[index].point1(), message)))
    }
    return results + [try aggregate(document, operators, message)]
  }

  private static func operatorVerdict(
    _ test: Fixture, _ signature: BN254.G1, _ message: Hash
  ) throws(FixtureError) -> Verdict {
    let secret = try test.field("sk_decimal").scalar()
    let key = OperatorKey(secret: secret)
    let registration = BLSSignature.registrationDigest(
      try test.field("registration_address").address())
    return .all(
      .check("pk_g1", true, key.first == (try test.field("pk_g1").point1())),
      .check("pk_g2", true, key.second == (try test.field("pk_g2").point2())),
      .check("key", true, key.isConsistent),
      .compare("operator_id", try test.field("operator_id").bytes(), key.operatorID.bytes),
      .check("signature", true, BLSSignature.sign(message, secret: secret) == signature),
      .check(
        "verification", true, BLSSignature.isValid(signature, digest: message, key: key.second)),
      .check(
        "registration_sig", true,
        BLSSignature.sign(registration, secret: secret)
          == (try test.field("registration_sig").point1())))
  }

  private static func aggregate(
    _ document: Fixture, _ operators: [Fixture], _ message: Hash
  ) throws(FixtureError) -> CaseResult {
    var absent: Set<Int> = []
    for index in try document.field("non_signers").elements() {
      absent.insert(try index.size(upTo: operators.count - 1))
    }
    var all: [BN254.G1] = []
    var missing: [BN254.G1] = []
    var signers: [BN254.G2] = []
    for (index, test) in operators.enumerated() {
      let key = OperatorKey(secret: try test.field("sk_decimal").scalar())
      all.append(key.first)
      if absent.contains(index) { missing.append(key.first) } else { signers.append(key.second) }
    }
    let first = BLSSignature.sum(all)
    let second = BLSSignature.sum(signers)
    let signature = try document.field("agg_sigma").point1()
    let remaining = BLSSignature.sum([first] + missing.map { -$0 })
    return CaseResult(
      name: "aggregate",
      verdict: .all(
        .check(
          "quorum_apk_g1", true, first == (try document.field("quorum_apk_g1_all6").point1())),
        .check(
          "signers_apk_g2", true, second == (try document.field("signers_apk_g2").point2())),
        .check(
          "signature", true,
          BLSSignature.isValid(signature, digest: message, first: remaining, second: second)),
        .check(
          "signature without the non-signers", false,
          BLSSignature.isValid(signature, digest: message, first: first, second: second))))
  }
}
