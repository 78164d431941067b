import Ledger
import Node
import Primitives
import Testing

@Suite("The checkpoint that is kept beside the log")
struct KeptCheckpointTests {
  /// A directory with a few blocks, closed, and its checkpoint's lines.
  private func closed() throws -> (place: Place, lines: [String]) {
    let place = try Place()
    let node = try durable(place)
    for nonce in 0..<3 as Range<UInt64> {
      _ = try node.submit(.submit(transfer(nonce: nonce)))
    }
    node.stop()
    let text = String(decoding: try Files.read(place.directory.checkpoint), as: UTF8.self)
    return (
      place,
      text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    )
  }

  private func durable(_ place: Place) throws -> Node {
    var configuration = try place.configuration()
    configuration.isDurable = true
    return try Node(configuration)
  }

  private func write(_ lines: [String], to place: Place) throws {
    try Files.write(Bytes(lines.joined(separator: "\n").utf8), to: place.directory.checkpoint)
  }

  @Test("covers all events after a stop, and lets the directory open again")
  func covers() throws {
    let (place, lines) = try closed()
    let node = try durable(place)
    #expect(lines[1] == "\(node.world.sequence)")
    node.stop()
  }

  @Test(
    "betrays a log that has lost its end: it opens and audits no more, and says what is missing")
  func lostEvents() throws {
    let (place, given) = try closed()
    var lines = given
    let count = try #require(UInt64(lines[1]))
    lines[1] = "\(count + 2)"
    try write(lines, to: place)
    let opening = nodeError { _ = try place.node() }
    #expect(opening?.message.contains("events \(count + 1) to \(count + 2) are lost") == true)
    let auditing = nodeError {
      var audit = Audit(directory: place.directory, key: nil)
      _ = try audit.run()
    }
    #expect(auditing?.message.contains("are lost") == true)
  }

  @Test("betrays a log whose events were exchanged, and is itself read strictly")
  func exchanged() throws {
    let (place, given) = try closed()
    var lines = given
    lines[2] = "AAAA" + lines[2].dropFirst(4)
    try write(lines, to: place)
    #expect(nodeError { _ = try place.node() }?.message.contains("not those") == true)
    try write(["nothing"], to: place)
    #expect(nodeError { _ = try place.node() }?.message.contains("not a checkpoint") == true)
  }
}
