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
  /// The value is transferred first; a caller that owns too little is a halt. The journal then
  /// holds what the message changed: all of it after a success, none of it otherwise.
  ///
  /// - Throws: `ExecutionStop` if the message could not be run at all. The journal then holds an
  ///   unfinished state: undo it to a checkpoint from before, or throw it away.
  public func run(_ message: Message) throws(ExecutionStop) -> MessageResult {
    throw .aborted
  }
}
