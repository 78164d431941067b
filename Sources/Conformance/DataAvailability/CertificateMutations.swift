import Blobs
import Cryptography
import DataAvailability
import Primitives

/// A real certificate against the state that it implies, and changed ones, which must be refused.
enum CertificateMutations {
  /// How many changes are tried of each certificate.
  private static var count: Int { 350 }

  /// The state of the registry in which a certificate is valid, of which the vectors tell only how
  /// many quorums each non-signer was in.
  static func snapshot(
    _ certificate: Certificate, nonSignerQuorumCounts counts: [Int]
  ) -> OperatorSnapshot? {
    let attestation = certificate.attestation
    let quorums = certificate.signedQuorums
    guard counts.count == attestation.nonSigners.count,
      attestation.quorumKeys.count == quorums.count,
      attestation.nonSignerStakeIndices.count == quorums.count,
      attestation.quorumKeyIndices.count == quorums.count,
      attestation.totalStakeIndices.count == quorums.count,
      attestation.nonSignerBitmapIndices.count == counts.count
    else { return nil }
    // How many more non-signers each quorum has than those that are in all quorums.
    let everywhere = counts.filter { $0 == quorums.count }.count
    var open = attestation.nonSignerStakeIndices.map { $0.count - everywhere }
    var positions = [Int](repeating: 0, count: quorums.count)
    var operators: [OperatorSnapshot.Operator] = []
    for (index, key) in attestation.nonSigners.enumerated() {
      var members = Array(quorums.indices)
      if counts[index] < quorums.count {
        members = Array(
          members.sorted { open[$0] > open[$1] }.prefix(counts[index]).sorted())
        for member in members { open[member] -= 1 }
      }
      var set = UInt256.zero
      var stakes: [OperatorSnapshot.Stake] = []
      for member in members {
        let indices = attestation.nonSignerStakeIndices[member]
        guard positions[member] < indices.count else { return nil }
        set = set | UInt256.one << Int(quorums[member])
        stakes.append(
          .init(
            quorum: quorums[member], stake: .init(.one, index: indices[positions[member]])))
        positions[member] += 1
      }
      operators.append(
        .init(
          id: Keccak256.hash(key.bytes),
          quorums: .init(set, index: attestation.nonSignerBitmapIndices[index]), stakes: stakes))
    }
    return OperatorSnapshot(
      block: certificate.batchHeader.referenceBlock,
      quorums: quorums.indices.map { index in
        OperatorSnapshot.Quorum(
          number: quorums[index],
          keyHash: .init(
            Keccak256.hash(attestation.quorumKeys[index].bytes),
            index: attestation.quorumKeyIndices[index]),
          totalStake: .init(100, index: attestation.totalStakeIndices[index]))
      }, operators: operators)
  }

  /// Whether the certificate is valid in its state, and no changed one is.
  static func verdict(_ certificate: Certificate, counts: [Int], seed: UInt64) -> Verdict {
    guard let snapshot = snapshot(certificate, nonSignerQuorumCounts: counts) else {
      return .check("registry state", true, false)
    }
    let block = UInt64(certificate.batchHeader.referenceBlock) + 1
    func isValid(_ certificate: Certificate) -> Bool {
      (try? certificate.verify(.mainnet, snapshot, currentBlock: block)) != nil
    }
    guard isValid(certificate) else { return .check("certificate", true, false) }
    var generator = SeededGenerator(seed: seed)
    let bytes = certificate.genericCommitment
    for _ in 0..<count {
      var changed = bytes
      let position = Int.random(in: 2..<changed.count, using: &generator)
      changed[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      guard var decoded = try? Certificate(genericCommitment: changed[...]) else { continue }
      guard isValid(decoded) else { continue }
      // Bits of the index beyond the proof's depth say nothing, on L1 neither.
      decoded.inclusion.index = certificate.inclusion.index
      guard decoded == certificate else {
        return .check("certificate with byte \(position) changed", false, true)
      }
    }
    return .passed
  }
}
