import EVM
import Execution

extension Chain {
  /// Builds a block of candidates; where a part of the state is missing, of those that can do without
  /// it, which come along.
  ///
  /// Only a chain that goes on from another one misses anything, while the node that has it is not
  /// reached. One transaction must not keep all others from being sealed then: it waits in the pool.
  ///
  /// - Throws: `ExecutionStop`, also where nothing at all can be built.
  public func buildOfWhatIsAtHand(
    _ candidates: [Candidate], _ build: ([Candidate]) throws(ExecutionStop) -> BlockOutcome
  ) throws(ExecutionStop) -> (outcome: BlockOutcome, candidates: [Candidate]) {
    do throws(ExecutionStop) {
      return (try build(candidates), candidates)
    } catch {
      guard case .miss = error, isForked, !candidates.isEmpty else { throw error }
    }
    var outcome = try build([])
    var kept: [Candidate] = []
    for candidate in candidates.prefix(Limits.triedCandidateCount) {
      do throws(ExecutionStop) {
        outcome = try build(kept + [candidate])
        kept.append(candidate)
      } catch {
        guard case .miss = error else { throw error }
      }
    }
    return (outcome, kept)
  }
}
