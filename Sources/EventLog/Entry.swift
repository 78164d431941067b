import Cryptography
import Primitives

/// A row as the log's tree has it: what a public follower of the log reads.
public struct Entry: Hashable, Sendable {
  /// The event's place in the log, from 1.
  public var sequence: UInt64
  /// Which kind of event it is.
  public var kind: UInt16
  /// The payload, or where it lies elsewhere, what it must be.
  public var payload: Payload
  /// The fingerprint of the world after the event.
  public var commitment: Hash

  /// A payload within an entry.
  public enum Payload: Hashable, Sendable {
    /// The payload itself.
    case whole(Bytes)
    /// A payload too large to stand in an entry, by its size and SHA-256.
    case digest(sizeInBytes: UInt64, hash: Hash)
  }

  /// Takes the bytes of an entry apart; they must be what `Row.entry` gives for some row.
  ///
  /// - Throws: `RLPError` for any other bytes.
  public init(_ bytes: Bytes) throws(RLPError) {
    var reader = RLPReader(bytes)
    var fields = try reader.list()
    try reader.end()
    sequence = try fields.uint64()
    guard let kind = UInt16(exactly: try fields.uint64()) else { throw .tooLarge }
    self.kind = kind
    let limit = EventLogFormat.maximumEnteredPayloadSizeInBytes
    if try fields.nextIsList() {
      var parts = try fields.list()
      let size = try parts.uint64()
      guard size > limit, size <= EventLogFormat.maximumPayloadSizeInBytes else {
        throw .nonCanonical
      }
      payload = .digest(sizeInBytes: size, hash: try parts.hash())
      try parts.end()
    } else {
      let whole = try fields.bytes()
      guard whole.count <= limit else { throw .nonCanonical }
      payload = .whole(Bytes(whole))
    }
    commitment = try fields.hash()
    try fields.end()
  }

  /// The row that the entry is of; `large` is its payload where that lies elsewhere.
  ///
  /// Nil if the payload is missing, or is not the one that the entry names.
  public func row(large: Bytes? = nil) -> Row? {
    switch payload {
    case .whole(let bytes):
      return Row(sequence: sequence, kind: kind, payload: bytes, commitment: commitment)
    case .digest(let size, let hash):
      guard let large, large.count == size, SHA256.hash(large) == hash else { return nil }
      return Row(sequence: sequence, kind: kind, payload: large, commitment: commitment)
    }
  }
}
