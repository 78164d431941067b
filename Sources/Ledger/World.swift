import Contracts
import Cryptography
import Derivation
import EVM
import Execution
import Primitives

/// What all events so far come to: both chains at their heads, and the uses that wait to be paid.
///
/// The world is a value that ``apply(_:hint:)`` alone changes. It knows no clock, no randomness and
/// no file, so the live node, a restart, a replay and an audit arrive at the same one.
public struct World: Sendable {
  /// How many events have been applied.
  public internal(set) var sequence: UInt64 = 0
  /// The fingerprint after the last event; 32 zero bytes before the first.
  public internal(set) var commitment = Hash.zero
  /// The version of the rules that commitments are computed by.
  public internal(set) var rulesVersion = Commitment.currentVersion
  /// The address whose transactions settle usage receipts.
  public internal(set) var settler = Address.zero
  /// The uses that wait to be paid.
  @Shared public internal(set) var usage = UsageBook()
  /// The first layer, once its genesis is declared.
  @Shared public internal(set) var layerOne: Chain?
  /// The second layer, once its genesis is declared.
  @Shared public internal(set) var layerTwo: Chain?

  /// The second layer as a rollup of the first; nil where it is a plain chain.
  @Shared public internal(set) var rollup: Rollup?
  /// The data availability layer, once it is declared.
  @Shared public internal(set) var storage: StorageLayer?
  /// Where the large bytes beside recent transactions are.
  @Shared public internal(set) var carried = CarriedContent()

  let provider: any CryptographyProvider
  /// Buffers and analysed code for whoever executes on this world or one that follows from it.
  public let workspaces = WorkspaceStock()
  let content: (any ContentSource)?
  let states: (any StateSource)?

  /// Makes the world before its first event.
  ///
  /// `provider` does the mathematics that the core leaves to its host; `content` has the bytes that
  /// events know by their hash alone, and `states` what is known of other chains' states.
  public init(
    provider: any CryptographyProvider, content: (any ContentSource)? = nil,
    states: (any StateSource)? = nil
  ) {
    self.provider = provider
    self.content = content
    self.states = states
  }

  /// The chain of a layer, once its genesis is declared.
  public internal(set) subscript(layer: Layer) -> Chain? {
    get { layer == .one ? layerOne : layerTwo }
    _modify {
      if layer == .one {
        yield &layerOne
      } else {
        yield &layerTwo
      }
    }
  }

  /// The domain under which authorisations and receipts are signed.
  public var usageDomain: UsageDomain? {
    layerTwo.map { UsageDomain(chainID: $0.specification.chainID) }
  }
}

/// What an event led to, for those who keep views of it.
public enum Consequence: Sendable {
  /// A layer started, with this block 0.
  case started(Layer, Genesis)
  /// A transaction waits for a block.
  indirect case pooled(Layer, PooledTransaction)
  /// A transaction left the pool without a block.
  case dropped(Layer, hash: Hash, reason: String)
  /// A layer's head moved on to this block.
  indirect case extended(Layer, BlockOutcome)
  /// A layer's head moved back to the block of this number and hash; those above are abandoned.
  case reset(Layer, number: UInt64, hash: Hash)
  /// Accounts were written by hand while the block of this number was the head.
  case edited(Layer, number: UInt64, StateDiff)
  /// What was written by hand after an event, while the block of this number was the head, is gone.
  case editsUndone(Layer, number: UInt64, after: UInt64)
  /// A use was reported, or its status changed.
  case usage(UsageRecord)
  /// Derivation passed something over that stands on L1.
  case inputDropped(DroppedInput)
  /// A layer's blocks gave way to others that were not executed here.
  case replaced(Layer, ChainReplacement)
  /// How a layer stands is remembered under this number.
  case snapshotTaken(Layer, number: UInt64)
  /// The log says how the whole world stands, whose chains' heads have these numbers.
  case digested(heads: [(layer: Layer, number: UInt64)])
}

/// What applying one event gave.
public struct Application: Sendable {
  /// The fingerprint of the world after the event.
  public var commitment: Hash
  /// What followed from it, in order.
  public var consequences: [Consequence]
}
