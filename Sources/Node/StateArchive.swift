import Primitives

/// A data directory in one file: the log, and what a replay of it needs besides.
///
///     OPALSTATE1\n, then for each file: name's length and content's length, eight bytes each,
///     big-endian; the name; the content
///
/// Views are left out, which follow from the log, and so are keys, which are nobody else's.
public enum StateArchive {
  /// What a file of this form begins with.
  public static let magic = Bytes("OPALSTATE1\n".utf8)

  /// Packs the directory of a node that has stopped.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``.
  public static func pack(_ directory: DataDirectory, to path: String) throws(NodeError) {
    var archive = magic
    for name in ["log.sqlite", "log.sqlite-wal", "checkpoint", "fork.cache"]
    where Files.exists(directory.path + "/" + name) {
      append(try read(directory.path + "/" + name), name, to: &archive)
    }
    for name in Files.names(in: directory.content) {
      append(try read(directory.content + "/" + name), "content/" + name, to: &archive)
    }
    try Files.write(archive, to: path)
  }

  /// Unpacks into a directory that has no log.
  ///
  /// - Throws: ``NodeError/file(path:reason:)``, also where the bytes are no archive.
  public static func unpack(
    _ archive: Bytes, from path: String, into directory: DataDirectory
  ) throws(NodeError) {
    guard !directory.holdsLog else {
      throw .file(path: directory.path, reason: "holds a log, which would be lost")
    }
    let damaged = NodeError.file(path: path, reason: "is no state of opal, or cut off")
    guard archive.starts(with: magic) else { throw damaged }
    try Files.makeDirectory(directory.path)
    try Files.makeDirectory(directory.content)
    var rest = archive[magic.count...]
    while !rest.isEmpty {
      guard rest.count >= 16 else { throw damaged }
      let lengths = rest.prefix(16)
      rest = rest.dropFirst(16)
      let nameLength = number(lengths.prefix(8))
      let length = number(lengths.suffix(8))
      guard let nameLength, let length, nameLength <= 256, rest.count - nameLength >= length,
        let name = String(validating: rest.prefix(nameLength), as: UTF8.self), isKnown(name)
      else { throw damaged }
      rest = rest.dropFirst(nameLength)
      try Files.write(Bytes(rest.prefix(length)), to: directory.path + "/" + name)
      rest = rest.dropFirst(length)
    }
  }

  /// Whether a name is one that we write: nothing else may leave the directory.
  private static func isKnown(_ name: String) -> Bool {
    if ["log.sqlite", "log.sqlite-wal", "checkpoint", "fork.cache"].contains(name) { return true }
    guard name.hasPrefix("content/") else { return false }
    let rest = name.utf8.dropFirst(8)
    return rest.count == 64 && rest.allSatisfy { Hexadecimal.value(of: $0) != nil }
  }

  private static func read(_ path: String) throws(NodeError) -> Bytes {
    try Files.read(path, limitInBytes: .max)
  }

  private static func append(_ content: Bytes, _ name: String, to archive: inout Bytes) {
    let name = Bytes(name.utf8)
    for count in [name.count, content.count] {
      archive += UInt256(UInt64(count)).bigEndianBytes.suffix(8)
    }
    archive += name
    archive += content
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
    Int(exactly: bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
}
