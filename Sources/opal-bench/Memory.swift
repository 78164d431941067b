import Glibc

/// The memory of this process.
enum Memory {
  /// The bytes that are in memory now.
  static var resident: Int { 1024 * (field("VmRSS:") ?? 0) }

  /// The most bytes that were ever in memory.
  static var peak: Int { 1024 * (field("VmHWM:") ?? 0) }

  private static func field(_ name: String) -> Int? {
    guard let file = unsafe fopen("/proc/self/status", "r") else { return nil }
    defer { unsafe fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while unsafe fgets(&line, 256, file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if text.hasPrefix(name) {
        return text.split(whereSeparator: \.isWhitespace).dropLast().last.flatMap { Int($0) }
      }
    }
    return nil
  }
}
