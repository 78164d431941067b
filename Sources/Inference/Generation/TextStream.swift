import Primitives

/// Turns bytes that arrive token by token into text that can be shown.
///
/// A token may end within a character, and a stop string may be spread over several tokens, so
/// some bytes are held back until it is clear what they are.
package struct TextStream: Sendable {
  private let stop: [Bytes]
  private var pending: Bytes = []

  /// A stream that ends at the first of the stop strings.
  package init(stop: [String]) {
    self.stop = stop.map { Bytes($0.utf8) }.filter { !$0.isEmpty }
  }

  /// Takes a token's bytes and gives what can be shown now, and whether a stop string appeared.
  package mutating func append(_ bytes: Bytes) -> (text: String, isStopped: Bool) {
    pending += bytes
    if let end = firstStop() {
      let text = String(decoding: pending[..<end], as: UTF8.self)
      pending = []
      return (text, true)
    }
    let held = max(heldForStop(), incompleteCharacter())
    let text = String(decoding: pending.dropLast(held), as: UTF8.self)
    pending.removeFirst(pending.count - held)
    return (text, false)
  }

  /// Gives what was held back; half a character becomes U+FFFD.
  package mutating func finish() -> String {
    defer { pending = [] }
    return String(decoding: pending, as: UTF8.self)
  }

  /// Where the earliest stop string begins.
  private func firstStop() -> Int? {
    pending.indices.first { start in
      stop.contains { pending[start...].starts(with: $0) }
    }
  }

  /// How many of the last bytes could be the beginning of a stop string.
  private func heldForStop() -> Int {
    let longest = stop.map(\.count).max() ?? 0
    guard longest > 1 else { return 0 }
    for count in stride(from: min(longest - 1, pending.count), to: 0, by: -1) {
      let end = pending.suffix(count)
      if stop.contains(where: { $0.count > count && $0.starts(with: end) }) { return count }
    }
    return 0
  }

  /// How many of the last bytes begin a character that is not complete.
  private func incompleteCharacter() -> Int {
    for (index, byte) in pending.suffix(3).reversed().enumerated() {
      switch byte {
      case 0x80..<0xc0: continue
      case 0xc0..<0xe0: return index < 1 ? index + 1 : 0
      case 0xe0..<0xf0: return index < 2 ? index + 1 : 0
      case 0xf0..<0xf8: return index < 3 ? index + 1 : 0
      default: return 0
      }
    }
    return 0
  }
}
