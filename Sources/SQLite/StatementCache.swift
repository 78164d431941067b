import CSQLite

/// Compiled statements by their SQL, for a connection to lend out again and again.
///
/// A statement that is lent out stays in its place, so that giving it back costs no look-up. The same
/// SQL may be in use twice at a time: the second is compiled anew, and not kept.
@safe final class StatementCache {
  /// How many compiled statements one connection keeps.
  static let capacity = 128

  /// A statement that is kept, lent out or at rest.
  @safe final class Entry {
    let handle: OpaquePointer
    fileprivate var isLent = true
    fileprivate var isClosed = false

    fileprivate init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    /// Puts the statement to rest, or finalises it when the connection is closed.
    func giveBack() {
      unsafe sqlite3_reset(handle)
      unsafe sqlite3_clear_bindings(handle)
      isLent = false
      if isClosed { unsafe sqlite3_finalize(handle) }
    }
  }

  private var entries: [String: Entry] = [:]

  /// The statement for this SQL, if it is at rest.
  func take(_ sql: String) -> Entry? {
    guard let entry = entries[sql], !entry.isLent else { return nil }
    entry.isLent = true
    return entry
  }

  /// Keeps a statement that is about to be used; nil when there is no room for it.
  func keep(_ handle: OpaquePointer, sql: String) -> Entry? {
    guard entries.count < Self.capacity, entries[sql] == nil else { return nil }
    let entry = unsafe Entry(handle)
    entries[sql] = entry
    return entry
  }

  /// Finalises what is at rest; what is still lent out is finalised when it comes back.
  func close() {
    for entry in entries.values {
      entry.isClosed = true
      if !entry.isLent { unsafe sqlite3_finalize(entry.handle) }
    }
    entries = [:]
  }
}
