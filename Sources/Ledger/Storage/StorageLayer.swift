import DataAvailability
import Primitives

/// The data availability layer of a world: what it began with, and what its events came to.
public struct StorageLayer: Sendable {
  /// What it began with.
  public let document: StorageDocument
  /// Operators, payments, blobs and batches.
  public internal(set) var state: StorageState

  /// The root that commitments are made of: the fingerprint of the state.
  var root: Hash { state.fingerprint }

  init(document: StorageDocument) {
    self.document = document
    state = document.initialState
  }
}

/// That a data availability layer began, and with what.
public struct StorageDeclaration: Hashable, Sendable {
  /// The document in JSON, see ``StorageDocument``.
  public var document: Bytes

  /// Makes a declaration of a JSON text.
  public init(document: Bytes) { self.document = document }
}

/// A decision of the data availability layer, in its own encoding.
public struct StorageChange: Hashable, Sendable {
  /// The event's bytes, see `StorageEvent`.
  public var encoded: Bytes

  /// Makes a change of an event.
  public init(_ event: StorageEvent) { encoded = event.bytes }

  init(encoded: Bytes) { self.encoded = encoded }
}

/// Why something was refused that only a data availability layer does.
public enum StorageRefusal: Error, Hashable, Sendable {
  /// There is no such layer in this world.
  case none
  /// There is one already.
  case declaredTwice
  /// The bytes are no event of it.
  case malformed
  /// The event does not fit its state.
  case misfit(StorageMisfit)

  /// The refusal in words.
  public var message: String {
    switch self {
    case .none: "there is no data availability layer in this world"
    case .declaredTwice: "the data availability layer is declared once"
    case .malformed: "the bytes are no event of the data availability layer"
    case .misfit(let misfit): "the data availability layer does not allow it: \(misfit)"
    }
  }
}

extension World {
  func decide(_ declaration: StorageDeclaration) throws(Refusal) -> Decision {
    guard sequence > 0 else { throw .genesis(layer: .two, reason: "comes first") }
    guard storage == nil else { throw .storage(.declaredTwice) }
    do throws(GenesisError) {
      _ = try StorageDocument(parsing: declaration.document)
    } catch {
      throw .genesis(layer: .one, reason: "data availability layer: \(error.message)")
    }
    return Decision(events: [.storageDeclared(declaration)])
  }

  mutating func declare(_ declaration: StorageDeclaration) throws(Misfit) -> [Consequence] {
    guard storage == nil else { throw .storage(.declaredTwice) }
    do throws(GenesisError) {
      storage = StorageLayer(document: try StorageDocument(parsing: declaration.document))
    } catch {
      throw .genesis(layer: .one, reason: "data availability layer: \(error.message)")
    }
    return []
  }

  /// Judges decisions of the layer: all of them fit in their order, or none is taken.
  func decide(_ events: [StorageEvent]) throws(Refusal) -> Decision {
    guard var state = storage?.state else { throw .storage(.none) }
    do throws(StorageMisfit) {
      for event in events { try state.apply(event) }
    } catch {
      throw .storage(.misfit(error))
    }
    return Decision(events: events.map { .storageChanged(StorageChange($0)) })
  }

  mutating func change(_ change: StorageChange) throws(Misfit) -> [Consequence] {
    guard storage != nil else { throw .storage(.none) }
    guard let event = try? StorageEvent(bytes: change.encoded), event.bytes == change.encoded else {
      throw .storage(.malformed)
    }
    do throws(StorageMisfit) {
      try storage?.state.apply(event)
    } catch {
      throw .storage(.misfit(error))
    }
    return []
  }
}
