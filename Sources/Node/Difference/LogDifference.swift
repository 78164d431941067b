import EventLog
import Ledger
import Primitives

/// How two logs differ, from the first event at which they part down to a storage slot.
public struct LogDifference: Sendable {
  /// A thing that both logs have, with what each says of it.
  public struct Field: Hashable, Sendable {
    /// What it is.
    public var name: String
    /// What the first log says.
    public var first: String
    /// What the second log says.
    public var second: String
  }

  /// A storage slot whose words differ.
  public struct Slot: Hashable, Sendable {
    /// The account.
    public var address: Address
    /// The slot.
    public var slot: UInt256
    /// The word in the first log's chain.
    public var first: UInt256
    /// The word in the second log's chain.
    public var second: UInt256
  }

  /// The instruction at which two runs of a transaction part.
  public struct Step: Hashable, Sendable {
    /// The number of the instruction within the transaction, from 0.
    public var number: Int
    /// The depth of the call, from 0.
    public var depth: Int
    /// Whose storage the instruction works on.
    public var address: Address
    /// The instruction's position in the code.
    public var position: Int
    /// The instruction.
    public var opcode: UInt8
    /// The slot that the instruction names, if it is one of storage.
    public var slot: UInt256?
    /// What each run made of the instruction.
    public var outcome: Field
  }

  /// The transaction at which two blocks part.
  public struct Transaction: Sendable {
    /// The index in the block, from 0.
    public var index: Int
    /// The transaction's hash in each log; nil where the block has none of the index.
    public var hashes: (first: Hash?, second: Hash?)
    /// How the transactions, or what they did, differ.
    public var fields: [Field]
    /// Where their runs part; nil where they run alike, or one of them not at all.
    public var step: Step?
  }

  /// The block at which two chains part.
  public struct Block: Sendable {
    /// The chain.
    public var layer: Layer
    /// The block's number.
    public var number: UInt64
    /// How the headers differ.
    public var fields: [Field]
    /// The transaction at which they part; nil where all transactions agree.
    public var transaction: Transaction?
    /// The first storage slot that differs after the blocks.
    public var slot: Slot?
  }

  /// The sequence of the first event that differs.
  public var sequence: UInt64
  /// How the events' rows differ.
  public var fields: [Field]
  /// The commitment that a replay arrives at, where only the commitments differ.
  public var replayed: Hash?
  /// The block at which the chains part; nil where no block differs.
  public var block: Block?
  /// A slot that differs between the events themselves: accounts edited by hand.
  public var slot: Slot?
  /// Why it was not looked further; nil where it was.
  public var remark: String?
}

/// What a comparison of two logs comes to.
public enum LogComparison: Sendable {
  /// Both have the same events.
  case same(count: UInt64)
  /// One has all events of the other, and more.
  case extends(common: UInt64, isFirstLonger: Bool, count: UInt64)
  /// They part.
  case parts(LogDifference)
}
