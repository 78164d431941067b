import Derivation
import Primitives

/// Why something was refused that only a rollup does.
public enum RollupRefusal: Error, Hashable, Sendable {
  /// The second layer is no rollup.
  case none
  /// The second layer is a rollup, and only a plain chain does this.
  case isRollup
  /// The node follows a chain that another one makes.
  case follows
  /// The sequencer is stopped.
  case sequencerStopped
  /// The sequencer is already what it is asked to be.
  case sequencingUnchanged(isActive: Bool)
  /// The sequencer makes the blocks, and takes none of others.
  case sequencing
  /// Another sequencer's block does not follow the unsafe head.
  case payloadOutOfPlace(number: UInt64, parent: Hash, head: L2BlockReference)
  /// Derivation cannot begin again.
  case derivationCannotBegin(String)
  /// The chain is too far ahead of what L1 says.
  case tooFarAhead(limit: UInt64)
  /// The L1 block is not at hand, or not on the chain.
  case originUnknown(number: UInt64)
  /// Nothing but deposits may stand in a block so long after its origin.
  case poolExcluded(origin: UInt64)
  /// No block with that origin can follow.
  case attributes(AttributesError)
  /// The block stands below the safe head, which L1 alone moves.
  case belowSafeHead(number: UInt64, safe: UInt64)
  /// The L1 block is final.
  case finalizedL1(number: UInt64, oldest: UInt64)
  /// The L1 block that was said to be final is not at hand.
  case finalityUnknown(number: UInt64)
  /// What another node gave is not a block that follows those before.
  case outsideL1Block(String)
  /// Bytes that an event told of are nowhere to be had.
  case contentMissing(String)
  /// L1 asks for a deposit that is none; nothing can be derived from there on.
  case malformedDeposit(block: UInt64, logIndex: UInt64)

  /// The refusal in words.
  public var message: String {
    switch self {
    case .none: "the second layer is no rollup"
    case .isRollup: "the second layer is a rollup"
    case .follows: "this node follows the chain; it makes no blocks and takes no transactions"
    case .sequencerStopped: "the sequencer is stopped"
    case .sequencingUnchanged(let isActive):
      isActive ? "sequencer already running" : "sequencer not running"
    case .sequencing: "the sequencer is running; it takes no blocks of others"
    case .payloadOutOfPlace(let number, let parent, let head):
      "block \(number) with the parent \(parent.hexadecimal) does not follow the unsafe head, block "
        + "\(head.number) \(head.hash.hexadecimal)"
    case .derivationCannotBegin(let reason): "derivation cannot begin again: \(reason)"
    case .tooFarAhead(let limit): "the chain is \(limit) blocks ahead of what L1 says of it"
    case .originUnknown(let number): "L1 block \(number) is not at hand"
    case .poolExcluded(let origin):
      "the block is too long after its origin \(origin) for transactions"
    case .attributes(.originDoesNotFollow(let parent, let origin)):
      "origin \(origin.number) does not follow the parent's, \(parent.number)"
    case .attributes(.beforeOrigin(let timestamp, let originTimestamp)):
      "timestamp \(timestamp) is before the origin's, \(originTimestamp)"
    case .belowSafeHead(let number, let safe):
      "block \(number) is below the safe head \(safe), which L1 alone moves"
    case .finalizedL1(let number, let oldest):
      "L1 block \(number) is final; the head can go back to \(oldest)"
    case .finalityUnknown(let number):
      "L1 block \(number) is not at hand, so nothing can be said of its finality"
    case .outsideL1Block(let reason), .contentMissing(let reason): reason
    case .malformedDeposit(let block, let logIndex):
      "log \(logIndex) of L1 block \(block) is no deposit"
    }
  }
}
