import CSQLite

/// Compiled statements at rest, by their SQL, for a connection to lend out again.
///
/// A statement that is lent out is not in here, so the same SQL may be in use twice at a time: the
/// second is compiled anew, and only one of the two comes back.
@safe final class StatementCache {
  /// How many compiled statements one connection keeps.
  static let capacity = 128

  private var idle: [String: OpaquePointer] = unsafe [:]
  private var isClosed = false

  /// Takes a statement out, or nil if none for this SQL is at rest.
  func take(_ sql: String) -> OpaquePointer? {
    unsafe idle.removeValue(forKey: sql)
  }

  /// Puts a statement to rest, or finalises it when there is no room for it.
  func put(_ handle: OpaquePointer, sql: String) {
    unsafe sqlite3_reset(handle)
    unsafe sqlite3_clear_bindings(handle)
    let hasRoom = unsafe idle.count < Self.capacity && idle[sql] == nil
    if isClosed || !hasRoom {
      unsafe sqlite3_finalize(handle)
    } else {
      unsafe idle[sql] = handle
    }
  }

  /// Finalises what is at rest; what is still lent out is finalised when it comes back.
  func close() {
    isClosed = true
    unsafe idle.values.forEach { handle in
      unsafe sqlite3_finalize(handle)
    }
    unsafe idle.removeAll()
  }
}
