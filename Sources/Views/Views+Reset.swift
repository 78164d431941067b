import EVM
import Ledger
import Primitives
import SQLite

extension Views {
  /// Takes out the blocks above a number, which were abandoned, with all that stands in them.
  ///
  /// The last comes first, so that sums go back the way they came.
  func removeBlocks(_ layer: Layer, after number: UInt64) throws(ViewsError) {
    try removeBlocks(layer, from: number + 1)
  }

  /// Takes out the blocks from a number on, with all that stands in them.
  func removeBlocks(_ layer: Layer, from number: UInt64) throws(ViewsError) {
    guard let range = Place.range(layer, from: number, through: .max) else { return }
    for (place, content) in try contents("receipts", "content", range) {
      let logs: [Log]
      do throws(RLPError) {
        logs = try ReceiptContent.logs(in: content)
      } catch {
        throw .needsRebuild(reason: "the receipt at \(place) cannot be read: \(error)")
      }
      if layer == .two { try bill(logs, .undone) }
      try remove(Fingerprint.all(of: logs), at: place, from: "log_index")
    }
    for (place, hash) in try contents("transactions", "hash", range) {
      try remove(try fingerprint(hash, place), at: place, from: "transaction_hashes")
    }
    for (place, hash) in try contents("blocks", "hash", range) {
      try remove(try fingerprint(hash, place), at: place, from: "block_hashes")
    }
    try ViewsError.wrapping { () throws(SQLiteError) in
      for table in [
        "receipts", "transactions", "blooms", "blocks", "state_changes", "state_roots",
      ] {
        try connection.run(
          "DELETE FROM \(table) WHERE place BETWEEN ?1 AND ?2",
          [.integer(range.lowerBound), .integer(range.upperBound)])
      }
    }
  }

  /// A column of the rows at a range of places, the last first.
  private func contents(
    _ table: String, _ column: String, _ range: ClosedRange<Int64>
  ) throws(ViewsError) -> [(place: Int64, bytes: Bytes)] {
    try ViewsError.wrapping { () throws(SQLiteError) in
      let rows = try connection.cached(
        "SELECT place, \(column) FROM \(table) WHERE place BETWEEN ?1 AND ?2 ORDER BY place DESC")
      try rows.bind([.integer(range.lowerBound), .integer(range.upperBound)])
      var found: [(place: Int64, bytes: Bytes)] = []
      while try rows.step() { found.append((try rows.int64(0), try rows.blob(1))) }
      return found
    }
  }

  private func fingerprint(_ bytes: Bytes, _ place: Int64) throws(ViewsError) -> [Int64] {
    guard let hash = Hash(checking: bytes) else {
      throw .needsRebuild(reason: "what stands at \(place) is no hash")
    }
    return [Fingerprint.of(hash)]
  }

  private func remove(
    _ fingerprints: [Int64], at place: Int64, from table: String
  ) throws(ViewsError) {
    try ViewsError.wrapping { () throws(SQLiteError) in
      for fingerprint in fingerprints {
        try connection.run(
          "DELETE FROM \(table) WHERE fingerprint = ?1 AND place = ?2",
          [.integer(fingerprint), .integer(place)])
      }
    }
  }
}
