import Blobs
import Cryptography
import JSON
import Pairings
import Primitives

/// Payloads, their encodings, and the commitments to them.
enum PayloadVectors {
  static func codec(_ document: Fixture) throws(FixtureError) -> [CaseResult] {
    var results = try document.field("valid").cases { test throws(FixtureError) in
      let payload = try test.field("payload").bytes()
      let encoded = try test.field("encoded").bytes()
      return .all(
        .compare("encoded", encoded, PayloadCodec.encode(payload)),
        .compare("payload", payload, (try? PayloadCodec.decode(encoded)) ?? []))
    }
    results += try document.field("must_fail_decode").cases { test throws(FixtureError) in
      let payload = try? PayloadCodec.decode(try test.field("encoded").bytes())
      return .check("encoding", false, payload != nil)
    }
    return results
  }

  static func commitments(
    _ document: Fixture, _ path: String
  ) throws(FixtureError) -> [CaseResult] {
    try document.field("vectors").cases { test throws(FixtureError) in
      let payload: Bytes
      if let tag = try test.optional("payload_det_tag")?.text() {
        payload = deterministicBytes(
          tag, count: try test.field("payload_len").size(upTo: 1 << 26))
      } else {
        payload = try test.field("payload_hex").bytes()
      }
      let encoded = PayloadCodec.encode(payload)
      let verdict = Verdict.all(
        try digest("payload_sha256", test, payload),
        try digest("encoded_payload_sha256", test, encoded),
        .compare("decoded", payload, (try? PayloadCodec.decode(encoded)) ?? []))
      if verdict != .passed { return verdict }
      for (name, form) in [("coeff", PolynomialForm.coefficients), ("eval", .evaluations)] {
        let verdict = try check(try test.field(name), encoded, form, path)
        if verdict != .passed { return verdict }
      }
      return .passed
    }
  }

  private static func digest(
    _ name: String, _ test: Fixture, _ bytes: Bytes
  ) throws(FixtureError) -> Verdict {
    .compare(name, try test.field(name).bytes(), SHA256.hash(bytes).bytes)
  }

  private static func check(
    _ test: Fixture, _ encoded: Bytes, _ form: PolynomialForm, _ path: String
  ) throws(FixtureError) -> Verdict {
    guard let blob = try? Blob(encodedPayload: encoded, form: form) else {
      return .check("blob", true, false)
    }
    let shape = Verdict.all(
      .compare("length", String(try test.field("blob_len_symbols").index()), String(blob.length)),
      try digest("blob_sha256", test, blob.bytes),
      .compare("encoded payload", encoded, blob.encodedPayload(form: form)))
    if shape != .passed { return shape }
    guard let mainnet = try ReferenceFiles.mainnet(near: path),
      let small = try ReferenceFiles.test(near: path)
    else { return ReferenceFiles.missing }
    let wanted = try test.field("mainnet_commitment").point1()
    guard blob.commitment(mainnet.powers1) == wanted else {
      return .check("mainnet_commitment", true, false)
    }
    guard test.optional("testsrs_commitment") != nil else { return .passed }
    return try compare(
      small.commit(blob), small,
      BlobCommitment(
        commitment: try test.field("testsrs_commitment").point1(),
        lengthCommitment: try test.field("testsrs_length_commitment").point2(),
        lengthProof: try test.field("testsrs_length_proof").point2(),
        length: UInt32(blob.length)))
  }

  /// Whether a commitment is the wanted one, its length proof holds, and one for half the length
  /// does not.
  private static func compare(
    _ commitment: BlobCommitment?, _ string: ReferenceString, _ wanted: BlobCommitment
  ) throws(FixtureError) -> Verdict {
    guard commitment == wanted else { return .check("testsrs commitment", true, false) }
    var shorter = wanted
    shorter.length /= 2
    let isZero = wanted.commitment.isInfinity
    return .all(
      .check("length proof", true, wanted.verifyLength(string.verificationPoints)),
      .check(
        "proof of half the length", isZero && shorter.length > 0,
        shorter.verifyLength(string.verificationPoints)))
  }

  static func paddedText(
    _ document: Fixture, _ path: String
  ) throws(FixtureError) -> [CaseResult] {
    var padded = try document.field("padded_hex").bytes()
    while padded.count % 32 != 0 { padded.append(0) }
    guard let elements = BN254.ScalarField.scalars(bigEndian: padded[...]) else {
      throw document.fault("its padded text is no field elements")
    }
    let blob = Blob(coefficients: elements)
    var results = [
      CaseResult(
        name: "length_pow2",
        verdict: .compare(
          "length", String(try document.field("length_pow2").index()), String(blob.length)))
    ]
    if let mainnet = try ReferenceFiles.mainnet(near: path) {
      let wanted = try document.field("mainnet").field("commitment").point1()
      results.append(
        CaseResult(
          name: "mainnet",
          verdict: .check("commitment", true, blob.commitment(mainnet.powers1) == wanted)))
    } else {
      results.append(CaseResult(name: "mainnet", verdict: ReferenceFiles.missing))
    }
    guard let small = try ReferenceFiles.test(near: path) else {
      return results + [CaseResult(name: "testsrs", verdict: ReferenceFiles.missing)]
    }
    let wanted = try document.field("testsrs")
    let verdict = try compare(
      small.commit(blob), small,
      BlobCommitment(
        commitment: try wanted.field("commitment").point1(),
        lengthCommitment: try wanted.field("length_commitment").point2(),
        lengthProof: try wanted.field("length_proof").point2(), length: UInt32(blob.length)))
    results.append(CaseResult(name: "testsrs", verdict: verdict))
    return try results + variants(document, elements, small)
  }

  /// Length proofs that reach up to another power than the string's last: `order2048` and the like
  /// in a member's name, or the length before it is filled up.
  private static func variants(
    _ document: Fixture, _ elements: [BN254.ScalarField], _ string: ReferenceString
  ) throws(FixtureError) -> [CaseResult] {
    var results: [CaseResult] = []
    for (name, value) in try document.members()
    where name.hasPrefix("testsrs_length_proof_") {
      var order = string.order
      var length = Blob(coefficients: elements).length
      if name.contains("exact_len") { length = try document.field("len_symbols").index() }
      if let digits = name.split(separator: "order").last, let number = Int(digits) {
        order = number
      }
      guard order <= string.powers2.count, length >= elements.count, order >= length else {
        throw value.fault("is of an order or length that the points do not have")
      }
      let start = order - length
      let proof = JacobianPoint.sum(
        of: string.powers2[start..<start + elements.count],
        times: elements.map { $0.asUInt256 }[...])
      results.append(
        CaseResult(
          name: name, verdict: .check("proof", true, proof.affine == (try value.point2()))))
    }
    return results
  }
}
