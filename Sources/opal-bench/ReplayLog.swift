import Cryptography
import EventLog
import Execution
import Glibc
import JSON
import Ledger
import NativeCryptography
import Primitives

/// A log of blocks of signed transfers, as a node would have written it: each transaction's
/// acceptance, then the block that took them all.
///
/// A thousand senders, a hundred thousand accounts that receive. The events are applied to a world
/// of their own for their commitments; that a node's checks are left out is all that is quick about
/// it, and the replay would find what did not fit.
struct ReplayLog {
  /// The transfers of a block.
  let transactionsPerBlock: Int
  /// The folder that is a data directory with a log alone.
  let folder: String

  private static let senderCount = 1_000
  private static let receiverCount = 100_000
  /// Rows that are appended at once.
  private static let batchCount = 10_000

  /// The log of blocks of that size, in a folder for what is kept.
  init(transactionsPerBlock: Int, in cache: String) {
    self.transactionsPerBlock = transactionsPerBlock
    folder = "\(cache)/replay-\(transactionsPerBlock)"
  }

  /// The log's file.
  var path: String { folder + "/log.sqlite" }

  /// The event after which so many blocks are sealed; the first one declares the genesis.
  func sequence(ofBlock count: Int) -> UInt64 {
    1 + UInt64(count) * UInt64(transactionsPerBlock + 1)
  }

  /// Whether so many blocks are there.
  func holds(_ blockCount: Int) -> Bool {
    guard let log = try? EventLog(path: path, mode: .readOnly) else { return false }
    return log.count >= sequence(ofBlock: blockCount)
  }

  /// Makes the log anew with so many blocks; false, with the reason told, if that cannot be.
  func make(blockCount: Int, _ report: Report) -> Bool {
    _ = unsafe mkdir(folder, 0o755)
    for suffix in ["", "-wal", "-shm", ".new"] { _ = unsafe unlink(path + suffix) }
    do {
      let log = try EventLog(path: path, mode: .readWrite, isSynced: false)
      guard let writer = try Writer(log, transactionsPerBlock: transactionsPerBlock) else {
        report.remark("genesis/dev.json cannot be read; tools/bench begins where it is")
        return false
      }
      for number in 1...blockCount { try writer.add(number) }
      try writer.flush()
      return true
    } catch let error as Misfit {
      report.remark("\(folder): an event does not fit: \(error.message)")
    } catch {
      report.remark("\(folder): \(error)")
    }
    return false
  }
}

// MARK: Making events

extension ReplayLog {
  /// A world that goes on by events, and the rows that tell of it.
  private final class Writer {
    private let log: EventLog
    private let transactionsPerBlock: Int
    private var world = World(provider: NativeCryptographyProvider.shared)
    private var rows: [Row] = []
    private let signer: QuickSigner
    /// Senders' keys are small numbers.
    private let senders: [Address]
    private var nonces = [UInt64](repeating: 0, count: senderCount)
    private var count = 0

    init?(_ log: EventLog, transactionsPerBlock: Int) throws {
      self.log = log
      self.transactionsPerBlock = transactionsPerBlock
      senders = (1...ReplayLog.senderCount).compactMap {
        PrivateKey(Hash(UInt256(UInt64($0))).bytes)?.address
      }
      guard let signer = QuickSigner(), let genesis = ReplayLog.genesis(senders) else {
        return nil
      }
      self.signer = signer
      try add(
        .genesisDeclared(
          GenesisDeclaration(
            documents: [.init(layer: .two, json: genesis)], settler: .zero)))
    }

    /// Adds the block of that number, and what leads to it.
    func add(_ number: Int) throws {
      var order: [Hash] = []
      order.reserveCapacity(transactionsPerBlock)
      for _ in 0..<transactionsPerBlock {
        let pooled = transfer()
        order.append(pooled.hash)
        try add(
          .transactionAccepted(
            TransactionAcceptance(layer: .two, encoded: pooled.transaction.encoded)),
          hint: .transaction(pooled))
      }
      try add(
        .blockSealed(
          BlockSealing(
            layer: .two, timestamp: 1_700_000_000 + UInt64(number),
            feeRecipient: Address(UInt256(0xfee as UInt64)), prevRandao: .zero, order: order)))
      guard world.layerTwo?.pool.count == 0 else { throw ReplayLogError.left(block: number) }
    }

    /// A transfer to somebody from the next sender, as the pool has it.
    private func transfer() -> PooledTransaction {
      let sender = count % senders.count
      let unsigned = Transaction(
        to: ReplayLog.receiver(Int(truncatingIfNeeded: UInt64(count) &* 0x9e37_79b9 >> 7)),
        chainID: 31_337, nonce: nonces[sender], maxFeePerGas: 2_000_000_000,
        maxPriorityFeePerGas: 1, gasLimit: 21_000, value: 1)
      let signature = signer.sign(
        unsigned.signingHash, secret: UInt256(UInt64(sender + 1)), point: count)
      let signed = unsigned.signed(with: signature)
      nonces[sender] += 1
      count += 1
      return PooledTransaction(
        transaction: signed, hash: signed.hash, sender: senders[sender],
        arrival: world.sequence + 1)
    }

    private func add(_ event: Event, hint: Hint? = nil) throws {
      let application = try world.apply(event, hint: hint)
      rows.append(
        Row(
          sequence: world.sequence, kind: event.kind.rawValue, payload: event.payload,
          commitment: application.commitment))
      if rows.count >= ReplayLog.batchCount { try flush() }
    }

    func flush() throws {
      try log.append(rows)
      rows.removeAll(keepingCapacity: true)
    }
  }

  private static func receiver(_ number: Int) -> Address {
    Address(suffixOf: Keccak256.hash(UInt256(UInt64(number % receiverCount))))
  }

  /// The development chain's document with these accounts, and room for a thousand transfers whose
  /// base fee does not rise.
  private static func genesis(_ senders: [Address]) -> Bytes? {
    guard let text = TextFile.read("genesis/dev.json"),
      case .object(var document)? = try? JSON.parse(text),
      case .object(var accounts)? = document["alloc"]
    else { return nil }
    for sender in senders {
      accounts[sender.hexadecimal] = ["balance": "0x3635c9adc5dea00000"]
    }
    for number in 0..<receiverCount {
      accounts[receiver(number).hexadecimal] = ["balance": "0x1"]
    }
    document["alloc"] = .object(accounts)
    document["gasLimit"] = "0x3938700"
    return JSON.object(document).serialized()
  }
}

/// Why a log cannot be made.
private enum ReplayLogError: Error {
  /// Not all that was meant for a block got into it.
  case left(block: Int)
}
