import Primitives
import SQLite

/// A value of a row as it goes into a table.
enum Value {
  case integer(Int64)
  case bytes([UInt8])
  case text(String)
  case null

  static func hash(_ hash: Hash) -> Value { .bytes(hash.bytes) }
  static func place(_ place: Place) -> Value { .integer(place.rawValue) }
  static func wei(_ amount: UInt256) -> Value { .bytes(amount.bigEndianBytes) }
  /// A sequence or a block number; those of a log that exists are far below 2^63.
  static func sequence(_ number: UInt64) -> Value { .integer(Int64(bitPattern: number)) }
}

/// A table of `views.sqlite`: its columns, of which the first ones are its key.
///
/// One description gives the statement that makes it, those that fill it, and the canonical order
/// and encoding by which its content is digested.
struct ViewTable: Sendable {
  enum ColumnType: String, Sendable {
    case integer = "INTEGER"
    case bytes = "BLOB"
    case text = "TEXT"
  }

  struct Column: Sendable {
    let name: String
    let type: ColumnType
    let isOptional: Bool

    static func integer(_ name: String) -> Column {
      Column(name: name, type: .integer, isOptional: false)
    }
    static func bytes(_ name: String) -> Column {
      Column(name: name, type: .bytes, isOptional: false)
    }
    static func text(_ name: String) -> Column {
      Column(name: name, type: .text, isOptional: false)
    }
    /// The same column where null may stand.
    var optional: Column { Column(name: name, type: type, isOptional: true) }
  }

  let name: String
  let columns: [Column]
  /// `CREATE TABLE …`, exactly as SQLite's schema table repeats it.
  let creation: String
  /// `INSERT INTO …`, which refuses a key that is there.
  let insertion: String
  /// `REPLACE INTO …`, which puts the row in the place of one with the same key.
  let replacement: String
  /// All rows in the order of the key.
  let listing: String

  /// None of its rows, on their way into it; one whose key is there already may be left out.
  func batch(leavesOutKnown: Bool = false) -> RowBatch {
    RowBatch(table: name, columnCount: columns.count, leavesOutKnown: leavesOutKnown)
  }

  init(_ name: String, key: [Column], _ others: [Column] = []) {
    let columns = key + others
    let isRowKey = key.count == 1 && key[0].type == .integer
    let definitions = columns.enumerated().map { index, column in
      "\(column.name) \(column.type.rawValue)"
        + (isRowKey && index == 0 ? " PRIMARY KEY" : column.isOptional ? "" : " NOT NULL")
    }
    let keyNames = key.map(\.name).joined(separator: ", ")
    let keyClause = isRowKey ? "" : ", PRIMARY KEY(\(keyNames))"
    let parameters = columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
    self.name = name
    self.columns = columns
    creation =
      "CREATE TABLE \(name)(\(definitions.joined(separator: ", "))\(keyClause)) STRICT"
      + (isRowKey ? "" : ", WITHOUT ROWID")
    insertion = "INSERT INTO \(name) VALUES (\(parameters))"
    replacement = "REPLACE INTO \(name) VALUES (\(parameters))"
    listing = "SELECT * FROM \(name) ORDER BY \(keyNames)"
  }
}

extension Connection {
  /// Adds a row; one with the same key must not be there.
  func insert(_ table: ViewTable, _ values: Value...) throws(SQLiteError) {
    try run(table.insertion, values)
  }

  /// Adds a row in the place of one with the same key.
  func replace(_ table: ViewTable, _ values: Value...) throws(SQLiteError) {
    try run(table.replacement, values)
  }

  /// Runs a statement with its parameters to its end.
  func run(_ sql: String, _ values: [Value]) throws(SQLiteError) {
    let statement = try cached(sql)
    try statement.bind(values)
    try statement.run()
  }
}

extension Statement {
  /// Binds the parameters from the first on.
  func bind(_ values: [Value]) throws(SQLiteError) {
    for (index, value) in values.enumerated() {
      switch value {
      case .integer(let integer): try bind(index + 1, integer)
      case .bytes(let bytes): try bind(index + 1, bytes)
      case .text(let text): try bind(index + 1, text)
      case .null: try bindNull(index + 1)
      }
    }
  }
}
