import Blobs
import Cryptography
import Glibc
import Pairings
import Primitives

/// The points of the development string, made on first use and kept in a file.
public enum DevelopmentPoints {
  /// The development string with that many powers, a power of two from 2 to 2¹⁹.
  ///
  /// The file holds the points uncompressed and, at its end, the Keccak-256 of all before it; one
  /// that is damaged is made again. Where it cannot be written, the points are made each time.
  public static func string(order: Int, cacheFolder: String?, threads: Int = 1) -> ReferenceString {
    let path = cacheFolder.map { $0 + "/development-\(order).points" }
    if let path, let kept = read(path, order: order) { return kept }
    let ranges = Parallel.ranges(order, threads: threads)
    let first = Parallel.map(ranges.count, threads: threads) {
      ReferenceString.developmentPowers1(ranges[$0])
    }
    let second = Parallel.map(ranges.count, threads: threads) {
      ReferenceString.developmentPowers2(ranges[$0])
    }
    let string = ReferenceString(
      profile: .development, powers1: Array(first.joined()), powers2: Array(second.joined()))
    if let path { write(string, path) }
    return string
  }

  private static func write(_ string: ReferenceString, _ path: String) {
    var bytes = Bytes()
    bytes.reserveCapacity(192 * string.order + 32)
    for point in string.powers1 { bytes += BN254.encode(point) }
    for point in string.powers2 { bytes += BN254.encode(point) }
    bytes += Keccak256.hash(bytes).bytes
    let temporary = path + ".new"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return }
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes[written...].withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      if count <= 0 { break }
      written += count
    }
    close(descriptor)
    if written == bytes.count { unsafe rename(temporary, path) }
  }

  private static func read(_ path: String, order: Int) -> ReferenceString? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let size = 192 * order + 32
    var bytes = Bytes(repeating: 0, count: size + 1)
    var filled = 0
    while filled < bytes.count {
      let count = unsafe bytes[filled...].withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      }
      if count <= 0 { break }
      filled += count
    }
    guard filled == size,
      Keccak256.hash(bytes[..<(size - 32)]).bytes[...] == bytes[(size - 32)..<size]
    else { return nil }
    var first: [BN254.G1] = []
    var second: [BN254.G2] = []
    for index in 0..<order {
      let start = 64 * order + 128 * index
      guard let point = BN254.decodeG1(bytes[64 * index..<64 * (index + 1)]),
        let twist = BN254.decodeG2(bytes[start..<start + 128])
      else { return nil }
      first.append(point)
      second.append(twist)
    }
    return ReferenceString(profile: .development, powers1: first, powers2: second)
  }
}
