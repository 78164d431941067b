import Cryptography
import Primitives

/// The virtual machine: runs one message of a transaction, with all the calls inside it.
///
/// The machine keeps its own stack of frames, so untrusted code cannot make Swift recurse. It
/// changes nothing but the journal. What surrounds a message (intrinsic gas, fees, nonces, warming
/// the access list) is the business of whoever processes transactions.
public struct Machine {
  /// The rules.
  public let fork: Fork
  /// What instructions may know about the block.
  public let block: BlockEnvironment
  /// What instructions may know about the transaction.
  public let transaction: TransactionEnvironment
  let journal: Journal
  let provider: any CryptographyProvider
  let tracer: (any Tracer)?

  /// A machine over a journal whose fork is the same.
  public init(
    fork: Fork, block: BlockEnvironment, transaction: TransactionEnvironment, journal: Journal,
    provider: any CryptographyProvider, tracer: (any Tracer)? = nil
  ) {
    precondition(journal.fork == fork, "a machine and its journal follow the same rules")
    self.fork = fork
    self.block = block
    self.transaction = transaction
    self.journal = journal
    self.provider = provider
    self.tracer = tracer
  }

  /// Runs a message and all the calls that it makes.
  ///
  /// The value is transferred first; a caller that owns too little is a halt that leaves the gas.
  /// The journal then holds what the message changed: all of it after a success, none of it
  /// otherwise. An account to which the target delegates (EIP-7702) is warm.
  ///
  /// - Throws: `ExecutionStop` if the message could not be run at all. The journal then holds an
  ///   unfinished state: undo it to a checkpoint from before, or throw it away.
  public func run(_ message: Message) throws(ExecutionStop) -> MessageResult {
    if let tracer {
      if tracer.wantsAbort { throw .aborted }
      tracer.enter(message, depth: 0)
    }
    let gas = Int(Swift.min(message.gasLimit, UInt64(Int.max)))
    var result: MessageResult
    switch try beginning(message, gas: gas) {
    case .ended(let ended): result = ended
    case .frame(let frame, let code, let checkpoint):
      return try run(message, frame, code, checkpoint)
    }
    if result.gasLeft > 0 { result.gasLeft += message.gasLimit - UInt64(gas) }
    tracer?.exit(result, depth: 0)
    return result
  }

  private func run(
    _ message: Message, _ frame: FrameMessage, _ code: CodeReference,
    _ checkpoint: Journal.Checkpoint
  ) throws(ExecutionStop) -> MessageResult {
    let buffers = journal.workspace.takeBuffers()
    defer { journal.workspace.giveBack(buffers) }
    let interpreter = Interpreter(self, buffers: buffers)
    buffers.begin(
      frame, code, code.analysis(for: interpreter), checkpoint,
      input: message.isCreation ? [] : message.input)
    interpreter.run()
    guard var result = interpreter.result else { throw interpreter.stop ?? .aborted }
    if result.gasLeft > 0 { result.gasLeft += message.gasLimit - UInt64(frame.gas) }
    return result
  }
}

// MARK: Before the first instruction

extension Machine {
  /// What becomes of a message before any instruction runs.
  private enum Beginning {
    case frame(FrameMessage, CodeReference, Journal.Checkpoint)
    case ended(MessageResult)
  }

  private func beginning(
    _ message: Message, gas: Int
  ) throws(ExecutionStop) -> Beginning {
    do throws(StateMiss) {
      let caller = try journal.loaded(message.caller)
      let target = try journal.loaded(message.target)
      let checkpoint = journal.checkpoint()
      if message.isCreation && journal.isTaken(target) {
        return .ended(ended(.halt(.addressCollision), gas: 0))
      }
      if message.isCreation { journal.prepareContract(target) }
      if message.isCreation || message.kind == .call {
        guard journal.transfer(message.value, from: caller, to: target) else {
          journal.revert(to: checkpoint)
          return .ended(ended(.halt(.insufficientBalance), gas: gas))
        }
      }
      if !message.isCreation,
        let entry = journal.precompile(at: message.codeAddress)
      {
        return precompile(entry, message, gas: gas, checkpoint)
      }
      let code =
        message.isCreation
        ? journal.keep(Code(message.input, isInitCode: true)) : try code(of: message.codeAddress)
      return .frame(first(message, target, gas: gas), code, checkpoint)
    } catch {
      throw .miss(error)
    }
  }

  private func code(of address: Address) throws(StateMiss) -> CodeReference {
    let code = try journal.code(at: try journal.loaded(address))
    guard fork >= .prague, let delegate = code.delegate else { return code }
    let index = journal.index(of: delegate)
    _ = journal.access(index)
    return try journal.delegatedCode(index)
  }

  private func first(_ message: Message, _ target: Int, gas: Int) -> FrameMessage {
    FrameMessage(
      kind: message.kind, isStatic: message.isStatic || message.kind == .staticCall,
      account: target, address: message.target, caller: message.caller, value: message.value,
      codeAccount: -1, gas: gas,
      input: MemoryRange(offset: 0, count: message.isCreation ? 0 : message.input.count),
      output: .empty)
  }

  private func precompile(
    _ entry: PrecompileTable.Entry, _ message: Message, gas: Int,
    _ checkpoint: Journal.Checkpoint
  ) -> Beginning {
    let call = PrecompileCall(
      input: message.input, gasLimit: gas, fork: fork, rollup: journal.rollup,
      provider: provider)
    switch entry.function(call) {
    case .output(let output, let cost):
      return .ended(ended(.success, gas: gas - cost, output: output))
    case .outOfGas:
      journal.revert(to: checkpoint)
      return .ended(ended(.halt(.outOfGas), gas: 0))
    case .refusal(let refusal):
      journal.revert(to: checkpoint)
      var result = ended(.halt(.precompileFailure), gas: 0)
      result.haltDetail.refusal = refusal
      return .ended(result)
    }
  }

  private func ended(_ status: CallStatus, gas: Int, output: Bytes = []) -> MessageResult {
    MessageResult(
      status: status, gasLeft: UInt64(gas), refund: journal.refund, output: output)
  }
}
