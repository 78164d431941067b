import Derivation
import EVM
import Execution
import JSON
import Primitives

/// What becomes of batches under given L1 blocks and a given safe head.
enum BatchValidityVectors {
  /// A case; the document's note lists the blocks of the safe chain that can be looked up.
  static func verdict(
    _ test: Fixture, document: Fixture
  ) throws(FixtureError) -> Verdict {
    let configuration = try configuration(test.field("config"))
    var l1Blocks: [L1BlockReference] = []
    for block in try test.field("l1Blocks").elements() { l1Blocks.append(try l1(block)) }
    let context = BatchContext(
      configuration: configuration, l1Blocks: l1Blocks,
      safeHead: try l2(test.field("l2SafeHead")),
      inclusionBlock: try l1(test.field("l1InclusionBlock")))
    let validity: BatchValidity
    if let fields = test.optional("singularBatch") {
      validity = context.validity(of: try singular(fields))
    } else {
      let span = try span(test.field("spanBatch"), configuration)
      let known = try knownBlocks(document)
      do throws(MissingSafeBlock) {
        validity = try context.validity(of: span) { number in
          known.first { $0.reference.number == number }
        }
      } catch {
        validity = .undecided(.originUnknown)
      }
    }
    return .compare("expected", try test.field("expected").text(), name(validity))
  }

  private static func name(_ validity: BatchValidity) -> String {
    switch validity {
    case .accept: "accept"
    case .drop: "drop"
    case .undecided: "undecided"
    case .future: "future"
    case .past: "past"
    }
  }

  private static func configuration(
    _ fields: Fixture
  ) throws(FixtureError) -> RollupConfiguration {
    var schedule = RollupSchedule()
    schedule.fjordTime = try fields.optional("fjordTime")?.uint64()
    schedule.holoceneTime = try fields.optional("holoceneTime")?.uint64()
    schedule.isthmusTime = try fields.optional("isthmusTime")?.uint64()
    let none = BlockIdentifier(hash: .zero, number: 0)
    // The limits of a drift before Fjord count even where a later fork is named without Fjord.
    return RollupConfiguration(
      genesis: RollupGenesis(
        l1: none, l2: none, l2Time: try fields.field("l2GenesisTime").uint64(),
        systemConfiguration: SystemConfiguration(batcher: .zero, scalar: .zero, gasLimit: 0)),
      blockTime: try fields.field("blockTime").uint64(),
      maximumSequencerDrift: try fields.field("maxSequencerDrift").uint64(),
      sequencingWindowSize: try fields.field("seqWindowSize").uint64(), l1ChainID: 1,
      l2ChainID: 10, schedule: schedule, deltaTime: try fields.optional("deltaTime")?.uint64(),
      batchInbox: .zero, depositContract: .zero, systemConfigurationContract: .zero)
  }

  private static func identifier(_ fields: Fixture) throws(FixtureError) -> BlockIdentifier {
    BlockIdentifier(
      hash: try fields.field("hash").hash(), number: try fields.field("number").uint64())
  }

  private static func l1(_ fields: Fixture) throws(FixtureError) -> L1BlockReference {
    L1BlockReference(
      hash: try fields.field("hash").hash(), number: try fields.field("number").uint64(),
      parentHash: try fields.field("parentHash").hash(),
      timestamp: try fields.field("timestamp").uint64())
  }

  private static func l2(_ fields: Fixture) throws(FixtureError) -> L2BlockReference {
    L2BlockReference(
      hash: try fields.field("hash").hash(), number: try fields.field("number").uint64(),
      parentHash: try fields.field("parentHash").hash(),
      timestamp: try fields.field("timestamp").uint64(),
      l1Origin: try identifier(fields.field("l1Origin")),
      sequenceNumber: try fields.field("sequenceNumber").uint64())
  }

  private static func transactions(_ list: Fixture) throws(FixtureError) -> [Bytes] {
    var transactions: [Bytes] = []
    for element in try list.elements() {
      // Some are words instead of transactions: validity looks at their first byte alone.
      let text = try element.text()
      transactions.append(text.hasPrefix("0x") ? try element.bytes() : Bytes(text.utf8))
    }
    return transactions
  }

  private static func singular(_ fields: Fixture) throws(FixtureError) -> SingularBatch {
    SingularBatch(
      parentHash: try fields.field("parentHash").hash(),
      epochNumber: try fields.field("epochNum").uint64(),
      epochHash: try fields.field("epochHash").hash(),
      timestamp: try fields.field("timestamp").uint64(),
      transactions: try transactions(fields.field("transactions")))
  }

  private static func span(
    _ fields: Fixture, _ configuration: RollupConfiguration
  ) throws(FixtureError) -> SpanBatch {
    let elements = try fields.field("elements").elements()
    var blocks: [SpanBatchBlock] = []
    var last: UInt64?
    for element in elements {
      let number = try element.field("epochNum").uint64()
      blocks.append(
        SpanBatchBlock(
          startsEpoch: last != nil && last != number,
          transactions: try transactions(element.field("transactions"))))
      last = number
    }
    guard let first = elements.first, let last else { throw fields.fault("has no block") }
    return SpanBatch(
      relativeTimestamp: try first.field("timestamp").uint64() &- configuration.genesis.l2Time,
      lastOriginNumber: last, parentCheck: try fields.field("parentCheck").bytes(),
      originCheck: try fields.field("l1OriginCheck").bytes(), blocks: blocks)
  }

  /// The blocks that the document's note lists behind `knownL2=`, each with deposits alone.
  private static func knownBlocks(_ document: Fixture) throws(FixtureError) -> [SafeBlock] {
    let note = document.json["note"]?.string ?? ""
    guard let start = note.firstRange(of: "knownL2=")?.upperBound,
      let end = note[start...].firstRange(of: "}]")?.upperBound
    else { return [] }
    let list: JSON
    do throws(JSONError) {
      list = try JSON.parse(String(note[start..<end]))
    } catch {
      throw document.fault("its note lists no blocks")
    }
    var blocks: [SafeBlock] = []
    for element in try Fixture(list).elements() {
      blocks.append(SafeBlock(reference: try l2(element), transactions: []))
    }
    return blocks
  }
}
