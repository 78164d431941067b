import EVM
import Primitives

extension Receipt {
  /// The receipt whose consensus form is `bytes`; what is derived stays empty.
  ///
  /// - Throws: `TransactionError` when the bytes are none, or the bloom is not that of the logs.
  public static func decode(_ bytes: Bytes) throws(TransactionError) -> Receipt {
    guard let first = bytes.first else { throw .empty }
    var kind = TransactionKind.legacy
    if first < 0xc0 {
      guard first != 0, let typed = TransactionKind(rawValue: first) else {
        throw .unsupportedType(first)
      }
      kind = typed
    }
    do throws(RLPError) {
      var reader = RLPReader(kind == .legacy ? bytes[0...] : bytes[1...])
      var fields = try reader.list()
      try reader.end()
      return try decode(kind, &fields)
    } catch {
      throw .malformed(error)
    }
  }

  private static func decode(
    _ kind: TransactionKind, _ fields: inout RLPReader
  ) throws(RLPError) -> Receipt {
    let marker = try fields.bytes()
    let outcome: ReceiptOutcome
    if let root = Hash(checking: marker) {
      outcome = .postState(root)
    } else if marker.isEmpty || marker == [1] {
      outcome = .status(!marker.isEmpty)
    } else {
      throw .wrongLength
    }
    let cumulativeGasUsed = try fields.uint64()
    let bloom = try fields.bytes(count: Bloom.sizeInBytes)
    var items = try fields.list()
    var logs: [Log] = []
    while !items.isAtEnd { logs.append(try Log(from: &items)) }
    var receipt = Receipt(
      kind: kind, outcome: outcome, cumulativeGasUsed: cumulativeGasUsed, logs: logs)
    guard receipt.bloom.bytes[...] == bloom else { throw .nonCanonical }
    if kind == .deposit, !fields.isAtEnd {
      receipt.depositNonce = try fields.uint64()
      if !fields.isAtEnd { receipt.depositReceiptVersion = try fields.uint64() }
    }
    try fields.end()
    return receipt
  }
}

extension Log {
  /// The next item of `reader` as a log.
  ///
  /// - Throws: `RLPError` when it is none, or has more than four topics.
  public init(from reader: inout RLPReader) throws(RLPError) {
    var fields = try reader.list()
    let address = try fields.address()
    var list = try fields.list()
    var topics: [Hash] = []
    while !list.isAtEnd {
      guard topics.count < 4 else { throw .tooLarge }
      topics.append(try list.hash())
    }
    let data = Bytes(try fields.bytes())
    try fields.end()
    self.init(address: address, topics: topics, data: data)
  }
}
