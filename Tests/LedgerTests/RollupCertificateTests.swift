import Blobs
import Contracts
import Cryptography
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

  @Test(
    "a certificate that L1 has before the registry is dropped; its batch is posted again, and counts once"
  )
  func early() throws {
    let layer = try LayerDriver(order: 64, isJudged: true)
    let network = try layer.network(operators: 3)
    try layer.driver.sealL1()
    try layer.driver.send(.two, value: 5)
    try layer.driver.sealL2()
    let last = layer.driver.rollup.unsafe.reference
    // L1 knows nothing of the operators yet.
    #expect(try layer.post(network) == 1)
    #expect(try layer.post(network) == 0, "what is under way is not posted again")
    try layer.driver.sealL1()
    try layer.noteWitness()
    #expect(layer.driver.rollup.droppedInputs.map(\.rule) == [.refusedCertificate(.notValid)])
    #expect(layer.driver.rollup.safe.reference.number == 0)
    #expect(layer.driver.rollup.unsafe.reference == last, "nothing is lost")
    // The registry and the same batch come to L1 together, which is early enough.
    #expect(try layer.mirror() == 2)
    #expect(try layer.post(network) == 1)
    try layer.driver.sealL1()
    try layer.noteWitness()
    #expect(layer.driver.rollup.safe.reference == last)
    #expect(try layer.post(network) == 0, "nothing is posted twice")
    #expect(layer.driver.rollup.droppedInputs.count == 1)
    #expect(try layer.driver.replayed().commitment == layer.driver.world.commitment)
    // Who has L1's blocks, and of its state only what the verifier reads, says the same.
    var follower = try RollupFollower(layer.driver)
    try follower.follow(layer.driver)
    #expect(follower.rollup.safe.reference == last)
    #expect(follower.rollup.droppedInputs == layer.driver.rollup.droppedInputs)
  }

  @Test("a follower whose log lacks a part of L1's state that it told of does not go on without it")
  func missingWitness() throws {
    let layer = try LayerDriver(order: 64, isJudged: true)
    let network = try layer.network(operators: 3)
    #expect(try layer.mirror() == 2)
    try layer.driver.sealL1()
    try layer.driver.sealL2()
    #expect(try layer.post(network) == 1)
    try layer.driver.sealL1()
    let head = try #require(layer.driver.world.layerOne?.head)
    for content in [
      L1Witness(header: head.header, parts: []).content,
      L1Witness(header: layer.driver.world.layerOne?.block(1)?.header ?? head.header, parts: [])
        .content, [0xc0],
    ] {
      var other = layer.driver
      other.content.keep(content)
      other.l1Blocks[head.hash]?.content.append(
        ContentReference(
          name: L1Witness.name(ofBlock: head.hash), content: Keccak256.hash(content)))
      var follower = try RollupFollower(other)
      #expect(throws: Misfit.self) { try follower.follow(other) }
    }
  }
}
