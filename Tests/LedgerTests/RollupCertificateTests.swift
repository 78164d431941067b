import Blobs
import Contracts
import Derivation
import JSON
import Ledger
import Primitives
import Testing

@Suite struct RollupCertificateTests {
  private func driver() throws -> RollupDriver {
    try RollupDriver { document in
      document.useCommitments(
        .generic,
        certificates: CertificateConfiguration(
          verifier: LayerOneAddresses.certificateVerifier,
          tau2: G2Words(ReferenceString.developmentPowers2(1..<2)[0])))
    }
  }

  @Test("a rollup's document says how certificates are judged, and is read again")
  func document() throws {
    let rollup = try driver().rollup
    #expect(rollup.configuration.altDA?.certificates?.recencyWindow == 14_400)
    let text = rollup.document.json.serialized()
    #expect(try RollupDocument(parsing: text) == rollup.document)
    #expect(RollupConfiguration(encoded: rollup.configuration.encoded) == rollup.configuration)
    let other = String(decoding: text, as: UTF8.self).replacing(
      "\"tau2\":\"0x", with: "\"tau2\":\"0x11")
    #expect(throws: GenesisError.self) { try RollupDocument(parsing: Bytes(other.utf8)) }
  }

  /// A certificate whose parts fit nothing.
  private var stranger: Certificate {
    let words = G2Words(x1: 1, x0: 2, y1: 3, y0: 4)
    let point = G1Words(x: 1, y: 2)
    let blob = BlobCertificate(
      header: BlobHeader(
        version: 0, quorums: [0, 1],
        commitment: CommitmentWords(
          commitment: point, lengthCommitment: words, lengthProof: words, length: 8),
        paymentHash: .zero), signature: Bytes(repeating: 9, count: 65), relayKeys: [0])
    return Certificate(
      version: .v3, batchHeader: BatchHeader(root: .zero, referenceBlock: 0),
      inclusion: BlobInclusion(certificate: blob, index: 0, proof: []),
      attestation: Attestation(
        nonSignerBitmapIndices: [], nonSigners: [], quorumKeys: [point, point],
        signersKey: words, signature: point, quorumKeyIndices: [0, 0],
        totalStakeIndices: [0, 0], nonSignerStakeIndices: [[], []]), signedQuorums: [0, 1])
  }

  @Test("what is no certificate, or one that L1's verifier refuses, is passed over by its rule")
  func refused() throws {
    var driver = try driver()
    let inbox = driver.rollup.configuration.batchInbox
    for data in [[1, 1, 0, 2, 0xc0], [1] + stranger.genericCommitment] {
      try driver.send(
        .one, from: 14, to: inbox, value: .zero, gasLimit: 1_000_000, data: data)
    }
    try driver.sealL1()
    try driver.sealL1()
    let rules = driver.rollup.droppedInputs.map(\.rule)
    #expect(rules.contains(.refusedCertificate(.notValid)))
    #expect(
      rules.contains { rule in
        if case .refusedCertificate(.malformed) = rule { return true }
        return false
      })
    #expect(rules.allSatisfy { $0.name.hasPrefix("certificate: ") })
    // Nothing waits for what they would stand for.
    try driver.sealL2()
    let last = driver.rollup.unsafe.reference
    try driver.post()
    try driver.sealL1()
    try driver.sealL1()
    #expect(driver.rollup.safe.reference.number >= last.number)
    #expect(try driver.replayed().commitment == driver.world.commitment)
  }
}
