import EventLog
import Execution
import Glibc
import Ledger
import Primitives

/// Writes a chain's blocks as geth exports them: RLP, one after the other.
public struct ChainExport {
  private let directory: DataDirectory
  private let layer: Layer
  private let descriptor: Int32
  private let path: String
  /// Where each block begins in the file, from `first` on.
  private var starts: [Int] = []
  private var end = 0
  private var first: UInt64 = 1

  /// Prepares to write a layer's blocks into a file, in place of what is there.
  ///
  /// - Throws: ``NodeError``.
  public init(_ directory: DataDirectory, layer: Layer, to path: String) throws(NodeError) {
    guard directory.holdsLog else { throw .noLog(path: directory.path) }
    self.directory = directory
    self.layer = layer
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .file(path: path, reason: "cannot be written") }
  }

  /// Replays the log, and writes the blocks of the chain as it stands after it.
  ///
  /// The numbers are of the first and the last block to write; block 0 is the genesis, and is not.
  ///
  /// - Returns: How many blocks were written, and the last one's hash.
  /// - Throws: ``NodeError``, also where a block carries what the replay finds otherwise.
  public mutating func run(
    from first: UInt64 = 1, to last: UInt64 = .max,
    progress: (ReplayProgress) -> Void = { _ in }
  ) throws(NodeError) -> (count: Int, head: Hash) {
    defer { close(descriptor) }
    self.first = max(1, first)
    let log = try LogBundle.attempt { () throws(EventLogError) in
      try EventLog(path: directory.log, mode: .readOnly)
    }
    var replay = Replay(
      lastSequence: log.count, content: ContentStore(reading: directory.content))
    var cursor = try LogBundle.attempt { () throws(EventLogError) in try log.rows() }
    while let row = try Audit.next(&cursor) {
      for consequence in try replay.apply(row).consequences {
        switch consequence {
        case .extended(layer, let outcome) where outcome.block.header.number <= last:
          try append(outcome.block)
        case .reset(layer, let number, _): try cut(after: number)
        default: break
        }
      }
      if row.sequence % 1_024 == 0 { progress(replay.progress) }
    }
    guard ftruncate(descriptor, off_t(end)) == 0, fsync(descriptor) == 0 else {
      throw .file(path: path, reason: "cannot be synced")
    }
    return (starts.count, replay.world[layer]?.head.hash ?? .zero)
  }

  private mutating func append(_ block: Block) throws(NodeError) {
    guard block.header.number >= first else { return }
    let bytes = block.encoded
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes[done...].withUnsafeBytes { rest in
        unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(end + done))
      }
      guard count > 0 else {
        throw .file(path: path, reason: "cannot be written: is the disk full?")
      }
      done += count
    }
    starts.append(end)
    end += bytes.count
  }

  /// Takes abandoned blocks away again.
  private mutating func cut(after number: UInt64) throws(NodeError) {
    let kept = number < first ? 0 : Int(clamping: number - first + 1)
    guard kept < starts.count else { return }
    end = starts[kept]
    starts.removeSubrange(kept...)
  }
}
