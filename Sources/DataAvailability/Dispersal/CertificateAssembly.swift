import Blobs
import Pairings
import Primitives

/// A batch's signatures, summed up, with what certificates say about them.
struct GatheredSignatures {
  let attestation: Attestation
  let quorums: Bytes
  let signature: BN254.G1
  /// The share of each quorum's stake that signed, as signed and total.
  let stakes: [(quorum: UInt8, signed: UInt256, total: UInt256)]

  /// Sums up signatures by operators of quorums at a block; each counts once a quorum.
  init(
    _ signatures: [(id: Hash, signature: BN254.G1)], quorums: Bytes, _ registry: OperatorRegistry,
    block: UInt32
  ) {
    let snapshot = registry.snapshot(at: block)
    let signers = Set(signatures.map { $0.id })
    let all = snapshot.operators.filter { known in
      quorums.contains { known.quorums.value.bit(at: Int($0)) }
    }
    let absent = all.filter { !signers.contains($0.id) }
    var sigma = JacobianPoint<BN254Curve>.infinity
    var key = JacobianPoint<BN254Twist>.infinity
    for (id, signature) in signatures {
      guard let known = snapshot.registeredOperator(id), let own = registry.key(of: id) else {
        continue
      }
      for quorum in quorums where known.quorums.value.bit(at: Int(quorum)) {
        sigma = sigma + signature
        key = key + own.second
      }
    }
    signature = sigma.affine
    self.quorums = quorums
    attestation = Attestation(
      nonSignerBitmapIndices: absent.map { $0.quorums.index },
      nonSigners: absent.compactMap { registry.key(of: $0.id).map { G1Words($0.first) } },
      quorumKeys: quorums.map {
        G1Words(registry.quorumKey($0, at: block) ?? .infinity)
      },
      signersKey: G2Words(key.affine), signature: G1Words(sigma.affine),
      quorumKeyIndices: quorums.map { snapshot.quorum($0)?.keyHash.index ?? 0 },
      totalStakeIndices: quorums.map { snapshot.quorum($0)?.totalStake.index ?? 0 },
      nonSignerStakeIndices: quorums.map { quorum in
        absent.filter { $0.quorums.value.bit(at: Int(quorum)) }.compactMap { known in
          known.stakes.first { $0.quorum == quorum }?.stake.index
        }
      })
    stakes = quorums.map { quorum in
      let total = snapshot.quorum(quorum)?.totalStake.value ?? .zero
      let signed = all.reduce(UInt256.zero) { sum, known in
        guard signers.contains(known.id), known.quorums.value.bit(at: Int(quorum)),
          let stake = known.stakes.first(where: { $0.quorum == quorum })
        else { return sum }
        return sum + stake.stake.value
      }
      return (quorum, signed, total)
    }
  }

  /// Whether every quorum of a blob has signers with that share of its stake.
  func confirms(_ blobQuorums: Bytes, percent: UInt8) -> Bool {
    blobQuorums.allSatisfy { quorum in
      guard let stake = stakes.first(where: { $0.quorum == quorum }) else { return false }
      return !stake.total.isZero && stake.signed * 100 >= stake.total * UInt256(UInt64(percent))
    }
  }
}

extension StorageState {
  /// The certificate of a blob, or nil unless it is complete.
  public func certificate(
    of blobKey: Hash, version: Certificate.Version = .v3, derivationVersion: UInt16 = 0
  ) -> Certificate? {
    guard let blob = blobs[blobKey], blob.status == .complete, let hash = blob.batch,
      let batch = batches[hash], let signers = batch.signers, let signature = batch.signature,
      let index = batch.blobKeys.firstIndex(of: blobKey)
    else { return nil }
    let leaves = batch.blobKeys.compactMap { blobs[$0]?.certificate.hash }
    let proof = BatchTree(leaves: leaves).proof(at: index)
    var gathered = GatheredSignatures(
      signers.map { ($0, BN254.G1.infinity) }, quorums: quorums(of: batch), registry,
      block: batch.header.referenceBlock
    ).attestation
    gathered.signature = G1Words(signature)
    return Certificate(
      version: version, batchHeader: batch.header,
      inclusion: BlobInclusion(
        certificate: blob.certificate, index: UInt32(index),
        proof: proof.reduce(into: Bytes()) { $1.append(to: &$0) }),
      attestation: gathered, signedQuorums: quorums(of: batch),
      derivationVersion: derivationVersion)
  }

  /// The quorums of a batch: those of all its blobs.
  public func quorums(of batch: SealedBatch) -> Bytes {
    Set(batch.blobKeys.flatMap { blobs[$0]?.certificate.header.quorums ?? [] }).sorted()
  }

  /// Which operator holds which chunks of a blob, by the stakes of a block.
  ///
  /// - Throws: `AssignmentError` for a quorum without stake, or of too many operators.
  public func assignment(
    _ header: BlobHeader, _ parameters: BlobVersionParameters, at block: UInt32
  ) throws(AssignmentError) -> ChunkAssignment {
    try ChunkAssignment(
      parameters,
      quorums: header.quorums.map { ($0, registry.stakes(in: $0, at: block)) })
  }
}
