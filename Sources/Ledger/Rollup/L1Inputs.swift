import Derivation
import Primitives

/// The latest L1 blocks as far as derivation reads them, kept so that it can begin again.
///
/// They reach a channel's timeout below the L1 origin of the oldest safe head to which L1 may still
/// take the rollup back. A world that began with a snapshot reads older ones when it needs them.
struct L1Inputs: Sendable {
  /// A block in memory, or the name of one that is elsewhere.
  private final class Input: Sendable {
    let name: BlockIdentifier
    let held: L1Block?

    init(_ block: L1Block) {
      name = block.reference.identifier
      held = block
    }

    init(_ name: BlockIdentifier) {
      self.name = name
      held = nil
    }
  }

  private var inputs: [Input] = []
  private let past: (any PastEvents)?

  /// How many that are needed no more gather before they are let go.
  private static let slack = 64

  /// Nothing yet.
  init() { past = nil }

  /// The blocks of a world that was written down, all of which are in the past.
  init(_ epochs: [L1Epoch], in past: any PastEvents) {
    inputs = epochs.map { Input($0.reference.identifier) }
    self.past = past
  }

  /// Puts a block on top.
  mutating func append(_ block: L1Block, for configuration: RollupConfiguration) {
    inputs.append(Input(block.trimmed(for: configuration)))
  }

  /// Takes the blocks above a number away.
  mutating func truncate(after number: UInt64) {
    while let last = inputs.last, last.name.number > number { inputs.removeLast() }
  }

  /// Lets go of the blocks below a number.
  mutating func forget(before number: UInt64) {
    guard let first = inputs.first?.name.number, number > first + UInt64(Self.slack) else { return }
    inputs.removeFirst(min(inputs.count, Int(number - first)))
  }

  /// The blocks from one on up to the last; nil if one of them cannot be read.
  func blocks(
    from start: BlockIdentifier, of configuration: RollupConfiguration
  ) -> [L1Block]? {
    guard let first = inputs.firstIndex(where: { $0.name == start }) else { return nil }
    var blocks: [L1Block] = []
    for input in inputs[first...] {
      let name = input.name
      guard
        let block = input.held
          ?? past?.l1Block(number: name.number, hash: name.hash, of: configuration)
      else { return nil }
      blocks.append(block)
    }
    return blocks
  }
}
