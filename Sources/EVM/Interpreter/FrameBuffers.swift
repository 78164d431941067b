import Primitives

/// The frames of a run, and the stack and the memory that they share, one behind the other.
///
/// A frame's stack begins where its caller's ends, and so does its memory; call data is the range
/// of the caller's memory itself. All buffers are kept between runs, and those of stack and memory
/// only grow: fresh pages for each call would cost more than the call.
@safe
final class FrameBuffers {
  private var stack: UnsafeMutablePointer<UInt256>
  private var stackCapacity: Int
  private var memory: UnsafeMutablePointer<UInt8>
  private var memoryCapacity: Int
  private let frames: UnsafeMutablePointer<Frame>
  /// The frame that runs.
  private(set) var current: UnsafeMutablePointer<Frame>
  /// What the last call of the current frame gave back, or what the current frame gives back.
  let output = OutputBuffer()

  init() {
    stackCapacity = 4 * Self.stackHeight
    memoryCapacity = 1 << 16
    unsafe stack = .allocate(capacity: stackCapacity)
    unsafe memory = .allocate(capacity: memoryCapacity)
    unsafe frames = .allocate(capacity: Interpreter.depthLimit + 1)
    unsafe current = frames
  }

  deinit {
    unsafe frames.deallocate()
    unsafe stack.deallocate()
    unsafe memory.deallocate()
  }

  /// How many words a frame's stack can hold.
  static var stackHeight: Int { 1024 }

  /// The number of the current frame, from 0 on.
  @inline(__always)
  var depth: Int { unsafe current - frames }
}

// MARK: Frames

extension FrameBuffers {
  /// Begins the first frame of a run, whose call data are here and not in a caller's memory.
  func begin(
    _ message: FrameMessage, _ code: CodeReference, _ analysis: Analysis.Pointers,
    _ checkpoint: Journal.Checkpoint, input: Bytes
  ) {
    output.removeAll()
    unsafe current = frames
    let memoryBase = (input.count + 31) & ~31
    _ = reserveMemory(memoryBase, inUse: 0)
    unsafe input.withUnsafeBufferPointer { source in
      if let base = source.baseAddress {
        unsafe memory.update(from: base, count: source.count)
      }
    }
    place(
      message, code, analysis, checkpoint, stackBase: 0, memoryBase: memoryBase, inputBase: 0)
  }

  /// Begins a frame inside the current one, whose registers these are.
  @inline(__always)
  func begin(
    _ message: FrameMessage, _ code: CodeReference, _ analysis: Analysis.Pointers,
    _ checkpoint: Journal.Checkpoint, inside registers: borrowing Registers
  ) {
    let caller = unsafe current
    let stackBase = unsafe caller.pointee.stackBase &+ registers.height
    let memoryBase = unsafe caller.pointee.memoryBase &+ registers.memorySize
    let inputBase = unsafe caller.pointee.memoryBase &+ message.input.offset
    precondition(depth < Interpreter.depthLimit, "whoever calls has asked for the depth")
    if stackBase &+ Self.stackHeight > stackCapacity { reserveStack(stackBase) }
    unsafe current = caller + 1
    place(
      message, code, analysis, checkpoint, stackBase: stackBase, memoryBase: memoryBase,
      inputBase: inputBase)
  }

  @inline(__always)
  private func place(
    _ message: FrameMessage, _ code: CodeReference, _ analysis: Analysis.Pointers,
    _ checkpoint: Journal.Checkpoint, stackBase: Int, memoryBase: Int, inputBase: Int
  ) {
    let registers = unsafe Registers(
      position: UnsafePointer(analysis.instructions), top: stack + stackBase, gas: message.gas,
      bottom: stack + stackBase, memory: memory + memoryBase, memorySize: 0, frame: current)
    // Field by field: a whole frame would be put together elsewhere and copied here.
    let frame = unsafe current
    unsafe frame.pointee.parked = registers
    unsafe frame.pointee.code = UnsafePointer(analysis.instructions)
    unsafe frame.pointee.separate = UnsafePointer(analysis.separate)
    unsafe frame.pointee.codeSize = code.count
    unsafe frame.pointee.jumpDestinations = UnsafePointer(analysis.jumpDestinations)
    unsafe frame.pointee.input = UnsafePointer(memory + inputBase)
    unsafe frame.pointee.inputSize = message.input.count
    unsafe frame.pointee.kind = message.kind
    unsafe frame.pointee.isStatic = message.isStatic
    unsafe frame.pointee.account = message.account
    unsafe frame.pointee.address = message.address
    unsafe frame.pointee.caller = message.caller
    unsafe frame.pointee.value = message.value
    unsafe frame.pointee.stored = code
    unsafe frame.pointee.checkpoint = checkpoint
    unsafe frame.pointee.stackBase = stackBase
    unsafe frame.pointee.memoryBase = memoryBase
    unsafe frame.pointee.memoryRoom = memoryCapacity &- memoryBase
    unsafe frame.pointee.inputBase = inputBase
    unsafe frame.pointee.output = message.output
  }

  /// Goes back to the frame that waits for the current one, whose buffers may have moved since.
  @inline(__always)
  func end() {
    unsafe current -= 1
    let frame = unsafe current
    let height = unsafe frame.pointee.parked.height
    unsafe frame.pointee.parked.bottom = stack + frame.pointee.stackBase
    unsafe frame.pointee.parked.top = frame.pointee.parked.bottom + height
    unsafe frame.pointee.parked.memory = memory + frame.pointee.memoryBase
    unsafe frame.pointee.input = UnsafePointer(memory + frame.pointee.inputBase)
  }

  /// The frame that runs.
  var frame: Frame {
    @inline(__always)
    _read { yield unsafe current.pointee }
  }

  /// The registers of the frame that runs, while the loop does not have them.
  var parked: Registers {
    @inline(__always)
    _read { yield unsafe current.pointee.parked }
    @inline(__always)
    _modify { yield unsafe &current.pointee.parked }
  }
}

// MARK: Stack and memory

extension FrameBuffers {
  /// Makes room for a whole stack from a base on, below which everything is in use.
  @inline(never)
  private func reserveStack(_ base: Int) {
    let capacity = Swift.max(2 &* stackCapacity, base &+ Self.stackHeight)
    let larger = UnsafeMutablePointer<UInt256>.allocate(capacity: capacity)
    unsafe larger.update(from: stack, count: base)
    unsafe stack.deallocate()
    unsafe stack = larger
    stackCapacity = capacity
  }

  /// Makes room for memory up to a size, of which a part is in use; true if the memory has moved.
  private func reserveMemory(_ size: Int, inUse: Int) -> Bool {
    guard size > memoryCapacity else { return false }
    let capacity = Swift.max(2 &* memoryCapacity, size)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    unsafe larger.update(from: memory, count: inUse)
    unsafe memory.deallocate()
    unsafe memory = larger
    memoryCapacity = capacity
    return true
  }

  /// Makes the current frame's memory hold an end; these are its registers.
  ///
  /// That costs gas; if it does not suffice, the gas is negative and nothing has grown. The loop
  /// itself grows the memory by a single word (`Registers.growByWord`).
  @inline(__always)
  func growMemory(_ registers: inout Registers, to end: Int) {
    let before = registers.memorySize
    let words = (end &+ 31) &>> 5
    registers.gas &-= Registers.memoryCost(words) &- Registers.memoryCost(before &>> 5)
    if registers.gas < 0 { return }
    let after = words &<< 5
    let base = unsafe current.pointee.memoryBase
    if reserveMemory(base &+ after, inUse: base &+ before) {
      unsafe registers.memory = memory + base
      unsafe current.pointee.memoryRoom = memoryCapacity &- base
      unsafe current.pointee.input = UnsafePointer(memory + current.pointee.inputBase)
    }
    unsafe (registers.memory + before).update(repeating: 0, count: after &- before)
    registers.memorySize = after
  }
}
