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

  /// The hash of the event without its commitment, for the ledger to make the commitment from.
  ///
  /// SHA-256 of 0x02 and the RLP of `[sequence, kind, payload]`.
  public var entryHash: Hash {
    SHA256.hash(
      [0x02]
        + RLPWriter.list { writer in
          writer.append(uint64: sequence)
          writer.append(uint64: UInt64(kind))
          writer.append(bytes: payload)
        })
  }

  /// The hash of the row as a leaf of the log's tree.
  ///
  /// SHA-256 of 0x00 and `encoded`.
  public var leafHash: Hash { MerkleTree.leafHash(encoded) }

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
