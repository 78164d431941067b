import Cryptography
import Primitives

/// One run of a message: the frames, and what they share.
///
/// The frame that runs is `current`; those that wait for it lie below it in the buffers. The loop's
/// local registers belong to the current frame. Instructions that need more than registers are
/// methods here; they work on the registers that the loop has parked in the frame, so that it can
/// keep its own in machine registers.
final class Interpreter {
  let fork: Fork
  let prices: Prices
  /// What a call of any kind costs before anything else.
  let callCost: Int
  let balanceCost: Int
  let codeCost: Int
  let codeHashCost: Int
  let storageLoadCost: Int
  let selfDestructCost: Int
  let block: BlockEnvironment
  let transaction: TransactionEnvironment
  let journal: Journal
  let provider: any CryptographyProvider
  let tracer: (any Tracer)?
  /// Whether the tracer is told of each step.
  let watchesSteps: Bool
  let table: OpcodeTable
  let buffers: FrameBuffers

  /// The init codes of the creations inside the message that run, which nobody else keeps.
  var initCodes: [Code] = []
  /// Why the execution cannot go on.
  var stop: ExecutionStop?
  /// Why the last slow instruction did not end.
  var interruption = Interruption.stopped
  /// Code that a creation in Frontier returned and could not pay for, to be told to the tracer.
  var undepositedCode: Bytes?
  /// What became of the last frame.
  var result: MessageResult?
  /// The gas before the step that a tracer was told of and that has not ended.
  var gasBeforeStep: Int?
  /// The gas when a slow instruction halted, negative by what it lacked; nil in other instructions.
  var gasAtHalt: Int?
  /// What the message of a halt names.
  var haltDetail = HaltDetail()

  init(_ machine: Machine, buffers: FrameBuffers) {
    fork = machine.fork
    table = machine.journal.workspace.table(for: machine.fork)
    prices = table.prices
    callCost = table.cost(.call)
    balanceCost = table.cost(.balance)
    codeCost = table.cost(.extcodesize)
    codeHashCost = table.cost(.extcodehash)
    storageLoadCost = table.cost(.sload)
    selfDestructCost = table.cost(.selfdestruct)
    block = machine.block
    transaction = machine.transaction
    journal = machine.journal
    provider = machine.provider
    tracer = machine.tracer
    watchesSteps = machine.tracer?.watchesSteps ?? false
    self.buffers = buffers
  }

  /// The frame that runs.
  var current: Frame {
    @inline(__always)
    _read { yield buffers.frame }
  }

  /// What the last call of the current frame gave back, or what the current frame gives back.
  @inline(__always)
  var output: OutputBuffer { buffers.output }

  /// The number of the current frame, from 0 on.
  @inline(__always)
  var depth: Int { buffers.depth }

  /// The deepest frame's number (Yellow Paper, section 8).
  static var depthLimit: Int { 1024 }

  /// Does what must ask the state, and stops the execution if the state lacks something.
  @inline(__always)
  func asking<Result>(
    _ body: () throws(StateMiss) -> Result
  ) throws(Interruption) -> Result {
    do throws(StateMiss) {
      return try body()
    } catch {
      stop = .miss(error)
      throw .stopped
    }
  }
}

// MARK: Frames

extension Interpreter {
  /// Runs frames until the last one ends or the execution stops.
  func run() {
    if watchesSteps { run(Watched()) } else { run(Unwatched()) }
  }

  private func run<Mode: LoopMode>(_ mode: Mode) {
    while case .halt(let halt) = runToInterruption(mode) {
      haltDetail = detail(buffers.parked)
      // Whatever else SSTORE cannot pay for, it was charged for first.
      let isSentry = halt == .outOfGas && haltDetail.opcode == Opcode.sstore.rawValue
      haltDetail.isReentrancySentry = isSentry && (gasAtHalt ?? -1) >= 0
      if Mode.watchesSteps { stepFailed(halt, gas: gasAtHalt ?? buffers.parked.gas) }
      stepDone(gas: gasAtHalt ?? buffers.parked.gas)
      gasAtHalt = nil
      do throws(Interruption) {
        try conclude(.halt(halt), gas: 0)
      } catch {
        return
      }
    }
  }

  /// Runs instructions until something interrupts them: joined ones where they succeed, and those
  /// before a halt one by one, or to the next slow one where the gas did suffice after all, as for a
  /// jump that was not taken.
  private func runToInterruption<Mode: LoopMode>(_ mode: Mode) -> Interruption {
    while true {
      var interruption = runInstructions(mode)
      guard case .separately = interruption else { return interruption }
      interruption = runInstructions(Watched())
      guard case .separately = interruption else { return interruption }
    }
  }

  private func detail(_ registers: Registers) -> HaltDetail {
    let byte = storedByte(registers.offset)
    return HaltDetail(
      opcode: byte, stackHeight: registers.height,
      stackInputs: Int(table.entry(byte)?.inputs ?? 0))
  }

  /// The byte at an offset of the current frame's code as it is stored, or zero behind its end.
  func storedByte(_ offset: Int) -> UInt8 {
    offset < current.codeSize ? current.stored.bytes[offset] : 0
  }
}

// MARK: Memory

extension Interpreter {
  /// Grows the memory of the frame whose registers are parked to hold an end.
  ///
  /// That costs gas, which is negative if it does not suffice.
  @inline(never)
  func growParkedMemory(to end: Int) { buffers.growMemory(&buffers.parked, to: end) }

  /// Grows the memory of the current frame to hold an end, and pays for that.
  @inline(never)
  private func growMemory(_ r: inout Registers, to end: Int) throws(Interruption) {
    buffers.growMemory(&r, to: end)
    if r.gas < 0 { throw .halt(.outOfGas) }
  }

  /// A range of memory, which is paid for and grown if need be; empty if the count is zero.
  @inline(__always)
  func memoryRange(
    _ offset: UInt256, _ count: UInt256, _ r: inout Registers
  ) throws(Interruption) -> MemoryRange {
    if count.isZero { return .empty }
    guard count.fitsUInt64, count.limb0 < Registers.memoryLimit, offset.fitsUInt64,
      offset.limb0 < Registers.memoryLimit
    else { throw .halt(.outOfGas) }
    let range = MemoryRange(
      offset: Int(truncatingIfNeeded: offset.limb0), count: Int(truncatingIfNeeded: count.limb0))
    if range.end > r.memorySize { try growMemory(&r, to: range.end) }
    return range
  }
}

extension Registers {
  /// Offsets from here on are out of gas: memory that large costs 2⁴⁵ gas.
  @inline(__always)
  static var memoryLimit: UInt64 { 1 << 32 }

  /// The offset of so many bytes of memory, which is paid for and grown if need be; in the loop.
  @inline(__always)
  mutating func memoryOffset(
    _ offset: UInt256, count: Int, _ interpreter: Interpreter
  ) throws(Interruption) -> Int {
    guard offset.fitsUInt64, offset.limb0 < Self.memoryLimit else { throw .halt(.outOfGas) }
    let start = Int(truncatingIfNeeded: offset.limb0)
    let end = start &+ count
    if end > memorySize {
      if growByWord(to: end) { return start }
      park()
      interpreter.growParkedMemory(to: end)
      unpark(interpreter.buffers)
      if gas < 0 { throw .halt(.outOfGas) }
    }
    return start
  }

  /// Grows the memory by one word and pays for it, if that holds an end and needs no larger buffer
  /// and no more gas than there is; otherwise it changes nothing.
  @inline(__always)
  mutating func growByWord(to end: Int) -> Bool {
    let after = memorySize &+ 32
    let words = after &>> 5
    let left = gas &- (Self.memoryCost(words) &- Self.memoryCost(words &- 1))
    if unsafe end > after || after > frame.pointee.memoryRoom || left < 0 { return false }
    gas = left
    storeWord(0, memorySize)
    memorySize = after
    return true
  }

  /// What memory of a size costs in all: linear at first, then quadratic (Yellow Paper, H.1).
  @inline(__always)
  static func memoryCost(_ words: Int) -> Int { 3 &* words &+ (words &* words) &>> 9 }

  /// Pays for each word of a range.
  @inline(__always)
  mutating func chargeWords(_ count: Int, _ price: Int) throws(Interruption) {
    try charge(((count &+ 31) &>> 5) &* price)
  }
}
