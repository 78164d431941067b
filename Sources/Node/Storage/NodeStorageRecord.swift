import DataAvailability
import Ledger
import Primitives

/// The record of a data availability network that a node keeps: its events are in the node's log.
///
/// Not to be used on the writer's own thread, which it waits for.
public final class NodeStorageRecord: StorageRecord {
  private let node: Node
  private let initial: StorageState

  /// The record in a node's log; nil where its world has no such layer.
  public init?(_ node: Node) {
    guard let storage = node.world.storage else { return nil }
    self.node = node
    initial = storage.document.initialState
  }

  /// The state after the last durable event.
  public var state: StorageState { node.world.storage?.state ?? initial }

  /// Records decisions, all or none; they are durable when this returns.
  ///
  /// - Throws: `StorageMisfit` if one does not fit, or the node does not write.
  public func record(_ events: [StorageEvent]) throws(StorageMisfit) {
    if events.isEmpty { return }
    do throws(WriteFailure) {
      _ = try node.submit(.changeStorage(events))
    } catch {
      if case .refused(.storage(.misfit(let misfit))) = error { throw misfit }
      throw .notRecorded(error.message)
    }
  }
}

/// Preimages of Keccak commitments are kept beside other large bytes.
extension ContentStore: PreimageStore {
  /// Keeps bytes by their Keccak-256; false if they cannot be written.
  public func keepPreimage(_ bytes: Bytes) -> Bool {
    do throws(NodeError) {
      try keep(bytes)
      return true
    } catch {
      return false
    }
  }

  /// The bytes of this Keccak-256; nil if they are not here.
  public func preimage(of hash: Hash) -> Bytes? { content(of: hash) }
}
