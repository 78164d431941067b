import Cryptography
import Primitives

/// A call or a creation: what the machine runs, and what one frame asks of the next.
public struct Message: Sendable {
  /// The instruction, or its like, that sends the message.
  public enum Kind: UInt8, Hashable, Sendable {
    /// CALL, and what a transaction with a recipient does.
    case call
    /// CALLCODE: another's code on the caller's own storage.
    case callCode
    /// DELEGATECALL: as CALLCODE, and the caller's own sender and value.
    case delegateCall
    /// STATICCALL: a call that must change nothing.
    case staticCall
    /// CREATE, and what a transaction without a recipient does.
    case create
    /// CREATE2: a creation at an address that the code and a salt choose.
    case create2
  }

  /// What sends the message.
  public var kind: Kind
  /// What CALLER answers in the frame.
  public var caller: Address
  /// Whose storage and balance the frame works on; for a creation, the new contract's address.
  public var target: Address
  /// Whose code runs; for a creation, the same as the target.
  public var codeAddress: Address
  /// What CALLVALUE answers, in wei; transferred unless the kind says otherwise.
  public var value: UInt256
  /// The call data; for a creation, the init code.
  public var input: Bytes
  /// The gas that the frame may use; the intrinsic gas of a transaction is not part of it.
  public var gasLimit: UInt64
  /// Whether nothing may be changed.
  public var isStatic: Bool

  /// A message with these contents.
  public init(
    kind: Kind, caller: Address, target: Address, codeAddress: Address, value: UInt256,
    input: Bytes, gasLimit: UInt64, isStatic: Bool
  ) {
    self.kind = kind
    self.caller = caller
    self.target = target
    self.codeAddress = codeAddress
    self.value = value
    self.input = input
    self.gasLimit = gasLimit
    self.isStatic = isStatic
  }

  /// The message of a transaction with a recipient.
  public static func call(
    from caller: Address, to target: Address, value: UInt256 = 0, input: Bytes = [],
    gasLimit: UInt64
  ) -> Message {
    Message(
      kind: .call, caller: caller, target: target, codeAddress: target, value: value, input: input,
      gasLimit: gasLimit, isStatic: false)
  }

  /// The message of a transaction without a recipient.
  ///
  /// The address is `Address.contract(createdBy:nonce:)` of the caller's nonce before the
  /// transaction; whoever runs the message has raised that nonce already.
  public static func creation(
    from caller: Address, at address: Address, value: UInt256 = 0, initCode: Bytes,
    gasLimit: UInt64
  ) -> Message {
    Message(
      kind: .create, caller: caller, target: address, codeAddress: address, value: value,
      input: initCode, gasLimit: gasLimit, isStatic: false)
  }

  /// Whether the message creates a contract.
  public var isCreation: Bool { kind == .create || kind == .create2 }
}

/// How a message ended.
public struct MessageResult: Sendable {
  /// Whether it succeeded.
  public var status: CallStatus
  /// The gas that is left; zero after a halt.
  public var gasLeft: UInt64
  /// The journal's refund counter after the message; may be negative in the middle of a
  /// transaction only.
  public var refund: Int64
  /// What RETURN or REVERT gave; for a creation that succeeded, the code.
  public var output: Bytes
  /// The contract that was created, after a creation that succeeded.
  public var createdAddress: Address?
  /// What a halt's message names.
  public var haltDetail: HaltDetail

  /// A result with these contents.
  public init(
    status: CallStatus, gasLeft: UInt64, refund: Int64, output: Bytes,
    createdAddress: Address? = nil, haltDetail: HaltDetail = HaltDetail()
  ) {
    self.status = status
    self.gasLeft = gasLeft
    self.refund = refund
    self.output = output
    self.createdAddress = createdAddress
    self.haltDetail = haltDetail
  }
}

extension Address {
  /// The address of the contract that an account creates at one of its nonces (CREATE).
  public static func contract(createdBy creator: Address, nonce: UInt64) -> Address {
    var writer = RLPWriter()
    writer.list { list in
      list.append(address: creator)
      list.append(uint64: nonce)
    }
    return Address(suffixOf: Keccak256.hash(writer.bytes))
  }

  /// The address of the contract that an account creates from a salt and init code (EIP-1014).
  public static func contract(
    createdBy creator: Address, salt: UInt256, initCodeHash: Hash
  ) -> Address {
    var preimage: Bytes = [0xff]
    creator.append(to: &preimage)
    salt.append(to: &preimage)
    initCodeHash.append(to: &preimage)
    return Address(suffixOf: Keccak256.hash(preimage))
  }
}
