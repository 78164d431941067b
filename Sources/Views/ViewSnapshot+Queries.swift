import Ledger
import Primitives
import SQLite

extension ViewSnapshot {
  /// All rows of a query.
  func all<Row>(
    _ sql: String, _ values: [Value],
    _ read: (borrowing Statement) throws(SQLiteError) -> Row
  ) throws(ViewsError) -> [Row] {
    do throws(SQLiteError) {
      let query = try connection.cached(sql)
      try query.bind(values)
      var rows: [Row] = []
      while try query.step() { rows.append(try read(query)) }
      return rows
    } catch {
      throw ViewsError(error)
    }
  }

  /// The first row of a query, if it has one.
  func first<Row>(
    _ sql: String, _ values: [Value],
    _ read: (borrowing Statement) throws(SQLiteError) -> Row
  ) throws(ViewsError) -> Row? {
    do throws(SQLiteError) {
      let query = try connection.cached(sql)
      try query.bind(values)
      return try query.step() ? try read(query) : nil
    } catch {
      throw ViewsError(error)
    }
  }

  /// The places of a layer that an index has for a fingerprint, ascending.
  func places(
    _ index: String, _ fingerprint: Int64, _ layer: Layer
  ) throws(ViewsError) -> [Place] {
    guard let range = Place.range(layer, from: 0, through: .max) else { return [] }
    return try all(
      "SELECT place FROM \(index) WHERE fingerprint = ?1 AND place BETWEEN ?2 AND ?3 "
        + "ORDER BY place",
      [.integer(fingerprint), .integer(range.lowerBound), .integer(range.upperBound)]
    ) { row throws(SQLiteError) in Place(rawValue: try row.int64(0)) }
  }
}
