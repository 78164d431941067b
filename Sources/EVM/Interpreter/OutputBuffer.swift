import Primitives

/// Bytes that a frame gives back to its caller, in memory that is kept between calls.
@safe
final class OutputBuffer {
  private var bytes: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  /// How many bytes there are.
  private(set) var count = 0

  init() {
    capacity = 1024
    unsafe bytes = .allocate(capacity: capacity)
  }

  deinit { unsafe bytes.deallocate() }

  /// Gives nothing.
  @inline(__always)
  func removeAll() { count = 0 }

  /// Gives a range of paid memory.
  func set(_ range: MemoryRange, of registers: borrowing Registers) {
    reserve(range.count)
    if range.count > 0 {
      unsafe bytes.update(from: registers.memory + range.offset, count: range.count)
    }
  }

  /// Gives bytes.
  func set(_ output: Bytes) {
    reserve(output.count)
    unsafe output.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { unsafe bytes.update(from: base, count: source.count) }
    }
  }

  private func reserve(_ size: Int) {
    count = size
    guard size > capacity else { return }
    unsafe bytes.deallocate()
    capacity = Swift.max(2 &* capacity, size)
    unsafe bytes = .allocate(capacity: capacity)
  }

  /// A copy of the bytes.
  var copy: Bytes { unsafe Bytes(buffer) }

  /// The bytes where they are.
  var buffer: UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(start: bytes, count: count)
  }
}
