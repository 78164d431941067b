import Blobs
import Cryptography
import JSON
import NativeCryptography
import Pairings
import Primitives

/// Real certificates, and the hashes and trees they are made of.
enum CertificateVectors {
  static func network(
    _ document: Fixture, _ path: String
  ) throws(FixtureError) -> [CaseResult] {
    let string = try ReferenceFiles.mainnet(near: path)
    var results = [CaseResult(name: "v1", verdict: ReferenceFiles.missing)]
    if let string {
      results[0].verdict = try firstVersion(document.field("v1"), string)
    }
    results += try document.field("certs").cases { test throws(FixtureError) in
      let bytes = try test.field("altda_commitment_hex").bytes()
      let certificate: Certificate
      do throws(CertificateError) {
        certificate = try Certificate(genericCommitment: bytes[...])
      } catch {
        return .failed(Difference("certificate", expected: "valid", got: "\(error)"))
      }
      let verdict = Verdict.all(
        .compare("encoding", bytes, certificate.genericCommitment),
        try fields(test, certificate), try hashes(test, certificate))
      if verdict != .passed { return verdict }
      return try Verdict.all(
        signature(test, certificate), commitment(test, certificate, string),
        account(test, certificate))
    }
    return results
  }

  private static func firstVersion(
    _ test: Fixture, _ string: ReferenceString
  ) throws(FixtureError) -> Verdict {
    var padded = try test.field("padded_blob_hex").bytes()
    while padded.count % 32 != 0 { padded.append(0) }
    guard let elements = BN254.ScalarField.scalars(bigEndian: padded[...]) else {
      return .check("padded_blob_hex", true, false)
    }
    let wanted = G1Words(
      x: try test.field("commitment_x").uint256(), y: try test.field("commitment_y").uint256())
    let commitment = Blob(coefficients: elements).commitment(string.powers1)
    return .check("commitment", true, commitment.map(G1Words.init) == wanted)
  }

  private static func fields(
    _ test: Fixture, _ certificate: Certificate
  ) throws(FixtureError) -> Verdict {
    let header = certificate.inclusion.certificate.header
    let attestation = certificate.attestation
    var verdicts: [Verdict] = [
      .compare(
        "version_byte", try test.field("version_byte").uint256().hexadecimal,
        UInt256(UInt64(certificate.version.rawValue)).hexadecimal),
      .compare(
        "batch_root", try test.field("batch_root").bytes(), certificate.batchHeader.root.bytes),
      .compare(
        "rbn", String(try test.field("rbn").uint64()),
        String(certificate.batchHeader.referenceBlock)),
      .compare(
        "length", String(try test.field("length").uint64()), String(header.commitment.length)),
      .compare(
        "payment_header_hash", try test.field("payment_header_hash").bytes(),
        header.paymentHash.bytes),
      .compare(
        "signature", try test.field("signature").bytes(),
        certificate.inclusion.certificate.signature),
    ]
    let keys = try test.field("non_signer_pubkeys").elements()
    let quorums = try test.field("quorum_apks").elements()
    guard keys.count == attestation.nonSigners.count,
      quorums.count == attestation.quorumKeys.count
    else { return .check("keys", true, false) }
    for (words, wanted) in zip(
      attestation.nonSigners + attestation.quorumKeys + [attestation.signature],
      keys + quorums + [try test.field("sigma")])
    {
      verdicts.append(
        .compare("point", try wanted.bytes(), words.point.map { BN254.compress($0) } ?? []))
    }
    for (words, name) in [
      (attestation.signersKey, "apk_g2"),
      (header.commitment.lengthCommitment, "length_commitment_compressed"),
      (header.commitment.lengthProof, "length_proof_compressed"),
    ] {
      verdicts.append(
        .compare(
          name, try test.field(name).bytes(), words.point.map { BN254.compress($0) } ?? []))
    }
    return verdicts.first { $0 != .passed } ?? .passed
  }

  private static func hashes(
    _ test: Fixture, _ certificate: Certificate
  ) throws(FixtureError) -> Verdict {
    let blob = certificate.inclusion.certificate
    let root = BatchTree.root(
      leaf: blob.hash, index: certificate.inclusion.index, proof: certificate.inclusion.proof)
    return .all(
      .compare("blob_key", try test.field("blob_key").bytes(), blob.header.blobKey.bytes),
      .compare("blob_cert_hash", try test.field("blob_cert_hash").bytes(), blob.hash.bytes),
      .compare(
        "batch_header_hash", try test.field("batch_header_hash").bytes(),
        certificate.batchHeader.hash.bytes),
      .check("inclusion", true, root == certificate.batchHeader.root))
  }

  private static func signature(
    _ test: Fixture, _ certificate: Certificate
  ) throws(FixtureError) -> Verdict {
    var counts: [Int] = []
    for count in try test.field("checks").field("non_signer_quorum_counts").elements() {
      counts.append(try count.size(upTo: 256))
    }
    let mutations = CertificateMutations.verdict(
      certificate, counts: counts, seed: UInt64(certificate.batchHeader.referenceBlock))
    if mutations != .passed { return mutations }
    let attestation = certificate.attestation
    guard let first = attestation.signersKey(nonSignerQuorumCounts: counts),
      let second = attestation.signersKey.point, let sigma = attestation.signature.point
    else { return .check("keys", true, false) }
    let digest = certificate.batchHeader.hash
    let other = Keccak256.hash(digest)
    return .all(
      .check("signature", true, BLSSignature.isValid(sigma, digest: digest, key: second)),
      .check(
        "keys and signature", true,
        BLSSignature.isValid(sigma, digest: digest, first: first, second: second)),
      .check(
        "signature of another batch", false,
        BLSSignature.isValid(sigma, digest: other, first: first, second: second)))
  }

  private static func commitment(
    _ test: Fixture, _ certificate: Certificate, _ string: ReferenceString?
  ) throws(FixtureError) -> Verdict {
    guard let string else { return ReferenceFiles.missing }
    guard let commitment = certificate.commitment.points else {
      return .check("commitment", true, false)
    }
    var shorter = commitment
    shorter.length /= 2
    let lengths = Verdict.all(
      .check("length proof", true, commitment.verifyLength(string.verificationPoints)),
      .check("half the length", false, shorter.verifyLength(string.verificationPoints)))
    guard lengths == .passed, let payload = try test.optional("encoded_payload_hex")?.bytes()
    else { return lengths }
    // An encoded payload may be given without the zeros that fill it up.
    let size = Int(commitment.length) * 32
    guard payload.count <= size, size <= 1 << 24 else { return .check("payload", true, false) }
    let filled = payload + Bytes(repeating: 0, count: size - payload.count)
    let blob = try? Blob(encodedPayload: filled, form: .evaluations)
    return .all(
      .check(
        "payload's commitment", true,
        blob?.commitment(string.powers1) == commitment.commitment),
      .check("payload", true, (try? PayloadCodec.decode(filled)) != nil))
  }

  private static func account(
    _ test: Fixture, _ certificate: Certificate
  ) throws(FixtureError) -> Verdict {
    let bytes = certificate.inclusion.certificate.signature
    guard bytes.count == 65 else { return .check("signature", true, false) }
    let signature = Signature(
      r: UInt256(bigEndian: bytes[..<32]), s: UInt256(bigEndian: bytes[32..<64]),
      yParity: bytes[64] % 27 == 1)
    let account = NativeCryptographyProvider.shared.recoverAddress(
      messageHash: certificate.inclusion.certificate.header.blobKey, signature: signature)
    return .compare(
      "recovered_account", try test.field("recovered_account").bytes(), account?.bytes ?? [])
  }

  static func trees(_ document: Fixture) throws(FixtureError) -> [CaseResult] {
    try document.field("vectors").cases { test throws(FixtureError) in
      var leaves: [Hash] = []
      for leaf in try test.field("leaves").elements() { leaves.append(try leaf.hash()) }
      guard !leaves.isEmpty else { throw test.fault("has no leaves") }
      let tree = BatchTree(leaves: leaves)
      let wanted = try test.field("root").hash()
      guard tree.root == wanted else {
        return .compare("root", wanted.hexadecimal, tree.root.hexadecimal)
      }
      for proof in try test.field("proofs").elements() {
        let index = try proof.field("index").size(upTo: leaves.count - 1)
        var hashes: [Hash] = []
        for hash in try proof.optional("hashes")?.elements() ?? [] {
          hashes.append(try hash.hash())
        }
        let bytes = hashes.reduce(into: Bytes()) { $1.append(to: &$0) }
        let root = BatchTree.root(leaf: leaves[index], index: UInt32(index), proof: bytes)
        let verdict = Verdict.all(
          .check("proof", true, tree.proof(at: index) == hashes),
          .check("inclusion", true, root == wanted))
        if verdict != .passed { return verdict }
      }
      return .passed
    }
  }

  static func hashes(_ document: Fixture) throws(FixtureError) -> [CaseResult] {
    var results: [CaseResult] = []
    func add(_ name: String, _ wanted: Fixture, _ got: Hash) throws(FixtureError) {
      results.append(
        CaseResult(
          name: name, verdict: .compare("hash", try wanted.field("hash").bytes(), got.bytes)))
    }
    let payment = try document.field("payment_metadata_hash")
    try add(
      "payment_metadata_hash", payment,
      PaymentHeader(
        account: try payment.field("account").address(),
        timestampInNanoseconds: try payment.field("timestamp").uint64(),
        cumulativePayment: try payment.field("cumulative").uint256()
      ).hash)
    for header in try document.field("batch_header_hash").elements() {
      guard let block = UInt32(exactly: try header.field("rbn").uint64()) else {
        throw header.fault("has a block of more than 32 bits")
      }
      try add(
        "batch_header_hash", header,
        BatchHeader(root: try header.field("root_hex").hash(), referenceBlock: block).hash)
    }
    let blob = try document.field("blob_key_zero_commitment")
    try add("blob_key_zero_commitment", blob, try emptyBlob(blob).blobKey)
    let certificate = try document.field("blob_cert_hash_zero_commitment")
    var relayKeys: [UInt32] = []
    for key in try certificate.optional("relay_keys")?.elements() ?? [] {
      relayKeys.append(UInt32(try key.size(upTo: Int(UInt32.max))))
    }
    try add(
      "blob_cert_hash_zero_commitment", certificate,
      BlobCertificate(
        header: try emptyBlob(certificate),
        signature: try certificate.field("signature").bytes(), relayKeys: relayKeys
      ).hash)
    let id = try document.field("operator_id_of_G1_generator").bytes()
    let own = OperatorKey(first: BN254.generator1, second: BN254.generator2).operatorID
    results.append(
      CaseResult(
        name: "operator_id_of_G1_generator", verdict: .compare("hash", id, own.bytes)))
    return results
  }

  private static func emptyBlob(_ test: Fixture) throws(FixtureError) -> BlobHeader {
    var quorums = Bytes()
    for quorum in try test.field("quorums").elements() {
      quorums.append(UInt8(truncatingIfNeeded: try quorum.size(upTo: 255)))
    }
    guard let version = UInt16(exactly: try test.field("version").uint64()) else {
      throw test.fault("has a version of more than 16 bits")
    }
    return BlobHeader(
      version: version, quorums: quorums,
      commitment: CommitmentWords(
        BlobCommitment(
          commitment: .infinity, lengthCommitment: .infinity, lengthProof: .infinity, length: 0)),
      paymentHash: try test.field("payment_header_hash").hash())
  }
}
