import Cryptography
import Primitives

/// One event as the log keeps it.
public struct Row: Hashable, Sendable {
  /// The event's place in the log, from 1.
  public var sequence: UInt64
  /// Which kind of event it is; the ledger gives it a meaning.
  public var kind: UInt16
  /// The event, in the ledger's canonical RLP; at most
  /// `EventLogFormat.maximumPayloadSizeInBytes`.
  public var payload: Bytes
  /// The fingerprint of the world after the event.
  public var commitment: Hash

  /// A row with these columns; the log checks them when the row is appended.
  public init(sequence: UInt64, kind: UInt16, payload: Bytes, commitment: Hash) {
    self.sequence = sequence
    self.kind = kind
    self.payload = payload
    self.commitment = commitment
  }

  /// The hash of the row as a leaf of the log's tree.
  ///
  /// SHA-256 of 0x00 and `entry`.
  public var leafHash: Hash { MerkleTree.leafHash(entry) }

  /// The hash of the row as a leaf of a log whose file has this version of the format.
  public func leafHash(format: Int64) -> Hash {
    format < 2 ? MerkleTree.leafHash(encoded) : leafHash
  }

  /// What the tree has of the row, at most 65,535 bytes: `encoded`, but a payload above the limit
  /// by its size and SHA-256.
  public var entry: Bytes {
    isEnteredWhole ? encoded : abridgedEntry(payloadHash: SHA256.hash(payload))
  }

  /// Whether the payload itself stands in the entry.
  public var isEnteredWhole: Bool {
    payload.count <= EventLogFormat.maximumEnteredPayloadSizeInBytes
  }

  /// The RLP of `[sequence, kind, [payload size, payload hash], commitment]`.
  func abridgedEntry(payloadHash: Hash) -> Bytes {
    var writer = RLPWriter()
    writer.list { writer in
      writer.append(uint64: sequence)
      writer.append(uint64: UInt64(kind))
      writer.list { writer in
        writer.append(uint64: UInt64(payload.count))
        writer.append(hash: payloadHash)
      }
      writer.append(hash: commitment)
    }
    return writer.bytes
  }

  /// The RLP of `[sequence, kind, payload, commitment]`.
  public var encoded: Bytes {
    var writer = RLPWriter(reservingCapacity: payload.count + 64)
    writer.list { writer in
      writer.append(uint64: sequence)
      writer.append(uint64: UInt64(kind))
      writer.append(bytes: payload)
      writer.append(hash: commitment)
    }
    return writer.bytes
  }
}
