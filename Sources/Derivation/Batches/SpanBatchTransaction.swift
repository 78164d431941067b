import Execution
import Primitives

/// A transaction taken apart for a span batch, and put together again.
///
/// What is variable in length stays RLP and is moved without being read; the whole is checked where
/// it is put together.
enum SpanBatchTransaction {
  /// The type byte and the list of value, prices, input and lists of an encoded transaction.
  ///
  /// - Throws: `RLPError` for bytes that are no such transaction.
  static func content(of kind: TransactionKind, _ encoded: Bytes) throws(RLPError) -> Bytes {
    var reader = RLPReader(kind == .legacy ? encoded[0...] : encoded[1...])
    var fields = try reader.list()
    if kind != .legacy { try fields.skip() }
    try fields.skip()
    var prices = try fields.rawItem()
    if kind == .dynamicFee || kind == .setCode { prices += try fields.rawItem() }
    try fields.skip()
    try fields.skip()
    var writer = RLPWriter()
    if kind != .legacy { writer.append(raw: [kind.rawValue]) }
    try writer.list { (list) throws(RLPError) in
      list.append(raw: try fields.rawItem())
      list.append(raw: prices)
      list.append(raw: try fields.rawItem())
      if kind != .legacy { list.append(raw: try fields.rawItem()) }
      if kind == .setCode { list.append(raw: try fields.rawItem()) }
    }
    return writer.bytes
  }

  /// The fields that a span batch keeps apart.
  struct Parts {
    var to: Address?
    var r: UInt256
    var s: UInt256
    var yParity: Bool
    var nonce: UInt64
    var gasLimit: UInt64
    /// Legacy transactions only: whether the signature names the chain.
    var isProtected: Bool
  }

  /// The encoded transaction of `content` and `parts`.
  ///
  /// - Throws: `BatchError.unknownTransactionType`, or `.malformedTransaction` when the whole is no
  ///   transaction.
  static func assemble(
    _ content: ArraySlice<UInt8>, _ parts: Parts, chainID: UInt64
  ) throws(BatchError) -> Bytes {
    guard let kind = kind(of: content) else {
      throw .unknownTransactionType(content.first ?? 0)
    }
    let encoded: Bytes
    do throws(RLPError) {
      encoded = try encode(kind, content, parts, chainID: chainID)
    } catch {
      throw .malformedTransaction
    }
    do throws(TransactionError) {
      _ = try Transaction.decode(encoded)
    } catch {
      throw .malformedTransaction
    }
    return encoded
  }

  /// The kind of transaction of `content`; nil for one that spans do not hold.
  static func kind(of content: ArraySlice<UInt8>) -> TransactionKind? {
    guard let first = content.first else { return nil }
    switch first {
    case 0x80...: return .legacy
    case 1: return .accessList
    case 2: return .dynamicFee
    case 4: return .setCode
    default: return nil
    }
  }

  private static func encode(
    _ kind: TransactionKind, _ content: ArraySlice<UInt8>, _ parts: Parts, chainID: UInt64
  ) throws(RLPError) -> Bytes {
    var reader = RLPReader(kind == .legacy ? content : content.dropFirst())
    var fields = try reader.list()
    try reader.end()
    let value = try fields.rawItem()
    var prices = try fields.rawItem()
    if kind == .dynamicFee || kind == .setCode { prices += try fields.rawItem() }
    let input = try fields.rawItem()
    var writer = RLPWriter(reservingCapacity: content.count + 128)
    if kind != .legacy { writer.append(raw: [kind.rawValue]) }
    try writer.list { (list) throws(RLPError) in
      if kind != .legacy { list.append(uint64: chainID) }
      list.append(uint64: parts.nonce)
      list.append(raw: prices)
      list.append(uint64: parts.gasLimit)
      list.append(optionalAddress: parts.to)
      list.append(raw: value)
      list.append(raw: input)
      if kind != .legacy { list.append(raw: try fields.rawItem()) }
      if kind == .setCode { list.append(raw: try fields.rawItem()) }
      if kind == .legacy {
        let base = parts.isProtected ? UInt256(chainID) + UInt256(chainID) + 35 : 27
        list.append(uint256: base + (parts.yParity ? .one : .zero))
      } else {
        list.append(bool: parts.yParity)
      }
      list.append(uint256: parts.r)
      list.append(uint256: parts.s)
    }
    try fields.end()
    return writer.bytes
  }
}
