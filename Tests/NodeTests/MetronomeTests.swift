import Execution
import Glibc
import Ledger
import Node
import Primitives
import Testing

/// Blocks each so many milliseconds.
@Suite struct MetronomeTests {
  @Test("blocks come by themselves, stop while the operator wants none, and end with the node")
  func beat() throws {
    let place = try Place()
    var configuration = try place.configuration(mode: .manual)
    configuration.sealingIntervalInMilliseconds = 5
    let node = try Node(configuration)
    try wait { (node.world.layerTwo?.number ?? 0) >= 3 }
    // Each block is a second after the last, however quickly they come.
    let chain = try #require(node.world.layerTwo)
    #expect(chain.head.header.timestamp >= chain.genesisTimestamp + 3)
    var controls = chain.controls
    controls.mode = .manual
    _ = try node.submit(.changeControls(ControlChange(layer: .two, controls: controls)))
    let number = node.world.layerTwo?.number
    usleep(50_000)
    #expect(node.world.layerTwo?.number == number)
    node.stop()
    node.stop()
  }

  private func wait(_ condition: () -> Bool) throws {
    for _ in 0..<3_000 {
      if condition() { return }
      usleep(10_000)
    }
    Issue.record("it does not come about in half a minute")
  }
}
