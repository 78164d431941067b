import Cryptography
import EVM
import Execution
import Primitives

/// An L1 block with all that derivation reads of it.
///
/// Who hands it over has checked that transactions and receipts are those of the header.
public struct L1Block: Hashable, Sendable {
  /// The header.
  public var header: BlockHeader
  /// The header's hash.
  public var hash: Hash
  /// The transactions of known kinds, in their order.
  public var transactions: [Transaction]
  /// The receipts of all transactions, whatever their kind.
  public var receipts: [Receipt]
  /// The transactions of kinds that are not known here, which cannot be read.
  public var unknownTransactions: [UnknownTransaction] = []

  /// A block of these parts; the hash is computed where it is not known.
  public init(
    header: BlockHeader, hash: Hash? = nil, transactions: [Transaction], receipts: [Receipt]
  ) {
    self.header = header
    self.hash = hash ?? header.hash
    self.transactions = transactions
    self.receipts = receipts
  }

  /// What places it in its chain.
  public var reference: L1BlockReference { L1BlockReference(header, hash: hash) }

  /// Whether the roots in the header are those of transactions and receipts.
  public var isConsistent: Bool {
    hash == header.hash && header.transactionsRoot == Block.transactionsRoot(transactions)
      && header.receiptsRoot == Block.receiptsRoot(receipts)
  }
}

/// Why no L2 block can be derived from an L1 block: a critical error, as deposits must not be lost.
public struct MalformedDeposit: Error, Hashable, Sendable {
  /// The L1 block.
  public var block: BlockIdentifier
  /// The log's index in the block.
  public var logIndex: UInt64
  /// What is wrong with it.
  public var reason: DepositLogError
}

extension L1Block {
  /// The deposits that its logs ask for, encoded, in their order.
  ///
  /// Source: the OP Stack specification, deposits, user-deposited transactions.
  ///
  /// - Throws: `MalformedDeposit` for a log of the portal that is no deposit of version 0.
  public func deposits(portal: Address) throws(MalformedDeposit) -> [Bytes] {
    var deposits: [Bytes] = []
    var index: UInt64 = 0
    for receipt in receipts {
      for log in receipt.logs {
        defer { index += 1 }
        guard receipt.succeeded, log.address == portal,
          log.topics.first == Transaction.depositEvent
        else { continue }
        do throws(DepositLogError) {
          let deposit = try Transaction.deposit(
            from: log, l1BlockHash: hash, logIndex: index)
          deposits.append(deposit.encoded)
        } catch {
          throw MalformedDeposit(
            block: reference.identifier, logIndex: index, reason: error)
        }
      }
    }
    return deposits
  }

  /// The changes of the system configuration that its logs announce, in their order.
  ///
  /// A log that announces none is passed over, as the specification wants it.
  public func configurationUpdates(of contract: Address) -> [SystemConfigurationUpdate] {
    var updates: [SystemConfigurationUpdate] = []
    for receipt in receipts where receipt.succeeded {
      for log in receipt.logs {
        guard log.address == contract, log.topics.first == SystemConfigurationUpdate.event
        else { continue }
        do throws(SystemConfigurationUpdateError) {
          updates.append(try SystemConfigurationUpdate(log))
        } catch {
          continue
        }
      }
    }
    return updates
  }
}

extension L1Block {
  /// The block without what derivation of a rollup never looks at: other people's transactions, and
  /// receipts in which nothing is for it.
  public func trimmed(for configuration: RollupConfiguration) -> L1Block {
    var block = self
    // Those with blobs stay too, since blobs are counted through the block.
    block.transactions.removeAll {
      $0.to != configuration.batchInbox && $0.blobHashes.isEmpty
    }
    let isForRollup = receipts.contains { receipt in
      receipt.logs.contains {
        $0.address == configuration.depositContract
          || $0.address == configuration.systemConfigurationContract
      }
    }
    // Logs are counted through the block too: all receipts stay, or none.
    if !isForRollup { block.receipts = [] }
    return block
  }
}
