import EVM
import Execution
import Ledger
import NativeCryptography
import Primitives

/// A transaction that the node built, signed and put into a pool.
public struct SentTransaction: Sendable {
  /// Its hash.
  public var hash: Hash
  /// Its receipt, if it is in a block already.
  public var receipt: Receipt?
}

extension Node {
  /// Signs a call with a key and submits it; on a chain that seals at once the receipt comes back.
  ///
  /// - Throws: ``WriteFailure`` when it would revert, is refused, or was dropped.
  public func send(
    from key: PrivateKey, to: Address, data: Bytes, value: UInt256 = .zero
  ) throws(WriteFailure) -> SentTransaction {
    guard let chain = world.layerTwo else { throw .refused(.layerNotStarted(.two)) }
    let call = CallRequest(from: key.address, to: to, value: value, data: data)
    let gasLimit: UInt64
    do throws(ViewFailure) {
      gasLimit = try world.estimateGas(call)
    } catch {
      throw .refused(.execution(error.message))
    }
    let account = ((try? chain.head.state.account(key.address)) ?? nil)
    let unsigned = Transaction(
      to: to, chainID: chain.specification.chainID,
      nonce: chain.pool.nextNonce(sender: key.address, from: account?.nonce ?? 0),
      maxFeePerGas: chain.baseFeeOfNextBlock &* UInt256(2), maxPriorityFeePerGas: .zero,
      gasLimit: gasLimit, value: value, data: data)
    let signed = unsigned.signed(with: key.sign(unsigned.signingHash))
    let outcome = try submit(.submitTransaction(.two, encoded: signed.encoded))
    let hash = signed.hash
    if let reason = outcome.dropReason(of: hash) { throw .refused(.execution(reason)) }
    let receipt = outcome.receipt(of: hash)
    if let receipt, !receipt.succeeded { throw .refused(.execution("the transaction reverted")) }
    return SentTransaction(hash: hash, receipt: receipt)
  }
}

extension Outcome {
  /// The hash of the transaction that the command put into a pool, if it did.
  public var pooledTransaction: Hash? {
    for case .pooled(_, let pooled) in consequences { return pooled.hash }
    return nil
  }

  /// Why a transaction was dropped, if it was.
  public func dropReason(of transaction: Hash) -> String? {
    for case .dropped(_, transaction, let reason) in consequences { return reason }
    return nil
  }

  /// The receipt of a transaction, if a block took it in.
  public func receipt(of transaction: Hash) -> Receipt? {
    for case .extended(_, let block) in consequences {
      if let index = block.block.transactions.firstIndex(where: { $0.hash == transaction }) {
        return block.receipts[index]
      }
    }
    return nil
  }
}
