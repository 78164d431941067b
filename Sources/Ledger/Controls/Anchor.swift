import Execution
import Primitives

/// How a chain stood at its beginning, or when a snapshot was taken: what it takes to go back there
/// after the states in between have been forgotten.
struct Anchor: Sendable {
  /// The event after which things stood so.
  let position: UInt64
  /// The head, with the state that it had.
  let head: RecentBlock
  /// The hashes of the blocks before it that code can ask for, oldest first.
  let ancestors: [Hash]
  /// What waited for a block.
  let pool: [PooledTransaction]
  /// How the next blocks were to be made.
  let controls: ChainControls

  /// What waits again when the chain goes back, and does not now, by arrival.
  func returned(to pool: Pool) -> [PooledTransaction] {
    self.pool.filter { pool[$0.hash] == nil }.sorted { $0.arrival < $1.arrival }
  }
}

extension Chain {
  /// The chain as it stands after an event.
  func anchor(at position: UInt64) -> Anchor {
    let hashes = ancestorHashes
    let number = number
    let ancestors = (number - min(number, 255)..<number).map {
      (try? hashes.blockHash($0)) ?? .zero
    }
    // What was edited before can be undone no more.
    let block = RecentBlock(
      header: head.header, hash: head.hash, state: head.state, sequence: head.sequence)
    return Anchor(
      position: position, head: block, ancestors: ancestors, pool: pool.all, controls: controls)
  }
}
