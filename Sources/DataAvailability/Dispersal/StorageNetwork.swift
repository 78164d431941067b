import Blobs
import Cryptography
import Pairings
import Primitives

/// Why a dispersal is refused; it leaves no trace.
public enum DispersalRefusal: Error, Equatable, Sendable {
  /// The header names an unknown version, or a length that is none, or too long.
  case header
  /// The quorums are none, not in ascending order, or one does not exist.
  case quorums
  /// The commitment is not the blob's.
  case commitment
  /// The signature is not the account's.
  case signature
  /// The same blob was dispersed before, with the same payment.
  case duplicate
  /// The payment's time is too far from now.
  case time
  /// The payment does not cover it.
  case payment(PaymentError)
  /// No new blobs are taken at the moment.
  case unavailable
}

/// How a disperser misbehaves.
public enum DisperserFault: Equatable, Sendable {
  /// Not at all.
  case none
  /// It codes another blob than the one committed to.
  case otherBlob
  /// It sends each operator chunks that are another's.
  case otherChunks
  /// It takes blobs whose length is not what the header says.
  case falseLength
  /// It takes no blobs.
  case down
}

/// A data availability network in one process: a disperser, a relay, and operators.
///
/// It decides; `StorageState` follows. Each decision is recorded before anything depends on it. Not
/// thread-safe: one writer calls it.
public final class StorageNetwork {
  /// The state.
  public var state: StorageState { record.state }
  /// What all agree on.
  public let terms: StorageTerms
  /// The operators of this process.
  public private(set) var nodes: [Hash: OperatorNode] = [:]
  /// The relay.
  public let relay: BlobRelay
  /// How the disperser misbehaves.
  public var fault = DisperserFault.none
  /// How many threads code blobs.
  public var threads = 1

  /// A request whose payment is that much older or younger is refused, so that none comes again when
  /// nobody remembers it.
  public static var ageLimitInNanoseconds: UInt64 { 45_000_000_000 }

  private let cryptography: any CryptographyProvider
  private let record: any StorageRecord
  private let provers: ProverShelf

  /// A network that goes on from a record, and keeps in it what happens from now on; networks over
  /// the same reference string may share their provers.
  public init(
    _ record: any StorageRecord, terms: StorageTerms, relay: BlobRelay = BlobRelay(),
    provers: ProverShelf = ProverShelf(), cryptography: any CryptographyProvider
  ) {
    self.provers = provers
    self.terms = terms
    self.relay = relay
    self.cryptography = cryptography
    self.record = record
  }

  /// Records decisions, all or none.
  ///
  /// - Throws: `StorageMisfit` if one does not fit; nothing is recorded then.
  public func decide(_ events: StorageEvent...) throws(StorageMisfit) {
    try record.record(events)
  }

  /// Connects an operator of this process; registering it is an event of its own.
  public func connect(_ node: OperatorNode) { nodes[node.id] = node }

  // MARK: Dispersal

  /// Accepts a blob for dispersal; returns its key.
  ///
  /// - Throws: `DispersalRefusal`.
  public func disperse(
    _ blob: Blob, _ certificate: BlobCertificate, payment: PaymentHeader,
    timeInNanoseconds: UInt64
  ) throws(DispersalRefusal) -> Hash {
    guard fault != .down else { throw .unavailable }
    let header = certificate.header
    let isHonest = fault != .falseLength
    guard !isHonest || blob.length == Int(header.commitment.length), terms.shape(header) != nil
    else { throw .header }
    let isAscending = zip(header.quorums, header.quorums.dropFirst()).allSatisfy { $0 < $1 }
    guard !header.quorums.isEmpty, isAscending,
      header.quorums.allSatisfy({ state.registry.quorums[$0] != nil })
    else { throw .quorums }
    guard let commitment = header.commitment.points,
      blob.commitment(terms.string.powers1) == commitment.commitment,
      !isHonest || commitment.verifyLength(terms.string.verificationPoints)
    else { throw .commitment }
    let (made, now) = (payment.timestampInNanoseconds, timeInNanoseconds)
    guard max(made, now) - min(made, now) <= Self.ageLimitInNanoseconds else { throw .time }
    let signer = Signature(bytes65: certificate.signature).flatMap { signature in
      cryptography.recoverAddress(messageHash: header.blobKey, signature: signature)
    }
    guard signer == payment.account, header.paymentHash == payment.hash else { throw .signature }
    let blobKey = header.blobKey
    guard state.blobs[blobKey] == nil else { throw .duplicate }
    relay.put(blob, for: blobKey)
    do throws(StorageMisfit) {
      try decide(
        .blobDispersed(
          certificate: certificate, payment: payment, timeInNanoseconds: timeInNanoseconds),
        .blobEncoded(blobKey: blobKey))
    } catch {
      relay.remove(blobKey)
      switch error {
      case .payment(let reason): throw .payment(reason)
      case .notRecorded: throw .unavailable
      default: throw .duplicate
      }
    }
    return blobKey
  }

  /// Makes a batch of what waits, and gathers signatures.
  ///
  /// Blobs whose quorums do not reach the threshold fail. Returns the batch's hash, or nil if
  /// nothing waits.
  ///
  /// - Throws: `StorageMisfit` if the state is not one that this network made.
  @discardableResult
  public func processBatch(
    referenceBlock: UInt32, timeInSeconds: UInt64
  ) throws(StorageMisfit) -> Hash? {
    let keys = Array(state.waiting.prefix(StorageState.batchLimit))
    guard !keys.isEmpty else { return nil }
    try decide(.batchSealed(blobKeys: keys, referenceBlock: referenceBlock))
    guard let batch = state.blobs[keys[0]]?.batch else { return nil }
    try gather(batch, timeInSeconds: timeInSeconds)
    return batch
  }

  /// Takes up what a stop interrupted: batches whose signatures were being gathered, and blobs that
  /// were accepted but not coded.
  ///
  /// - Throws: `StorageMisfit` if the state is not one that this network made.
  public func resume(timeInSeconds: UInt64) throws(StorageMisfit) {
    for (blobKey, blob) in state.blobs.sorted(by: { $0.key < $1.key })
    where blob.status == .queued {
      try decide(.blobEncoded(blobKey: blobKey))
    }
    let state = state
    let open = state.batches.filter { _, batch in
      batch.signers == nil
        && batch.blobKeys.contains { state.blobs[$0]?.status == .gatheringSignatures }
    }
    for batch in open.keys.sorted() { try gather(batch, timeInSeconds: timeInSeconds) }
  }

  private func gather(_ batch: Hash, timeInSeconds: UInt64) throws(StorageMisfit) {
    let state = state
    guard let sealed = state.batches[batch] else { return }
    let expiry = timeInSeconds + terms.retentionInSeconds
    let deliveries = deliveries(sealed, expiry: expiry)
    var signatures: [(id: Hash, signature: BN254.G1)] = []
    for (id, delivery) in deliveries.sorted(by: { $0.key < $1.key }) {
      guard let node = nodes[id], let key = state.registry.key(of: id),
        let signature = try? node.sign(delivery, state.registry, fault: state.fault(of: id)),
        BLSSignature.isValid(signature, digest: batch, key: key.second)
      else { continue }
      signatures.append((id, signature))
    }
    let gathered = GatheredSignatures(
      signatures, quorums: state.quorums(of: sealed), state.registry,
      block: sealed.header.referenceBlock)
    let percent = terms.rules.confirmationPercent
    var decisions: [StorageEvent] = []
    for blobKey in sealed.blobKeys {
      let quorums = state.blobs[blobKey]?.certificate.header.quorums ?? []
      if !gathered.confirms(quorums, percent: percent) {
        decisions.append(.blobFailed(blobKey: blobKey, failure: .thresholdNotReached))
      }
    }
    if decisions.count < sealed.blobKeys.count {
      decisions.append(
        .batchAttested(
          batch: batch, signers: signatures.map { $0.id }, signature: gathered.signature))
    }
    try record.record(decisions)
  }

  /// What each operator is sent.
  private func deliveries(_ sealed: SealedBatch, expiry: UInt64) -> [Hash: BatchDelivery] {
    let certificates = sealed.blobKeys.compactMap { state.blobs[$0]?.certificate }
    var deliveries: [Hash: BatchDelivery] = [:]
    for (position, certificate) in certificates.enumerated() {
      let header = certificate.header
      guard let parameters = terms.parameters(header.version),
        let assignment = try? state.assignment(
          header, parameters, at: sealed.header.referenceBlock),
        let chunks = chunks(of: header)
      else { continue }
      for (place, share) in assignment.shares.enumerated() {
        var delivery =
          deliveries[share.id]
          ?? BatchDelivery(
            header: sealed.header, certificates: certificates,
            chunks: [[HeldChunks.Entry]](repeating: [], count: certificates.count),
            expiry: expiry)
        let shift = fault == .otherChunks ? 1 : 0
        let others = assignment.shares[(place + shift) % assignment.shares.count].chunks
        delivery.chunks[position] = zip(share.chunks, shift == 0 ? share.chunks : others).map {
          HeldChunks.Entry(index: $0, chunk: chunks[$1])
        }
        deliveries[share.id] = delivery
      }
    }
    return deliveries
  }

  /// All chunks of a blob that the relay still has, or nil.
  private func chunks(of header: BlobHeader) -> [Chunk]? {
    guard var blob = relay.original(header.blobKey), let shape = terms.shape(header) else {
      return nil
    }
    if fault == .otherBlob {
      blob = Blob(coefficients: blob.coefficients.map { $0 + .one })
    }
    guard let code = ErasureCode(shape, blobLength: blob.length),
      let prover = provers.prover(code, powers1: terms.string.powers1, threads: threads)
    else { return nil }
    let coefficients = code.encode(blob, threads: threads)
    let width = shape.chunkLength
    return prover.proofs(blob, threads: threads).enumerated().map { index, proof in
      Chunk(
        coefficients: Array(coefficients[index * width..<(index + 1) * width]), proof: proof)
    }
  }

  // MARK: Retrieval

  /// The blob of a header, from the relay or the operators.
  ///
  /// - Throws: `RetrievalError` if it cannot be had.
  public func retrieve(
    _ header: BlobHeader, usingRelay: Bool = true
  ) throws(RetrievalError) -> Blob {
    let sources = nodes.values.sorted { $0.id < $1.id }.map { node -> Retriever.Source in
      let fault = state.fault(of: node.id)
      return { blobKey in node.chunks(of: blobKey, fault: fault) }
    }
    return try Retriever(terms).retrieve(
      header, relay: usingRelay ? relay : nil, operators: sources)
  }

  /// Samples a certified blob as a light client does; nil if it is not one of these terms.
  public func sample(
    _ header: BlobHeader, at referenceBlock: UInt32, count: Int, seed: UInt64
  ) -> SamplingReport? {
    guard let parameters = terms.parameters(header.version),
      let assignment = try? state.assignment(header, parameters, at: referenceBlock)
    else { return nil }
    var generator = SeededGenerator(seed: seed)
    let (nodes, faults) = (nodes, state.faults)
    return LightClient(terms).sample(
      header, assignment, count: count, using: &generator
    ) { holder, index in
      nodes[holder]?.chunk(index, of: header.blobKey, fault: faults[holder] ?? .none)
    }
  }

  /// Throws away what has expired; returns how many blobs operators dropped.
  ///
  /// What nobody keeps any more is forgotten a day later, so that the state does not grow without
  /// end.
  ///
  /// - Throws: `StorageMisfit.notRecorded`.
  public func prune(timeInSeconds: UInt64) throws(StorageMisfit) -> Int {
    let count = nodes.values.reduce(0) { $0 + ((try? $1.store.prune(at: timeInSeconds)) ?? 0) }
    let kept = terms.retentionInSeconds + 86_400
    guard timeInSeconds > kept else { return count }
    let (time, overflow) = (timeInSeconds - kept).multipliedReportingOverflow(by: 1_000_000_000)
    let isOld = { (blob: DispersedBlob) in
      blob.status.isFinal && blob.payment.timestampInNanoseconds < time
    }
    if !overflow, state.blobs.values.contains(where: isOld) {
      try decide(.blobsExpired(dispersedBeforeInNanoseconds: time))
    }
    return count
  }
}
