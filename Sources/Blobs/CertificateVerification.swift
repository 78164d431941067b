import Cryptography
import Pairings
import Primitives

/// The check of a certificate, step by step as the verifier on L1 does it
/// (`EigenDACertVerificationLib.sol` and EigenLayer's `BLSSignatureChecker.sol`).
extension Certificate {
  /// Refuses the certificate unless it is valid under the rules.
  ///
  /// `snapshot` is the registry's state at the reference block, and `currentBlock` the L1 block at
  /// which the check is made. Stakes and thresholds count; what the chunks hold does not.
  ///
  /// - Throws: `CertificateRejection`, the first that applies.
  public func verify(
    _ rules: CertificateRules, _ snapshot: OperatorSnapshot, currentBlock: UInt64
  ) throws(CertificateRejection) {
    let size = abiEncoded.count
    guard size <= Self.sizeLimitInBytes else { throw .tooLong(size) }
    if version == .v4, derivationVersion != rules.derivationVersion {
      throw .derivationVersion(derivationVersion)
    }
    let root = BatchTree.root(
      leaf: inclusion.certificate.hash, index: inclusion.index, proof: inclusion.proof)
    guard root == batchHeader.root else { throw .inclusion }
    try rules.checkSecurity(blobVersion: inclusion.certificate.header.version)
    guard signedQuorums.count <= rules.quorumLimit else {
      throw .quorumCount(signedQuorums.count)
    }
    let nonSigners = attestation.nonSignerStakeIndices.reduce(0) { $0 + $1.count }
    guard nonSigners <= rules.nonSignerLimit else { throw .nonSignerCount(nonSigners) }
    let stakes = try attestation.check(
      batchHeader, signedQuorums: signedQuorums, snapshot, currentBlock: currentBlock)
    var confirmed = UInt256.zero
    for (quorum, stake) in zip(signedQuorums, stakes)
    where stake.signed * 100 >= stake.total * UInt256(UInt64(rules.confirmationPercent)) {
      confirmed = confirmed | UInt256.one << Int(quorum)
    }
    guard let blobQuorums = UInt256(quorums: inclusion.certificate.header.quorums),
      blobQuorums & ~confirmed == .zero
    else { throw .blobQuorums }
    guard let required = UInt256(quorums: rules.requiredQuorums), required & ~blobQuorums == .zero
    else { throw .requiredQuorums }
  }
}

extension CertificateRules {
  /// Refuses a version of blobs whose chunks an adversary could withhold: signers less adversaries
  /// must hold enough to reconstruct.
  ///
  /// - Throws: `CertificateRejection.blobVersion` or `.securityAssumptions`.
  public func checkSecurity(blobVersion: UInt16) throws(CertificateRejection) {
    guard Int(blobVersion) < blobVersions.count else { throw .blobVersion(blobVersion) }
    let parameters = blobVersions[Int(blobVersion)]
    guard confirmationPercent >= adversaryPercent else { throw .securityAssumptions }
    let margin = Int(confirmationPercent - adversaryPercent)
    let held = parameters.codingRate * (parameters.chunkCount - parameters.operatorLimit)
    guard held * margin >= 100 * parameters.chunkCount else { throw .securityAssumptions }
  }
}

extension Attestation {
  /// The stake of each quorum that signed, and of all of it.
  ///
  /// - Throws: `CertificateRejection` unless the signature is by all operators of the quorums but
  ///   the non-signers, as the registry had them.
  public func check(
    _ header: BatchHeader, signedQuorums: Bytes, _ snapshot: OperatorSnapshot,
    currentBlock: UInt64
  ) throws(CertificateRejection) -> [(signed: UInt256, total: UInt256)] {
    guard !signedQuorums.isEmpty else { throw .noQuorum }
    let count = signedQuorums.count
    guard quorumKeys.count == count, quorumKeyIndices.count == count,
      totalStakeIndices.count == count, nonSignerStakeIndices.count == count,
      nonSigners.count == nonSignerBitmapIndices.count
    else { throw .lengthMismatch }
    guard UInt64(header.referenceBlock) < currentBlock,
      header.referenceBlock == snapshot.block
    else { throw .referenceBlock(header.referenceBlock) }
    guard let bitmap = UInt256(quorums: signedQuorums),
      signedQuorums.allSatisfy({ snapshot.quorum($0) != nil })
    else { throw .quorums }
    let operators = try operators(snapshot)
    var stakes: [(signed: UInt256, total: UInt256)] = []
    for (index, quorum) in signedQuorums.enumerated() {
      stakes.append(try stake(of: quorum, at: index, operators, snapshot))
    }
    try checkSignature(of: header.hash, by: operators, bitmap)
    return stakes
  }

  /// The non-signers as the registry knows them.
  private func operators(
    _ snapshot: OperatorSnapshot
  ) throws(CertificateRejection) -> [OperatorSnapshot.Operator] {
    var operators: [OperatorSnapshot.Operator] = []
    for (index, key) in nonSigners.enumerated() {
      let id = Keccak256.hash(key.bytes)
      if let last = operators.last, last.id >= id { throw .nonSignersUnsorted }
      guard let known = snapshot.registeredOperator(id),
        known.quorums.index == nonSignerBitmapIndices[index]
      else { throw .nonSigner(index) }
      operators.append(known)
    }
    return operators
  }

  /// The stake of a quorum, that of its non-signers taken off.
  private func stake(
    of number: UInt8, at index: Int, _ operators: [OperatorSnapshot.Operator],
    _ snapshot: OperatorSnapshot
  ) throws(CertificateRejection) -> (signed: UInt256, total: UInt256) {
    // L1 keeps 24 bytes of the hash of a quorum's key.
    guard let quorum = snapshot.quorum(number), quorum.keyHash.index == quorumKeyIndices[index],
      Keccak256.hash(quorumKeys[index].bytes).bytes.prefix(24)
        == quorum.keyHash.value.bytes.prefix(24)
    else { throw .quorumKey(number) }
    guard quorum.totalStake.index == totalStakeIndices[index] else { throw .stakeIndex(number) }
    var signed = quorum.totalStake.value
    var position = 0
    for known in operators where known.quorums.value >> Int(number) & 1 == 1 {
      guard position < nonSignerStakeIndices[index].count,
        let stake = known.stakes.first(where: { $0.quorum == number })?.stake,
        stake.index == nonSignerStakeIndices[index][position], stake.value <= signed
      else { throw .stakeIndex(number) }
      signed = signed - stake.value
      position += 1
    }
    return (signed, quorum.totalStake.value)
  }

  /// One check for two facts: the key in G2 is that of the quorums less the non-signers, and it
  /// signed the digest.
  private func checkSignature(
    of digest: Hash, by operators: [OperatorSnapshot.Operator], _ bitmap: UInt256
  ) throws(CertificateRejection) {
    let counts = operators.map { ($0.quorums.value & bitmap).oneCount }
    guard let key = signersKey(nonSignerQuorumCounts: counts), let sigma = signature.point,
      let second = signersKey.point,
      BLSSignature.isValid(sigma, digest: digest, first: key, second: second)
    else { throw .signature }
  }

  /// The sum of the quorums' keys less the non-signers', each as often as it is in a quorum that
  /// signed; nil if a point is none, or the counts are not one a non-signer.
  public func signersKey(nonSignerQuorumCounts counts: [Int]) -> BN254.G1? {
    guard counts.count == nonSigners.count else { return nil }
    var sum = JacobianPoint<BN254Curve>.infinity
    for words in quorumKeys {
      guard let point = words.point else { return nil }
      sum = sum + point
    }
    for (words, count) in zip(nonSigners, counts) {
      guard let point = words.point else { return nil }
      sum = sum + -JacobianPoint(point).multiplied(by: UInt256(count))
    }
    return sum.affine
  }
}

extension UInt256 {
  /// The set of quorums, a bit each, or nil unless they are in ascending order.
  init?(quorums: Bytes) {
    var set = UInt256.zero
    var last = -1
    for quorum in quorums {
      guard Int(quorum) > last else { return nil }
      last = Int(quorum)
      set = set | UInt256.one << last
    }
    self = set
  }

  /// How many bits are one.
  fileprivate var oneCount: Int {
    limb0.nonzeroBitCount + limb1.nonzeroBitCount + limb2.nonzeroBitCount
      + limb3.nonzeroBitCount
  }
}
