import Blobs
import Cryptography
import Pairings
import Primitives

/// How far a dispersal has come.
public enum DispersalStatus: Equatable, Sendable {
  /// It was accepted.
  case queued
  /// Its chunks and proofs are made.
  case encoded
  /// Its batch is with the operators.
  case gatheringSignatures
  /// It is certified.
  case complete
  /// It will not be.
  case failed(DispersalFailure)

  /// Whether nothing more will come of it.
  public var isFinal: Bool {
    switch self {
    case .complete, .failed: true
    case .queued, .encoded, .gatheringSignatures: false
    }
  }

  /// The name in EigenDA's protocol.
  public var name: String {
    switch self {
    case .queued: "QUEUED"
    case .encoded: "ENCODED"
    case .gatheringSignatures: "GATHERING_SIGNATURES"
    case .complete: "COMPLETE"
    case .failed: "FAILED"
    }
  }
}

/// Why an event does not fit the state: the log is not one that was written here.
public enum StorageMisfit: Error, Hashable, Sendable {
  /// The registry refuses it.
  case registry(RegistryError)
  /// The payment does not cover it.
  case payment(PaymentError)
  /// There is no such blob, or its status is another than the event needs.
  case blob(Hash)
  /// There is no such batch, or it is attested already.
  case batch(Hash)
  /// There is no such operator.
  case unknownOperator(Hash)
  /// A batch is empty, or too large.
  case batchSize(Int)
  /// The decision could not be recorded, for this reason; it does not hold.
  case notRecorded(String)
}

/// A dispersed blob.
public struct DispersedBlob: Equatable, Sendable {
  /// What was asked for.
  public let certificate: BlobCertificate
  /// Who pays.
  public let payment: PaymentHeader
  /// What it cost.
  public let charge: Charge
  /// How far it is.
  public internal(set) var status: DispersalStatus
  /// Its batch's hash, once it has one.
  public internal(set) var batch: Hash?
}

/// A batch.
public struct SealedBatch: Equatable, Sendable {
  /// What operators sign.
  public let header: BatchHeader
  /// The blobs, in the tree's order.
  public let blobKeys: [Hash]
  /// Who signed; nil until enough did.
  public internal(set) var signers: [Hash]?
  /// The sum of their signatures, once for each quorum that they are in.
  public internal(set) var signature: BN254.G1?
}

/// The data availability layer as its events left it: a value, and a pure fold of them.
public struct StorageState: Equatable, Sendable {
  /// The operators.
  public internal(set) var registry: OperatorRegistry
  /// The payments.
  public internal(set) var payments: PaymentBook
  /// The blobs by their keys.
  public internal(set) var blobs: [Hash: DispersedBlob] = [:]
  /// The keys of blobs that wait for a batch, in the order in which they were coded.
  public internal(set) var waiting: [Hash] = []
  /// The batches by the hashes of their headers.
  public internal(set) var batches: [Hash: SealedBatch] = [:]
  /// The operators that misbehave.
  public internal(set) var faults: [Hash: OperatorFault] = [:]
  /// Blobs dispersed before this are forgotten, and are not accepted again.
  public internal(set) var horizonInNanoseconds: UInt64 = 0
  /// How many events there were.
  public internal(set) var eventCount: UInt64 = 0
  /// The fingerprint of the state: of all events, each with what it changed.
  public internal(set) var fingerprint = Hash.zero

  /// More blobs than this do not go into a batch.
  public static var batchLimit: Int { 1024 }

  /// The state before any event.
  public init(registry: OperatorRegistry, payments: PaymentBook = PaymentBook()) {
    self.registry = registry
    self.payments = payments
  }

  /// How an operator misbehaves.
  public func fault(of id: Hash) -> OperatorFault { faults[id] ?? .none }

  /// The state after one more event.
  ///
  /// - Throws: `StorageMisfit` if it does not fit; the state is as before then.
  public mutating func apply(_ event: StorageEvent) throws(StorageMisfit) {
    let outcome = try change(event)
    eventCount += 1
    fingerprint = Keccak256.hash(
      fingerprint.bytes + Keccak256.hash(event.bytes).bytes + outcome.bytes)
  }

  /// Makes an event's changes, and returns a hash of what followed from it; everything is checked
  /// before anything is changed.
  private mutating func change(_ event: StorageEvent) throws(StorageMisfit) -> Hash {
    switch event {
    case .operatorRegistered, .stakeChanged, .operatorRemoved:
      do throws(RegistryError) {
        return try changeRegistry(event)
      } catch {
        throw .registry(error)
      }
    case .faultInjected(let id, let fault):
      guard registry.key(of: id) != nil else { throw .unknownOperator(id) }
      faults[id] = fault == .none ? nil : fault
    case .deposited, .reserved:
      do throws(PaymentError) {
        return try changePayments(event)
      } catch {
        throw .payment(error)
      }
    case .blobDispersed(let certificate, let payment, let time):
      return try accept(certificate, payment, at: time)
    case .blobEncoded(let blobKey):
      guard blobs[blobKey]?.status == .queued else { throw .blob(blobKey) }
      blobs[blobKey]?.status = .encoded
      waiting.append(blobKey)
    case .batchSealed(let blobKeys, let block): return try seal(blobKeys, block)
    case .batchAttested(let batch, let signers, let signature):
      try attest(batch, signers, signature)
    case .blobFailed(let blobKey, let failure): try fail(blobKey, failure)
    case .blobsExpired(let time): forget(dispersedBefore: time)
    }
    return .zero
  }

  /// Forgets blobs that have come to their end, and batches that have none left.
  private mutating func forget(dispersedBefore time: UInt64) {
    horizonInNanoseconds = max(horizonInNanoseconds, time)
    blobs = blobs.filter { _, blob in
      blob.payment.timestampInNanoseconds >= time || !blob.status.isFinal
    }
    batches = batches.filter { _, batch in batch.blobKeys.contains { blobs[$0] != nil } }
  }

  private mutating func changeRegistry(_ event: StorageEvent) throws(RegistryError) -> Hash {
    switch event {
    case .operatorRegistered(let key, let account, let signature, let stakes, let block):
      let displaced = try registry.register(
        key, account: account, signature: signature,
        stakes: stakes.map { ($0.quorum, $0.stake) }, at: block)
      return Keccak256.hash(displaced.reduce(into: Bytes()) { $0 += $1.id.bytes + [$1.quorum] })
    case .stakeChanged(let id, let quorum, let stake, let block):
      try registry.setStake(of: id, in: quorum, to: stake, at: block)
    case .operatorRemoved(let id, let quorums, let block):
      try registry.remove(id, from: quorums, at: block)
    default: break
    }
    return .zero
  }

  private mutating func changePayments(_ event: StorageEvent) throws(PaymentError) -> Hash {
    switch event {
    case .deposited(let account, let amount):
      try payments.deposit(amount, for: account)
      return Hash(payments.deposit(of: account))
    case .reserved(let account, let reservation, let time):
      try payments.reserve(reservation, for: account, at: time)
    default: break
    }
    return .zero
  }

  private mutating func accept(
    _ certificate: BlobCertificate, _ payment: PaymentHeader, at time: UInt64
  ) throws(StorageMisfit) -> Hash {
    let header = certificate.header
    let blobKey = header.blobKey
    guard blobs[blobKey] == nil, header.paymentHash == payment.hash,
      payment.timestampInNanoseconds >= horizonInNanoseconds
    else { throw .blob(blobKey) }
    let charge: Charge
    do throws(PaymentError) {
      charge = try payments.charge(
        payment, symbols: UInt64(header.commitment.length), quorums: header.quorums, at: time)
    } catch {
      throw .payment(error)
    }
    blobs[blobKey] = DispersedBlob(
      certificate: certificate, payment: payment, charge: charge, status: .queued)
    return Hash(payments.spent(by: payment.account))
  }

  private mutating func seal(_ blobKeys: [Hash], _ block: UInt32) throws(StorageMisfit) -> Hash {
    guard !blobKeys.isEmpty, blobKeys.count <= Self.batchLimit else {
      throw .batchSize(blobKeys.count)
    }
    var leaves: [Hash] = []
    for blobKey in blobKeys {
      guard let blob = blobs[blobKey], blob.status == .encoded else { throw .blob(blobKey) }
      leaves.append(blob.certificate.hash)
    }
    let header = BatchHeader(root: BatchTree(leaves: leaves).root, referenceBlock: block)
    guard batches[header.hash] == nil, Set(blobKeys).count == blobKeys.count else {
      throw .batch(header.hash)
    }
    batches[header.hash] = SealedBatch(header: header, blobKeys: blobKeys)
    for blobKey in blobKeys {
      blobs[blobKey]?.status = .gatheringSignatures
      blobs[blobKey]?.batch = header.hash
    }
    let sealed = Set(blobKeys)
    waiting.removeAll { sealed.contains($0) }
    return header.hash
  }

  private mutating func attest(
    _ batch: Hash, _ signers: [Hash], _ signature: BN254.G1
  ) throws(StorageMisfit) {
    guard let sealed = batches[batch], sealed.signers == nil else { throw .batch(batch) }
    for id in signers where registry.key(of: id) == nil { throw .unknownOperator(id) }
    batches[batch]?.signers = signers.sorted()
    batches[batch]?.signature = signature
    for blobKey in sealed.blobKeys where blobs[blobKey]?.status == .gatheringSignatures {
      blobs[blobKey]?.status = .complete
    }
  }

  private mutating func fail(
    _ blobKey: Hash, _ failure: DispersalFailure
  ) throws(StorageMisfit) {
    guard let blob = blobs[blobKey], !blob.status.isFinal else { throw .blob(blobKey) }
    payments.revert(blob.charge, of: blob.payment.account)
    blobs[blobKey]?.status = .failed(failure)
    waiting.removeAll { $0 == blobKey }
  }
}
