import Derivation
import Primitives

/// That L1's blocks will not be reverted: by the blocks on top of them, or because somebody says so.
///
/// L1's consensus says it on a real chain; here the slots' own rule is the configuration's depth, and
/// the operator of a development chain, or the L1 node that a follower asks, may be ahead of that.
extension World {
  /// Judges a signal; one that says nothing new leads to nothing.
  func decideFinality(of number: UInt64) throws(Refusal) -> Decision {
    guard let rollup else { throw .rollup(.none) }
    guard let block = rollup.epoch(number)?.reference else {
      throw .rollup(.finalityUnknown(number: number))
    }
    if let final = rollup.l1Finalized, final.number >= number { return Decision(events: []) }
    return Decision(events: [.l1Finalized(block.identifier)])
  }

  /// Takes a signal in.
  mutating func finalize(_ block: BlockIdentifier) throws(Misfit) -> [Consequence] {
    guard let rollup else { throw .rollup(.none) }
    guard rollup.epoch(block.number)?.reference.identifier == block else {
      throw .rollup(.finalityUnknown(number: block.number))
    }
    self.rollup?.finalitySignal = block
    return []
  }
}
