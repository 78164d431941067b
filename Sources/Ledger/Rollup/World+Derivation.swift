import Derivation
import EVM
import Execution
import Primitives

extension World {
  /// Takes the next L1 block in, and derives what follows from it.
  mutating func follow(_ block: L1Block) throws(Misfit) -> [Consequence] {
    guard let configuration = rollup?.configuration else { return [] }
    do throws(MalformedDeposit) {
      rollup?.append(try L1Epoch(block, configuration: configuration))
    } catch {
      throw .rollup(
        .malformedDeposit(block: error.block.number, logIndex: error.logIndex))
    }
    rollup?.inputs.append(block, for: configuration)
    rollup?.deriver.take(block)
    var consequences = try derive()
    // Before the moment is kept, so that nobody who goes back to it is told again.
    consequences += (rollup?.takeDrops() ?? []).map { .inputDropped($0) }
    rollup?.remember()
    return consequences
  }

  /// Goes back to how the rollup stood after an L1 block: L2 blocks whose origin is gone go too.
  mutating func unfollow(toL1 number: UInt64) throws(Misfit) -> [Consequence] {
    guard let before = rollup else { return [] }
    guard rollup?.restore(toL1: number) == true, let rollup else {
      throw .rollup(
        .finalizedL1(
          number: number, oldest: before.history.first?.l1.number ?? 0))
    }
    let target = rollup.lastWithKnownOrigin.reference
    guard let chain = layerTwo, target.number < chain.number else { return [] }
    guard let block = chain.block(target.number) else {
      throw .reset(.two, .forgotten(position: 0, oldest: chain.recent[0].sequence))
    }
    return try moveBack(.two, to: block, position: block.sequence, restoresPool: false)
  }

  /// Derives blocks until L1 says no more of them.
  mutating func derive() throws(Misfit) -> [Consequence] {
    var consequences: [Consequence] = []
    while let derived = try nextDerived() { consequences += try take(derived) }
    return consequences
  }

  private mutating func nextDerived() throws(Misfit) -> DerivedAttributes? {
    guard var deriver = rollup?.deriver, let rollup else { return nil }
    let sources = Deriver.Sources(
      carried: carried, content: content, blocks: rollup.blocks, older: rollup.olderBlocks,
      layerOne: layerOne, provider: provider)
    defer { self.rollup?.deriver = deriver }
    do throws(ContentMiss) {
      return try deriver.next(sources)
    } catch {
      throw .rollup(.contentMissing(error.message))
    }
  }

  /// Makes the safe head's successor what L1 says: the block that is there, or another one.
  private mutating func take(_ derived: DerivedAttributes) throws(Misfit) -> [Consequence] {
    if let block = rollup?.block(derived.number), let header = layerTwo?.block(derived.number),
      block.reference.parentHash == derived.parent.hash,
      derived.payload.describes(header.header, transactions: try body(of: block))
    {
      accept(block.head)
      return []
    }
    var consequences: [Consequence] = []
    if let chain = layerTwo, chain.number > derived.parent.number {
      guard let block = chain.block(derived.parent.number) else {
        throw .reset(.two, .forgotten(position: 0, oldest: chain.recent[0].sequence))
      }
      consequences += try moveBack(
        .two, to: block, position: block.sequence, restoresPool: false)
    }
    guard let outcome = try execute(derived) else { return consequences }
    consequences += try extend(.two, by: outcome, candidates: [])
    if let head = rollup?.unsafe { accept(head) }
    return consequences
  }

  private func body(of block: RollupBlock) throws(Misfit) -> [Bytes] {
    guard let transactions = block.body else {
      throw .rollup(
        .contentMissing("the views do not have L2 block \(block.reference.number)"))
    }
    return transactions
  }

  private mutating func accept(_ head: L2Head) {
    rollup?.deriver.accept(head)
    rollup?.safe = head
  }

  /// Executes a derived block as it stands, or what takes its place: since Holocene its deposits
  /// alone; before, nothing.
  private mutating func execute(_ derived: DerivedAttributes) throws(Misfit) -> BlockOutcome? {
    guard let chain = layerTwo else { throw .layerNotStarted(.two) }
    if let outcome = try whole(derived.payload, on: chain) { return outcome }
    guard let replacement = rollup?.deriver.reject() else { return nil }
    if let outcome = try whole(replacement.payload, on: chain) { return outcome }
    _ = rollup?.deriver.reject()
    return nil
  }

  /// The block of all these transactions; nil if one of them is none or has no place in it.
  private func whole(
    _ attributes: PayloadAttributes, on chain: Chain
  ) throws(Misfit) -> BlockOutcome? {
    let candidates: [Candidate]
    do throws(Refusal) {
      candidates = try self.candidates(attributes.transactions)
    } catch {
      return nil
    }
    do throws(Refusal) {
      let outcome = try build(attributes.inputs, candidates: candidates, on: chain)
      return outcome.skipped.isEmpty ? outcome : nil
    } catch {
      throw .block(.two, number: chain.number + 1, reason: error.message)
    }
  }
}

extension PayloadAttributes {
  /// Whether a block is the one that these attributes ask for.
  func describes(_ header: BlockHeader, transactions: [Bytes]) -> Bool {
    header.timestamp == inputs.timestamp && header.prevRandao == inputs.prevRandao
      && header.feeRecipient == inputs.feeRecipient && header.gasLimit == inputs.gasLimit
      && (inputs.extraData.isEmpty || header.extraData == inputs.extraData)
      && (header.parentBeaconBlockRoot ?? .zero) == inputs.parentBeaconBlockRoot
      && self.transactions == transactions
  }
}
