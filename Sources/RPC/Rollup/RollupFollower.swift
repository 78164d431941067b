import Derivation
import Glibc
import Ledger
import Node
import Primitives
import Synchronization

/// Brings L1's blocks into a node that holds nothing else, and derives the rollup from them.
///
/// It asks the L1 node, and records each answer; what it was told it does not ask again. A
/// reorganisation of L1 is seen from the hashes, and followed from the last common block on.
public final class RollupFollower: Sendable {
  private let node: Node
  private let source: L1Source
  private let isStopped = Atomic(false)
  private let thread = Mutex<Worker?>(nil)
  private let lastComplaint = Mutex("")

  /// How long it waits before it asks again.
  private static let pauseInMilliseconds = 500

  /// A follower for a node whose log has no L1 of its own.
  public init(node: Node, source: L1Source) {
    self.node = node
    self.source = source
  }

  /// Begins to follow on a thread of its own.
  public func start() {
    thread.withLock { $0 = Worker { [self] in run() } }
  }

  /// Ends it, and waits until it has.
  public func stop() {
    isStopped.store(true, ordering: .relaxed)
    thread.withLock { $0.take() }?.join()
  }

  private func run() {
    while !isStopped.load(ordering: .relaxed) {
      do throws(NodeClientError) {
        try catchUp()
        lastComplaint.withLock { $0 = "" }
      } catch {
        complain(error.message)
      }
      for _ in 0..<10 where !isStopped.load(ordering: .relaxed) {
        usleep(UInt32(RollupFollower.pauseInMilliseconds * 100))
      }
    }
  }

  /// Says what is wrong, once.
  private func complain(_ message: String) {
    let isNew = lastComplaint.withLock { last in
      defer { last = message }
      return last != message
    }
    if isNew { node.configuration.report(message) }
  }

  /// Takes in the L1 blocks that are not known yet.
  func catchUp() throws(NodeClientError) {
    let head = try source.headNumber()
    var next = try firstUnknown(upTo: head)
    while next <= head, !isStopped.load(ordering: .relaxed) {
      guard let rollup = node.world.rollup else { return }
      let block = try source.block(next, of: rollup, keep: node.content)
      do throws(WriteFailure) {
        _ = try node.submit(.receiveL1Block(block))
      } catch {
        throw NodeClientError(message: "L1 block \(next): \(error.message)")
      }
      next += 1
    }
    try noteFinality()
  }

  /// Takes as final what L1 says is, where that is more than the blocks on top tell.
  private func noteFinality() throws(NodeClientError) {
    guard let rollup = node.world.rollup, let final = try source.finalized(),
      final.number > rollup.l1Finalized?.number ?? 0,
      rollup.epoch(final.number)?.reference.identifier == final
    else { return }
    do throws(WriteFailure) {
      _ = try node.submit(.finalizeL1(number: final.number))
    } catch {
      throw NodeClientError(message: "finality of L1 block \(final.number): \(error.message)")
    }
  }

  /// The number after the last block that both know.
  private func firstUnknown(upTo head: UInt64) throws(NodeClientError) -> UInt64 {
    guard let rollup = node.world.rollup else {
      throw NodeClientError(message: RollupRefusal.none.message)
    }
    guard let known = rollup.l1Head else { return rollup.configuration.genesis.l1.number }
    var number = min(known.number, head)
    while let epoch = rollup.epoch(number), try source.hash(of: number) != epoch.reference.hash {
      guard number > rollup.configuration.genesis.l1.number else {
        throw NodeClientError(message: "this L1 is not the one that the rollup settles on")
      }
      number -= 1
    }
    return number + 1
  }
}
