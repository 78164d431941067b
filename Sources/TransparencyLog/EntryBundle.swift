import Primitives

/// Entries of a log one after the other, each behind its length in two bytes.
///
/// Source: https://c2sp.org/tlog-tiles
public enum EntryBundle {
  /// The most bytes that an entry may have.
  public static let entrySizeLimitInBytes = 0xffff

  /// The bytes of a bundle; nil if an entry is too large for one.
  public static func encode(_ entries: [Bytes]) -> Bytes? {
    var bytes = Bytes()
    bytes.reserveCapacity(entries.reduce(0) { $0 + $1.count + 2 })
    for entry in entries {
      guard entry.count <= entrySizeLimitInBytes else { return nil }
      bytes.append(UInt8(entry.count >> 8))
      bytes.append(UInt8(entry.count & 0xff))
      bytes.append(contentsOf: entry)
    }
    return bytes
  }

  /// The entries of a bundle, which has to have so many of them.
  ///
  /// - Throws: `TransparencyError.malformed`.
  public static func decode(
    _ bytes: Bytes, count: Int, name: String
  ) throws(TransparencyError) -> [Bytes] {
    var entries: [Bytes] = []
    var position = 0
    while position < bytes.count {
      guard bytes.count - position >= 2 else {
        throw .malformed(what: name, reason: "it ends within an entry's length")
      }
      let size = Int(bytes[position]) << 8 | Int(bytes[position + 1])
      position += 2
      guard bytes.count - position >= size else {
        throw .malformed(what: name, reason: "it ends within entry \(entries.count)")
      }
      entries.append(Bytes(bytes[position..<position + size]))
      position += size
      guard entries.count <= count else { break }
    }
    guard entries.count == count else {
      throw .malformed(what: name, reason: "it does not have the \(count) entries of its name")
    }
    return entries
  }
}
