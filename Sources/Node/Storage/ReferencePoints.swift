import Blobs
import DataAvailability
import Glibc
import JSON
import Primitives

/// Where the points of reference strings come from: files that the user names, or, for the
/// development string, a cache that is filled on first use.
public struct ReferencePoints: Sendable {
  /// The folder with EigenDA's files; nil where only development points are wanted.
  public var folder: String?
  /// Where development points and provers' tables are kept; nil for nowhere.
  public var cacheFolder: String?
  /// How many threads make points.
  public var threads: Int

  /// The files' names, EigenDA's own and those of its parts.
  private static let mainFiles = [
    ["g1.point", "mainnet.g1.65536.point", "mainnet.g1.4096.point"],
    ["g2.point.powerOf2", "mainnet.g2.point.powerOf2"],
    ["g1.reversePowerOf2.json", "mainnet.g1.reversePowerOf2.json"],
  ]
  /// Those of points in G2, the first and the last ones: with both, length proofs can be made.
  private static let proofFiles = ["g2.point", "g2.trailing.point"]
  private static let testFiles = [
    ["testsrs.g1.3000.point", "g1.point"], ["testsrs.g2.3000.point", "g2.point"],
  ]

  /// Points from these places.
  public init(folder: String?, cacheFolder: String?, threads: Int = 1) {
    self.folder = folder
    self.cacheFolder = cacheFolder
    self.threads = threads
  }

  /// A user's cache: `OPAL_CACHE`, or `opal` in `XDG_CACHE_HOME` or `~/.cache`; nil where it cannot
  /// be made.
  public static var userCacheFolder: String? {
    func variable(_ name: String) -> String? {
      unsafe getenv(name).map { unsafe String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    let folder =
      variable("OPAL_CACHE") ?? variable("XDG_CACHE_HOME").map { $0 + "/opal" }
      ?? variable("HOME").map { $0 + "/.cache/opal" }
    guard let folder, (try? Files.makeDirectory(folder)) != nil else { return nil }
    return folder
  }

  /// The string of a profile; every point is checked, and that they are powers of one secret.
  ///
  /// `order` is how many powers a development string has, and how many of the main string's are
  /// read at most.
  ///
  /// - Throws: ``NodeError/file(path:reason:)`` where a file is missing, or not what it should be.
  public func string(
    _ profile: ReferenceString.Profile, order: Int
  ) throws(NodeError) -> ReferenceString {
    if profile == .development {
      return DevelopmentPoints.string(
        order: order, cacheFolder: cacheFolder, threads: threads)
    }
    guard let folder else {
      throw .file(path: "\(profile.name)", reason: "no folder with its points was named")
    }
    var files: [Bytes] = []
    for names in profile == .mainnet ? Self.mainFiles : Self.testFiles {
      let paths = names.map { folder + "/" + $0 }
      guard let path = paths.first(where: { Files.exists($0) }) else {
        throw .file(path: folder, reason: "has no file \(names[0])")
      }
      files.append(try Files.read(path, limitInBytes: 1 << 28))
    }
    let proofs = profile == .mainnet ? try Self.proofPoints(folder) : []
    let string: ReferenceString
    do throws(ReferenceStringError) {
      string =
        profile == .test
        ? try .reading(.test, g1: files[0], g2: files[1])
        : try Self.main(files, proofs, order: order)
    } catch {
      throw .file(path: folder, reason: "the points are not those of \(profile.name): \(error)")
    }
    guard string.verificationPoints.hash == profile.pointsHash else {
      throw .file(path: folder, reason: "the points are of another string than \(profile.name)")
    }
    return string
  }

  /// The powers in G2 of which length proofs are made; nothing unless both files are there.
  private static func proofPoints(_ folder: String) throws(NodeError) -> [Bytes] {
    let paths = proofFiles.map { folder + "/" + $0 }
    guard paths.allSatisfy({ Files.exists($0) }) else { return [[], []] }
    return [
      try Files.read(paths[0], limitInBytes: 1 << 28),
      try Files.read(paths[1], limitInBytes: 1 << 28),
    ]
  }

  private static func main(
    _ files: [Bytes], _ proofs: [Bytes], order: Int
  ) throws(ReferenceStringError) -> ReferenceString {
    try .readingMainnet(
      g1: Bytes(files[0].prefix(32 * order)), doublings2: files[1],
      trailing1: try listed(files[2]), g2: Bytes(proofs[0].prefix(64 * order)),
      trailing2: Bytes(proofs[1].suffix(64 * order)))
  }

  /// The points in a file of JSON, `{"points": ["…", …]}`.
  private static func listed(_ text: Bytes) throws(ReferenceStringError) -> Bytes {
    guard let points = (try? JSON.parse(text))?["points"]?.array else { throw .length(text.count) }
    var bytes = Bytes()
    for (index, point) in points.enumerated() {
      guard let digits = point.string, let decoded = Hexadecimal.decode(digits) else {
        throw .point(index)
      }
      bytes += decoded
    }
    return bytes
  }
}
