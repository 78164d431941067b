import Primitives

/// The log is not one that this program wrote: replaying it must stop here.
public enum Misfit: Error, Hashable, Sendable {
  /// A row's kind or payload is none that we write.
  case undecodable(kind: UInt16, reason: String)
  /// The first event is not a genesis, or a later one is.
  case genesisOutOfPlace
  /// The genesis documents cannot be read.
  case genesis(layer: Layer, reason: String)
  /// The log was written under rules that this program does not know.
  case rulesUnknown(version: UInt64)
  /// An event names a layer without a chain.
  case layerNotStarted(Layer)
  /// An event names a transaction that its layer's pool does not hold.
  case transactionNotPooled(Layer, Hash)
  /// A transaction cannot be decoded or its sender not recovered.
  case transaction(reason: String)
  /// A head cannot go back to where the event says.
  case reset(Layer, ResetRefusal)
  /// The rollup could not go on so.
  case rollup(RollupRefusal)
  /// The data availability layer could not go on so.
  case storage(StorageRefusal)
  /// The world is not the one whose digest the event has.
  case world(recorded: Hash, found: Hash?)
  /// A block could not be executed.
  case block(Layer, number: UInt64, reason: String)

  /// The part of the row that does not fit, for people.
  public var field: String {
    switch self {
    case .undecodable, .transaction: "payload"
    case .genesisOutOfPlace: "kind"
    case .genesis, .rulesUnknown: "genesis"
    case .layerNotStarted: "layer"
    case .transactionNotPooled: "order"
    case .reset: "position"
    case .rollup: "rollup"
    case .storage: "storage"
    case .block: "block"
    case .world: "world"
    }
  }

  /// What does not fit, in words.
  public var message: String {
    switch self {
    case .undecodable(let kind, let reason): "kind \(kind): \(reason)"
    case .genesisOutOfPlace: "a genesis is the first event, and only the first"
    case .genesis(let layer, let reason): "genesis of \(layer.name): \(reason)"
    case .rulesUnknown(let version):
      "rules version \(version), this program knows \(Commitment.currentVersion)"
    case .layerNotStarted(let layer): "no chain has been started on \(layer.name)"
    case .transactionNotPooled(let layer, let hash):
      "\(layer.name)'s pool does not hold transaction \(hash.hexadecimal)"
    case .transaction(let reason): reason
    case .rollup(let refusal): refusal.message
    case .storage(let refusal): refusal.message
    case .world(let recorded, let found):
      "the event has \(recorded.hexadecimal) for the world's digest, it is "
        + (found?.hexadecimal ?? "one that has none")
    case .reset(let layer, let refusal): "\(layer.name): \(refusal.message)"
    case .block(let layer, let number, let reason): "\(layer.name) block \(number): \(reason)"
    }
  }
}
