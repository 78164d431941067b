import Derivation

/// L2 blocks below those at hand, as far back as a span batch that begins there could be valid: a
/// sequencing window of L1 blocks.
///
/// They lie in pieces that never change, so that a copy costs as little as there are pieces.
struct OlderBlocks: Sendable {
  private final class Piece: Sendable {
    let blocks: [RollupBlock]

    init(_ blocks: [RollupBlock]) { self.blocks = blocks }

    var last: L2BlockReference { blocks[blocks.count - 1].reference }
  }

  private var pieces: [Piece] = []

  /// The first block that is there.
  var first: RollupBlock? { pieces.first?.blocks.first }

  /// The pieces, oldest first.
  var stretches: [[RollupBlock]] { pieces.map(\.blocks) }

  /// Takes in the blocks that follow, at least one.
  mutating func add(_ blocks: ArraySlice<RollupBlock>) { pieces.append(Piece(Array(blocks))) }

  /// Lets go of pieces all of whose blocks have an L1 origin before this one.
  mutating func forget(beforeOrigin number: UInt64) {
    while let first = pieces.first, first.last.l1Origin.number < number { pieces.removeFirst() }
  }

  /// The block of a number, if it is there.
  func block(_ number: UInt64) -> RollupBlock? {
    guard let piece = pieces.first(where: { $0.last.number >= number }) else { return nil }
    let first = piece.blocks[0].reference.number
    return number >= first ? piece.blocks[Int(number - first)] : nil
  }
}
