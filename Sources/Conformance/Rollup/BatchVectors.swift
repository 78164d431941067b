import Cryptography
import Derivation
import Execution
import JSON
import NativeCryptography
import Primitives

/// Batches as they were posted: read out of transactions, frames and channels, and written again.
enum BatchVectors {
  /// A singular batch in a channel of one or more frames.
  @Sendable static func singular(_ test: Fixture) throws(FixtureError) -> Verdict {
    let frames = try self.frames([try test.field("batcherData").bytes()], test)
    let expected = try test.field("batch")
    guard let batch = try batches(in: frames.flatMap(\.data), chainID: 0, test).first,
      case .singular(let singular) = batch
    else { return .check("batch", true, false) }
    let hashes = singular.transactions.map { Keccak256.hash($0) }
    let form = Verdict.all(
      .compare(
        "frameCount", try test.field("frameCount").uint256(), UInt256(UInt64(frames.count))),
      .compare("channelId", try test.field("channelId").bytes(), frames[0].channel.bytes),
      .compare("parentHash", try expected.field("parentHash").hash(), singular.parentHash),
      .compare(
        "epochNum", try expected.field("epochNum").uint256(), UInt256(singular.epochNumber)),
      .compare("epochHash", try expected.field("epochHash").hash(), singular.epochHash),
      .compare(
        "timestamp", try expected.field("timestamp").uint256(), UInt256(singular.timestamp)))
    guard form == .passed else { return form }
    return try compare("txHashes", expected.field("txHashes"), hashes)
  }

  /// A span batch in a transaction, in batcher data, in a channel, or by itself.
  @Sendable static func span(_ test: Fixture) throws(FixtureError) -> Verdict {
    if let raw = test.optional("rawSpanBatch") {
      // It was made for a test: its transactions are of no chain, so any number serves.
      return try verdict(
        of: try decode([1] + raw.bytes(), chainID: 28, test), test, test.field("fields"),
        content: [1] + raw.bytes(), chainID: 28)
    }
    let chainID = try test.field("l2ChainId").uint64()
    var channel: Bytes
    if let raw = test.optional("rawTx") {
      let transaction = try transaction(raw.bytes(), test)
      guard transaction.verdict == .passed else { return transaction.verdict }
      channel = try frames([transaction.data], test).flatMap(\.data)
    } else if let list = test.optional("batcherData") {
      var data: [Bytes] = []
      for element in try list.elements() { data.append(try element.bytes()) }
      channel = try frames(data, test).flatMap(\.data)
    } else {
      channel = try test.field("channel").bytes()
    }
    if test.optional("decompressedLength") != nil {
      let content = Inflate.zlib(channel, limit: RollupConfiguration.contentLimitSinceFjord)
      let verdict = try BatcherVectors.compare(test, content: content.output)
      guard verdict == .passed else { return verdict }
    }
    let batches = try batches(in: channel, chainID: chainID, test)
    guard let batch = batches.first, batches.count == 1 else {
      return .compare("batches", "1", String(batches.count))
    }
    let content: Bytes
    do throws(BatchError) {
      content = try batch.encoded(chainID: chainID)
    } catch {
      return .check("encoded", true, false)
    }
    return try verdict(
      of: batch, test, test.field("spanBatch"), content: content, chainID: chainID)
  }

  private static func transaction(
    _ raw: Bytes, _ test: Fixture
  ) throws(FixtureError) -> (data: Bytes, verdict: Verdict) {
    let transaction: Transaction
    let sender: Address
    do throws(TransactionError) {
      transaction = try Transaction.decode(raw)
      sender = try transaction.sender(NativeCryptographyProvider.shared)
    } catch {
      throw test.fault("its transaction is none")
    }
    let verdict = Verdict.all(
      .compare("txHash", try test.field("txHash").hash(), transaction.hash),
      .compare("sender", try test.field("sender").address().bytes, sender.bytes),
      .compare("to", try test.field("to").address().bytes, transaction.to?.bytes ?? []))
    return (transaction.data, verdict)
  }

  /// What a case says of a span batch.
  private static func verdict(
    of batch: Batch, _ test: Fixture, _ fields: Fixture, content: Bytes, chainID: UInt64
  ) throws(FixtureError) -> Verdict {
    guard case .span(let span) = batch else { return .check("spanBatch", true, false) }
    let bits = try fields.field("originBits").elements().map { $0.json.uint64 ?? 2 }
    let counts = try fields.field("blockTxCounts").elements().map { $0.json.uint64 ?? .max }
    let again: Bytes
    do throws(BatchError) {
      again = try span.encoded(chainID: chainID)
    } catch {
      return .check("encoded", true, false)
    }
    let form = Verdict.all(
      .compare(
        "relTimestamp", try fields.field("relTimestamp").uint256(),
        UInt256(span.relativeTimestamp)),
      .compare(
        "l1OriginNum", try fields.field("l1OriginNum").uint256(),
        UInt256(span.lastOriginNumber)),
      .compare("parentCheck", try fields.field("parentCheck").bytes(), span.parentCheck),
      .compare("l1OriginCheck", try fields.field("l1OriginCheck").bytes(), span.originCheck),
      .check("originBits", true, bits == span.blocks.map { $0.startsEpoch ? 1 : 0 }),
      .check(
        "blockTxCounts", true, counts == span.blocks.map { UInt64($0.transactions.count) }),
      .compare("encoded", content, again))
    guard form == .passed else { return form }
    return try transactions(span.blocks.flatMap(\.transactions), test, fields)
  }

  private static func transactions(
    _ transactions: [Bytes], _ test: Fixture, _ fields: Fixture
  ) throws(FixtureError) -> Verdict {
    if let types = test.optional("txTypes") {
      let expected = try types.elements().map { $0.json.uint64 ?? .max }
      let got = transactions.map { UInt64(($0.first ?? 0) >= 0xc0 ? 0 : $0.first ?? 0) }
      guard expected == got else { return .check("txTypes", true, false) }
    }
    guard let hashes = fields.optional("txHashes") else { return .passed }
    let verdict = try compare("txHashes", hashes, transactions.map { Keccak256.hash($0) })
    guard verdict == .passed else { return verdict }
    var senders: [Address] = []
    for encoded in transactions {
      do throws(TransactionError) {
        senders.append(
          try Transaction.decode(encoded).sender(NativeCryptographyProvider.shared))
      } catch {
        return .check("senders", true, false)
      }
    }
    let first = try fields.field("firstSenders").elements()
    for (sender, expected) in zip(senders, first) where try expected.address() != sender {
      return .compare("firstSenders", try expected.address().bytes, sender.bytes)
    }
    return .all(
      .compare(
        "txsKeccak", try fields.field("txsKeccak").hash(),
        Keccak256.hash(transactions.flatMap { $0 })),
      .compare(
        "sendersKeccak", try fields.field("sendersKeccak").hash(),
        Keccak256.hash(senders.flatMap(\.bytes))))
  }

  private static func frames(
    _ data: [Bytes], _ test: Fixture
  ) throws(FixtureError) -> [Frame] {
    var frames: [Frame] = []
    for bytes in data {
      do throws(FrameError) {
        frames += try Frame.decode(bytes)
      } catch {
        throw test.fault("its frames are none: \(error.name)")
      }
    }
    guard frames.last?.isLast == true else { throw test.fault("its channel has no end") }
    return frames
  }

  private static func batches(
    in channel: Bytes, chainID: UInt64, _ test: Fixture
  ) throws(FixtureError) -> [Batch] {
    var batches: [Batch] = []
    do throws(DropRule) {
      var content = try ChannelContent(
        channel: channel, limit: RollupConfiguration.contentLimitSinceFjord, isFjord: true)
      while let bytes = try content.next() {
        do throws(BatchError) {
          batches.append(try Batch.decode(bytes, chainID: chainID))
        } catch {
          throw DropRule.malformedBatch(error)
        }
      }
    } catch {
      throw test.fault("its channel is dropped: \(error.name)")
    }
    return batches
  }

  private static func decode(
    _ bytes: Bytes, chainID: UInt64, _ test: Fixture
  ) throws(FixtureError) -> Batch {
    do throws(BatchError) {
      return try Batch.decode(bytes, chainID: chainID)
    } catch {
      throw test.fault("its batch is none: \(error.name)")
    }
  }

  private static func compare(
    _ field: String, _ list: Fixture, _ got: [Hash]
  ) throws(FixtureError) -> Verdict {
    let expected = try list.elements()
    guard expected.count == got.count else {
      return .compare(field, String(expected.count), String(got.count))
    }
    for (element, hash) in zip(expected, got) where try element.hash() != hash {
      return .compare(field, try element.hash(), hash)
    }
    return .passed
  }
}
