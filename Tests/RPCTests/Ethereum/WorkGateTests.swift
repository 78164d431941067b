import Glibc
import JSON
import Testing

@Suite("Work that may take long")
struct WorkGateTests {
  /// How much a task's thread gives way to others.
  private static func niceness() -> Int32 {
    getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
  }

  @Test("gives way to others, but what its callers' threads do later does not")
  func niceness() async throws {
    let before = Self.niceness()
    let node = try TestNode()
    let call: JSON = ["to": .data(node.accounts[0])]
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<64 {
        group.addTask { #expect((try? await node.ask("eth_call", call, "latest")) == "0x") }
      }
    }
    await withTaskGroup(of: Int32.self) { group in
      for _ in 0..<64 { group.addTask { Self.niceness() } }
      for await found in group { #expect(found == before) }
    }
  }
}
