import Cryptography
import EventLog
import Execution
import Ledger
import NativeCryptography
import Primitives

/// How far a replay has come.
public struct ReplayProgress: Hashable, Sendable {
  /// Events applied so far.
  public var events: UInt64 = 0
  /// The sequence of the last event to apply.
  public var lastSequence: UInt64 = 0
  /// Blocks executed so far, of both layers.
  public var blocks: UInt64 = 0
  /// Transactions executed so far.
  public var transactions: UInt64 = 0
  /// Gas that they used.
  public var gasUsed: UInt64 = 0
}

/// Applies a log again, and compares each row with what comes out.
public struct Replay {
  /// The world after the last row that was applied.
  public private(set) var world: World
  /// How far it has come.
  public private(set) var progress = ReplayProgress()

  /// Starts before the first event; `lastSequence` is told to whoever watches the progress.
  ///
  /// `content` has the bytes that events know by their hash alone, `states` what is known of other
  /// chains' states.
  public init(
    lastSequence: UInt64, content: (any ContentSource)? = nil, states: (any StateSource)? = nil
  ) {
    world = World(
      provider: NativeCryptographyProvider.shared, content: content, states: states)
    progress.lastSequence = lastSequence
  }

  /// Starts after the last event of a world that is trusted.
  init(lastSequence: UInt64, from world: World) {
    self.world = world
    progress.lastSequence = lastSequence
  }

  /// Applies a row, and compares its commitment.
  ///
  /// - Throws: ``NodeError/mismatch(sequence:field:recorded:replayed:)`` at the first difference.
  @discardableResult
  public mutating func apply(
    _ row: Row, isCounted: Bool = true
  ) throws(NodeError) -> (event: Event, consequences: [Consequence]) {
    guard row.sequence == world.sequence + 1 else {
      throw .mismatch(
        sequence: row.sequence, field: "sequence", recorded: "\(row.sequence)",
        replayed: "\(world.sequence + 1)")
    }
    let event: Event
    let application: Application
    do throws(Misfit) {
      event = try Event.decode(kind: row.kind, payload: row.payload)
      application = try world.apply(event)
    } catch {
      throw .mismatch(
        sequence: row.sequence, field: error.field,
        recorded: Replay.excerpt(row.payload), replayed: error.message)
    }
    guard application.commitment == row.commitment else {
      throw .mismatch(
        sequence: row.sequence, field: "commitment", recorded: row.commitment.hexadecimal,
        replayed: application.commitment.hexadecimal)
    }
    if isCounted { count(application.consequences) }
    return (event, application.consequences)
  }

  private mutating func count(_ consequences: [Consequence]) {
    progress.events += 1
    for case .extended(_, let outcome) in consequences {
      progress.blocks += 1
      progress.transactions += UInt64(outcome.block.transactions.count)
      progress.gasUsed += outcome.block.header.gasUsed
    }
  }

  /// The first bytes of a payload, enough to find it by.
  private static func excerpt(_ payload: Bytes) -> String {
    let head = Hexadecimal.encodePrefixed(payload.prefix(32))
    return payload.count > 32 ? head + "… (\(payload.count) bytes)" : head
  }
}
