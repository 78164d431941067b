import Cryptography
import Primitives

/// The fingerprint of the world after an event, as the log's `commitment` column holds it.
///
///     entry      = SHA-256(0x02 ‖ RLP([sequence, kind, payload]))
///     commitment = SHA-256(0x03 ‖ RLP([version, previous, entry, [[component, root], …]]))
///
/// `previous` is the commitment of the row before, 32 zero bytes for the first. The components are
/// those whose root the event changed, ascending by name. They are protocol roots, so a commitment
/// says nothing of how this program lays its values out:
///
///     l1.head, l2.head   the hash of the layer's head block, which covers its whole state
///     l1.pool, l2.pool   the sum modulo 2^256 of the pooled transactions' hashes
///     rollup.finalized   the hash of the latest L2 block that follows from final L1 blocks
///     rollup.l1          the hash of the latest L1 block that the rollup has followed
///     rollup.safe        the hash of the latest L2 block that follows from L1
///     rollup.sequencer   1 while the sequencer makes blocks, 0 while it does not
///     storage            the chain of the data availability layer's changes, see `StorageState`
///     l1.controls, …     the chain of the operator's changes, from the first one on
///     usage              the chain of usage changes, see `UsageBook`
///
/// The hashes' first byte keeps them apart from the leaves (0x00) and nodes (0x01) of the log's
/// RFC 9162 tree.
public enum Commitment {
  /// The version that new logs are written under.
  public static let currentVersion: UInt64 = 1

  /// A part of the world with a root of its own.
  public struct Component: Hashable, Sendable {
    /// The component's name, in ASCII.
    public var name: String
    /// Its root after the event.
    public var root: Hash

    /// A component with its root.
    public init(name: String, root: Hash) {
      self.name = name
      self.root = root
    }
  }

  /// The hash of a row without its commitment; by `sha256`, which hashes as the core does.
  public static func entryHash(
    sequence: UInt64, kind: UInt64, payload: Bytes,
    sha256: (Bytes) -> Hash = { SHA256.hash($0) }
  ) -> Hash {
    var writer = RLPWriter(reservingCapacity: payload.count + 32)
    writer.list { list in
      list.append(uint64: sequence)
      list.append(uint64: kind)
      list.append(bytes: payload)
    }
    return sha256([0x02] + writer.bytes)
  }

  /// The commitment of a row.
  ///
  /// `changed` must be ascending by name and hold each name once. `sha256` hashes as the core does.
  public static func combine(
    version: UInt64, previous: Hash, entry: Hash, changed: [Component],
    sha256: (Bytes) -> Hash = { SHA256.hash($0) }
  ) -> Hash {
    var writer = RLPWriter(reservingCapacity: 256)
    writer.list { list in
      list.append(uint64: version)
      list.append(hash: previous)
      list.append(hash: entry)
      list.list { list in
        for component in changed {
          list.list { pair in
            pair.append(bytes: Bytes(component.name.utf8))
            pair.append(hash: component.root)
          }
        }
      }
    }
    return sha256([0x03] + writer.bytes)
  }
}
