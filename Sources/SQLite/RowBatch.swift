/// Rows of one table on their way into it, many to a statement.
///
/// To begin and end a statement takes SQLite as long as to insert a small row. A statement of many
/// rows would copy each page it touches, to undo the first rows when a later one fails, were it not
/// told to leave them (`OR FAIL`): so write inside a transaction, and roll that back on an error.
///
///     var rows = RowBatch(table: "event", columnCount: 2)
///     for event in events {
///       rows.append(event.sequence)
///       rows.append(event.payload)
///       try rows.writeIfFull(to: connection)
///     }
///     try rows.write(to: connection)
public struct RowBatch: Sendable {
  /// How many rows go into one statement.
  public static let width = 16

  /// With so many bytes rows wait for no others, so that large ones are not held together.
  private static let waitingLimitInBytes = 1 << 20

  private let columnCount: Int
  private let one: String
  private let many: String
  private var parameters: [Statement.Parameter] = []
  /// The bytes of all columns one after the other.
  private var arena: [UInt8] = []

  /// No rows of a table, whose columns are all filled in their order.
  ///
  /// A row whose key is there already is an error, or is left out.
  public init(table: String, columnCount: Int, leavesOutKnown: Bool = false) {
    self.columnCount = columnCount
    let row = "(" + Array(repeating: "?", count: columnCount).joined(separator: ", ") + ")"
    let insertion = "INSERT OR \(leavesOutKnown ? "IGNORE" : "FAIL") INTO \(table) VALUES "
    one = insertion + row
    many =
      insertion + Array(repeating: row, count: Self.width).joined(separator: ", ")
  }

  /// Whether there are no rows to write.
  public var isEmpty: Bool { parameters.isEmpty }

  /// Appends a column.
  public mutating func append(_ integer: Int64) { parameters.append(.integer(integer)) }

  /// Appends a column.
  public mutating func append(_ bytes: [UInt8]) { appendBytes { $0.append(contentsOf: bytes) } }

  /// Appends a column of the bytes that the closure appends to those that are there.
  public mutating func appendBytes(_ append: (inout [UInt8]) -> Void) {
    let start = arena.count
    append(&arena)
    parameters.append(.bytes(start..<arena.count))
  }

  /// Forgets the rows.
  public mutating func removeAll() {
    parameters.removeAll(keepingCapacity: true)
    arena.removeAll(keepingCapacity: arena.capacity <= Self.waitingLimitInBytes)
  }

  /// Writes the rows once there are enough for a statement of many, or a mebibyte of them.
  ///
  /// - Throws: `SQLiteError`; some of the rows may then be written.
  @inline(__always)
  public mutating func writeIfFull(to connection: borrowing Connection) throws(SQLiteError) {
    if parameters.count >= Self.width * columnCount || arena.count >= Self.waitingLimitInBytes {
      try write(to: connection)
    }
  }

  /// Writes all rows that are left.
  ///
  /// - Throws: `SQLiteError`; some of the rows may then be written.
  public mutating func write(to connection: borrowing Connection) throws(SQLiteError) {
    guard !parameters.isEmpty else { return }
    precondition(parameters.count % columnCount == 0, "every column of a row is filled")
    let isFull = parameters.count == Self.width * columnCount
    let statement = try connection.cached(isFull ? many : one)
    let step = isFull ? parameters.count : columnCount
    for start in stride(from: 0, to: parameters.count, by: step) {
      try statement.run(parameters[start..<start + step], of: arena)
    }
    removeAll()
  }
}
