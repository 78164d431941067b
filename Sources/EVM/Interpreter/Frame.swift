import Primitives

/// A call or creation that runs or waits for one inside it.
///
/// Frames lie one behind the other in memory that is kept between runs (`FrameBuffers`). They hold
/// no references, so that a call costs no counting of them; who keeps the code says `Code`.
@safe
struct Frame {
  /// The registers, while the loop does not have them: the first field.
  var parked: Registers
  /// The first instruction; the code is followed by zeros enough for any PUSH.
  var code: UnsafePointer<UInt8>
  /// The same with no instructions joined.
  var separate: UnsafePointer<UInt8>
  /// How many bytes of code there are.
  var codeSize: Int
  /// A bit for each byte of code: whether it is a jump destination.
  var jumpDestinations: UnsafePointer<UInt8>
  /// The call data.
  var input: UnsafePointer<UInt8>
  /// How many bytes of call data there are.
  var inputSize: Int

  /// What began the frame.
  var kind: Message.Kind
  /// Whether nothing may be changed.
  var isStatic: Bool
  /// Whose storage and balance the frame works on, by its index in the journal.
  var account: Int
  /// The same by its address.
  var address: Address
  /// What CALLER answers.
  var caller: Address
  /// What CALLVALUE answers.
  var value: UInt256
  /// The code as it is stored.
  var stored: CodeReference
  /// The journal before the frame.
  var checkpoint: Journal.Checkpoint
  /// The first word of the frame's stack in the shared buffer.
  var stackBase: Int
  /// The first byte of the frame's memory in the shared buffer.
  var memoryBase: Int
  /// How many bytes of memory the frame may use before the shared buffer must grow; at least.
  var memoryRoom: Int
  /// The first byte of the call data in the shared buffer.
  var inputBase: Int
  /// Where the caller wants the output, in its own memory.
  var output: MemoryRange

  @inline(__always)
  var isCreation: Bool { kind == .create || kind == .create2 }
}

/// What a frame asks of the next one, or a message of the first.
struct FrameMessage {
  var kind: Message.Kind
  var isStatic: Bool
  /// Whose storage and balance the new frame works on.
  var account: Int
  var address: Address
  var caller: Address
  var value: UInt256
  /// Whose code it runs, for precompiled contracts.
  var codeAccount: Int
  var gas: Int
  /// Where the call data are in the caller's memory.
  var input: MemoryRange
  /// Where the caller wants the output in its memory.
  var output: MemoryRange
}
