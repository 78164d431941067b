import Cryptography
import Derivation
import Execution
import Glibc
import Ledger
import NativeCryptography
import Node
import Primitives
import Synchronization
import Testing

/// A DA layer that answers when it is told to.
private final class SlowLayer: Sendable {
  private let state = Mutex((isOpen: false, count: 0))

  func open() { state.withLock { $0.isOpen = true } }

  /// How many payloads it was given.
  var count: Int { state.withLock { $0.count } }

  func take(_ payload: Bytes) -> Bytes? {
    state.withLock { $0.count += 1 }
    while !state.withLock({ $0.isOpen }) { usleep(1_000) }
    return AltDACommitment.keccak256(Keccak256.hash(payload)).encoded
  }
}

@Suite("Batches that are made ready beside the writer")
struct PreparationTests {
  private func wait(until isSo: () -> Bool) -> Bool {
    for _ in 0..<20_000 {
      if isSo() { return true }
      usleep(1_000)
    }
    return false
  }

  private func isPosting(_ rollup: RecordedRollup) -> Bool {
    rollup.node.world.layerOne?.pool.holdsTransactions(
      of: DevelopmentRole.batcher.key.address) == true
  }

  @Test("blocks are made while a batch is with a DA layer; it goes to L1 afterwards, and once")
  func beside() throws {
    let layer = SlowLayer()
    let rollup = try RecordedRollup(carrier: .layer) { layer.take($0) }
    try rollup.sealL1()
    try rollup.buildL2()
    #expect(wait { layer.count == 1 })
    for _ in 0..<3 { try rollup.buildL2() }
    try rollup.sealL1()
    #expect(rollup.node.world.layerTwo?.number == 4)
    #expect(!isPosting(rollup))
    layer.open()
    #expect(wait { isPosting(rollup) })
    try rollup.sealL1()
    let safe = { rollup.node.world.rollup?.safe.reference.number ?? 0 }
    #expect(safe() >= 1)
    // The rest follows, from where the first one ended.
    #expect(wait { isPosting(rollup) })
    try rollup.sealL1()
    #expect(safe() == 4)
    #expect(layer.count == 2)
    #expect(rollup.node.world.rollup?.droppedInputs.isEmpty == true)
    rollup.node.stop()
  }

  @Test("what was made ready of blocks that L1 took back is not posted; what is there now is")
  func reorganised() throws {
    let layer = SlowLayer()
    let rollup = try RecordedRollup(carrier: .layer, channelDurationInBlocks: 3) {
      layer.take($0)
    }
    try rollup.sealL1()
    for _ in 0..<8 { try rollup.buildL2() }
    #expect(layer.count == 0)
    try rollup.sealL1()
    #expect(wait { layer.count == 1 })
    let chain = try #require(rollup.node.world.layerOne)
    let position = try chain.position(depth: 2)
    _ = try rollup.node.submit(
      .resetHead(HeadReset(layer: .one, position: position, parts: .chain)))
    #expect(rollup.node.world.layerTwo?.number == 5)
    try rollup.sealL1(3)
    layer.open()
    #expect(wait { isPosting(rollup) })
    #expect(layer.count == 2)
    try rollup.sealL1()
    #expect(rollup.node.world.rollup?.safe.reference.number == 5)
    #expect(rollup.node.world.rollup?.droppedInputs.isEmpty == true)
    rollup.node.stop()
  }
}
