import Cryptography
import Primitives
import SQLite

extension EventLog {
  /// The name of the log: `opal.log/` and the leaf hash of its first event.
  ///
  /// - Throws: `EventLogError`: `outOfRange` for a log without events; `corrupt`.
  public func origin() throws(EventLogError) -> String {
    Checkpoint.origin(firstLeaf: try leafHash(at: 1))
  }

  /// The last checkpoint, or nil if there is none.
  ///
  /// Its signature is not checked: `Checkpoint.isSigned` does that.
  ///
  /// - Throws: `EventLogError.corrupt` if it cannot be read, or covers events that are not there.
  public func latestCheckpoint() throws(EventLogError) -> Checkpoint? {
    try readCheckpoints("ORDER BY sequence DESC LIMIT 1").first
  }

  /// All checkpoints, the oldest first.
  ///
  /// - Throws: `EventLogError.corrupt` if one cannot be read, or covers events that are not there.
  public func checkpoints() throws(EventLogError) -> [Checkpoint] {
    try readCheckpoints("ORDER BY sequence")
  }

  /// Signs the tree over all events, and keeps the checkpoint.
  ///
  /// Nothing is signed that does not extend the last checkpoint. If nothing was appended since, the
  /// answer is that one. `sign` gets the digest to sign with the key of `publicKey` (x ‖ y).
  ///
  /// - Throws: `EventLogError`: `checkpointRefused` for a log without events, a tree that does not
  ///   have the last checkpoint's root at its size, another signer for the same size, or a
  ///   signature that is not one by the key; `readOnly`; what `append` throws of the file.
  public func writeCheckpoint(
    publicKey: Bytes, provider: any CryptographyProvider, sign: (Hash) -> Signature
  ) throws(EventLogError) -> Checkpoint {
    guard mode == .readWrite else { throw .readOnly(path: path) }
    guard !hasFailed else { throw .failedBefore(path: path) }
    guard count > 0 else { throw refusal("there is no event yet") }
    if let last = try latestCheckpoint() {
      guard try root(size: last.size) == last.root else {
        throw refusal("the log does not extend the checkpoint of \(last.size) events")
      }
      if last.size == count {
        guard last.publicKey == publicKey else { throw refusal("another key has signed it") }
        return last
      }
    }
    var checkpoint = Checkpoint(
      origin: try origin(), size: count, root: try root(), publicKey: publicKey,
      signature: Signature(r: .zero, s: .zero, yParity: false))
    checkpoint.signature = sign(checkpoint.digest)
    guard checkpoint.isSigned(provider: provider) else {
      throw refusal("the signature is not one by the key")
    }
    try insert(checkpoint)
    return checkpoint
  }

  /// Keeps a checkpoint that was signed elsewhere, over the events that are here.
  ///
  /// - Throws: `EventLogError`: `checkpointRefused` if it speaks of another tree, or is not signed
  ///   by its key, or a later one is kept already; what `append` throws of the file.
  public func adopt(
    _ checkpoint: Checkpoint, provider: any CryptographyProvider
  ) throws(EventLogError) {
    guard mode == .readWrite else { throw .readOnly(path: path) }
    guard checkpoint.size > 0, checkpoint.size <= count,
      try checkpoint.origin == origin(), try checkpoint.root == root(size: checkpoint.size)
    else { throw refusal("the checkpoint speaks of another log") }
    guard checkpoint.isSigned(provider: provider) else {
      throw refusal("the signature is not one by the key")
    }
    if let last = try latestCheckpoint(), last.size >= checkpoint.size {
      throw refusal("the checkpoint of \(last.size) events is not older")
    }
    try insert(checkpoint)
  }

  private func refusal(_ reason: String) -> EventLogError {
    .checkpointRefused(path: path, sequence: count, reason: reason)
  }

  private func insert(_ checkpoint: Checkpoint) throws(EventLogError) {
    do throws(SQLiteError) {
      let insert = try connection.cached("INSERT INTO checkpoint VALUES (?, ?, ?, ?, ?)")
      try insert.bind(1, Int64(checkpoint.size))
      try insert.bind(2, checkpoint.root.bytes)
      try insert.bind(3, Checkpoint.scheme)
      try insert.bind(4, checkpoint.publicKey)
      try insert.bind(5, checkpoint.signature.bytes65)
      try insert.run()
    } catch {
      hasFailed = error.code != .full && error.code != .busy
      throw EventLogError(error, path: path, sequence: checkpoint.size)
    }
  }

  private func readCheckpoints(_ order: String) throws(EventLogError) -> [Checkpoint] {
    let query = try attempt { () throws(SQLiteError) in
      try connection.cached(
        "SELECT sequence, root, scheme, key, signature FROM checkpoint " + order)
    }
    var checkpoints: [Checkpoint] = []
    while try attempt(nil, { () throws(SQLiteError) in try query.step() }) {
      checkpoints.append(try readCheckpoint(query))
    }
    return checkpoints
  }

  private func readCheckpoint(
    _ query: borrowing Statement
  ) throws(EventLogError) -> Checkpoint {
    let (size, scheme) = try attempt { () throws(SQLiteError) in
      (try query.int64(0), try query.int64(2))
    }
    guard scheme == Checkpoint.scheme else {
      throw corruptCheckpoint(size, "has the signature scheme \(scheme), which is not known")
    }
    let (root, publicKey, signature) = try attempt(UInt64(clamping: size)) {
      () throws(SQLiteError) in
      (
        Hash(checking: try query.blob(1)), try query.blob(3),
        Signature(bytes65: try query.blob(4))
      )
    }
    guard size > 0, size <= count else {
      throw corruptCheckpoint(size, "covers more than the \(count) events that are there")
    }
    guard let root, publicKey.count == 64, let signature else {
      throw corruptCheckpoint(size, "is malformed")
    }
    return Checkpoint(
      origin: try origin(), size: UInt64(size), root: root, publicKey: publicKey,
      signature: signature)
  }

  private func corruptCheckpoint(_ size: Int64, _ detail: String) -> EventLogError {
    .corrupt(
      path: path, sequence: UInt64(clamping: size),
      detail: "the checkpoint of \(size) events \(detail)")
  }

  /// Makes sure at opening that the last checkpoint speaks of this tree.
  func checkLatestCheckpoint() throws(EventLogError) {
    guard let last = try latestCheckpoint() else { return }
    guard try root(size: last.size) == last.root else {
      throw corruptCheckpoint(
        Int64(clamping: last.size), "has another root than the tree of these events")
    }
  }
}
