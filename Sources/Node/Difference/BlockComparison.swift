import EVM
import Execution
import Ledger
import NativeCryptography
import Primitives

/// Two blocks of the same place in two chains, compared down to an instruction and a slot.
struct BlockComparison {
  private let first: BlockStream.Item
  private let second: BlockStream.Item

  init(_ first: BlockStream.Item, _ second: BlockStream.Item) {
    self.first = first
    self.second = second
  }

  /// How they differ.
  ///
  /// - Throws: ``NodeError`` where a transaction cannot be run once more.
  func difference() throws(NodeError) -> LogDifference.Block {
    var difference = LogDifference.Block(
      layer: first.layer, number: min(first.number, second.number), fields: [],
      transaction: nil, slot: nil)
    guard let left = first.outcome, let right = second.outcome else {
      difference.fields = [
        .init(name: "head", first: Self.words(first), second: Self.words(second))
      ]
      return difference
    }
    difference.fields = Self.fields(left.block.header, right.block.header)
    difference.slot = try Self.slot(left, right)
    difference.transaction = try transaction(left, right)
    return difference
  }

  private static func words(_ item: BlockStream.Item) -> String {
    (item.outcome == nil ? "goes back to block " : "goes on with block ")
      + "\(item.number) \(item.hash.hexadecimal)"
  }

  /// The fields of the headers that differ.
  private static func fields(
    _ left: BlockHeader, _ right: BlockHeader
  ) -> [LogDifference.Field] {
    let all: [(String, String, String)] = [
      ("number", "\(left.number)", "\(right.number)"),
      ("parentHash", left.parentHash.hexadecimal, right.parentHash.hexadecimal),
      ("timestamp", "\(left.timestamp)", "\(right.timestamp)"),
      ("miner", left.feeRecipient.hexadecimal, right.feeRecipient.hexadecimal),
      ("mixHash", left.prevRandao.hexadecimal, right.prevRandao.hexadecimal),
      ("gasLimit", "\(left.gasLimit)", "\(right.gasLimit)"),
      ("baseFeePerGas", words(left.baseFee), words(right.baseFee)),
      (
        "transactionsRoot", left.transactionsRoot.hexadecimal,
        right.transactionsRoot.hexadecimal
      ),
      ("gasUsed", "\(left.gasUsed)", "\(right.gasUsed)"),
      ("receiptsRoot", left.receiptsRoot.hexadecimal, right.receiptsRoot.hexadecimal),
      ("stateRoot", left.stateRoot.hexadecimal, right.stateRoot.hexadecimal),
    ]
    let different = all.filter { $0.1 != $0.2 }.map {
      LogDifference.Field(name: $0.0, first: $0.1, second: $0.2)
    }
    guard different.isEmpty else { return different }
    return [
      .init(name: "header", first: left.hash.hexadecimal, second: right.hash.hexadecimal)
    ]
  }

  private static func words(_ fee: UInt256?) -> String { fee?.decimalString ?? "none" }

  // MARK: State

  /// The first slot that either block writes and that differs after them.
  private static func slot(
    _ left: BlockOutcome, _ right: BlockOutcome
  ) throws(NodeError) -> LogDifference.Slot? {
    var written: [Address: Set<UInt256>] = [:]
    for change in left.diff.accounts + right.diff.accounts {
      written[change.address, default: []].formUnion(change.storage.map(\.slot))
    }
    do throws(StateMiss) {
      for (address, slots) in written.sorted(by: { $0.key < $1.key }) {
        for slot in slots.sorted() {
          let (one, other) = (
            try left.state.storage(address, slot), try right.state.storage(address, slot)
          )
          if one != other {
            return .init(address: address, slot: slot, first: one, second: other)
          }
        }
      }
    } catch {
      throw .refused("a part of the state is not at hand: \(error)")
    }
    return nil
  }

  // MARK: Transactions

  private func transaction(
    _ left: BlockOutcome, _ right: BlockOutcome
  ) throws(NodeError) -> LogDifference.Transaction? {
    let (ours, theirs) = (left.block.transactions, right.block.transactions)
    let all = max(ours.count, theirs.count)
    var fields: [LogDifference.Field] = []
    var index = 0
    while index < all {
      guard index < ours.count, index < theirs.count else { break }
      fields = Self.fields(
        ours[index], theirs[index], senders: (left.senders[index], right.senders[index]))
      if fields.isEmpty { fields = Self.fields(left.receipts[index], right.receipts[index]) }
      guard fields.isEmpty else { break }
      index += 1
    }
    // One before it may have run otherwise, though its receipt does not show it.
    if let earlier = try firstParting(index, left, right) {
      (index, fields) = (earlier, [])
    }
    guard index < all else { return nil }
    let one = index < ours.count ? ours[index] : nil
    let other = index < theirs.count ? theirs[index] : nil
    var difference = LogDifference.Transaction(
      index: index, hashes: (one?.hash, other?.hash), fields: fields, step: nil)
    if one != nil, other != nil { difference.step = try step(index, left, right) }
    return difference
  }

  /// The first of so many equal transactions that runs otherwise in the two blocks.
  private func firstParting(
    _ count: Int, _ left: BlockOutcome, _ right: BlockOutcome
  ) throws(NodeError) -> Int? {
    guard count > 0, first.chain != nil, second.chain != nil else { return nil }
    let ones = (0..<count).map { _ in StepPrints() }
    try run(through: count - 1, left, first.chain) { ones[$0] }
    let others = ones.map { StepPrints(comparing: $0.prints) }
    try run(through: count - 1, right, second.chain) { others[$0] }
    return (0..<count).first { index in
      others[index].parting ?? Self.end(ones[index], others[index]) != nil
    }
  }

  private static func fields(
    _ one: Transaction, _ other: Transaction, senders: (Address, Address)
  ) -> [LogDifference.Field] {
    guard one != other else { return [] }
    let all: [(String, String, String)] = [
      ("from", senders.0.hexadecimal, senders.1.hexadecimal),
      ("to", one.to?.hexadecimal ?? "none", other.to?.hexadecimal ?? "none"),
      ("nonce", "\(one.nonce)", "\(other.nonce)"),
      ("value", one.value.decimalString, other.value.decimalString),
      ("gas", "\(one.gasLimit)", "\(other.gasLimit)"),
      ("input", excerpt(one.data), excerpt(other.data)),
      ("hash", one.hash.hexadecimal, other.hash.hexadecimal),
    ]
    return all.filter { $0.1 != $0.2 }.map { .init(name: $0.0, first: $0.1, second: $0.2) }
  }

  private static func excerpt(_ data: Bytes) -> String {
    Hexadecimal.encodePrefixed(data.prefix(36))
      + (data.count > 36 ? "… (\(data.count) bytes)" : "")
  }

  private static func fields(_ one: Receipt, _ other: Receipt) -> [LogDifference.Field] {
    let all: [(String, String, String)] = [
      ("outcome", "\(one.outcome)", "\(other.outcome)"),
      ("gasUsed", "\(one.gasUsed)", "\(other.gasUsed)"),
      ("logs", logs(one), logs(other)),
    ]
    return all.filter { $0.1 != $0.2 }.map { .init(name: $0.0, first: $0.1, second: $0.2) }
  }

  private static func logs(_ receipt: Receipt) -> String {
    let lines = receipt.logs.map { log in
      "\(log.address.hexadecimal) \(log.topics.map(\.hexadecimal)) " + excerpt(log.data)
    }
    return "\(receipt.logs.count): " + lines.joined(separator: "; ")
  }

  // MARK: Steps

  /// The instruction at which the runs of the transactions of an index part.
  private func step(
    _ index: Int, _ left: BlockOutcome, _ right: BlockOutcome
  ) throws(NodeError) -> LogDifference.Step? {
    let one = StepPrints()
    try run(index, left, first.chain, one)
    let other = StepPrints(comparing: one.prints)
    try run(index, right, second.chain, other)
    guard let place = other.parting ?? Self.end(one, other), place > 0 else { return nil }
    // The instruction before the first that finds another machine is the one that made it so.
    let (ours, theirs) = (StepDetail(at: place - 1), StepDetail(at: place - 1))
    try run(index, left, first.chain, ours)
    try run(index, right, second.chain, theirs)
    return StepDetail.difference(ours, theirs, number: place - 1)
  }

  /// Where the shorter of two runs ends that are alike so far.
  private static func end(_ one: StepPrints, _ other: StepPrints) -> Int? {
    one.count == other.count ? nil : min(one.count, other.count)
  }

  private func run(
    _ index: Int, _ outcome: BlockOutcome, _ chain: Chain?, _ tracer: any Tracer
  ) throws(NodeError) {
    try run(through: index, outcome, chain) { $0 == index ? tracer : nil }
  }

  /// Runs the transactions of a block through an index, each before the tracer that is made for it.
  private func run(
    through last: Int, _ outcome: BlockOutcome, _ chain: Chain?,
    _ tracer: (Int) -> (any Tracer)?
  ) throws(NodeError) {
    guard let chain else {
      throw .refused("the state before the block is not at hand: its event made several")
    }
    do throws(ExecutionStop) {
      var replay = try BlockReplay(
        specification: chain.specification, header: outcome.block.header,
        parent: chain.head.header, state: chain.head.state,
        ancestorHashes: chain.ancestorHashes, provider: NativeCryptographyProvider.shared)
      for place in 0...last {
        let candidate = Candidate(
          transaction: outcome.block.transactions[place], sender: outcome.senders[place])
        do throws(ExecutionFailure) {
          _ = try replay.run(candidate, tracer: tracer(place))
        } catch {
          return
        }
      }
    } catch {
      throw .refused("the block cannot be run once more: \(error)")
    }
  }
}
