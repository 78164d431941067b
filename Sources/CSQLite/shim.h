#pragma once
#include <sqlite3.h>

// What Swift cannot import of SQLite's interface: a variadic function, and a destructor that is
// a cast of -1. Nothing here has behaviour of its own.

/// sqlite3_db_config with SQLITE_DBCONFIG_DEFENSIVE: SQL can no longer corrupt the file.
static inline int opal_sqlite3_set_defensive(sqlite3 *database) {
  return sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
}

/// sqlite3_db_config with SQLITE_DBCONFIG_ENABLE_TRIGGER, for this connection only.
static inline int opal_sqlite3_enable_triggers(sqlite3 *database, int enabled) {
  return sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, enabled, (int *)0);
}

/// sqlite3_bind_blob64 with SQLITE_TRANSIENT: SQLite takes a copy.
static inline int opal_sqlite3_bind_blob(
    sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
  return sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_TRANSIENT);
}

/// sqlite3_bind_text64 with SQLITE_TRANSIENT and SQLITE_UTF8: SQLite takes a copy.
static inline int opal_sqlite3_bind_text(
    sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 count) {
  return sqlite3_bind_text64(statement, index, text, count, SQLITE_TRANSIENT, SQLITE_UTF8);
}
