import Primitives

/// The stack and the memory that all the frames of a run share, one behind the other.
///
/// A frame's stack begins where its caller's ends, and so does its memory; call data is the range
/// of the caller's memory itself. Both buffers only grow, and are kept between runs: fresh pages
/// for each call would cost more than the call.
@safe
final class FrameBuffers {
  private var stack: UnsafeMutablePointer<UInt256>
  private var stackCapacity: Int
  private var memory: UnsafeMutablePointer<UInt8>
  private var memoryCapacity: Int

  init() {
    stackCapacity = 4 * Self.stackHeight
    memoryCapacity = 1 << 16
    unsafe stack = .allocate(capacity: stackCapacity)
    unsafe memory = .allocate(capacity: memoryCapacity)
  }

  deinit {
    unsafe stack.deallocate()
    unsafe memory.deallocate()
  }

  /// How many words a frame's stack can hold.
  static var stackHeight: Int { 1024 }

  /// Makes room for a whole stack from a base on, and for memory up to a size.
  func reserve(stackBase: Int, inUse: Int, memorySize: Int, memoryInUse: Int) {
    if stackBase &+ Self.stackHeight > stackCapacity {
      let capacity = Swift.max(2 &* stackCapacity, stackBase &+ Self.stackHeight)
      let larger = UnsafeMutablePointer<UInt256>.allocate(capacity: capacity)
      unsafe larger.update(from: stack, count: inUse)
      unsafe stack.deallocate()
      unsafe stack = larger
      stackCapacity = capacity
    }
    if memorySize > memoryCapacity {
      let capacity = Swift.max(2 &* memoryCapacity, memorySize)
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
      unsafe larger.update(from: memory, count: memoryInUse)
      unsafe memory.deallocate()
      unsafe memory = larger
      memoryCapacity = capacity
    }
  }

  /// Sets a range of memory, for which there is room, to zero.
  func clear(from start: Int, to end: Int) {
    unsafe (memory + start).update(repeating: 0, count: end &- start)
  }

  /// Copies bytes to the beginning of the memory, for which there is room.
  func place(_ bytes: Bytes) {
    unsafe bytes.withUnsafeBufferPointer { source in
      if let base = source.baseAddress {
        unsafe memory.update(from: base, count: source.count)
      }
    }
  }

  /// The registers of a frame that begins.
  func registers(for frame: Frame, gas: Int) -> Registers {
    unsafe Registers(
      position: UnsafePointer(frame.analysis.instructions), top: stack + frame.stackBase,
      gas: gas, bottom: stack + frame.stackBase, memory: memory + frame.memoryBase, memorySize: 0,
      code: UnsafePointer(frame.analysis.instructions), codeSize: frame.analysis.size,
      jumpDestinations: UnsafePointer(frame.analysis.jumpDestinations),
      input: UnsafePointer(memory + frame.inputBase), inputSize: frame.inputSize)
  }

  /// Points a frame's registers to where its stack and its memory are now.
  func repoint(_ registers: inout Registers, for frame: Frame) {
    let height = registers.height
    unsafe registers.bottom = stack + frame.stackBase
    unsafe registers.top = registers.bottom + height
    unsafe registers.memory = memory + frame.memoryBase
    unsafe registers.input = UnsafePointer(memory + frame.inputBase)
  }
}
