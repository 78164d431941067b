import Derivation
import Execution
import Primitives

/// Blocks of the second layer that another sequencer made, and that L1 says nothing of yet.
///
/// Who derives the chain, or has stopped sequencing, takes them on top of its unsafe head. L1 has
/// the last word: where it says something else, they give way.
///
/// Source: op-node's `admin_postUnsafePayload`; its engine's checks, and what is known of L1.
extension World {
  /// Whether blocks of other sequencers are taken: by who follows, or has stopped sequencing.
  public var takesPayloads: Bool {
    guard let rollup else { return false }
    return layerOne == nil || !rollup.isSequencing
  }

  /// Judges a block; one that stands in the chain leads to nothing.
  func decidePayload(_ encoded: Bytes) throws(Refusal) -> Decision {
    guard let rollup, let chain = layerTwo else { throw .rollup(.none) }
    guard takesPayloads else { throw .rollup(.sequencing) }
    let block = try outsideBlock(encoded, number: chain.number + 1)
    if isKnown(block.header.number, block.hash) { return Decision(events: []) }
    let outcome = try execute(block, in: rollup, on: chain)
    return Decision(
      events: [.outsideBlockReceived(OutsideBlock(layer: .two, encoded: encoded))],
      hint: .block(outcome))
  }

  /// What executing such a block gives, that an event says was taken.
  func receivePayload(_ encoded: Bytes, on chain: Chain) throws(Refusal) -> BlockOutcome {
    guard let rollup else { throw .rollup(.none) }
    return try execute(
      try outsideBlock(encoded, number: chain.number + 1), in: rollup, on: chain)
  }

  /// Whether a block of the second layer stands in the chain, as far as that is at hand.
  private func isKnown(_ number: UInt64, _ hash: Hash) -> Bool {
    if let block = rollup?.block(number) { return block.reference.hash == hash }
    return layerTwo?.block(number)?.hash == hash
  }

  private func execute(
    _ block: Block, in rollup: Rollup, on chain: Chain
  ) throws(Refusal) -> BlockOutcome {
    let (header, head, safe) = (block.header, rollup.unsafe.reference, rollup.safe.reference)
    guard header.number > safe.number else {
      throw .rollup(.belowSafeHead(number: header.number, safe: safe.number))
    }
    guard header.parentHash == head.hash, header.number == head.number + 1 else {
      throw .rollup(
        .payloadOutOfPlace(number: header.number, parent: header.parentHash, head: head))
    }
    guard chain.number - safe.number < Limits.unsafeBlockCount else {
      throw .rollup(.tooFarAhead(limit: Limits.unsafeBlockCount))
    }
    do throws(PayloadFault) {
      try check(block, in: rollup)
    } catch {
      throw .block(number: header.number, reason: error.message)
    }
    return try importing(block, on: chain)
  }

  /// What must hold beside what execution checks, so that L1 may come to say the same.
  private func check(_ block: Block, in rollup: Rollup) throws(PayloadFault) {
    let (parent, configuration) = (rollup.unsafe, rollup.configuration)
    let head: L2Head
    do throws(L2BlockError) {
      head = try L2Head(block, configuration: configuration)
    } catch {
      throw error == .malformedExtraData ? .malformedExtraData : .noL1Attributes
    }
    let timestamp = parent.reference.timestamp &+ configuration.blockTime
    guard block.header.timestamp == timestamp else {
      throw .timestamp(expected: timestamp, got: block.header.timestamp)
    }
    let (before, origin) = (parent.reference.l1Origin, head.reference.l1Origin)
    let (sequence, last) = (head.reference.sequenceNumber, parent.reference.sequenceNumber)
    let isSame = origin == before && sequence == last + 1
    let isNext = origin.number == before.number + 1 && sequence == 0
    guard isSame || isNext else { throw .originDoesNotFollow(parent: before, origin: origin) }
    let encoded = block.transactions.map(\.encoded)
    let deposits = block.transactions.prefix { $0.kind == .deposit }.count
    guard !block.transactions[deposits...].contains(where: { $0.kind == .deposit }) else {
      throw .misplacedDeposit
    }
    guard let epoch = rollup.epoch(origin.number), epoch.reference.hash == origin.hash else {
      // A follower may hear of a block before it hears of the block's origin.
      guard layerOne == nil, origin.number > rollup.l1Head?.number ?? 0 else {
        throw .unknownOrigin(origin)
      }
      return
    }
    let attributes: PayloadAttributes
    do throws(AttributesError) {
      attributes = try configuration.payloadAttributes(
        parent: parent, epoch: epoch, excludesPool: false)
    } catch {
      throw .originDoesNotFollow(parent: before, origin: origin)
    }
    guard deposits == attributes.transactions.count,
      attributes.describes(block.header, transactions: Array(encoded[..<deposits]))
    else { throw .notOfOrigin(origin) }
    let drift = configuration.maximumSequencerDrift(at: epoch.reference.timestamp)
    let isLate = timestamp > epoch.reference.timestamp &+ drift
    guard encoded.count == deposits || !(isLate || attributes.excludesPool) else {
      throw .poolExcluded
    }
  }
}

/// Why a block cannot be what L1 will say.
private enum PayloadFault: Error {
  case noL1Attributes
  case malformedExtraData
  case timestamp(expected: UInt64, got: UInt64)
  case originDoesNotFollow(parent: BlockIdentifier, origin: BlockIdentifier)
  case misplacedDeposit
  case unknownOrigin(BlockIdentifier)
  case notOfOrigin(BlockIdentifier)
  case poolExcluded

  var message: String {
    switch self {
    case .noL1Attributes: "its first transaction is not the deposit of L1's attributes"
    case .malformedExtraData: "its extra data say nothing of the base fee"
    case .timestamp(let expected, let got):
      "its time is \(got), and the block time asks for \(expected)"
    case .originDoesNotFollow(let parent, let origin):
      "its origin, L1 block \(origin.number), does not follow the parent's, \(parent.number)"
    case .misplacedDeposit: "a deposit stands behind other transactions"
    case .unknownOrigin(let origin):
      "its origin, L1 block \(origin.number) \(origin.hash.hexadecimal), is not on L1's chain"
    case .notOfOrigin(let origin):
      "its header or its deposits are not what L1 block \(origin.number) asks for"
    case .poolExcluded: "nothing but deposits may stand in it"
    }
  }
}
