import Primitives

/// A call or creation that runs or waits for one inside it.
struct Frame {
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
  /// The code.
  var analysis: Analysis
  /// The journal before the frame.
  var checkpoint: Journal.Checkpoint
  /// The first word of the frame's stack in the shared buffer.
  var stackBase: Int
  /// The first byte of the frame's memory in the shared buffer.
  var memoryBase: Int
  /// The first byte of the call data in the shared buffer.
  var inputBase: Int
  /// How many bytes of call data there are.
  var inputSize: Int
  /// Where the caller wants the output, in its own memory.
  var output: MemoryRange
  /// Where the frame was when it made the call that runs now.
  var registers: Registers?

  var isCreation: Bool { kind == .create || kind == .create2 }
}
