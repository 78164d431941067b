import Blobs
import Pairings
import Primitives

/// Why bytes are no event.
public enum StorageEventError: Error, Equatable, Sendable {
  /// They are no such list.
  case encoding(RLPError)
  /// They are of a kind that is not known, or hold a value out of its range.
  case value
}

/// Events in RLP: a list of the kind's number and the fields in their order.
extension StorageEvent {
  /// The bytes.
  public var bytes: Bytes {
    RLPWriter.list { writer in
      writer.append(uint64: kind)
      write(to: &writer)
    }
  }

  private var kind: UInt64 {
    switch self {
    case .operatorRegistered: 1
    case .stakeChanged: 2
    case .operatorRemoved: 3
    case .faultInjected: 4
    case .deposited: 5
    case .reserved: 6
    case .blobDispersed: 7
    case .blobEncoded: 8
    case .batchSealed: 9
    case .batchAttested: 10
    case .blobFailed: 11
    case .blobsExpired: 12
    }
  }

  private func write(to writer: inout RLPWriter) {
    switch self {
    case .operatorRegistered(let key, let account, let signature, let stakes, let block):
      writer.append(bytes: BN254.compress(key.first))
      writer.append(bytes: BN254.compress(key.second))
      writer.append(address: account)
      writer.append(bytes: BN254.compress(signature))
      writer.list { writer in
        for stake in stakes {
          writer.append(uint64: UInt64(stake.quorum))
          writer.append(uint256: stake.stake)
        }
      }
      writer.append(uint64: UInt64(block))
    case .stakeChanged(let id, let quorum, let stake, let block):
      writer.append(hash: id)
      writer.append(uint64: UInt64(quorum))
      writer.append(uint256: stake)
      writer.append(uint64: UInt64(block))
    case .operatorRemoved(let id, let quorums, let block):
      writer.append(hash: id)
      writer.append(bytes: quorums)
      writer.append(uint64: UInt64(block))
    case .faultInjected(let id, let fault):
      writer.append(hash: id)
      writer.append(uint64: UInt64(fault.rawValue))
    default: writeDispersal(to: &writer)
    }
  }

  private func writeDispersal(to writer: inout RLPWriter) {
    switch self {
    case .deposited(let account, let amount):
      writer.append(address: account)
      writer.append(uint256: amount)
    case .reserved(let account, let reservation, let time):
      writer.append(address: account)
      writer.append(uint64: reservation.symbolsPerSecond)
      writer.append(uint64: reservation.start)
      writer.append(uint64: reservation.end)
      writer.append(bytes: reservation.quorums)
      writer.append(uint64: time)
    case .blobDispersed(let certificate, let payment, let time):
      writer.append(raw: certificate.rlp)
      writer.append(address: payment.account)
      writer.append(uint64: payment.timestampInNanoseconds)
      writer.append(uint256: payment.cumulativePayment)
      writer.append(uint64: time)
    case .blobEncoded(let blobKey): writer.append(hash: blobKey)
    case .batchSealed(let blobKeys, let block):
      writer.list { writer in for key in blobKeys { writer.append(hash: key) } }
      writer.append(uint64: UInt64(block))
    case .batchAttested(let batch, let signers, let signature):
      writer.append(hash: batch)
      writer.list { writer in for signer in signers { writer.append(hash: signer) } }
      writer.append(bytes: BN254.compress(signature))
    case .blobFailed(let blobKey, let failure):
      writer.append(hash: blobKey)
      writer.append(uint64: UInt64(failure.rawValue))
    case .blobsExpired(let time): writer.append(uint64: time)
    default: break
    }
  }

  /// The event that these bytes encode.
  ///
  /// - Throws: `StorageEventError` for all other bytes.
  public init(bytes: Bytes) throws(StorageEventError) {
    let event: StorageEvent?
    do throws(RLPError) {
      var outer = RLPReader(bytes)
      var fields = try outer.list()
      try outer.end()
      let kind = try fields.uint64()
      event =
        kind <= 4
        ? try Self.operatorEvent(kind, &fields) : try Self.dispersalEvent(kind, &fields)
      try fields.end()
    } catch {
      throw .encoding(error)
    }
    guard let event else { throw .value }
    self = event
  }

  private static func operatorEvent(
    _ kind: UInt64, _ fields: inout RLPReader
  ) throws(RLPError) -> StorageEvent? {
    switch kind {
    case 1:
      let first = BN254.decompressG1(try fields.bytes())
      let second = BN254.decompressG2(try fields.bytes())
      let account = try fields.address()
      let signature = BN254.decompressG1(try fields.bytes())
      var list = try fields.list()
      var stakes: [QuorumStake] = []
      while !list.isAtEnd {
        let quorum = try list.byte()
        stakes.append(QuorumStake(quorum: quorum, stake: try list.uint256()))
      }
      let block = try fields.uint32()
      guard let first, let second, let signature, BN254.isInSubgroup(second) else { return nil }
      return .operatorRegistered(
        key: OperatorKey(first: first, second: second), account: account, signature: signature,
        stakes: stakes, block: block)
    case 2:
      return .stakeChanged(
        id: try fields.hash(), quorum: try fields.byte(), stake: try fields.uint256(),
        block: try fields.uint32())
    case 3:
      return .operatorRemoved(
        id: try fields.hash(), quorums: Bytes(try fields.bytes()), block: try fields.uint32())
    case 4:
      let id = try fields.hash()
      let fault = OperatorFault(rawValue: try fields.byte())
      return fault.map { .faultInjected(id: id, fault: $0) }
    default: return nil
    }
  }

  private static func dispersalEvent(
    _ kind: UInt64, _ fields: inout RLPReader
  ) throws(RLPError) -> StorageEvent? {
    switch kind {
    case 5: return .deposited(account: try fields.address(), amount: try fields.uint256())
    case 6:
      let account = try fields.address()
      let reservation = Reservation(
        symbolsPerSecond: try fields.uint64(), start: try fields.uint64(),
        end: try fields.uint64(), quorums: Bytes(try fields.bytes()))
      return .reserved(
        account: account, reservation: reservation, timeInNanoseconds: try fields.uint64())
    case 7:
      let certificate = try BlobCertificate(reading: &fields)
      let payment = PaymentHeader(
        account: try fields.address(), timestampInNanoseconds: try fields.uint64(),
        cumulativePayment: try fields.uint256())
      return .blobDispersed(
        certificate: certificate, payment: payment, timeInNanoseconds: try fields.uint64())
    case 8: return .blobEncoded(blobKey: try fields.hash())
    case 9:
      let keys = try fields.hashes()
      return .batchSealed(blobKeys: keys, referenceBlock: try fields.uint32())
    case 10:
      let (batch, signers) = (try fields.hash(), try fields.hashes())
      return BN254.decompressG1(try fields.bytes()).map {
        .batchAttested(batch: batch, signers: signers, signature: $0)
      }
    case 11:
      let key = try fields.hash()
      let failure = DispersalFailure(rawValue: try fields.byte())
      return failure.map { .blobFailed(blobKey: key, failure: $0) }
    case 12: return .blobsExpired(dispersedBeforeInNanoseconds: try fields.uint64())
    default: return nil
    }
  }
}

extension RLPReader {
  fileprivate mutating func byte() throws(RLPError) -> UInt8 {
    guard let number = UInt8(exactly: try uint64()) else { throw .tooLarge }
    return number
  }

  fileprivate mutating func uint32() throws(RLPError) -> UInt32 {
    guard let number = UInt32(exactly: try uint64()) else { throw .tooLarge }
    return number
  }

  fileprivate mutating func hashes() throws(RLPError) -> [Hash] {
    var list = try list()
    var hashes: [Hash] = []
    while !list.isAtEnd { hashes.append(try list.hash()) }
    return hashes
  }
}
