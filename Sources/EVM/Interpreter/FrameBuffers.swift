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
  /// What the current frame needs less often.
  private let context: UnsafeMutablePointer<FrameContext>
  /// The registers of the slow instruction that runs, apart from the parked ones.
  private let working: UnsafeMutablePointer<Registers>

  init() {
    stackCapacity = 4 * Self.stackHeight
    memoryCapacity = 1 << 16
    unsafe stack = .allocate(capacity: stackCapacity)
    unsafe memory = .allocate(capacity: memoryCapacity)
    unsafe context = .allocate(capacity: 1)
    unsafe working = .allocate(capacity: 1)
  }

  deinit {
    unsafe context.deallocate()
    unsafe working.deallocate()
    unsafe stack.deallocate()
    unsafe memory.deallocate()
  }

  /// How many words a frame's stack can hold.
  static var stackHeight: Int { 1024 }

  /// Makes room for a whole stack from a base on, below which everything is in use.
  func reserveStack(_ base: Int) {
    guard base &+ Self.stackHeight > stackCapacity else { return }
    let capacity = Swift.max(2 &* stackCapacity, base &+ Self.stackHeight)
    let larger = UnsafeMutablePointer<UInt256>.allocate(capacity: capacity)
    unsafe larger.update(from: stack, count: base)
    unsafe stack.deallocate()
    unsafe stack = larger
    stackCapacity = capacity
  }

  /// Makes room for memory up to a size, of which a part is in use; true if the memory has moved.
  func reserveMemory(_ size: Int, inUse: Int) -> Bool {
    guard size > memoryCapacity else { return false }
    let capacity = Swift.max(2 &* memoryCapacity, size)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    unsafe larger.update(from: memory, count: inUse)
    unsafe memory.deallocate()
    unsafe memory = larger
    memoryCapacity = capacity
    return true
  }

  /// Makes the memory of the parked registers, which begins at a base, hold an end.
  ///
  /// That costs gas; if it does not suffice, the gas is negative and nothing has grown. True if the
  /// memory has moved. Only the two words that change are written: the loop reads them back at
  /// once.
  func growMemory(from base: Int, to end: Int) -> Bool {
    let before = unsafe context.pointee.parked.memorySize
    let words = (end &+ 31) &>> 5
    let cost = Self.memoryCost(words) &- Self.memoryCost(before &>> 5)
    let gas = unsafe context.pointee.parked.gas &- cost
    unsafe context.pointee.parked.gas = gas
    if gas < 0 { return false }
    let after = words &<< 5
    let hasMoved = reserveMemory(base &+ after, inUse: base &+ before)
    unsafe (memory + (base &+ before)).update(repeating: 0, count: after &- before)
    unsafe context.pointee.parked.memorySize = after
    return hasMoved
  }

  /// What memory of a size costs in all: linear at first, then quadratic (Yellow Paper, H.1).
  private static func memoryCost(_ words: Int) -> Int {
    3 &* words &+ (words &* words) &>> 9
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
    let code = unsafe UnsafePointer(frame.analysis.instructions)
    let registers = unsafe Registers(
      position: code, top: stack + frame.stackBase, gas: gas, bottom: stack + frame.stackBase,
      memory: memory + frame.memoryBase, memorySize: 0, frame: context)
    unsafe context.initialize(
      to: FrameContext(
        parked: registers, code: code, codeSize: frame.analysis.bytes.count,
        jumpDestinations: UnsafePointer(frame.analysis.jumpDestinations),
        input: UnsafePointer(memory + frame.inputBase), inputSize: frame.inputSize))
    return registers
  }

  /// Points a frame's registers to where its stack and its memory are now, and the context to the
  /// frame.
  func repoint(_ registers: inout Registers, for frame: Frame) {
    let fresh = self.registers(for: frame, gas: registers.gas)
    let height = registers.height
    unsafe registers.bottom = fresh.bottom
    unsafe registers.top = fresh.bottom + height
    unsafe registers.memory = fresh.memory
  }

  /// The registers that the loop has parked.
  var parked: Registers {
    @inline(__always)
    get { unsafe Registers.read(UnsafeMutableRawPointer(context)) }
    @inline(__always)
    set { unsafe context.pointee.parked = newValue }
  }

  /// Runs an instruction on a copy of the parked registers, and parks what it makes of them.
  @inline(__always)
  func withParked(
    _ instruction: (inout Registers) throws(Interruption) -> Void
  ) throws(Interruption) {
    unsafe working.pointee = parked
    unsafe try instruction(&working.pointee)
    parked = unsafe Registers.read(UnsafeMutableRawPointer(working))
  }

  /// The gas of the copy that the last instruction given to `withParked` worked on.
  var workingGas: Int { unsafe working.pointee.gas }
}
