#pragma once
#include <stddef.h>
#include <sqlite3.h>

// What the event log is measured beside: a table of the same columns, in write-ahead mode with
// synchronous=FULL, filled by a prepared INSERT in a loop, a transaction a batch; no hash, no tree.

struct bare_insert {
  sqlite3 *_Nullable database;
  sqlite3_stmt *_Nullable insert;
  long long count;
};

/// Makes a fresh file; a page size of 0 leaves SQLite's own. 0, or SQLite's error code.
int bare_insert_open(struct bare_insert *_Nonnull bare, const char *_Nonnull path, int page_size);

/// Appends so many events in one transaction, all with this payload. 0, or SQLite's error code.
int bare_insert_batch(
    struct bare_insert *_Nonnull bare, int count, const void *_Nonnull payload, int size);

/// Closes the file.
void bare_insert_close(struct bare_insert *_Nonnull bare);
