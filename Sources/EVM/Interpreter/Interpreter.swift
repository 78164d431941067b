import Cryptography
import Primitives

/// One run of a message: the frames, and what they share.
///
/// The frame that runs is `current`; those that wait for it are in `suspended`. The loop's local
/// registers belong to the current frame. Instructions that need more than registers are methods
/// here; they take the registers and give them back, so that the loop can keep its own in machine
/// registers.
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
  let table: OpcodeTable
  let buffers: FrameBuffers

  var current: Frame
  var suspended: [Frame] = []
  /// What the last call of the current frame gave back, or what the current frame gives back.
  var returnData: Bytes = []
  /// Why the execution cannot go on.
  var stop: ExecutionStop?
  /// What became of the last frame.
  var result: MessageResult?
  /// The gas before the step that a tracer was told of and that has not ended.
  var gasBeforeStep: Int?
  /// What the message of a halt names.
  var haltDetail = HaltDetail()

  init(_ machine: Machine, buffers: FrameBuffers, first frame: Frame) {
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
    self.buffers = buffers
    current = frame
  }

  /// The number of the current frame, from 0 on.
  var depth: Int { suspended.count }

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

// MARK: Memory

extension Interpreter {
  /// The registers after the frame's memory has grown to hold an end, which costs gas.
  @inline(never)
  func grown(_ registers: Registers, to end: Int) throws(Interruption) -> Registers {
    var r = registers
    let words = (end &+ 31) &>> 5
    let before = r.memorySize &>> 5
    try r.charge(Self.memoryCost(words) &- Self.memoryCost(before))
    let size = words &<< 5
    let base = current.memoryBase
    buffers.reserve(
      stackBase: 0, inUse: 0, memorySize: base &+ size, memoryInUse: base &+ r.memorySize)
    buffers.clear(from: base &+ r.memorySize, to: base &+ size)
    buffers.repoint(&r, for: current)
    r.memorySize = size
    return r
  }

  /// What memory of a size costs in all: linear at first, then quadratic (Yellow Paper, H.1).
  static func memoryCost(_ words: Int) -> Int { 3 &* words &+ words &* words / 512 }
}

extension Registers {
  /// Offsets from here on are out of gas: memory that large costs 2⁴⁵ gas.
  @inline(__always)
  static var memoryLimit: UInt64 { 1 << 32 }

  /// The offset of so many bytes of memory, which is paid for and grown if need be.
  @inline(__always)
  mutating func memoryOffset(
    _ offset: UInt256, count: Int, _ interpreter: Interpreter
  ) throws(Interruption) -> Int {
    guard offset.fitsUInt64, offset.limb0 < Self.memoryLimit else { throw .halt(.outOfGas) }
    let start = Int(truncatingIfNeeded: offset.limb0)
    if start &+ count > memorySize { self = try interpreter.grown(self, to: start &+ count) }
    return start
  }

  /// A range of memory, which is paid for and grown if need be; empty if the count is zero.
  @inline(__always)
  mutating func memoryRange(
    _ offset: UInt256, _ count: UInt256, _ interpreter: Interpreter
  ) throws(Interruption) -> MemoryRange {
    if count.isZero { return .empty }
    guard count.fitsUInt64, count.limb0 < Self.memoryLimit else { throw .halt(.outOfGas) }
    let size = Int(truncatingIfNeeded: count.limb0)
    let start = try memoryOffset(offset, count: size, interpreter)
    return MemoryRange(offset: start, count: size)
  }

  /// Pays for each word of a range.
  @inline(__always)
  mutating func chargeWords(_ count: Int, _ price: Int) throws(Interruption) {
    try charge(((count &+ 31) &>> 5) &* price)
  }
}
