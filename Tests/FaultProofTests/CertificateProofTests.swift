import Blobs
import Cryptography
import Derivation
import EVM
import Execution
import FaultProof
import NativeCryptography
import Pairings
import Primitives
import Testing

@Suite("Proofs over batches that stand with a DA layer")
struct CertificateProofTests {
  /// A rollup of three blocks whose batches a DA layer certifies, and what a proof needs besides.
  private struct Case {
    var rollup: TestRollup
    let layer: TestDataLayer
    /// Encoded payloads by the commitment on L1.
    var payloads: [(commitment: AltDACommitment, preimage: Bytes)] = []

    /// Two blocks; `certify` makes what goes to L1 of the encoded frames.
    init(
      fill: Int = 0,
      _ certify: (TestDataLayer, Bytes) throws -> (Certificate, Bytes)
    ) throws {
      layer = try TestDataLayer()
      let batcher = try #require(PrivateKey(Bytes(repeating: 1, count: 32)))
      let user = try #require(PrivateKey(Bytes(repeating: 2, count: 32)))
      rollup = TestRollup(
        batcher: batcher, users: [user],
        altDA: AltDAConfiguration(
          challengeContract: .zero, commitmentKind: .generic, challengeWindow: 10,
          resolveWindow: 10,
          certificates: CertificateConfiguration(
            verifier: Address(0x4f50_414c_0000_0000, 0, 0x10b), recencyWindow: 6,
            tau2: layer.tau2)), l1State: layer.state)
      rollup.sealL1()
      var batches: [Batch] = []
      for number in 1...2 as ClosedRange<UInt64> {
        let batch = try rollup.build([rollup.payment(number, by: 0)])
        batches.append(.singular(try #require(batch)))
      }
      let content = try ChannelWriter.content(batches, chainID: 901)
      let frames = try #require(
        ChannelWriter.frames(
          of: storedZlib(content), channel: ChannelIdentifier(high: 1, low: 1),
          frameLimit: 4000))
      let encoded = PayloadCodec.encode(Frame.encode(frames))
      let (certificate, preimage) = try certify(layer, encoded)
      let commitment = AltDACommitment.generic(
        layer: 0, payload: Bytes(certificate.genericCommitment.dropFirst(2)))
      rollup.sealL1([rollup.post(commitment.transactionData)])
      rollup.sealL1()
      payloads = [(commitment, preimage)]
    }

    var set: PreimageSet {
      var set = rollup.everything(extra: layer.codes)
      for payload in payloads {
        set[.generic(Keccak256.hash(payload.commitment.encoded))] = payload.preimage
      }
      return set
    }

    func run(claim: Hash, _ change: (inout PreimageSet) -> Void = { _ in }) -> ProofVerdict {
      var set = set
      set.insert(rollup.inputs(agreed: 0, claim: claim, number: 2))
      change(&set)
      return FaultProofProgram.run(
        PreimageSetOracle(set), provider: NativeCryptographyProvider.shared
      ).verdict
    }
  }

  @Test(
    "a certified batch is proved, a false claim is not, and without a part nothing is decided",
    arguments: [Certificate.Version.v2, .v3, .v4])
  func valid(version: Certificate.Version) throws {
    let one = try Case { layer, encoded in
      let certificate = try layer.certificate(encoded, version)
      return (certificate, try layer.preimage(encoded, of: certificate))
    }
    let truth = one.rollup.output(2).hash
    #expect(one.run(claim: truth) == .valid)
    guard version == .v3 else { return }
    #expect(one.run(claim: one.rollup.output(1).hash) == .invalid(actual: truth))
    let key = PreimageKey.generic(Keccak256.hash(one.payloads[0].commitment.encoded))
    #expect(one.run(claim: truth) { $0[key] = nil } == .undecided(.preimage(.missing(key))))
    for place in [63, 64 + 40] {
      let verdict = one.run(claim: truth) { set in
        set[key]?[place] ^= 1
      }
      #expect(verdict == .undecided(.preimage(.malformed(key))))
    }
    let code = PreimageKey.keccak256(Keccak256.hash(one.layer.codes[1]))
    #expect(one.run(claim: truth) { $0[code] = nil } == .undecided(.l1State))
    let root = PreimageKey.keccak256(one.layer.state.root)
    #expect(one.run(claim: truth) { $0[root] = nil } == .undecided(.l1State))
    // The file alone is enough, and says the same.
    var full = one.set
    full.insert(one.rollup.inputs(agreed: 0, claim: truth, number: 2))
    let read = try PreimageSet(encoded: full.encoded)
    #expect(
      FaultProofProgram.run(
        PreimageSetOracle(read), provider: NativeCryptographyProvider.shared
      ).verdict == .valid)
  }

  private func expectDropped(
    _ name: Comment,
    _ certify: (TestDataLayer, Bytes) throws -> (Certificate, Bytes)
  ) throws {
    var one = try Case(certify)
    // The window passes: what derivation puts in its place are blocks without transactions.
    for _ in 0..<8 { one.rollup.sealL1() }
    let claim = one.rollup.output(2).hash
    guard case .invalid(let actual) = one.run(claim: claim) else {
      Issue.record(name)
      return
    }
    #expect(one.run(claim: actual) == .valid, name)
  }

  @Test("a batch behind a certificate that does not count is dropped by the program too")
  func dropped() throws {
    try expectDropped("an unsigned certificate") { layer, encoded in
      (
        try layer.certificate(encoded) { $0.attestation.signature = G1Words(x: 1, y: 2) },
        []
      )
    }
    try expectDropped("a reference block that is to come") { layer, encoded in
      (try layer.certificate(encoded, at: 100), [])
    }
    try expectDropped("a quorum that is missing") { layer, encoded in
      (try layer.certificate(encoded) { $0.signedQuorums = [0] }, [])
    }
    try expectDropped("a stale certificate of version 4") { layer, encoded in
      (try layer.certificate(encoded, .v4, at: 5), [])
    }
    try expectDropped("other rules of derivation") { layer, encoded in
      (try layer.certificate(encoded, .v4, at: 7) { $0.derivationVersion = 1 }, [])
    }
    try expectDropped("a blob that is no payload") { layer, encoded in
      var encoded = encoded
      encoded[1] = 9
      let certificate = try layer.certificate(encoded)
      return (certificate, try layer.preimage(encoded, of: certificate))
    }
  }

  @Test("a batch in blobs is proved from the elements, and not without one of them")
  func blobs() throws {
    let batcher = try #require(PrivateKey(Bytes(repeating: 1, count: 32)))
    let user = try #require(PrivateKey(Bytes(repeating: 2, count: 32)))
    var rollup = TestRollup(batcher: batcher, users: [user])
    rollup.sealL1()
    let built = try rollup.build([rollup.payment(1, by: 0)])
    let batch = try #require(built)
    let content = try ChannelWriter.content([.singular(batch)], chainID: 901)
    let frames = try #require(
      ChannelWriter.frames(
        of: storedZlib(content), channel: ChannelIdentifier(high: 1, low: 1), frameLimit: 4000))
    let blob = try #require(BlobData.encode(Frame.encode(frames)))
    // The program takes elements by the commitment's name; a file proves them besides.
    let commitment = BLS12381.compress(BLS12381.generator1)
    var versionedHash = SHA256.hash(commitment).bytes
    versionedHash[0] = 1
    rollup.sealL1([rollup.post(blobs: [Hash(versionedHash)])])
    var set = rollup.everything()
    set.insert(rollup.inputs(agreed: 0, claim: rollup.output(1).hash, number: 1))
    let keys = PreimageKey.blobElements(of: commitment)
    for (index, key) in keys.enumerated() { set[key] = Bytes(blob[32 * index..<32 * index + 32]) }
    func verdict() -> ProofVerdict {
      FaultProofProgram.run(
        PreimageSetOracle(set), provider: NativeCryptographyProvider.shared
      ).verdict
    }
    #expect(verdict().exitCode == 2)
    set[.sha256(SHA256.hash(commitment))] = commitment
    #expect(verdict() == .valid)
    set[.local(3)] = rollup.output(0).hash.bytes
    #expect(verdict() == .invalid(actual: rollup.output(1).hash))
    set[keys[4000]] = nil
    #expect(verdict() == .undecided(.preimage(.missing(keys[4000]))))
  }
}
