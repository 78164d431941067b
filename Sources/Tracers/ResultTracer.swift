import EVM
import Execution
import JSON
import Primitives

/// A tracer that has something to say of a transaction once it is over.
///
/// One tracer is for one transaction.
public protocol ResultTracer: Tracer {
  /// Takes what the transaction used; called once, after it.
  func finish(gasUsed: UInt64)
  /// What the tracer has found, as geth shows it.
  func result() -> JSON
}

extension ResultTracer {
  /// Does nothing.
  public func finish(gasUsed: UInt64) {}
  /// False: nobody asks to stop.
  public var wantsAbort: Bool { false }
  /// False: steps do not matter.
  public var watchesSteps: Bool { false }
  /// Does nothing.
  public func enter(_ message: Message, depth: Int) {}
  /// Does nothing.
  public func exit(_ result: MessageResult, depth: Int) {}
  /// Does nothing.
  public func step(_ step: TraceStep) {}
  /// Does nothing.
  public func stepDone(cost: UInt64) {}
  /// Does nothing.
  public func log(_ log: Log, depth: Int) {}
  /// Does nothing.
  public func selfDestruct(
    _ contract: Address, beneficiary: Address, balance: UInt256, depth: Int
  ) {}
}

/// What a tracer knows of the transaction before it begins.
public struct TraceContext: Sendable {
  /// The rules.
  public var fork: Fork
  /// The OP Stack's rules; nil on other chains.
  public var rollup: RollupFork?
  /// The transaction.
  public var transaction: Transaction
  /// Who sends it.
  public var sender: Address
  /// Who gets the block's fees.
  public var feeRecipient: Address
  /// The block's base fee; zero before there was one.
  public var baseFee: UInt256
  /// Who signed the transaction's authorisations, as far as that can be recovered.
  public var authorities: [Address] = []
  /// How many logs the block had before it.
  public var firstLogIndex = 0
  /// The block's hash, if it has one.
  public var blockHash: Hash?
  /// The block's number.
  public var blockNumber: UInt64
  /// The transaction's hash; nil for a call that is none.
  public var transactionHash: Hash?
  /// The transaction's place in its block.
  public var transactionIndex = 0
  /// Whether the time that the trace may take is over; asked now and then.
  public var isLate: @Sendable () -> Bool = { false }

  /// The context of a transaction in the block `header`.
  public init(
    specification: ChainSpecification, header: BlockHeader, transaction: Transaction,
    sender: Address
  ) {
    fork = specification.fork(of: header)
    rollup = specification.rollupFork(at: header.timestamp)
    self.transaction = transaction
    self.sender = sender
    feeRecipient = header.feeRecipient
    baseFee = header.baseFee ?? .zero
    blockNumber = header.number
  }
}

extension Message {
  /// Who sends the message, as tracers call it: for a delegated call the contract that delegates.
  var tracedSender: Address { kind == .delegateCall ? target : caller }

  /// Whom it goes to, as tracers call it: whose code runs.
  var tracedRecipient: Address { isCreation ? target : codeAddress }

  /// The instruction that sends it.
  var instruction: String {
    switch kind {
    case .call: "CALL"
    case .callCode: "CALLCODE"
    case .delegateCall: "DELEGATECALL"
    case .staticCall: "STATICCALL"
    case .create: "CREATE"
    case .create2: "CREATE2"
    }
  }
}

extension MessageResult {
  /// Why the message failed, in geth's words; nil if it succeeded.
  var failure: String? {
    switch status {
    case .success: nil
    case .revert: "execution reverted"
    case .halt(let halt): halt.message(haltDetail)
    }
  }
}
