#include "bare_insert.h"

#include <stdio.h>
#include <string.h>

int bare_insert_open(struct bare_insert *bare, const char *path, int page_size) {
  char pragma[64];
  memset(bare, 0, sizeof *bare);
  int code = sqlite3_open(path, &bare->database);
  if (code != SQLITE_OK) return code;
  if (page_size > 0) {
    snprintf(pragma, sizeof pragma, "PRAGMA page_size = %d", page_size);
    code = sqlite3_exec(bare->database, pragma, 0, 0, 0);
    if (code != SQLITE_OK) return code;
  }
  code = sqlite3_exec(
      bare->database,
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
      "CREATE TABLE event(sequence INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"
      " payload BLOB NOT NULL, commitment BLOB NOT NULL) STRICT;",
      0, 0, 0);
  if (code != SQLITE_OK) return code;
  return sqlite3_prepare_v2(
      bare->database, "INSERT INTO event VALUES (?, ?, ?, ?)", -1, &bare->insert, 0);
}

int bare_insert_batch(struct bare_insert *bare, int count, const void *payload, int size) {
  unsigned char commitment[32] = {7};
  int code = sqlite3_exec(bare->database, "BEGIN IMMEDIATE", 0, 0, 0);
  for (int index = 0; index < count && code == SQLITE_OK; index++) {
    sqlite3_bind_int64(bare->insert, 1, ++bare->count);
    sqlite3_bind_int64(bare->insert, 2, 16);
    sqlite3_bind_blob(bare->insert, 3, payload, size, SQLITE_STATIC);
    sqlite3_bind_blob(bare->insert, 4, commitment, sizeof commitment, SQLITE_STATIC);
    code = sqlite3_step(bare->insert);
    sqlite3_reset(bare->insert);
    if (code == SQLITE_DONE) code = SQLITE_OK;
  }
  return code != SQLITE_OK ? code : sqlite3_exec(bare->database, "COMMIT", 0, 0, 0);
}

void bare_insert_close(struct bare_insert *bare) {
  sqlite3_finalize(bare->insert);
  sqlite3_close(bare->database);
}
