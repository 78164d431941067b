import Cryptography
import Primitives
import Trie

/// Why bytes are no block.
public enum BlockError: Error, Hashable, Sendable {
  /// The RLP is not canonical or not of a block's shape.
  case malformed(RLPError)
  /// The transaction at `index` is none.
  case transaction(index: Int, TransactionError)
}

/// A block: its header and what the header commits to.
public struct Block: Hashable, Sendable {
  /// The header.
  public var header: BlockHeader
  /// The transactions in their order.
  public var transactions: [Transaction]
  /// Headers of blocks beside the chain, which Paris ended.
  public var ommers: [BlockHeader]
  /// Since Shanghai: ether that comes from the beacon chain.
  public var withdrawals: [Withdrawal]?

  /// A block of these parts.
  public init(
    header: BlockHeader, transactions: [Transaction] = [], ommers: [BlockHeader] = [],
    withdrawals: [Withdrawal]? = nil
  ) {
    self.header = header
    self.transactions = transactions
    self.ommers = ommers
    self.withdrawals = withdrawals
  }

  /// The header's hash.
  public var hash: Hash { header.hash }

  /// The RLP of header, transactions, ommers and, since Shanghai, withdrawals.
  public var encoded: Bytes { encoded(with: transactions.map { $0.encoded }) }

  /// The RLP of the block, whose transactions' consensus forms are known.
  public func encoded(with encodedTransactions: [Bytes]) -> Bytes {
    let size = encodedTransactions.reduce(1_024) { $0 + $1.count + 9 }
    return RLPWriter.list(reservingCapacity: size) { list in
      list.append(raw: header.encoded)
      list.list { items in
        for (transaction, encoded) in zip(transactions, encodedTransactions) {
          if transaction.kind == .legacy {
            items.append(raw: encoded)
          } else {
            items.append(bytes: encoded)
          }
        }
      }
      list.list { items in
        for ommer in ommers { items.append(raw: ommer.encoded) }
      }
      if let withdrawals {
        list.list { items in
          for withdrawal in withdrawals { items.append(raw: withdrawal.encoded) }
        }
      }
    }
  }

  /// The size of a block's RLP, from that of the block without its transactions and from their
  /// kinds and consensus forms.
  public static func sizeInBytes(
    withoutTransactions content: Bytes, kinds: [TransactionKind], encoded: [Bytes]
  ) -> Int {
    precondition(kinds.count == encoded.count, "a kind for each transaction")
    let items = zip(kinds, encoded).reduce(0) { sum, item in
      sum + (item.0 == .legacy ? item.1.count : listSize(item.1.count))
    }
    let head = content.first.map { $0 < 0xf8 ? 1 : 2 + Int($0 - 0xf8) } ?? 0
    // The list of no transactions takes one byte.
    return listSize(content.count - head - 1 + listSize(items))
  }

  /// The size of the RLP of a list with so many bytes in it, or of so many bytes, if not one.
  private static func listSize(_ payload: Int) -> Int {
    guard payload >= 56 else { return 1 + payload }
    return 1 + (71 - UInt64(payload).leadingZeroBitCount) / 8 + payload
  }

  /// The block whose encoding is `bytes`.
  ///
  /// - Throws: `BlockError` that says why the bytes are none.
  public static func decode(_ bytes: Bytes) throws(BlockError) -> Block {
    let parts: EncodedBlock
    do throws(RLPError) { parts = try EncodedBlock.decode(bytes) } catch {
      throw .malformed(error)
    }
    var block = Block(
      header: parts.header, ommers: parts.ommers, withdrawals: parts.withdrawals)
    block.transactions.reserveCapacity(parts.transactions.count)
    for (index, encoded) in parts.transactions.enumerated() {
      do throws(TransactionError) {
        block.transactions.append(try Transaction.decode(encoded))
      } catch {
        throw .transaction(index: index, error)
      }
    }
    return block
  }

  /// The root of the trie of the transactions.
  public static func transactionsRoot(_ transactions: [Transaction]) -> Hash {
    MerklePatriciaTrie.orderedRoot(transactions.map { $0.encoded })
  }

  /// The root of the trie of the receipts.
  public static func receiptsRoot(_ receipts: [Receipt]) -> Hash {
    MerklePatriciaTrie.orderedRoot(receipts.map { $0.consensusForm })
  }

  /// The root of the trie of the withdrawals.
  public static func withdrawalsRoot(_ withdrawals: [Withdrawal]) -> Hash {
    MerklePatriciaTrie.orderedRoot(withdrawals.map { $0.encoded })
  }

  /// The hash of the list of ommers.
  public static func ommersHash(_ ommers: [BlockHeader]) -> Hash {
    Keccak256.hash(RLPWriter.list(rawItems: ommers.map { $0.encoded }))
  }
}
