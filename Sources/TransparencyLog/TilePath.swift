/// Which tile of a log, or which bundle of its entries, and how much of it.
///
/// Source: https://c2sp.org/tlog-tiles
public struct TilePath: Hashable, Sendable {
  /// How many hashes or entries a full one has.
  public static let fullWidth = 256

  /// The level of the tile, from 0 to 63; nil for a bundle of entries.
  public let level: Int?
  /// The number of the tile within its level.
  public let index: UInt64
  /// How many hashes or entries are in it, from 1 to 256.
  public let width: Int

  /// The path of a tile, or without a level of a bundle of entries.
  public init(level: Int?, index: UInt64, width: Int = TilePath.fullWidth) {
    precondition((1...Self.fullWidth).contains(width), "a tile has 1 to 256 hashes")
    precondition((0...63).contains(level ?? 0), "a level is below 64")
    self.level = level
    self.index = index
    self.width = width
  }

  /// Reads a path such as `tile/0/x001/234.p/5`; nil unless `text` gives it.
  public init?(_ path: some StringProtocol) {
    var parts = path.split(separator: "/", omittingEmptySubsequences: false)[...]
    guard parts.count >= 3, parts.count <= 12, parts.removeFirst() == "tile" else { return nil }
    let first = parts.removeFirst()
    let level = first == "entries" ? nil : Int(first)
    guard first == "entries" || level != nil, (0...63).contains(level ?? 0) else { return nil }
    var width = Self.fullWidth
    if parts.count >= 2, parts[parts.endIndex - 2].hasSuffix(".p") {
      guard let partial = Int(parts.removeLast()), (1..<Self.fullWidth).contains(partial) else {
        return nil
      }
      width = partial
      parts[parts.endIndex - 1] = parts[parts.endIndex - 1].dropLast(2)
    }
    guard let index = Self.index(parts) else { return nil }
    self.init(level: level, index: index, width: width)
    // What spells the same tile in another way is not served.
    guard text == path else { return nil }
  }

  private static func index<Text: StringProtocol>(_ parts: ArraySlice<Text>) -> UInt64? {
    var index: UInt64 = 0
    for part in parts {
      let digits = part.hasPrefix("x") ? String(part.dropFirst()) : String(part)
      guard digits.utf8.count == 3, let group = UInt64(digits) else { return nil }
      let (product, overflow) = index.multipliedReportingOverflow(by: 1_000)
      guard !overflow, product <= .max - group else { return nil }
      index = product + group
    }
    return index
  }

  /// The path below a log's prefix.
  public var text: String {
    let kind = level.map { "\($0)" } ?? "entries"
    let suffix = width == Self.fullWidth ? "" : ".p/\(width)"
    return "tile/\(kind)/\(Self.groups(index))\(suffix)"
  }

  /// Whether the tile has fewer hashes than a full one.
  public var isPartial: Bool { width < Self.fullWidth }

  /// The full tile of which this one is the beginning.
  public var full: TilePath { TilePath(level: level, index: index) }

  /// A number in groups of three digits, all but the last behind an x: `x001/x234/067`.
  public static func groups(_ number: UInt64) -> String {
    var rest = number / 1_000
    var text = group(number % 1_000)
    while rest > 0 {
      text = "x\(group(rest % 1_000))/\(text)"
      rest /= 1_000
    }
    return text
  }

  private static func group(_ number: UInt64) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: 3 - digits.utf8.count) + digits
  }

  /// The tile of a level and index in a tree of a size, as wide as that has it; nil if empty.
  public static func of(level: Int?, index: UInt64, treeSize: UInt64) -> TilePath? {
    let count = hashCount(level: level ?? 0, treeSize: treeSize)
    let (first, overflow) = index.multipliedReportingOverflow(by: UInt64(fullWidth))
    guard !overflow, first < count else { return nil }
    return TilePath(
      level: level, index: index, width: Int(min(UInt64(fullWidth), count - first)))
  }

  /// How many hashes all tiles of a level together have, in a tree of a size.
  public static func hashCount(level: Int, treeSize: UInt64) -> UInt64 {
    level < 8 ? treeSize >> UInt64(8 * level) : 0
  }

  /// Every tile of a tree of a size, level by level, each in order.
  public static func all(treeSize: UInt64) -> [TilePath] {
    (0..<8).flatMap { level in
      let count = hashCount(level: level, treeSize: treeSize)
      return (0..<(count + 255) / 256).compactMap {
        of(level: level, index: $0, treeSize: treeSize)
      }
    }
  }
}
