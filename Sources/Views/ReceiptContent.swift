import EVM
import Execution
import Primitives

/// A receipt as `views.sqlite` holds it.
///
/// Other than in the consensus form the bloom is left out, which follows from the logs and would be
/// most of the bytes, and what Ethereum derives is there:
///
///     [kind, success or state root, cumulativeGasUsed, gasUsed, effectiveGasPrice,
///      contractAddress or empty, blobGasUsed, [log, …], depositNonce?, depositReceiptVersion?]
enum ReceiptContent {
  static func encode(_ receipt: Receipt) -> Bytes {
    RLPWriter.list(reservingCapacity: 384) { list in
      list.append(uint64: UInt64(receipt.kind.rawValue))
      switch receipt.outcome {
      case .status(let succeeded): list.append(bool: succeeded)
      case .postState(let root): list.append(hash: root)
      }
      list.append(uint64: receipt.cumulativeGasUsed)
      list.append(uint64: receipt.gasUsed)
      list.append(uint256: receipt.effectiveGasPrice)
      list.append(optionalAddress: receipt.contractAddress)
      list.append(uint64: receipt.blobGasUsed)
      list.list { items in
        for log in receipt.logs { log.append(to: &items) }
      }
      if let nonce = receipt.depositNonce { list.append(uint64: nonce) }
      if let version = receipt.depositReceiptVersion { list.append(uint64: version) }
    }
  }

  /// The logs alone, for a search that looks at many.
  static func logs(in bytes: Bytes) throws(RLPError) -> [Log] {
    var reader = RLPReader(bytes)
    var fields = try reader.list()
    for _ in 0..<7 { try fields.skip() }
    var items = try fields.list()
    var logs: [Log] = []
    while !items.isAtEnd { logs.append(try Log(from: &items)) }
    return logs
  }

  /// - Throws: `RLPError` when the bytes are none that ``encode(_:)`` gives.
  static func decode(_ bytes: Bytes) throws(RLPError) -> Receipt {
    var reader = RLPReader(bytes)
    var fields = try reader.list()
    try reader.end()
    guard let kindNumber = UInt8(exactly: try fields.uint64()),
      let kind = TransactionKind(rawValue: kindNumber)
    else { throw .wrongLength }
    let marker = try fields.bytes()
    let outcome =
      Hash(checking: marker).map(ReceiptOutcome.postState) ?? .status(!marker.isEmpty)
    let cumulativeGasUsed = try fields.uint64()
    let gasUsed = try fields.uint64()
    let effectiveGasPrice = try fields.uint256()
    let contractAddress = try fields.optionalAddress()
    let blobGasUsed = try fields.uint64()
    var items = try fields.list()
    var logs: [Log] = []
    while !items.isAtEnd { logs.append(try Log(from: &items)) }
    var receipt = Receipt(
      kind: kind, outcome: outcome, cumulativeGasUsed: cumulativeGasUsed, logs: logs,
      gasUsed: gasUsed, effectiveGasPrice: effectiveGasPrice, contractAddress: contractAddress,
      blobGasUsed: blobGasUsed)
    if !fields.isAtEnd { receipt.depositNonce = try fields.uint64() }
    if !fields.isAtEnd { receipt.depositReceiptVersion = try fields.uint64() }
    try fields.end()
    return receipt
  }
}
