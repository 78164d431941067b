import Blobs
import Contracts
import Cryptography
import DataAvailability
import Pairings
import Primitives
import Testing

/// Operators whose registry is written down on L1, and certificates that they sign.
final class DataNetwork {
  let chain: RollupChain
  var registry = OperatorRegistry(quorums: [(0, 10), (1, 10), (2, 10)])
  let secrets: [BN254.ScalarField]
  let keys: [OperatorKey]

  /// Operators with these stakes in quorums 0 and 1.
  init(stakes: [(UInt64, UInt64)]) throws {
    chain = try RollupChain(layer: 1)
    secrets = stakes.indices.map { BN254.ScalarField(small: UInt64($0) + 5) }
    keys = secrets.map { OperatorKey(secret: $0) }
    chain.number = 10
    for (index, stake) in stakes.enumerated() {
      let account = Sample.account("00000000000000000000000000000000000000a\(index)")
      let signature = BLSSignature.sign(
        BLSSignature.registrationDigest(account), secret: secrets[index])
      let joined = [(UInt8(0), UInt256(stake.0)), (1, UInt256(stake.1))].filter { !$0.1.isZero }
      _ = try registry.register(
        keys[index], account: account, signature: signature,
        stakes: joined.map { (quorum: $0.0, stake: $0.1) }, at: UInt32(chain.number))
      try write()
      chain.number += 1
    }
  }

  /// Writes what the registry says now to L1, which keeps what changed.
  func write() throws {
    let entries = registry.histories.flatMap { known in
      known.entries.map { entry in
        let history: OperatorRegistryContract.History =
          switch known.subject {
          case .quorumKey(let quorum): .quorumKey(quorum)
          case .totalStake(let quorum): .totalStake(quorum)
          case .quorums(let member): .quorums(of: member)
          case .stake(let member, let quorum): .stake(of: member, in: quorum)
          }
        return OperatorRegistryContract.Entry(
          history, fromBlock: entry.block, value: entry.value)
      }.suffix(1)
    }
    try chain.send(
      Parts.owner, OperatorRegistryContract.address, OperatorRegistryContract.write(entries))
  }

  /// A certificate of a blob in quorums, signed by some operators for all their quorums.
  func certificate(
    _ version: Certificate.Version = .v3, quorums: Bytes = [0, 1], signers: [Int],
    at block: UInt32, blobQuorums: Bytes = [0, 1]
  ) throws -> Certificate {
    let snapshot = registry.snapshot(at: block)
    let words = G2Words(x1: 1, x0: 2, y1: 3, y0: 4)
    let blob = BlobCertificate(
      header: BlobHeader(
        version: 0, quorums: blobQuorums,
        commitment: CommitmentWords(
          commitment: G1Words(x: 1, y: 2), lengthCommitment: words, lengthProof: words, length: 8),
        paymentHash: Sample.hash(4)),
      signature: Bytes(repeating: 9, count: 65), relayKeys: [0, 7])
    let tree = BatchTree(leaves: [Sample.hash(1), Sample.hash(2), blob.hash])
    let header = BatchHeader(root: tree.root, referenceBlock: block)
    let inclusion = BlobInclusion(
      certificate: blob, index: 2, proof: tree.proof(at: 2).flatMap { $0.bytes })
    let attestation = try attestation(header, quorums, signers, snapshot)
    return Certificate(
      version: version, batchHeader: header, inclusion: inclusion, attestation: attestation,
      signedQuorums: quorums)
  }

  private func attestation(
    _ header: BatchHeader, _ quorums: Bytes, _ signers: [Int], _ snapshot: OperatorSnapshot
  ) throws -> Attestation {
    var second: [BN254.G2] = []
    var signatures: [BN254.G1] = []
    var absent: [(known: OperatorSnapshot.Operator, key: BN254.G1)] = []
    for (index, key) in keys.enumerated() {
      guard let known = snapshot.registeredOperator(key.operatorID) else { continue }
      let count = quorums.filter { known.quorums.value.bit(at: Int($0)) }.count
      guard signers.contains(index) else {
        absent.append((known, key.first))
        continue
      }
      for _ in 0..<count {
        second.append(key.second)
        signatures.append(BLSSignature.sign(header.hash, secret: secrets[index]))
      }
    }
    absent.sort { $0.known.id < $1.known.id }
    let known = try quorums.map { try #require(snapshot.quorum($0)) }
    return Attestation(
      nonSignerBitmapIndices: absent.map { $0.known.quorums.index },
      nonSigners: absent.map { G1Words($0.key) },
      quorumKeys: try quorums.map {
        G1Words(try #require(registry.quorumKey($0, at: snapshot.block)))
      },
      signersKey: G2Words(BLSSignature.sum(second)),
      signature: G1Words(BLSSignature.sum(signatures)),
      quorumKeyIndices: known.map { $0.keyHash.index },
      totalStakeIndices: known.map { $0.totalStake.index },
      nonSignerStakeIndices: quorums.map { quorum in
        absent.compactMap { absent in
          absent.known.stakes.first { $0.quorum == quorum }?.stake.index
        }
      })
  }
}

/// The same certificate judged natively and by the contract.
enum CertificateJudge {
  /// Why the contract refuses; nil if it does not.
  static func contract(_ certificate: Certificate, on chain: RollupChain) throws -> String? {
    let before = chain.state
    defer { chain.state = before }
    return try chain.refusal(
      Parts.alice, CertificateVerifierContract.address,
      CertificateVerifierContract.verify(certificate))
  }

  /// Why the native check refuses, in the contract's words.
  static func native(
    _ certificate: Certificate, _ snapshot: OperatorSnapshot, block: UInt64
  ) -> String? {
    do throws(CertificateRejection) {
      try certificate.verify(.mainnet, snapshot, currentBlock: block)
      return nil
    } catch {
      return name(error)
    }
  }

  private static func name(_ rejection: CertificateRejection) -> String {
    switch rejection {
    case .tooLong: "TooLong"
    case .derivationVersion: "WrongDerivationVersion"
    case .inclusion: "NotIncluded"
    case .blobVersion: "UnknownBlobVersion"
    case .securityAssumptions: "SecurityAssumptionsNotMet"
    case .quorumCount: "TooManyQuorums"
    case .nonSignerCount: "TooManyNonSigners"
    case .noQuorum: "NoQuorum"
    case .lengthMismatch: "ListsDiffer"
    case .referenceBlock: "ReferenceBlockNotPast"
    case .quorums: "InvalidQuorums"
    case .nonSignersUnsorted: "NonSignersUnsorted"
    case .nonSigner: "UnknownNonSigner"
    case .quorumKey: "WrongQuorumKey"
    case .stakeIndex: "WrongStakeIndex"
    case .signature: "WrongAttestation"
    case .blobQuorums: "BlobQuorumsNotConfirmed"
    case .requiredQuorums: "RequiredQuorumsMissing"
    }
  }

  /// The contract tells what is no point from what does not hold.
  static func agree(_ native: String?, _ contract: String?) -> Bool {
    native == contract || (native == "WrongAttestation" && contract == "InvalidPoint")
  }
}
