/// A kind of change of a simulated disk: what is done, to which file of a directory.
public struct DiskChange: Hashable, Comparable, Sendable {
  /// What is done.
  public enum Act: String, Sendable {
    /// A file is made.
    case create
    /// Bytes are written.
    case write
    /// A file is cut short.
    case truncate
    /// What was written becomes durable.
    case sync
    /// A file is removed.
    case remove
    /// A file gets another name.
    case rename
    /// Names become durable.
    case syncNames = "sync names"
  }

  /// What is done.
  public let act: Act
  /// The file's name without its folder; for a file that is named by a hash, its folder's.
  public let file: String

  /// A change of a file.
  public init(_ act: Act, file: String) {
    self.act = act
    self.file = file
  }

  /// Both in words.
  public var name: String { act == .syncNames ? act.rawValue : act.rawValue + " " + file }

  /// Ascending by file, and then by what is done.
  public static func < (one: Self, other: Self) -> Bool {
    (one.file, one.act.rawValue) < (other.file, other.act.rawValue)
  }

  /// The file of a path, as changes of it are counted.
  static func file(of path: String) -> String {
    let draft = ".new"
    let isDraft = path.hasSuffix(draft)
    let parts = (isDraft ? path.dropLast(draft.count) : path[...]).split(separator: "/")
    let named = parts.last { part in
      part.utf8.count < 16 || !part.utf8.prefix(16).allSatisfy(isHexadecimal)
    }
    return String(named ?? "") + (isDraft ? draft : "")
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
    default: false
    }
  }
}

/// How often a kind of change came, and what became of it.
public struct DiskTally: Hashable, Sendable {
  /// How often it came.
  public var count: UInt64 = 0
  /// How often everything ended in it.
  public var endings: UInt64 = 0
  /// How often it failed.
  public var errors: UInt64 = 0
  /// How often there was no room for it.
  public var refusals: UInt64 = 0

  /// None.
  public init() {}

  /// Adds another's counts.
  public static func += (one: inout Self, other: Self) {
    one.count += other.count
    one.endings += other.endings
    one.errors += other.errors
    one.refusals += other.refusals
  }
}

/// Why a simulated disk did not do as it was told.
public enum DiskFault: Error, Hashable, Sendable {
  /// Everything has ended.
  case ended
  /// There is no room left.
  case full
  /// It failed to read or write.
  case inputOutput
}
