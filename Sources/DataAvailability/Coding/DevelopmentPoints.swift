import Blobs
import Pairings
import Threads

/// The points of the development string, made on first use and kept in a file.
public enum DevelopmentPoints {
  /// The development string with that many powers, a power of two from 2 to 2¹⁹.
  ///
  /// A file that is damaged is made again. Where it cannot be written, the points are made each
  /// time.
  public static func string(order: Int, cacheFolder: String?, threads: Int = 1) -> ReferenceString {
    let path = cacheFolder.map { $0 + "/development-\(order).points" }
    if let path,
      let kept = PointFile.read(path, firstCount: order, secondCount: order, threads: threads)
    {
      return ReferenceString(
        profile: .development, powers1: kept.first, powers2: kept.second)
    }
    let ranges = Parallel.ranges(order, threads: threads)
    let first = Parallel.map(ranges.count, threads: threads) {
      ReferenceString.developmentPowers1(ranges[$0])
    }
    let second = Parallel.map(ranges.count, threads: threads) {
      ReferenceString.developmentPowers2(ranges[$0])
    }
    let string = ReferenceString(
      profile: .development, powers1: Array(first.joined()), powers2: Array(second.joined()))
    if let path { PointFile.write(string.powers1, string.powers2, to: path) }
    return string
  }
}
