import Cryptography
import Primitives

/// Memory and call data, within bounds that were paid for.
extension Registers {
  /// Reads a big-endian word from paid memory.
  @inline(__always)
  func loadWord(_ offset: Int) -> UInt256 { unsafe Self.word(at: memory + offset) }

  /// Writes a big-endian word to paid memory.
  @inline(__always)
  func storeWord(_ word: UInt256, _ offset: Int) {
    let bytes = unsafe UnsafeMutableRawPointer(memory + offset)
    unsafe bytes.storeBytes(of: word.limb3.bigEndian, as: UInt64.self)
    unsafe bytes.storeBytes(of: word.limb2.bigEndian, toByteOffset: 8, as: UInt64.self)
    unsafe bytes.storeBytes(of: word.limb1.bigEndian, toByteOffset: 16, as: UInt64.self)
    unsafe bytes.storeBytes(of: word.limb0.bigEndian, toByteOffset: 24, as: UInt64.self)
  }

  /// Writes a byte to paid memory.
  @inline(__always)
  func storeByte(_ byte: UInt8, _ offset: Int) { unsafe memory[offset] = byte }

  /// Copies within paid memory; the ranges may overlap.
  func copyMemory(from source: Int, to destination: Int, count: Int) {
    unsafe UnsafeMutableRawPointer(memory + destination)
      .copyMemory(from: memory + source, byteCount: count)
  }

  /// Copies bytes into paid memory, with zeros where they end.
  func copy(_ bytes: UnsafeBufferPointer<UInt8>, from source: UInt256, to target: MemoryRange) {
    guard target.count > 0 else { return }
    let start = source.asInt.map { Swift.min($0, bytes.count) } ?? bytes.count
    let available = Swift.min(target.count, bytes.count - start)
    let destination = unsafe UnsafeMutableRawPointer(memory + target.offset)
    if available > 0, let base = bytes.baseAddress {
      unsafe destination.copyMemory(from: base + start, byteCount: available)
    }
    unsafe (memory + target.offset + available)
      .update(repeating: 0, count: target.count - available)
  }

  /// Copies bytes into paid memory, with zeros where they end.
  func copy(_ bytes: Bytes, from source: UInt256, to target: MemoryRange) {
    unsafe bytes.withUnsafeBufferPointer { unsafe copy($0, from: source, to: target) }
  }

  /// Copies what a call gave back into paid memory, which is within its bounds or has zeros behind.
  func copy(_ output: OutputBuffer, from source: UInt256, to target: MemoryRange) {
    unsafe copy(output.buffer, from: source, to: target)
  }

  /// Copies call data into paid memory, with zeros where it ends.
  func copyInput(from source: UInt256, to target: MemoryRange) {
    unsafe copy(
      UnsafeBufferPointer(start: frame.pointee.input, count: inputSize), from: source, to: target)
  }

  /// A word of the call data, with zeros where it ends.
  @inline(__always)
  func inputWord(_ offset: UInt256) -> UInt256 {
    guard offset.fitsUInt64, offset.limb0 < UInt64(inputSize) else { return 0 }
    let start = Int(truncatingIfNeeded: offset.limb0)
    if start &+ 32 <= inputSize { return unsafe Self.word(at: frame.pointee.input + start) }
    let rest = inputSize &- start
    let bytes = unsafe UnsafeRawBufferPointer(start: frame.pointee.input + start, count: rest)
    return unsafe UInt256(bigEndian: bytes)
      .shiftedLeft(by: UInt64(truncatingIfNeeded: (32 &- rest) &* 8))
  }

  @inline(__always)
  private static func word(at bytes: UnsafePointer<UInt8>) -> UInt256 {
    let raw = unsafe UnsafeRawPointer(bytes)
    return unsafe UInt256(
      UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 24, as: UInt64.self)),
      UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
      UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
      UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self)))
  }

  /// A range of paid memory.
  private func buffer(_ range: MemoryRange) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: memory + range.offset, count: range.count)
  }

  /// A copy of a range of paid memory.
  func bytes(_ range: MemoryRange) -> Bytes { unsafe Bytes(buffer(range)) }

  /// Adds a log with a range of paid memory.
  func append(_ range: MemoryRange, to logs: LogPile, from address: Address) {
    unsafe logs.append(address, buffer(range))
  }

  /// The Keccak-256 hash of a range of paid memory.
  func keccak(_ range: MemoryRange) -> Hash { unsafe Keccak256.hash(buffer(range)) }

  /// All the words on the stack, the deepest first.
  var stackWords: [UInt256] { unsafe Array(UnsafeBufferPointer(start: bottom, count: height)) }

  /// All the memory.
  var memoryBytes: Bytes { bytes(MemoryRange(offset: 0, count: memorySize)) }
}

/// A range of a frame's memory; empty at zero if the count is zero.
struct MemoryRange {
  var offset: Int
  var count: Int
  /// The first byte after the range.
  var end: Int { offset &+ count }
  static var empty: MemoryRange { MemoryRange(offset: 0, count: 0) }
}
