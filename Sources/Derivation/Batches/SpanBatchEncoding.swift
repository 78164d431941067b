import Cryptography
import Execution
import Primitives

extension SpanBatch {
  /// The version byte 1, prefix and payload.
  ///
  /// - Throws: `BatchError.malformedTransaction` for a transaction that is none or a deposit,
  ///   `.otherChain` for one that names another chain.
  public func encoded(chainID: UInt64) throws(BatchError) -> Bytes {
    var bytes: Bytes = [1]
    VariableInteger.append(relativeTimestamp, to: &bytes)
    VariableInteger.append(lastOriginNumber, to: &bytes)
    bytes += parentCheck
    bytes += originCheck
    VariableInteger.append(UInt64(blocks.count), to: &bytes)
    BitList.append(blocks.map { $0.startsEpoch }, to: &bytes)
    for block in blocks {
      VariableInteger.append(UInt64(block.transactions.count), to: &bytes)
    }
    var columns = SpanBatchColumns()
    for block in blocks {
      for transaction in block.transactions {
        try columns.append(transaction, chainID: chainID)
      }
    }
    columns.append(to: &bytes)
    return bytes
  }
}

/// A span's transactions by field, as the format orders them.
private struct SpanBatchColumns {
  private var creations: [Bool] = []
  private var parities: [Bool] = []
  private var signatures: Bytes = []
  private var recipients: Bytes = []
  private var contents: Bytes = []
  private var nonces: Bytes = []
  private var gasLimits: Bytes = []
  private var protections: [Bool] = []

  mutating func append(_ encoded: Bytes, chainID: UInt64) throws(BatchError) {
    let transaction: Transaction
    do throws(TransactionError) {
      transaction = try Transaction.decode(encoded)
    } catch {
      throw .malformedTransaction
    }
    guard let signature = transaction.signature, transaction.kind != .blob else {
      throw .malformedTransaction
    }
    if let named = transaction.chainID, named != chainID { throw .otherChain }
    creations.append(transaction.isCreation)
    parities.append(signature.yParity)
    signature.r.append(to: &signatures)
    signature.s.append(to: &signatures)
    transaction.to?.append(to: &recipients)
    VariableInteger.append(transaction.nonce, to: &nonces)
    VariableInteger.append(transaction.gasLimit, to: &gasLimits)
    if transaction.kind == .legacy { protections.append(transaction.chainID != nil) }
    do throws(RLPError) {
      contents += try SpanBatchTransaction.content(of: transaction.kind, encoded)
    } catch {
      throw .malformedTransaction
    }
  }

  func append(to bytes: inout Bytes) {
    BitList.append(creations, to: &bytes)
    BitList.append(parities, to: &bytes)
    bytes += signatures
    bytes += recipients
    bytes += contents
    bytes += nonces
    bytes += gasLimits
    BitList.append(protections, to: &bytes)
  }
}
