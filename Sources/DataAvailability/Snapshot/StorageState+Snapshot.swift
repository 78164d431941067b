import Blobs
import Pairings
import Primitives

extension StorageState {
  /// Writes the state down, as one list.
  public func write(snapshot list: inout RLPWriter) {
    list.list { fields in
      fields.list { registry.write(snapshot: &$0) }
      fields.list { payments.write(snapshot: &$0) }
      fields.append(blobs.sorted { $0.key < $1.key }) { list, entry in
        list.list { entry.value.write(snapshot: &$0) }
      }
      fields.append(waiting) { list, key in list.append(hash: key) }
      fields.append(batches.sorted { $0.key < $1.key }) { list, entry in
        list.list { entry.value.write(snapshot: &$0) }
      }
      fields.append(faults.sorted { $0.key < $1.key }) { list, entry in
        list.append(hash: entry.key)
        list.append(uint64: UInt64(entry.value.rawValue))
      }
      fields.append(uint64: horizonInNanoseconds)
      fields.append(uint64: eventCount)
      fields.append(hash: fingerprint)
    }
  }

  /// Takes in what was written down of a state that began as this one did.
  /// - Throws: `RLPError`.
  public mutating func restore(snapshot list: inout RLPReader) throws(RLPError) {
    var fields = try list.list()
    var part = try fields.list()
    try registry.restore(snapshot: &part)
    try part.end()
    part = try fields.list()
    try payments.restore(snapshot: &part)
    try part.end()
    part = try fields.list()
    while !part.isAtEnd {
      var item = try part.list()
      let blob = try DispersedBlob(snapshot: &item)
      try item.end()
      blobs[blob.certificate.header.blobKey] = blob
    }
    waiting = try fields.all { (list) throws(RLPError) in try list.hash() }
    part = try fields.list()
    while !part.isAtEnd {
      var item = try part.list()
      let batch = try SealedBatch(snapshot: &item)
      try item.end()
      batches[batch.header.hash] = batch
    }
    part = try fields.list()
    while !part.isAtEnd {
      let id = try part.hash()
      guard let fault = OperatorFault(rawValue: try part.small()) else { throw .tooLarge }
      faults[id] = fault
    }
    horizonInNanoseconds = try fields.uint64()
    eventCount = try fields.uint64()
    fingerprint = try fields.hash()
    try fields.end()
  }
}

extension PaymentBook {
  fileprivate func write(snapshot list: inout RLPWriter) {
    list.append(reservations.sorted { $0.key < $1.key }) { list, entry in
      let (reservation, bucket) = (entry.value.reservation, entry.value.bucket)
      list.append(address: entry.key)
      list.append(uint64: reservation.symbolsPerSecond)
      list.append(uint64: reservation.start)
      list.append(uint64: reservation.end)
      list.append(bytes: reservation.quorums)
      list.append(uint64: bucket.symbolsPerSecond)
      list.append(uint64: bucket.capacityInSeconds)
      list.append(uint64: UInt64(truncatingIfNeeded: bucket.level >> 64))
      list.append(uint64: UInt64(truncatingIfNeeded: bucket.level))
      list.append(uint64: bucket.timeInNanoseconds)
    }
    for amounts in [deposits, spent] {
      list.append(amounts.sorted { $0.key < $1.key }) { list, entry in
        list.append(address: entry.key)
        list.append(uint256: entry.value)
      }
    }
  }

  fileprivate mutating func restore(snapshot list: inout RLPReader) throws(RLPError) {
    var entries = try list.list()
    while !entries.isAtEnd {
      let account = try entries.address()
      let reservation = Reservation(
        symbolsPerSecond: try entries.uint64(), start: try entries.uint64(),
        end: try entries.uint64(), quorums: Bytes(try entries.bytes()))
      var bucket = LeakyBucket(
        symbolsPerSecond: try entries.uint64(), capacityInSeconds: try entries.uint64(),
        isFull: false, at: 0)
      bucket.level = UInt128(try entries.uint64()) << 64
      bucket.level |= UInt128(try entries.uint64())
      bucket.timeInNanoseconds = try entries.uint64()
      reservations[account] = Reserved(reservation: reservation, bucket: bucket)
    }
    entries = try list.list()
    while !entries.isAtEnd { deposits[try entries.address()] = try entries.uint256() }
    entries = try list.list()
    while !entries.isAtEnd { spent[try entries.address()] = try entries.uint256() }
  }
}

extension DispersedBlob {
  fileprivate func write(snapshot list: inout RLPWriter) {
    list.append(raw: certificate.rlp)
    list.append(address: payment.account)
    list.append(uint64: payment.timestampInNanoseconds)
    list.append(uint256: payment.cumulativePayment)
    switch charge {
    case .reservation(let symbols):
      list.append(uint64: 0)
      list.append(uint64: symbols)
    case .onDemand(let cost):
      list.append(uint64: 1)
      list.append(uint256: cost)
    }
    switch status {
    case .queued: list.append(uint64: 0)
    case .encoded: list.append(uint64: 1)
    case .gatheringSignatures: list.append(uint64: 2)
    case .complete: list.append(uint64: 3)
    case .failed(let failure): list.append(uint64: 4 + UInt64(failure.rawValue))
    }
    list.append(optional: batch) { list, hash in list.append(hash: hash) }
  }

  fileprivate init(snapshot list: inout RLPReader) throws(RLPError) {
    certificate = try BlobCertificate(reading: &list)
    payment = PaymentHeader(
      account: try list.address(), timestampInNanoseconds: try list.uint64(),
      cumulativePayment: try list.uint256())
    switch try list.uint64() {
    case 0: charge = .reservation(symbols: try list.uint64())
    case 1: charge = .onDemand(try list.uint256())
    default: throw .tooLarge
    }
    let ordinal: UInt8 = try list.small()
    switch ordinal {
    case 0: status = .queued
    case 1: status = .encoded
    case 2: status = .gatheringSignatures
    case 3: status = .complete
    default:
      guard let failure = DispersalFailure(rawValue: ordinal - 4) else { throw .tooLarge }
      status = .failed(failure)
    }
    batch = try list.optional { (list) throws(RLPError) in try list.hash() }
  }
}

extension SealedBatch {
  fileprivate func write(snapshot list: inout RLPWriter) {
    list.append(hash: header.root)
    list.append(uint64: UInt64(header.referenceBlock))
    list.append(blobKeys) { list, key in list.append(hash: key) }
    list.append(optional: signers) { list, signers in
      list.append(signers) { list, id in list.append(hash: id) }
    }
    list.append(optional: signature) { list, point in
      list.append(bytes: BN254.compress(point))
    }
  }

  fileprivate init(snapshot list: inout RLPReader) throws(RLPError) {
    header = BatchHeader(root: try list.hash(), referenceBlock: try list.small())
    blobKeys = try list.all { (list) throws(RLPError) in try list.hash() }
    signers = try list.optional { (list) throws(RLPError) in
      try list.all { (list) throws(RLPError) in try list.hash() }
    }
    signature = try list.optional { (list) throws(RLPError) in try list.point1() }
  }
}
