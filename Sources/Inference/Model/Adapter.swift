import Cryptography
import Primitives

/// A low-rank change of a projection: scale · B · A, with A `[rank, input]`, B `[output, rank]`.
struct LowRankChange: Sendable {
  let down: Matrix
  let up: Matrix
  let scale: Float

  /// Adds the change's share of the projection of `count` vectors.
  func add(
    of inputs: [Float], count: Int, weight: Float, to outputs: inout [Float]
  ) {
    var inner = [Float](repeating: 0, count: count * down.rows)
    Kernels.multiply(down, inputs, count: count, into: &inner)
    var change = [Float](repeating: 0, count: count * up.rows)
    Kernels.multiply(up, inner, count: count, into: &change)
    Kernels.add(change, scale: scale * weight, count: count * up.rows, to: &outputs)
  }
}

/// A LoRA adapter for a model: what fine-tuning changed, small enough to load many of.
///
/// Source: Hu et al. 2021, "LoRA"; files as PEFT writes them.
public final class Adapter: Sendable {
  /// SHA-256 of `adapter_model.safetensors`.
  public let weightsHash: Hash
  /// SHA-256 of `adapter_config.json`.
  public let configurationHash: Hash
  /// The rank of the changes.
  public let rank: Int

  /// The model that the adapter was loaded for.
  let modelHash: Hash
  /// By layer and projection.
  private let changes: [[Projection: LowRankChange]]

  init(
    weightsHash: Hash, configurationHash: Hash, rank: Int, modelHash: Hash,
    changes: [[Projection: LowRankChange]]
  ) {
    self.weightsHash = weightsHash
    self.configurationHash = configurationHash
    self.rank = rank
    self.modelHash = modelHash
    self.changes = changes
  }

  /// Keccak-256 of both hashes one after the other: the adapter's name on chain.
  public var adapterHash: Hash { Keccak256.hash(weightsHash.bytes + configurationHash.bytes) }

  func change(layer: Int, _ projection: Projection) -> LowRankChange? {
    changes[layer][projection]
  }
}

/// An adapter and how strongly it acts; several add up.
public struct AdapterUse: Sendable, Hashable {
  /// The adapter.
  public let adapter: Adapter
  /// What its change is multiplied with; one is as trained.
  public let weight: Double

  /// An adapter at a strength.
  public init(_ adapter: Adapter, weight: Double = 1) {
    self.adapter = adapter
    self.weight = weight
  }

  /// Whether both are the same adapter, by hash, at the same strength.
  public static func == (left: AdapterUse, right: AdapterUse) -> Bool {
    left.adapter.adapterHash == right.adapter.adapterHash && left.weight == right.weight
  }

  /// Feeds what `==` compares into the hasher.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(adapter.adapterHash)
    hasher.combine(weight)
  }
}
