import Ledger
import Node
import Primitives
import SQLite
import Synchronization

/// A time that stands still until the simulation moves it.
final class SimulatedClock: Sendable {
  private let now = Mutex<UInt64>(SimulationPlan.start * 1_000)

  /// Milliseconds since 1970.
  var milliseconds: UInt64 { now.withLock { $0 } }

  /// Seconds since the simulation's beginning.
  var elapsedSeconds: UInt64 { milliseconds / 1_000 - SimulationPlan.start }

  func advance(milliseconds: UInt64) { now.withLock { $0 += milliseconds } }
}

/// A node for as long as it lives, and the payloads that it has waiting.
final class Life {
  var node: SteppedNode
  let preparations: PreparationQueue

  init(_ node: consuming SteppedNode, _ preparations: PreparationQueue) {
    self.node = node
    self.preparations = preparations
  }
}

/// What is under way between users, node and followers.
struct SimulatedNetwork {
  enum Message {
    /// A command on its way to the node.
    case command(Command)
    /// An L1 block on its way to a follower.
    case block(OutsideL1Block)
  }

  private var underWay: [(time: UInt64, order: UInt64, message: Message)] = []
  private var order: UInt64 = 0
  /// What became of messages.
  private(set) var tally = MessageTally()

  /// Sends a message, which comes late, twice, out of order, or not at all.
  mutating func send(_ message: Message, at now: UInt64, _ chance: inout SplitMix64) {
    let copies = [1, 1, 1, 1, 1, 2, 3, 0][Int(chance.next(below: 8))]
    tally.sent += 1
    if copies == 0 { tally.lost += 1 }
    if copies > 1 { tally.repeated += 1 }
    for _ in 0..<copies {
      let isSlow = chance.next(below: 6) == 0
      let delay = chance.next(below: isSlow ? 30_000 : 800)
      if isSlow { tally.delayed += 1 }
      if underWay.contains(where: { $0.time > now + delay }) { tally.overtaking += 1 }
      underWay.append((now + delay, order, message))
      order += 1
    }
  }

  /// Sends a message that comes at once.
  mutating func deliver(_ message: Message, at now: UInt64) {
    underWay.append((now, order, message))
    order += 1
  }

  /// What has come by now, in the order of its coming.
  mutating func arrivals(at now: UInt64) -> [Message] {
    let due = underWay.filter { $0.time <= now }
    underWay.removeAll { $0.time <= now }
    return due.sorted { ($0.time, $0.order) < ($1.time, $1.order) }.map(\.message)
  }

  /// Loses everything that is under way.
  mutating func clear() { underWay = [] }
}
