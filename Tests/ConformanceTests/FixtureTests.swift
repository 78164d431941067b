import Conformance
import Testing

@Suite("Fixture files") struct FixtureTests {
  @Test("a path with nothing behind it is refused by name")
  func missing() throws {
    var folder = FixtureFolder()
    #expect(throws: FixtureError.self) { try folder.add("no/such/folder") }
  }
}
