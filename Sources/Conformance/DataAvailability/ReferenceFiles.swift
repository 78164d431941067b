import Blobs
import DataAvailability
import Glibc
import Pairings
import Primitives
import Synchronization

/// Finds and reads the points on which the vectors' commitments stand; each file once.
enum ReferenceFiles {
  private struct Cache {
    var mainnet: ReferenceString?
    var test: ReferenceString?
  }

  private static let cache = Mutex(Cache())

  /// EigenDA's main points, or nil where the files are missing.
  ///
  /// - Throws: `FixtureError` if they are not those.
  static func mainnet(near path: String) throws(FixtureError) -> ReferenceString? {
    if let known = cache.withLock({ $0.mainnet }) { return known }
    guard let g1 = try read("mainnet.g1.65536.point", near: path),
      let doublings = try read("mainnet.g2.point.powerOf2", near: path),
      let listed = find("mainnet.g1.reversePowerOf2.json", near: path)
    else { return nil }
    let file = FixtureFile(name: listed, path: listed)
    var trailing = Bytes()
    for point in try file.document().field("points").elements() { trailing += try point.bytes() }
    let string: ReferenceString
    do throws(ReferenceStringError) {
      string = try ReferenceString.readingMainnet(
        g1: g1, doublings2: doublings, trailing1: trailing)
    } catch {
      throw FixtureError(place: "mainnet points", reason: "\(error)")
    }
    cache.withLock { $0.mainnet = string }
    return string
  }

  /// EigenDA's old test points, or nil where the files are missing.
  ///
  /// - Throws: `FixtureError` if they are not those.
  static func test(near path: String) throws(FixtureError) -> ReferenceString? {
    if let known = cache.withLock({ $0.test }) { return known }
    guard let g1 = try read("testsrs.g1.3000.point", near: path),
      let g2 = try read("testsrs.g2.3000.point", near: path)
    else { return nil }
    let string: ReferenceString
    do throws(ReferenceStringError) {
      string = try ReferenceString.reading(.test, g1: g1, g2: g2)
    } catch {
      throw FixtureError(place: "test points", reason: "\(error)")
    }
    cache.withLock { $0.test = string }
    return string
  }

  /// A file beside the vectors, or where vectors are kept.
  static func read(_ name: String, near path: String) throws(FixtureError) -> Bytes? {
    guard let found = find(name, near: path) else { return nil }
    return try FixtureFolder.read(found, limitInBytes: 64 << 20)
  }

  private static func find(_ name: String, near path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let folder = parts.isEmpty ? "." : parts.joined(separator: "/")
    var folders = [folder, folder + "/../srs", folder + "/srs"]
    if let given = unsafe getenv("OPAL_VECTORS") {
      unsafe folders.append(String(cString: given) + "/da/srs")
    }
    folders.append("../shared/vectors/da/srs")
    return folders.map { $0 + "/" + name }.first { unsafe access($0, R_OK) == 0 }
  }

  /// That a case cannot be run without points.
  static var missing: Verdict { .skipped("the reference string's points are not there") }
}
