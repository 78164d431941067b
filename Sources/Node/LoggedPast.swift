import Derivation
import EventLog
import Execution
import Ledger
import NativeCryptography
import Primitives
import Synchronization
import Trie
import Views

/// What came before a snapshot, from log and views.
final class LoggedPast: PastEvents {
  private let log: LogReader
  private let views: ViewReader
  /// The events that brought L1 blocks, by the blocks' hashes, as far down as the log was read.
  private let found = Mutex<Arrivals>(Arrivals())

  private struct Arrivals {
    var sequences: [Hash: UInt64] = [:]
    /// The lowest event that was looked at; nil before the first look.
    var lowest: UInt64?
  }

  init(log: LogReader, views: ViewReader) {
    self.log = log
    self.views = views
  }

  func transaction(acceptedAt sequence: UInt64) -> PooledTransaction? {
    event(sequence)?.pooledTransaction(
      at: sequence, provider: NativeCryptographyProvider.shared)
  }

  func transactions(inBlock number: UInt64, hash: Hash) -> [Bytes]? {
    guard let block = (try? views.block(.two, number: number)) ?? nil, block.header.hash == hash,
      let stored = try? views.transactions(.two, inBlock: number)
    else { return nil }
    let encoded = stored.map(\.transaction.encoded)
    let root = MerklePatriciaTrie.orderedRoot(encoded)
    return root == block.header.transactionsRoot ? encoded : nil
  }

  /// An L1 block: of the chain that is run here from the views, another one from the log.
  func l1Block(
    number: UInt64, hash: Hash, of configuration: RollupConfiguration
  ) -> L1Block? {
    if let block = viewedL1Block(number, hash) { return block }
    guard let sequence = arrival(of: hash),
      case .outsideL1BlockReceived(let outside)? = event(sequence),
      let parts = try? EncodedBlock.decode(outside.encoded), parts.header.hash == hash
    else { return nil }
    return try? L1Block(
      checking: parts, encodedReceipts: outside.receipts, configuration: configuration)
  }

  private func viewedL1Block(_ number: UInt64, _ hash: Hash) -> L1Block? {
    guard let block = (try? views.block(.one, number: number)) ?? nil, block.hash == hash,
      let transactions = try? views.transactions(.one, inBlock: number),
      let receipts = try? views.receipts(.one, inBlock: number)
    else { return nil }
    let found = L1Block(
      header: block.header, hash: hash, transactions: transactions.map(\.transaction),
      receipts: receipts.map(\.receipt))
    return found.isConsistent ? found : nil
  }

  /// The event that brought an L1 block, looked for from the log's end down, and each row once.
  private func arrival(of hash: Hash) -> UInt64? {
    found.withLock { arrivals in
      if let known = arrivals.sequences[hash] { return known }
      var next = arrivals.lowest ?? lastSequence + 1
      while next > 1 {
        next -= 1
        arrivals.lowest = next
        guard case .outsideL1BlockReceived(let outside)? = event(next),
          let parts = try? EncodedBlock.decode(outside.encoded)
        else { continue }
        let name = parts.header.hash
        arrivals.sequences[name] = next
        if name == hash { return next }
      }
      return nil
    }
  }

  private var lastSequence: UInt64 {
    (try? log.read { (log) throws(EventLogError) in log.count }) ?? 0
  }

  private func event(_ sequence: UInt64) -> Event? {
    let row = try? log.read { (log) throws(EventLogError) in try log.row(at: sequence) }
    return row.flatMap { try? Event.decode(kind: $0.kind, payload: $0.payload) }
  }
}
