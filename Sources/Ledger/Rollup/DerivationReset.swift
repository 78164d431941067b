import Cryptography
import Derivation
import Primitives

/// Derivation that begins again: with a new pipeline, a channel's timeout of L1 blocks below the
/// origin of the safe head.
///
/// The safe head stays where it is, and the blocks above it are held against L1 once more. What
/// follows from L1 is the same, so nothing changes but where a pipeline had come to a stop; it is a
/// decision of the operator's, and an event.
///
/// Source: op-node's `admin_resetDerivationPipeline`.
extension World {
  /// Judges the wish; it is tried out, so that what cannot be read stops nobody.
  func decideDerivationReset() throws(Refusal) -> Decision {
    guard rollup != nil else { throw .rollup(.none) }
    var trial = self
    do throws(Misfit) {
      _ = try trial.resetDerivation()
    } catch {
      throw .rollup(.derivationCannotBegin(error.message))
    }
    return Decision(events: [.derivationReset])
  }

  /// Begins again, and derives what follows up to L1's head.
  mutating func resetDerivation() throws(Misfit) -> [Consequence] {
    guard let before = rollup else { throw .rollup(.none) }
    let known = before.deriver.origin?.number
    let fresh: Deriver
    do throws(RollupRefusal) {
      fresh = try freshDeriver(before)
    } catch {
      throw .rollup(error)
    }
    rollup?.deriver = fresh
    var consequences = try derive()
    // What was passed over the first time has been told.
    consequences += (rollup?.takeDrops(above: known) ?? []).map { .inputDropped($0) }
    if rollup?.history.last?.l1 == before.l1Head?.identifier { rollup?.history.removeLast() }
    rollup?.remember()
    return consequences
  }

  /// Where the pipeline would begin that goes on from the safe head; nil where that is forgotten.
  public var derivationStart: BlockIdentifier? {
    rollup.flatMap { rollup in try? rollup.pipelineStart.l1Block }
  }

  /// A pipeline that stands before the first L1 block that it needs, with all up to L1's head.
  private func freshDeriver(_ rollup: Rollup) throws(RollupRefusal) -> Deriver {
    let start: PipelineStart
    do throws(SyncStartMiss) {
      start = try rollup.pipelineStart
    } catch {
      throw .derivationCannotBegin("the L2 blocks below the safe head are not at hand")
    }
    guard
      let blocks = rollup.inputs.blocks(
        from: start.l1Block, of: rollup.configuration)
    else {
      throw .derivationCannotBegin(
        "the L1 blocks from \(start.l1Block.number) on are not at hand")
    }
    // L1's verifier judges certificates by the state that L1 had then.
    if rollup.configuration.altDA?.certificates != nil, let layerOne,
      layerOne.block(start.l1Block.number) == nil
    {
      throw .derivationCannotBegin(
        "L1's state after block \(start.l1Block.number) is not at hand")
    }
    return Deriver(
      configuration: rollup.configuration, start: start, waiting: blocks, provider: provider)
  }
}

extension Rollup {
  /// Where a pipeline begins so that it goes on from the safe head.
  fileprivate var pipelineStart: PipelineStart {
    get throws(SyncStartMiss) {
      try SyncStart.pipelineStart(safeHead: safe, configuration: configuration) {
        (number) throws(SyncStartMiss) in
        guard let block = block(number) ?? olderBlocks.block(number) else {
          throw .l2Block(number: number)
        }
        return block.head
      }
    }
  }
}
