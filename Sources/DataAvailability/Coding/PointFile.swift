import Blobs
import Cryptography
import Glibc
import Pairings
import Primitives
import Threads

/// Points in a file that can be made again: uncompressed, and at its end the Keccak-256 of all
/// before it.
///
/// A file that is damaged is as good as none, and one that cannot be written is not written.
enum PointFile {
  static func write(_ first: [BN254.G1], _ second: [BN254.G2], to path: String) {
    var bytes = Bytes()
    bytes.reserveCapacity(64 * first.count + 128 * second.count + 32)
    for point in first { bytes += BN254.encode(point) }
    for point in second { bytes += BN254.encode(point) }
    bytes += Keccak256.hash(bytes).bytes
    let temporary = "\(path).\(getpid()).new"
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
    if written == bytes.count {
      unsafe rename(temporary, path)
    } else {
      unsafe unlink(temporary)
    }
  }

  /// As many points of each group as are asked for; nil where the file has not just them.
  static func read(
    _ path: String, firstCount: Int, secondCount: Int, threads: Int
  ) -> (first: [BN254.G1], second: [BN254.G2])? {
    let size = 64 * firstCount + 128 * secondCount + 32
    guard let bytes = read(path, size: size),
      Keccak256.hash(bytes[..<(size - 32)]).bytes[...] == bytes[(size - 32)..<size]
    else { return nil }
    let ranges = Parallel.ranges(firstCount, threads: threads)
    let first = Parallel.map(ranges.count, threads: threads) { part in
      ranges[part].compactMap { BN254.decodeG1(bytes[64 * $0..<64 * ($0 + 1)]) }
    }.joined()
    let start = 64 * firstCount
    let second = (0..<secondCount).compactMap { index in
      BN254.decodeG2(bytes[start + 128 * index..<start + 128 * (index + 1)])
    }
    guard first.count == firstCount, second.count == secondCount else { return nil }
    return (Array(first), second)
  }

  /// The bytes of a file, if it has just so many.
  private static func read(_ path: String, size: Int) -> Bytes? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = Bytes(repeating: 0, count: size + 1)
    var filled = 0
    while filled < bytes.count {
      let count = unsafe bytes[filled...].withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      }
      if count <= 0 { break }
      filled += count
    }
    return filled == size ? bytes : nil
  }
}
