import Blobs
import Contracts
import Cryptography
import EVM
import Execution
import Foundation
import JSON
import NativeCryptography
import Pairings
import Primitives
import TestSupport
import Testing

/// A DA layer of one operator, whose stake stands on L1 since block 5, and its certificates.
struct TestDataLayer {
  /// L1 with registry and verifier, from the rollup's genesis.
  private(set) var state: State
  /// The code of both contracts.
  private(set) var codes: [Bytes] = []
  private let secret = BN254.ScalarField(small: 77)
  private let key: OperatorKey
  private let powers = ReferenceString.developmentPowers1(0..<64)
  private let owner: Address
  /// [τ] in G2.
  let tau2 = G2Words(ReferenceString.developmentPowers2(1..<2)[0])

  init() throws {
    key = OperatorKey(secret: secret)
    let text = try Data(contentsOf: Project.root.appending(path: "genesis/rollup/l1.json"))
    let document = try JSON.parse(Bytes(text))
    let alloc = try #require(document["alloc"]?.object)
    var genesis = Genesis(
      specification: ChainSpecification(chainID: 900, forks: .all(upTo: .prague)))
    for address in [OperatorRegistryContract.address, CertificateVerifierContract.address] {
      let entry = try #require(alloc[address.hexadecimal])
      var account = GenesisAccount(nonce: 1)
      let code = try #require(entry["code"]?.string)
      account.code = try #require(Hexadecimal.decode(code))
      let storage = try #require(entry["storage"]?.object)
      for (slot, word) in storage {
        let text = try #require(word.string)
        let value = try #require(UInt256(hexadecimal: text))
        account.storage.append((slot: try #require(UInt256(hexadecimal: slot)), value: value))
      }
      genesis.alloc.append((address, account))
      codes.append(account.code)
    }
    state = genesis.state()
    let owner = try #require(Mnemonic(Mnemonic.development)?.privateKey(account: 18))
    self.owner = owner.address
    try register()
  }

  /// The owner writes down that the operator is in quorums 0 and 1, alone.
  private mutating func register() throws {
    let hash = UInt256(Keccak256.hash(G1Words(key.first).bytes))
    let truncated = hash.shiftedRight(by: 64 as UInt64)
    var entries = [
      OperatorRegistryContract.Entry(.quorums(of: key.operatorID), fromBlock: 5, value: 3)
    ]
    for quorum: UInt8 in [0, 1] {
      let member = key.operatorID
      entries += [
        .init(.quorumKey(quorum), fromBlock: 5, value: truncated),
        .init(.totalStake(quorum), fromBlock: 5, value: 100),
        .init(.stake(of: member, in: quorum), fromBlock: 5, value: 100),
      ]
    }
    let journal = Journal(
      reader: state.reader(blockHashes: RecentHashes(first: 0, hashes: [])), fork: .prague)
    let machine = Machine(
      fork: .prague, block: BlockEnvironment(number: 5, chainID: 900),
      transaction: TransactionEnvironment(origin: owner), journal: journal,
      provider: NativeCryptographyProvider.shared)
    journal.beginTransaction()
    let result = try machine.run(
      .call(
        from: owner, to: OperatorRegistryContract.address, value: 0,
        input: OperatorRegistryContract.write(entries), gasLimit: 30_000_000))
    #expect(result.status == .success)
    _ = journal.endTransaction()
    try state.apply(journal.diff())
  }

  /// A certificate of an encoded payload, good unless `change` makes it bad.
  func certificate(
    _ encoded: Bytes, _ version: Certificate.Version = .v3, at block: UInt32 = 6,
    _ change: (inout Certificate) -> Void = { _ in }
  ) throws -> Certificate {
    let blob = try Blob(encodedPayload: encoded, form: .evaluations)
    let commitment = try #require(blob.commitment(powers))
    let words = G2Words(x1: 1, x0: 2, y1: 3, y0: 4)
    let blobCertificate = BlobCertificate(
      header: BlobHeader(
        version: 0, quorums: [0, 1],
        commitment: CommitmentWords(
          commitment: G1Words(commitment), lengthCommitment: words, lengthProof: words,
          length: UInt32(blob.length)), paymentHash: .zero),
      signature: Bytes(repeating: 9, count: 65), relayKeys: [0])
    let tree = BatchTree(leaves: [blobCertificate.hash, Keccak256.hash([1])])
    let header = BatchHeader(root: tree.root, referenceBlock: block)
    let signature = BLSSignature.sign(header.hash, secret: secret)
    var certificate = Certificate(
      version: version, batchHeader: header,
      inclusion: BlobInclusion(
        certificate: blobCertificate, index: 0, proof: tree.proof(at: 0).flatMap { $0.bytes }),
      attestation: Attestation(
        nonSignerBitmapIndices: [], nonSigners: [],
        quorumKeys: [G1Words(key.first), G1Words(key.first)],
        signersKey: G2Words(BLSSignature.sum([key.second, key.second])),
        signature: G1Words(BLSSignature.sum([signature, signature])), quorumKeyIndices: [0, 0],
        totalStakeIndices: [0, 0], nonSignerStakeIndices: [[], []]),
      signedQuorums: [0, 1])
    change(&certificate)
    return certificate
  }

  /// The preimage of a certificate's commitment: the payload, opened.
  func preimage(_ encoded: Bytes, of certificate: Certificate) throws -> Bytes {
    let proof = try #require(
      PayloadProof.make(
        encodedPayload: encoded, commitment: certificate.commitment.commitment,
        powers1: powers))
    return proof.bytes + encoded
  }
}
