import Cryptography
import EVM
import Execution
import Primitives
import Trie

/// A transaction on L1 of a kind that is not known here.
///
/// Nobody's batches are in it, as a batcher's transactions have one of the kinds that are known.
public struct UnknownTransaction: Hashable, Sendable {
  /// The byte that its encoding begins with.
  public var type: UInt8
  /// Its hash.
  public var hash: Hash

  /// A transaction of this type and hash.
  public init(type: UInt8, hash: Hash) {
    self.type = type
    self.hash = hash
  }
}

/// Why an L1 block cannot be read.
public enum L1BlockError: Error, Hashable, Sendable {
  /// The transaction at `index` is of a known kind, and malformed.
  case transaction(index: Int, TransactionError)
  /// The receipt at `index` is malformed.
  case receipt(index: Int, TransactionError)
  /// The receipt at `index` is of an unknown form, and there may be a deposit in it.
  case unknownReceipt(index: Int, type: UInt8)
  /// Transactions or receipts are not those of the header.
  case inconsistent

  /// What is wrong, in words.
  public var message: String {
    switch self {
    case .transaction(let index, let error):
      "transaction " + String(index) + ": " + error.message
    case .receipt(let index, let error): "receipt " + String(index) + ": " + error.message
    case .unknownReceipt(let index, let type):
      "receipt " + String(index) + " of the unknown type " + String(type)
        + " cannot be read, and may hold a deposit"
    case .inconsistent: "transactions or receipts are not the header's"
    }
  }
}

extension L1Block {
  /// A block whose transactions and receipts are encoded, and known to be the header's.
  ///
  /// L1 may have kinds of transaction that came after this program. Derivation reads batches from
  /// the known kinds alone; of the others the receipts are read in the form that all kinds have had
  /// so far, since their logs may be deposits.
  ///
  /// Source: the OP Stack specification, derivation, L1 retrieval.
  ///
  /// - Throws: `L1BlockError`; for a receipt of another form only where the header's filter says
  ///   that portal or system configuration may have logged something.
  public init(
    header: BlockHeader, hash: Hash? = nil, encodedTransactions: [Bytes],
    encodedReceipts: [Bytes], configuration: RollupConfiguration
  ) throws(L1BlockError) {
    self.init(header: header, hash: hash, transactions: [], receipts: [])
    for (index, encoded) in encodedTransactions.enumerated() {
      do throws(TransactionError) {
        transactions.append(try Transaction.decode(encoded))
      } catch {
        guard case .unsupportedType(let type) = error else {
          throw .transaction(index: index, error)
        }
        unknownTransactions.append(
          UnknownTransaction(type: type, hash: Keccak256.hash(encoded)))
      }
    }
    for (index, encoded) in encodedReceipts.enumerated() {
      do throws(TransactionError) {
        receipts.append(try Receipt.decode(encoded))
      } catch {
        guard case .unsupportedType(let type) = error else {
          throw .receipt(index: index, error)
        }
        if let receipt = Self.receipt(ofUnknownKind: encoded) {
          receipts.append(receipt)
        } else if mayHaveLogs(for: configuration) {
          throw .unknownReceipt(index: index, type: type)
        }
      }
    }
  }

  /// A block out of another node's answer, held against its header.
  ///
  /// - Throws: `L1BlockError`.
  public init(
    checking block: EncodedBlock, encodedReceipts: [Bytes], configuration: RollupConfiguration
  ) throws(L1BlockError) {
    try self.init(
      header: block.header, encodedTransactions: block.transactions,
      encodedReceipts: encodedReceipts, configuration: configuration)
    // A deposit's receipt may come with a nonce that nobody hashed.
    guard encodedReceipts.count == block.transactions.count,
      header.transactionsRoot == MerklePatriciaTrie.orderedRoot(block.transactions),
      header.receiptsRoot == MerklePatriciaTrie.orderedRoot(encodedReceipts)
        || header.receiptsRoot == Block.receiptsRoot(receipts)
    else { throw .inconsistent }
  }

  /// Status, gas, filter and logs behind an unknown type; nil where the bytes are something else.
  private static func receipt(ofUnknownKind encoded: Bytes) -> Receipt? {
    let rest = Bytes(encoded.dropFirst())
    guard let first = rest.first, first >= 0xc0 else { return nil }
    return try? Receipt.decode(rest)
  }

  /// Whether the header's filter admits logs that derivation reads.
  private func mayHaveLogs(for configuration: RollupConfiguration) -> Bool {
    header.bloom.mayContain(configuration.depositContract)
      || header.bloom.mayContain(configuration.systemConfigurationContract)
  }
}
