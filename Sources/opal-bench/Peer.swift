import Glibc

/// A peer's program that prints numbers.
enum Peer {
  /// What a peer takes.
  typealias Figure = (name: String, value: Double)

  /// The numbers that a shell command prints, one a line; none if it fails.
  static func numbers(_ command: String) -> [Double] {
    guard let pipe = unsafe popen(command, "r") else { return [] }
    var numbers: [Double] = []
    var line = [CChar](repeating: 0, count: 512)
    while unsafe fgets(&line, 512, pipe) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if let number = Double(text.prefix { !$0.isWhitespace }) { numbers.append(number) }
    }
    return unsafe pclose(pipe) == 0 ? numbers : []
  }

  /// What the environment says, or nil.
  static func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
