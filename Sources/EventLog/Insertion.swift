import Primitives
import SQLite

/// Rows of the table `event` on their way into one statement.
///
/// Beginning and ending a statement takes SQLite as long as inserting a row of 200 bytes, so a
/// large batch goes in by many rows a statement. Such a statement would copy each page it touches,
/// to undo the first rows when a later one fails, were it not told to leave them (`OR FAIL`): the
/// transaction that every append is undoes them all the same.
struct Insertion {
  /// How many rows go into a statement of many.
  static let rowCount = 16
  /// The statement for one row.
  static let oneSQL = sql(rowCount: 1)
  /// The statement for `rowCount` rows.
  static let manySQL = sql(rowCount: rowCount)

  /// What the statement is run with, four for each row.
  private(set) var parameters: [Statement.Parameter] = []
  /// The rows' bytes one after the other.
  private(set) var arena = Bytes()

  /// Takes these rows instead of those before.
  mutating func fill(_ rows: ArraySlice<Row>) {
    parameters.removeAll(keepingCapacity: true)
    arena.removeAll(keepingCapacity: true)
    for row in rows {
      let start = arena.count
      arena.append(contentsOf: row.payload)
      let middle = arena.count
      row.commitment.append(to: &arena)
      parameters.append(.integer(Int64(row.sequence)))
      parameters.append(.integer(Int64(row.kind)))
      parameters.append(.bytes(start..<middle))
      parameters.append(.bytes(middle..<arena.count))
    }
  }

  private static func sql(rowCount: Int) -> String {
    "INSERT OR FAIL INTO event VALUES "
      + Array(repeating: "(?, ?, ?, ?)", count: rowCount).joined(separator: ", ")
  }
}
