import Derivation
import Execution
import Primitives

/// A block that L1 says comes next.
struct DerivedBlock: Sendable {
  /// What it must be made of.
  var attributes: PayloadAttributes
}

/// Data that derivation needs and nobody has.
struct DerivationMiss: Error {
  var message: String
}

/// Derivation as the world holds it: L1 blocks go in, attributes of L2 blocks come out.
struct Deriver: Sendable {
  static let none = Deriver(configuration: nil)

  private let configuration: RollupConfiguration?

  init(configuration: RollupConfiguration?) { self.configuration = configuration }

  mutating func take(_ block: L1Block) {}

  mutating func next(
    after safe: L2Head, epochs: [L1Epoch], blobs: BlobIndex, content: (any ContentSource)?
  ) throws(DerivationMiss) -> DerivedBlock? { nil }

  mutating func replacement(of derived: DerivedBlock) -> PayloadAttributes? { nil }
}
