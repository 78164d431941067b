import Cryptography
import EVM
import Execution
import NativeCryptography
import Primitives

/// Transactions, receipts, headers and blocks: what decodes is written again byte for byte.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Bytes(UnsafeBufferPointer(start: start, count: count))
  if let transaction = try? Transaction.decode(bytes) { check(transaction, bytes) }
  if let receipt = try? Receipt.decode(bytes) {
    precondition(receipt.encoded == bytes, "a receipt is not written as it was read")
  }
  if let header = try? BlockHeader.decode(bytes) {
    precondition(header.encoded == bytes, "a header is not written as it was read")
  }
  if let block = try? Block.decode(bytes) {
    precondition(block.encoded == bytes, "a block is not written as it was read")
  }
  return 0
}

private func check(_ transaction: Transaction, _ bytes: Bytes) {
  precondition(transaction.encoded == bytes, "a transaction is not written as it was read")
  _ = transaction.signingHash
  _ = try? transaction.sender(NativeCryptographyProvider.shared, allowsHighS: true)
  for authorization in transaction.authorizations.prefix(4) {
    _ = authorization.authority(NativeCryptographyProvider.shared)
  }
  for fork in Fork.allCases { _ = transaction.intrinsicGas(fork) }
  _ = transaction.effectiveGasPrice(baseFee: 7)
  _ = transaction.blobGas
}
