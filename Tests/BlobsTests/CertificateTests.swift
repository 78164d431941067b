import Blobs
import Cryptography
import Pairings
import Primitives
import Testing

@Suite("Certificates") struct CertificateTests {
  private func certificate(_ version: Certificate.Version) -> Certificate {
    let point = G1Words(BN254.generator1)
    let twist = G2Words(BN254.generator2)
    return Certificate(
      version: version, batchHeader: BatchHeader(root: Hash(UInt256(7)), referenceBlock: 9),
      inclusion: BlobInclusion(
        certificate: BlobCertificate(
          header: BlobHeader(
            version: 0, quorums: [0, 1],
            commitment: CommitmentWords(
              commitment: point, lengthCommitment: twist, lengthProof: twist, length: 8),
            paymentHash: Hash(UInt256(5))), signature: Bytes(repeating: 3, count: 65),
          relayKeys: [0, 1, 65_536]), index: 2, proof: Bytes(repeating: 4, count: 64)),
      attestation: Attestation(
        nonSignerBitmapIndices: [1], nonSigners: [point], quorumKeys: [point, point],
        signersKey: twist, signature: point, quorumKeyIndices: [0, 300],
        totalStakeIndices: [2, 0], nonSignerStakeIndices: [[], [5]]), signedQuorums: [0, 1],
      derivationVersion: version == .v4 ? 6 : 0)
  }

  @Test("each version survives its encoding", arguments: [Certificate.Version.v2, .v3, .v4])
  func roundTrip(version: Certificate.Version) throws {
    let certificate = certificate(version)
    #expect(try Certificate(bytes: certificate.bytes[...]) == certificate)
    let commitment = certificate.genericCommitment
    #expect(try Certificate(genericCommitment: commitment[...]) == certificate)
    #expect(commitment.prefix(3) == [1, 0, version.rawValue])
  }

  @Test("what is cut short, prolonged or of another kind is refused with its reason")
  func hostile() {
    let bytes = certificate(.v3).genericCommitment
    for cut in 0..<bytes.count {
      #expect(throws: CertificateError.self) {
        try Certificate(genericCommitment: bytes[..<cut])
      }
    }
    #expect(throws: CertificateError.self) {
      try Certificate(genericCommitment: (bytes + [0])[...])
    }
    func reason(_ bytes: Bytes) -> CertificateError? {
      do throws(CertificateError) {
        _ = try Certificate(genericCommitment: bytes[...])
        return nil
      } catch {
        return error
      }
    }
    #expect(reason([0, 0]) == .length(2))
    #expect(reason([0xff, 0, 2, 0xc0]) == .commitmentType(0xff))
    #expect(reason([1, 1, 2, 0xc0]) == .layer(1))
    #expect(reason([1, 0, 4, 0xc0]) == .version(4))
    #expect(reason([1, 0, 0, 0xc0]) == .version(0))
    let large = [1, 0, 2] + Bytes(repeating: 0xc0, count: Certificate.sizeLimitInBytes)
    #expect(reason(large) == .length(large.count - 2))
    // A certificate of version 3 is none of version 2 or 4.
    var other = bytes
    for version in [UInt8(1), 3] {
      other[2] = version
      #expect(reason(other) != nil)
    }
    #expect(reason([1, 0, 2] + Bytes(repeating: 0xf8, count: 100)) != nil)
  }

  @Test("the batch's tree proves each leaf, at its index only")
  func trees() {
    for count in [1, 2, 3, 5, 8] {
      let leaves = (0..<count).map { Keccak256.hash(UInt256($0)) }
      let tree = BatchTree(leaves: leaves)
      for (index, leaf) in leaves.enumerated() {
        let proof = tree.proof(at: index).reduce(into: Bytes()) { $1.append(to: &$0) }
        #expect(BatchTree.root(leaf: leaf, index: UInt32(index), proof: proof) == tree.root)
        if count > 1 {
          #expect(
            BatchTree.root(leaf: leaf, index: UInt32(index) ^ 1, proof: proof) != tree.root)
        }
        #expect(BatchTree.root(leaf: leaf, index: 0, proof: proof + [1]) == nil)
      }
    }
    let deep = Bytes(repeating: 0, count: 32 * 257)
    #expect(BatchTree.root(leaf: .zero, index: 0, proof: deep) == nil)
  }

  @Test("a signature is valid for its digest and key only, also when summed up")
  func signatures() {
    let secrets = [BN254.ScalarField(small: 5), BN254.ScalarField(small: 11)]
    let keys = secrets.map { OperatorKey(secret: $0) }
    let digest = Keccak256.hash(Bytes("batch".utf8))
    let signatures = secrets.map { BLSSignature.sign(digest, secret: $0) }
    #expect(keys.allSatisfy { $0.isConsistent })
    let sum = BLSSignature.sum(signatures)
    let key = BLSSignature.sum(keys.map { $0.second })
    #expect(BLSSignature.isValid(sum, digest: digest, key: key))
    #expect(!BLSSignature.isValid(sum, digest: Keccak256.hash(digest), key: key))
    #expect(!BLSSignature.isValid(signatures[0], digest: digest, key: key))
    let first = BLSSignature.sum(keys.map { $0.first })
    #expect(BLSSignature.isValid(sum, digest: digest, first: first, second: key))
    #expect(!BLSSignature.isValid(sum, digest: digest, first: keys[0].first, second: key))
  }

  @Test("words that are no points give none")
  func words() {
    let modulus = BN254BaseModulus.modulus
    #expect(G1Words(x: 1, y: 2).point == BN254.generator1)
    #expect(G1Words(x: 0, y: 0).point == .infinity)
    #expect(G1Words(x: 1, y: 3).point == nil)
    #expect(G1Words(x: modulus + 1, y: 2).point == nil)
    #expect(G2Words(BN254.generator2).point == BN254.generator2)
    #expect(G2Words(x1: 1, x0: 1, y1: 1, y0: 1).point == nil)
    #expect(G2Words(x1: .max, x0: .max, y1: .max, y0: .max).point == nil)
  }
}
