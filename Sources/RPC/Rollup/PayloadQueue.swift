import Derivation
import Ledger
import Node
import Primitives
import Synchronization
import Views

/// Blocks of another sequencer that came before the ones that they follow.
///
/// They wait in memory, as in op-node, and are tried as soon as the unsafe head is their parent; one
/// that can no longer follow is let go, with a line of the node's log.
final class PayloadQueue: Sendable {
  private struct Waiting {
    var number: UInt64
    var parent: Hash
    var hash: Hash
    var encoded: Bytes
  }

  private struct State {
    /// Ascending by number.
    var payloads: [Waiting] = []
    var sizeInBytes = 0
    var observation: Observation?
  }

  private let node: Node
  private let state = Mutex(State())

  /// So many bytes wait at most.
  static let limitInBytes = 64 << 20
  /// A block so far above the head does not wait.
  static let reach = Limits.unsafeBlockCount

  init(node: Node) { self.node = node }

  /// Has a block wait; false where it may not, or too many do.
  func add(number: UInt64, parent: Hash, hash: Hash, encoded: Bytes) -> Bool {
    let isAdded = state.withLock { state in
      if state.payloads.contains(where: { $0.hash == hash }) { return true }
      guard state.sizeInBytes + encoded.count <= Self.limitInBytes else { return false }
      let place = state.payloads.firstIndex { $0.number > number } ?? state.payloads.count
      state.payloads.insert(
        Waiting(number: number, parent: parent, hash: hash, encoded: encoded), at: place)
      state.sizeInBytes += encoded.count
      if state.observation == nil {
        state.observation = node.observe { [weak self] entries in
          let moves = entries.contains { entry in
            entry.consequences.contains { consequence in
              switch consequence {
              case .extended(.two, _), .reset(.two, _, _): true
              default: false
              }
            }
          }
          if moves { self?.advance() }
        }
      }
      return true
    }
    if isAdded { advance() }
    return isAdded
  }

  /// How many wait.
  var count: Int { state.withLock { $0.payloads.count } }

  /// Tries the block that follows the unsafe head, if it is there.
  private func advance() {
    guard let head = node.world.rollup?.unsafe.reference else { return }
    var passed: [Waiting] = []
    let next = state.withLock { state -> Waiting? in
      while let first = state.payloads.first, first.number <= head.number + 1 {
        state.payloads.removeFirst()
        state.sizeInBytes -= first.encoded.count
        if first.parent == head.hash { return first }
        if first.hash != head.hash { passed.append(first) }
      }
      if state.payloads.isEmpty { state.observation = nil }
      return nil
    }
    for payload in passed {
      node.configuration.report(
        "the unsafe block \(payload.number) \(payload.hash.hexadecimal) is let go: it does not "
          + "follow the head, block \(head.number) \(head.hash.hexadecimal)")
    }
    guard let next else { return }
    node.submit(.receivePayload(encoded: next.encoded)) { [weak self] result in
      guard let self else { return }
      if case .failure(let failure) = result {
        node.configuration.report(
          "the unsafe block \(next.number) \(next.hash.hexadecimal) is let go: "
            + failure.message)
      }
      advance()
    }
  }
}
