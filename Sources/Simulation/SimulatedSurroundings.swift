import Cryptography
import Ledger
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

/// A DA layer of which nothing is known but how many of its four operators answer.
///
/// What happens inside one is `opal da simulate`'s matter.
final class SimulatedStorageLayer: Sendable {
  private struct State {
    var isUp = [true, true, true, true]
    var refusals: UInt64 = 0
  }

  private let state = Mutex(State())

  /// Has an operator fail, or come back.
  func toggle(_ index: Int) { state.withLock { $0.isUp[index % 4].toggle() } }

  /// Has all operators answer.
  func recover() { state.withLock { $0.isUp = [true, true, true, true] } }

  var refusals: UInt64 { state.withLock { $0.refusals } }

  /// The commitment to a payload, if three operators attest it.
  func disperse(_ payload: Bytes) -> Bytes? {
    state.withLock { state in
      guard state.isUp.count(where: { $0 }) >= 3 else {
        state.refusals += 1
        return nil
      }
      return [0] + Keccak256.hash(payload).bytes
    }
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

  /// Sends a message, which comes late, twice, out of order, or not at all.
  mutating func send(_ message: Message, at now: UInt64, _ chance: inout SplitMix64) {
    let copies = [1, 1, 1, 1, 1, 2, 3, 0][Int(chance.next(below: 8))]
    for _ in 0..<copies {
      let isSlow = chance.next(below: 6) == 0
      let delay = chance.next(below: isSlow ? 30_000 : 800)
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
