import Primitives

/// Why a call ended exceptionally: its changes are undone and all its gas is gone.
public enum Halt: UInt8, Error, Hashable, Sendable {
  /// An instruction cost more than what was left.
  case outOfGas
  /// An instruction found too few words on the stack.
  case stackUnderflow
  /// An instruction would have left more than 1024 words on the stack.
  case stackOverflow
  /// A jump to what is no JUMPDEST.
  case invalidJump
  /// A byte that names no instruction in this fork.
  case undefinedInstruction
  /// The designated INVALID instruction, 0xFE.
  case invalidInstruction
  /// An instruction that changes state, in a static call.
  case writeProtection
  /// RETURNDATACOPY beyond the end of the return data.
  case returnDataOutOfBounds
  /// A call or creation 1024 frames deep.
  case callDepth
  /// A transfer of more than the caller owns.
  case insufficientBalance
  /// A creation by an account whose nonce cannot be raised.
  case nonceOverflow
  /// A creation where an account with code, nonce or storage already is.
  case addressCollision
  /// Created code above the largest size.
  case codeSizeExceeded
  /// Created code that the remaining gas cannot pay for.
  case codeStoreOutOfGas
  /// Created code that begins with 0xEF (EIP-3541).
  case invalidCode
  /// Init code above the largest size (EIP-3860).
  case initCodeSizeExceeded
  /// A precompiled contract refused its input.
  case precompileFailure
}

/// Why a precompiled contract refuses its input, as far as geth has words for it.
public enum PrecompileRefusal: UInt8, Hashable, Sendable {
  /// Another reason.
  case other
  /// The input has not the length that it must have.
  case inputLength
  /// BLAKE2b's last byte is neither 0 nor 1.
  case finalFlag
  /// The input is no whole number of pairs.
  case pairingSize
  /// The versioned hash is not that of the commitment.
  case versionedHash
  /// The proof does not hold.
  case proof

  /// The reason in geth's words.
  public var message: StaticString {
    switch self {
    case .other: "precompile failed"
    case .inputLength: "invalid input length"
    case .finalFlag: "invalid final flag"
    case .pairingSize: "bad elliptic curve pairing size"
    case .versionedHash: "mismatched versioned hash"
    case .proof: "error verifying kzg proof"
    }
  }
}

/// What a halt's message names beside its kind.
public struct HaltDetail: Hashable, Sendable {
  /// The instruction.
  public var opcode: UInt8
  /// How many words were on the stack.
  public var stackHeight: Int
  /// How many words the instruction takes.
  public var stackInputs: Int
  /// Whether SSTORE refused since so little gas was left that a transfer may have called it
  /// (EIP-2200).
  public var isReentrancySentry = false
  /// Why a precompiled contract refused.
  public var refusal = PrecompileRefusal.other

  /// A detail with these contents.
  public init(
    opcode: UInt8 = 0, stackHeight: Int = 0, stackInputs: Int = 0,
    refusal: PrecompileRefusal = .other
  ) {
    self.refusal = refusal
    self.opcode = opcode
    self.stackHeight = stackHeight
    self.stackInputs = stackInputs
  }
}

extension Halt {
  /// What happened, in geth's words.
  public var message: StaticString {
    switch self {
    case .outOfGas: "out of gas"
    case .stackUnderflow: "stack underflow"
    case .stackOverflow: "stack limit reached 1024 (1023)"
    case .invalidJump: "invalid jump destination"
    case .undefinedInstruction: "invalid opcode"
    case .invalidInstruction: "invalid opcode: INVALID"
    case .writeProtection: "write protection"
    case .returnDataOutOfBounds: "return data out of bounds"
    case .callDepth: "max call depth exceeded"
    case .insufficientBalance: "insufficient balance for transfer"
    case .nonceOverflow: "nonce uint64 overflow"
    case .addressCollision: "contract address collision"
    case .codeSizeExceeded: "max code size exceeded"
    case .codeStoreOutOfGas: "contract creation code storage out of gas"
    case .invalidCode: "invalid code: must not begin with 0xef"
    case .initCodeSizeExceeded: "max initcode size exceeded"
    case .precompileFailure: "precompile failed"
    }
  }

  /// What happened, in geth's words, with what it names in parentheses or by its code.
  public func message(_ detail: HaltDetail) -> String {
    switch self {
    case .stackUnderflow:
      "stack underflow (" + String(detail.stackHeight) + " <=> " + String(detail.stackInputs) + ")"
    case .outOfGas where detail.isReentrancySentry:
      "out of gas: not enough gas for reentrancy sentry"
    case .precompileFailure: String(describingStatic: detail.refusal.message)
    case .undefinedInstruction:
      "invalid opcode: opcode 0x" + String(detail.opcode, radix: 16) + " not defined"
    default: String(describingStatic: message)
    }
  }
}

extension String {
  /// The text of a constant.
  init(describingStatic text: StaticString) {
    self = text.withUTF8Buffer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}

/// How a call or creation ended.
public enum CallStatus: Hashable, Sendable {
  /// By itself; what it changed stays.
  case success
  /// By REVERT: what it changed is undone, the rest of the gas is given back.
  case revert
  /// Exceptionally: what it changed is undone, and all its gas is gone.
  case halt(Halt)
}

/// Why a message could not be run at all; nothing of it counts.
public enum ExecutionStop: Error, Hashable, Sendable {
  /// State that the reader lacks: fetch it and run again.
  case miss(StateMiss)
  /// The tracer asked to stop.
  case aborted
}
