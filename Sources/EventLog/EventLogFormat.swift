import Cryptography
import Primitives
import SQLite

// The file format of the event log, version 2
// ===========================================
//
// A log is one SQLite database in WAL mode, by custom called `log.sqlite`, with the application id
// 0x4f504c47 ("OPLG") and the user version 2. Its pages have 16 KiB, which costs a commit of one
// row nothing and makes one of ten thousand rows a third faster. What the schema is says
// `EventLogFormat.schema` below, word for word: a file whose schema differs in one byte is refused.
//
// ## Tables
//
// All are STRICT, and all only grow. Triggers abort every INSERT, UPDATE and DELETE: REPLACE, too,
// whatever `recursive_triggers` is, because it is the BEFORE INSERT trigger that refuses it. The
// one writer switches triggers off for its own connection, on which it compiles three INSERT
// statements and nothing else. Triggers stop mistakes; the tree below is what tells of tampering.
//
//     event(sequence, kind, payload, commitment)
//       One row an event. The sequence is 1, 2, 3, … without gaps. The kind, 0 to 65535, and the
//       payload, at most 16 MiB, belong to the ledger; so does the commitment, 32 bytes, the
//       fingerprint of the world after the event. This module gives none of them a meaning.
//     leaf(sequence, hashes)
//       The leaf hashes, 32 bytes each, of the events from `sequence` on, in order: a run. A commit
//       writes one run for each 64 events, so that pages fill well, and none crosses a tile's end.
//       Together the runs name every event once. With them a proof reads no payload, an altered
//       event is named by its sequence, and each read of an event checks itself.
//     tile(number, root)
//       For each complete run of 256 leaves (number 0 has the events 1 to 256) the root of its
//       tree: what makes opening fast and a proof short of reading the whole of `leaf`.
//     checkpoint(sequence, root, scheme, key, signature)
//       A signed statement about the tree of the events 1 to `sequence`.
//     meta(name, value)
//       The format's name and version in words.
//
// ## Hashes
//
// H is SHA-256, ‖ joins bytes, RLP is canonical RLP: a number big-endian without leading zeros, the
// commitment a string of 32 bytes (0xa0 and the bytes).
//
//     entry hash = H(0x02 ‖ RLP[sequence, kind, payload])
//     entry      = RLP[sequence, kind, payload, commitment]
//     leaf hash  = H(0x00 ‖ entry)
//     node hash  = H(0x01 ‖ left ‖ right)
//
// A payload of more than 65,280 bytes stands in its entry as the list [size, H(payload)], so that no
// entry has more than 65,535 bytes, which is what a bundle of C2SP's tlog-tiles can hold. (Version 1
// had every payload whole in its leaf. Its logs are read and extended as they began.)
//
// The tree is that of RFC 9162, section 2.1, over the leaf hashes, the event of sequence n being
// the leaf of index n - 1. The ledger puts the entry hash, which the commitment is not part of,
// into the commitment; the leaf hash then covers both. 0x00, 0x01 and 0x02 keep the three apart.
//
// ## Checkpoints
//
// The signed bytes are the text of a C2SP tlog-checkpoint, in ASCII, each line ended by 0x0a:
//
//     opal.log/<64 lower-case digits: the leaf hash of event 1>
//     <sequence, decimal>
//     <root, 44 characters of base64>
//
// The origin is the log's first event, which declares the genesis, so no two chains share one.
// Scheme 1 is the only one so far: the signature is r ‖ s ‖ v (65 bytes, v 27 or 28, s low) by
// secp256k1 over H(text), and the key x ‖ y (64 bytes). A checkpoint has a larger sequence than
// those before it and the root of the same tree, so each extends the last.
//
// ## Durability
//
// `synchronous` is FULL: a commit has returned when its frames in `log.sqlite-wal` are synced. An
// append is one transaction: its events, their leaf runs and tiles are there, or none of them is.
// A log is made under another name and renamed, so an empty `log.sqlite` is a damaged one.

/// The constants of the log's file format; the comment above says what they mean.
public enum EventLogFormat {
  /// The version this code writes, and the newest that it reads.
  public static let version: Int64 = 2
  /// The application id in the header of the database: "OPLG".
  public static let applicationID: Int64 = 0x4f50_4c47
  /// The most bytes that one payload may have; larger things are logged by their hash.
  public static let maximumPayloadSizeInBytes = 16 << 20
  /// The most bytes of a payload that stand in the entry whose hash is the leaf; a larger one is
  /// there by size and SHA-256.
  public static let maximumEnteredPayloadSizeInBytes = 65_280
  /// How many leaves a tile has, as a power of two.
  public static let tileHeight = 8
  /// How many leaves a tile has.
  public static let tileWidth: UInt64 = 256
  /// How many leaf hashes a row of the table `leaf` has at most; 2 KiB, of which a page takes seven.
  static let runLength = 64
  /// How long a writer waits for a foreign client that holds the file.
  static let busyTimeoutInMilliseconds = 5_000

  /// What is set on the connection before the schema is made.
  static let creation = """
    PRAGMA page_size = 16384;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    """

  /// What is set on every connection that writes.
  ///
  /// The page cache has room for 16 MiB, so that a batch is written once, at its commit. After 512
  /// pages, 8 MiB, the journal goes into the file and is written over from its start, which syncs
  /// faster than a journal that gets longer; one that a large batch made longer is cut to 64 MiB.
  static let writing = """
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -16384;
    PRAGMA wal_autocheckpoint = 512;
    PRAGMA journal_size_limit = 67108864;
    """

  /// The whole schema of a version, with the rows that are never changed.
  static func schema(version: Int64) -> String {
    """
    CREATE TABLE event(
      sequence INTEGER PRIMARY KEY,
      kind INTEGER NOT NULL,
      payload BLOB NOT NULL,
      commitment BLOB NOT NULL
    ) STRICT;
    CREATE TABLE leaf(
      sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
      hashes BLOB NOT NULL
    ) STRICT;
    CREATE TABLE tile(
      number INTEGER PRIMARY KEY CHECK (number >= 0),
      root BLOB NOT NULL CHECK (length(root) = 32)
    ) STRICT;
    CREATE TABLE checkpoint(
      sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
      root BLOB NOT NULL CHECK (length(root) = 32),
      scheme INTEGER NOT NULL,
      key BLOB NOT NULL,
      signature BLOB NOT NULL
    ) STRICT;
    CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    INSERT INTO meta VALUES ('format', 'opal event log');
    INSERT INTO meta VALUES ('version', '\(version)');
    """ + guards + "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version);"
  }

  /// The triggers that refuse every change by anybody else.
  private static let guards = ["event", "leaf", "tile", "checkpoint", "meta"].map { table in
    ["INSERT", "UPDATE", "DELETE"].map { change in
      """
      CREATE TRIGGER \(table)_refuses_\(change.lowercased()) BEFORE \(change) ON \(table)
      BEGIN SELECT RAISE(ABORT, 'the event log is append-only, and only opal appends'); END;

      """
    }.joined()
  }.joined()
}
