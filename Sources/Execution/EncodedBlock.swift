import Primitives

/// A block whose transactions are left as they are encoded.
///
/// For blocks of other chains, which may hold kinds of transaction that are not known here.
public struct EncodedBlock: Hashable, Sendable {
  /// The header.
  public var header: BlockHeader
  /// The transactions in their consensus form, in their order; what they are is not looked at.
  public var transactions: [Bytes]
  /// Headers of blocks beside the chain.
  public var ommers: [BlockHeader]
  /// Since Shanghai: ether that comes from the beacon chain.
  public var withdrawals: [Withdrawal]?

  /// The block whose encoding is `bytes`.
  ///
  /// - Throws: `RLPError` when they are not of a block's shape.
  public static func decode(_ bytes: Bytes) throws(RLPError) -> EncodedBlock {
    var reader = RLPReader(bytes)
    var fields = try reader.list()
    try reader.end()
    var block = EncodedBlock(
      header: try BlockHeader(from: &fields), transactions: [], ommers: [])
    var items = try fields.list()
    while !items.isAtEnd { block.transactions.append(try transaction(&items)) }
    var ommers = try fields.list()
    while !ommers.isAtEnd { block.ommers.append(try BlockHeader(from: &ommers)) }
    if !fields.isAtEnd {
      var list = try fields.list()
      var withdrawals: [Withdrawal] = []
      while !list.isAtEnd { withdrawals.append(try Withdrawal(from: &list)) }
      block.withdrawals = withdrawals
    }
    try fields.end()
    return block
  }

  /// A transaction stands in a block as a list when it is legacy, else as bytes.
  private static func transaction(_ items: inout RLPReader) throws(RLPError) -> Bytes {
    if try items.nextIsList() { return Bytes(try items.rawItem()) }
    let typed = Bytes(try items.bytes())
    guard let first = typed.first, first < 0xc0 else { throw .expectedList }
    return typed
  }
}
