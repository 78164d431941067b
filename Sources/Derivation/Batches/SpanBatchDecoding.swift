import Execution
import Primitives

extension SpanBatch {
  /// The span batch that `bytes` begin with, behind the version byte.
  ///
  /// Nothing is made room for before the bytes that it comes from are there.
  ///
  /// - Throws: `BatchError`.
  static func decode(_ bytes: Bytes, chainID: UInt64) throws(BatchError) -> SpanBatch {
    var reader = ByteCursor(bytes)
    let relativeTimestamp = try reader.variableInteger()
    let lastOriginNumber = try reader.variableInteger()
    let parentCheck = Bytes(try reader.take(checkSizeInBytes))
    let originCheck = Bytes(try reader.take(checkSizeInBytes))
    let blockCount = try elementCount(try reader.variableInteger())
    guard blockCount > 0 else { throw .noBlocks }
    let starts = try BitList(&reader, count: blockCount)
    var counts: [Int] = []
    var total = 0
    for _ in 0..<blockCount {
      let count = try elementCount(try reader.variableInteger())
      counts.append(count)
      total = try elementCount(UInt64(total + count))
    }
    let transactions = try transactions(&reader, count: total, chainID: chainID)
    var blocks: [SpanBatchBlock] = []
    blocks.reserveCapacity(blockCount)
    var next = 0
    for (index, count) in counts.enumerated() {
      blocks.append(
        SpanBatchBlock(
          startsEpoch: starts[index], transactions: Array(transactions[next..<next + count])))
      next += count
    }
    return SpanBatch(
      relativeTimestamp: relativeTimestamp, lastOriginNumber: lastOriginNumber,
      parentCheck: parentCheck, originCheck: originCheck, blocks: blocks)
  }

  private static func elementCount(_ number: UInt64) throws(BatchError) -> Int {
    guard let count = Int(exactly: number),
      count <= RollupConfiguration.spanBatchElementLimit
    else { throw .tooManyElements }
    return count
  }

  private static func transactions(
    _ reader: inout ByteCursor, count: Int, chainID: UInt64
  ) throws(BatchError) -> [Bytes] {
    let creations = try BitList(&reader, count: count)
    let parities = try BitList(&reader, count: count)
    let signatures = try reader.take(64 * count)
    var addresses: [Address?] = []
    for index in 0..<count {
      addresses.append(
        creations[index] ? nil : Address(try reader.take(Address.sizeInBytes)))
    }
    var contents: [ArraySlice<UInt8>] = []
    var legacyCount = 0
    for _ in 0..<count {
      let content = try reader.transactionContent()
      if SpanBatchTransaction.kind(of: content) == .legacy { legacyCount += 1 }
      contents.append(content)
    }
    var nonces: [UInt64] = []
    for _ in 0..<count { nonces.append(try reader.variableInteger()) }
    var gasLimits: [UInt64] = []
    for _ in 0..<count { gasLimits.append(try reader.variableInteger()) }
    let protections = try BitList(&reader, count: legacyCount)
    var transactions: [Bytes] = []
    var legacyIndex = 0
    for index in 0..<count {
      var isProtected = true
      if SpanBatchTransaction.kind(of: contents[index]) == .legacy {
        isProtected = protections[legacyIndex]
        legacyIndex += 1
      }
      let start = signatures.startIndex + 64 * index
      transactions.append(
        try SpanBatchTransaction.assemble(
          contents[index],
          SpanBatchTransaction.Parts(
            to: addresses[index], r: UInt256(bigEndian: signatures[start..<start + 32]),
            s: UInt256(bigEndian: signatures[start + 32..<start + 64]),
            yParity: parities[index], nonce: nonces[index], gasLimit: gasLimits[index],
            isProtected: isProtected),
          chainID: chainID))
    }
    return transactions
  }
}
