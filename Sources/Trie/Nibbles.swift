import Primitives

/// A run of nibbles inside packed bytes, so that a slice of a key costs no copy.
///
/// Nibble `start` is the first of the run and `end` is past the last; nibble `2 * i` is the high
/// half of byte `i`.
struct Nibbles: Sendable {
  var packed: Bytes
  var start: Int
  var end: Int

  init(_ packed: Bytes, start: Int, end: Int) {
    self.packed = packed
    self.start = start
    self.end = end
  }

  /// The one nibble `value`.
  init(single value: Int) {
    self.init([UInt8(truncatingIfNeeded: value)], start: 1, end: 2)
  }

  static var empty: Nibbles { Nibbles([], start: 0, end: 0) }

  var count: Int { end - start }

  subscript(index: Int) -> Int { nibble(of: packed, at: start + index) }

  /// Whether another run has the same nibbles, wherever they lie.
  func isSame(as other: Nibbles) -> Bool {
    count == other.count && (0..<count).allSatisfy { self[$0] == other[$0] }
  }

  func dropFirst(_ count: Int) -> Nibbles { Nibbles(packed, start: start + count, end: end) }

  func prefix(_ count: Int) -> Nibbles { Nibbles(packed, start: start, end: start + count) }

  /// How many nibbles of the run equal those of `key` from `position` on.
  func commonPrefix(with key: Bytes, from position: Int) -> Int {
    let limit = min(count, key.count * 2 - position)
    var index = 0
    // As a rule both begin in the same half of a byte, and whole bytes can be compared.
    if (start ^ position) & 1 == 0 {
      if start & 1 == 1, limit > 0 {
        guard self[0] == nibble(of: key, at: position) else { return 0 }
        index = 1
      }
      while index &+ 1 < limit,
        packed[(start &+ index) &>> 1] == key[(position &+ index) &>> 1]
      {
        index &+= 2
      }
    }
    while index < limit, self[index] == nibble(of: key, at: position + index) { index += 1 }
    return index
  }

  /// Whether `key` goes on with exactly this run from `position` on.
  func isPrefix(of key: Bytes, from position: Int) -> Bool {
    commonPrefix(with: key, from: position) == count
  }

  /// This run followed by `other`.
  func joined(with other: Nibbles) -> Nibbles {
    let total = count + other.count
    var bytes = Bytes(repeating: 0, count: (total + 1) / 2)
    for index in 0..<total {
      let value = index < count ? self[index] : other[index - count]
      bytes[index >> 1] |= UInt8(truncatingIfNeeded: index & 1 == 0 ? value << 4 : value)
    }
    return Nibbles(bytes, start: 0, end: total)
  }

  /// The hex-prefix form (Yellow Paper, appendix C): a flag nibble, then the run.
  func compact(isLeaf: Bool) -> Bytes {
    var bytes = Bytes()
    bytes.reserveCapacity(compactSize)
    writeCompact(isLeaf: isLeaf) { bytes.append($0) }
    return bytes
  }

  /// How many bytes the hex-prefix form has.
  var compactSize: Int { 1 + count / 2 }

  /// Hands each byte of the hex-prefix form to `write`.
  @inline(__always)
  func writeCompact(isLeaf: Bool, _ write: (UInt8) -> Void) {
    let isOdd = count & 1 == 1
    let flag = (isLeaf ? 0x20 : 0) | (isOdd ? 0x10 | self[0] : 0)
    write(UInt8(truncatingIfNeeded: flag))
    var index = start + (isOdd ? 1 : 0)
    if index & 1 == 0 {
      // The rest of the run is whole bytes.
      while index < end {
        write(packed[index >> 1])
        index += 2
      }
      return
    }
    while index < end {
      write(packed[index >> 1] << 4 | packed[(index >> 1) + 1] >> 4)
      index += 2
    }
  }

  /// The run and the kind of node that a hex-prefix form says; nil when it is not canonical.
  static func decode(compact: ArraySlice<UInt8>) -> (path: Nibbles, isLeaf: Bool)? {
    guard let first = compact.first, first < 0x40 else { return nil }
    let isOdd = first & 0x10 != 0
    if !isOdd, first & 0x0f != 0 { return nil }
    let path = Nibbles(Bytes(compact), start: isOdd ? 1 : 2, end: compact.count * 2)
    return (path, first & 0x20 != 0)
  }
}

/// Nibble `index` of `bytes`, counted from the high half of the first byte.
@inline(__always)
func nibble(of bytes: Bytes, at index: Int) -> Int {
  let byte = bytes[index >> 1]
  return Int(index & 1 == 0 ? byte >> 4 : byte & 0x0f)
}
