import Derivation
import EVM
import Execution
import Primitives
import Trie

/// The L1 chain below a head, out of an oracle.
struct OracleL1 {
  private let reader: OracleReader
  private let configuration: RollupConfiguration
  /// The hashes from the head down, as far as they were walked.
  private var hashes: [Hash]
  private let headNumber: UInt64

  init(
    head: Hash, configuration: RollupConfiguration, _ reader: OracleReader
  ) throws(PreimageFault) {
    self.reader = reader
    self.configuration = configuration
    hashes = [head]
    headNumber = try reader.header(head, .l1Header(head)).number
  }

  /// The block `number`; nil above the head.
  mutating func block(_ number: UInt64) throws(PreimageFault) -> L1Block? {
    guard number <= headNumber, let depth = Int(exactly: headNumber - number) else { return nil }
    while hashes.count <= depth {
      let last = hashes[hashes.count - 1]
      let header = try reader.header(last, .l1Header(last))
      guard header.number > 0 else { throw .malformed(.keccak256(last)) }
      hashes.append(header.parentHash)
    }
    let hash = hashes[depth]
    let header = try reader.header(hash, .l1Header(hash))
    guard header.number == number else { throw .malformed(.keccak256(hash)) }
    let transactions = try reader.items(root: header.transactionsRoot, .l1Transactions(hash))
    let receipts = try reader.items(root: header.receiptsRoot, .l1Receipts(hash))
    do throws(L1BlockError) {
      return try L1Block(
        header: header, hash: hash, encodedTransactions: transactions, encodedReceipts: receipts,
        configuration: configuration)
    } catch {
      throw .malformed(.keccak256(hash))
    }
  }
}

/// The L2 chain below a block, out of an oracle.
final class OracleL2: AncestorHashes {
  private let reader: OracleReader
  private let configuration: RollupConfiguration
  /// Headers that follow each other, oldest first, the last of them the head.
  private var headers: [BlockHeader]

  init(
    head: BlockHeader, configuration: RollupConfiguration, _ reader: OracleReader
  ) {
    self.reader = reader
    self.configuration = configuration
    headers = [head]
  }

  /// The head's header.
  var head: BlockHeader { headers[headers.count - 1] }

  /// Puts a block that was derived on top.
  func append(_ header: BlockHeader) { headers.append(header) }

  /// The header `number`, at most the head's.
  func header(_ number: UInt64) throws(PreimageFault) -> BlockHeader {
    while headers[0].number > number {
      let hash = headers[0].parentHash
      let header = try reader.header(hash, .l2Header(hash))
      guard header.number &+ 1 == headers[0].number else { throw .malformed(.keccak256(hash)) }
      headers.insert(header, at: 0)
    }
    guard number - headers[0].number < UInt64(headers.count) else {
      throw .missing(.local(number))
    }
    return headers[Int(number - headers[0].number)]
  }

  func blockHash(_ number: UInt64) throws(StateMiss) -> Hash {
    do throws(PreimageFault) {
      return try header(number).hash
    } catch {
      throw .blockHash(number)
    }
  }

  /// What the block `number` says of itself.
  func l2Head(_ number: UInt64) throws(PreimageFault) -> L2Head {
    let header = try header(number)
    let hash = header.hash
    var first: Transaction?
    if number > configuration.genesis.l2.number {
      first = try transactions(of: header, limit: 1).first
    }
    do throws(L2BlockError) {
      return try L2Head(
        header: header, hash: hash, firstTransaction: first, configuration: configuration)
    } catch {
      throw .malformed(.keccak256(hash))
    }
  }

  /// The block `number`.
  func block(_ number: UInt64) throws(PreimageFault) -> Block {
    let header = try header(number)
    return Block(header: header, transactions: try transactions(of: header, limit: .max))
  }

  private func transactions(
    of header: BlockHeader, limit: Int
  ) throws(PreimageFault) -> [Transaction] {
    let hash = header.hash
    let items = try reader.items(
      root: header.transactionsRoot, .l2Transactions(hash), limit: limit)
    var transactions: [Transaction] = []
    for encoded in items {
      do throws(TransactionError) {
        transactions.append(try Transaction.decode(encoded))
      } catch {
        throw .malformed(.keccak256(hash))
      }
    }
    return transactions
  }
}
