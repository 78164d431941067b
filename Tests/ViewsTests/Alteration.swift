import SQLite

/// Changes a database behind its owner's back.
func alter(_ path: String, _ sql: String) throws {
  try Connection(path: path, mode: .readWrite).execute(sql)
}
