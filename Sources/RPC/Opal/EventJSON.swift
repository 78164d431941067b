import EventLog
import JSON
import Ledger
import Primitives

/// Rows of the log as the methods of Opal's own show them.
enum EventJSON {
  static func row(_ row: Row) -> JSON {
    [
      "sequence": .quantity(row.sequence), "kind": .quantity(UInt64(row.kind)),
      "name": .string(Event.Kind(rawValue: row.kind)?.name ?? "unknown"),
      "payload": .string(Hexadecimal.encodePrefixed(row.payload)),
      "commitment": .string(row.commitment.hexadecimal),
      "leafHash": .string(row.leafHash.hexadecimal),
    ]
  }
}
