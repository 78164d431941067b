import EventLog
import Primitives
import TransparencyLog

/// What a log is to the public: files below a prefix, as C2SP's tlog-tiles lays them out.
///
///     tile/<level>/<index>[.p/<width>]   hashes of the tree
///     tile/entries/<index>[.p/<width>]   entries, each behind its length
///     payload/<index>                    a payload that its entry has by SHA-256 alone
///
/// `checkpoint`, which is signed, and `log.vkey`, the key, stand beside them.
public enum LogResources {
  /// The name of the signed tree head.
  public static let checkpoint = "checkpoint"
  /// The name of the key that signs it, in one line.
  public static let key = "log.vkey"

  /// The bytes of a resource of a log as it stands; nil if there is no such resource.
  ///
  /// - Throws: `EventLogError` if the log cannot be read.
  public static func resource(
    _ name: String, of log: EventLog
  ) throws(EventLogError) -> Bytes? {
    do throws(EventLogError) {
      if let path = TilePath(name) { return try tile(path, of: log) }
      guard let index = payloadIndex(name), index < log.count else { return nil }
      let row = try log.row(at: index + 1)
      return row.isEnteredWhole || log.format < 2 ? nil : row.payload
    } catch {
      if case .outOfRange = error { return nil }
      throw error
    }
  }

  private static func tile(
    _ path: TilePath, of log: EventLog
  ) throws(EventLogError) -> Bytes? {
    guard let level = path.level else {
      return EntryBundle.encode(try log.entries(index: path.index, width: path.width))
    }
    guard level < 8 else { return nil }
    let hashes = try log.tileHashes(level: level, index: path.index, width: path.width)
    var bytes = Bytes()
    bytes.reserveCapacity(hashes.count * Hash.sizeInBytes)
    for hash in hashes { hash.append(to: &bytes) }
    return bytes
  }

  /// The name of the payload of the leaf of an index.
  public static func payload(_ index: UInt64) -> String { "payload/" + TilePath.groups(index) }

  private static func payloadIndex(_ name: String) -> UInt64? {
    guard name.hasPrefix("payload/") else { return nil }
    // The same groups of digits as of a tile.
    return TilePath("tile/0/" + name.dropFirst(8)).flatMap { $0.isPartial ? nil : $0.index }
  }

  /// Names the resources of a tree of a size, payloads excepted, the checkpoint last.
  public static func names(treeSize: UInt64) -> [String] {
    TilePath.all(treeSize: treeSize).flatMap { path in
      path.level == 0
        ? [path.text, TilePath(level: nil, index: path.index, width: path.width).text]
        : [path.text]
    }
  }
}

/// A log's resources as files in a folder.
public struct FolderSource: TileSource {
  private let path: String

  /// The resources below a folder.
  public init(path: String) { self.path = path }

  /// The bytes of a file below the folder; nil if it is not there.
  ///
  /// - Throws: `TransparencyError.unreadable`.
  public func resource(_ name: String) throws(TransparencyError) -> Bytes? {
    let file = path + "/" + name
    guard Files.exists(file) else { return nil }
    do throws(NodeError) {
      return try Files.read(file, limitInBytes: 64 << 20)
    } catch {
      throw .unreadable(error.message)
    }
  }
}

/// A log's resources straight from its file.
public struct EventLogSource: TileSource {
  private let log: EventLog

  /// The resources of a log.
  public init(_ log: EventLog) { self.log = log }

  /// The bytes of a resource; nil if the log has none of the name.
  ///
  /// - Throws: `TransparencyError.unreadable`.
  public func resource(_ name: String) throws(TransparencyError) -> Bytes? {
    do throws(EventLogError) {
      return try LogResources.resource(name, of: log)
    } catch {
      throw .unreadable("\(error)")
    }
  }
}
