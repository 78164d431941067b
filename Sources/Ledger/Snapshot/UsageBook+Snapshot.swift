import Primitives

// [[record, …], [[transaction, digest], …], [[engine, sequence], …],
//  [[record, transaction, sequence], …], root]
//
// A record is [digest, sequence, status, transaction, block number, reason, report].

extension UsageBook {
  func write(to list: inout RLPWriter) {
    list.list { list in
      for record in open.values.sorted(by: { $0.sequence < $1.sequence }) {
        list.list { record.write(to: &$0) }
      }
    }
    list.list { list in
      for (transaction, digest) in settling.sorted(by: { $0.key < $1.key }) {
        list.append(hash: transaction)
        list.append(hash: digest)
      }
    }
    list.list { list in
      for (engine, sequence) in lastSequences.sorted(by: { $0.key < $1.key }) {
        list.append(address: engine)
        list.append(uint64: sequence)
      }
    }
    list.list { list in
      for use in closed {
        list.list { use.record.write(to: &$0) }
        list.append(hash: use.transaction)
        list.append(uint64: use.sequence)
      }
    }
    list.append(hash: root)
  }

  init(from list: inout RLPReader) throws {
    self.init()
    var records = try list.list()
    while !records.isAtEnd {
      let record = try UsageRecord(snapshot: &records)
      open[record.digest] = record
    }
    var waiting = try list.list()
    while !waiting.isAtEnd { settling[try waiting.hash()] = try waiting.hash() }
    var engines = try list.list()
    while !engines.isAtEnd { lastSequences[try engines.address()] = try engines.uint64() }
    var uses = try list.list()
    while !uses.isAtEnd {
      closed.append(
        ClosedUse(
          record: try UsageRecord(snapshot: &uses), transaction: try uses.hash(),
          sequence: try uses.uint64()))
    }
    root = try list.hash()
  }
}

extension UsageRecord {
  fileprivate func write(to list: inout RLPWriter) {
    list.append(hash: digest)
    list.append(uint64: sequence)
    var (ordinal, transaction, number, reason) = (UInt64(0), Hash.zero, UInt64(0), "")
    switch status {
    case .reported: break
    case .settling(let waiting): (ordinal, transaction) = (1, waiting)
    case .settled(let settling, let block): (ordinal, transaction, number) = (2, settling, block)
    case .failed(let words): (ordinal, reason) = (3, words)
    }
    list.append(uint64: ordinal)
    list.append(hash: transaction)
    list.append(uint64: number)
    list.append(bytes: Bytes(reason.utf8))
    list.list { report.write(to: &$0) }
  }

  fileprivate init(snapshot list: inout RLPReader) throws {
    var fields = try list.list()
    digest = try fields.hash()
    sequence = try fields.uint64()
    let ordinal = try fields.uint64()
    let transaction = try fields.hash()
    let number = try fields.uint64()
    let reason = String(decoding: try fields.bytes(), as: UTF8.self)
    var parts = try fields.list()
    guard let report = try UsageReport(from: &parts) else { throw SnapshotError.malformed }
    self.report = report
    switch ordinal {
    case 0: status = .reported
    case 1: status = .settling(transaction: transaction)
    case 2: status = .settled(transaction: transaction, blockNumber: number)
    case 3: status = .failed(reason: reason)
    default: throw SnapshotError.malformed
    }
    try fields.end()
  }
}
