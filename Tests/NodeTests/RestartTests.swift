import EventLog
import Execution
import Glibc
import Ledger
import Node
import Primitives
import SQLite
import Testing
import Views

@Suite("A restart")
struct RestartTests {
  /// A place with blocks of both layers, a refused command and a transaction that waits for its
  /// turn; and the world that its node had.
  private func place() throws -> (place: Place, world: World, digests: [ViewDigest]) {
    let place = try Place()
    let node = try place.node()
    for nonce in UInt64(0)..<3 { _ = try node.submit(.submit(transfer(nonce: nonce))) }
    _ = try node.submit(.submit(transfer(from: 1, nonce: 5)))
    _ = try node.sealNow(.one)
    #expect(throws: WriteFailure.self) { try node.submit(.submit(transfer(nonce: 0))) }
    let result = (place, node.world, try node.views.digests())
    node.stop()
    return result
  }

  private func expectSame(_ world: World, _ other: World) throws {
    #expect(world.sequence == other.sequence)
    #expect(world.commitment == other.commitment)
    #expect(world.componentRoots == other.componentRoots)
    #expect(world.layerTwo?.head.hash == other.layerTwo?.head.hash)
    #expect(world.layerOne?.head.hash == other.layerOne?.head.hash)
    #expect(world.layerTwo?.pool.all == other.layerTwo?.pool.all)
    #expect(world.settler == other.settler)
    #expect(world.usage.openCount == other.usage.openCount)
  }

  @Test("gives the world that was there before, and goes on from it")
  func sameWorld() throws {
    let (place, world, digests) = try place()
    #expect(world.layerTwo?.pool.count == 1)
    for _ in 0..<2 {
      let node = try place.node()
      try expectSame(node.world, world)
      #expect(try node.views.digests() == digests)
      node.stop()
    }
    let node = try place.node()
    for nonce in UInt64(0)..<5 { _ = try node.submit(.submit(transfer(from: 1, nonce: nonce))) }
    #expect(node.world.layerTwo?.pool.count == 0, "the gap is filled, and what waited is taken")
    #expect(node.world.layerTwo?.number == 8)
    node.stop()
    #expect(place.reports.all == [])
  }

  @Test("makes views again that were deleted, row for row")
  func deletedViews() throws {
    let (place, world, digests) = try place()
    Views.delete(path: place.directory.views)
    let node = try place.node()
    try expectSame(node.world, world)
    #expect(try node.views.digests() == digests)
    node.stop()
  }

  @Test("makes views again that were damaged, and says so", arguments: ViewDamage.allCases)
  func damagedViews(damage: ViewDamage) throws {
    let (place, world, digests) = try place()
    try place.settleFiles()
    try damage.inflict(on: place.directory.views)
    let node = try place.node()
    try expectSame(node.world, world)
    #expect(try node.views.digests() == digests)
    _ = try node.submit(.submit(transfer(nonce: 3)))
    node.stop()
    let reports = place.reports.all
    #expect(reports.count == 1)
    #expect(reports.first?.contains("views.sqlite is made again") == true, "\(reports)")
  }

  @Test("makes views again whose damage showed only when they were written to")
  func lateDamage() throws {
    let (place, _, _) = try place()
    try place.settleFiles()
    // A row where that of the next block will have to go.
    try alter(
      place.directory.views,
      "INSERT INTO blocks SELECT max(place) * 2 - (SELECT max(place) FROM blocks WHERE place < "
        + "(SELECT max(place) FROM blocks)), hash, transaction_count, size_in_bytes, content "
        + "FROM blocks")
    let node = try place.node()
    #expect(throws: WriteFailure.self) { try node.submit(.submit(transfer(nonce: 3))) }
    node.stop()
    // The log had the transaction before the views refused it.
    let restarted = try place.node()
    #expect(restarted.world.layerTwo?.number == 4)
    #expect(try restarted.views.receipt(.two, hash: transfer(nonce: 3).hash) != nil)
    _ = try restarted.submit(.submit(transfer(nonce: 4)))
    restarted.stop()
    #expect(try Replay.check(place.directory).progress.blocks == 6)
  }

  @Test("makes views of another log again, and says so")
  func foreignViews() throws {
    let (place, world, digests) = try place()
    let (other, _, _) = try self.place()
    let node = try other.node()
    // Both shorter and longer than this log: its cursor is found, and is not this log's.
    for extra in UInt64(0)..<2 {
      let views = try Files.read(place.directory.views)
      if extra == 0 {
        _ = try node.submit(.submit(transfer(from: 2, nonce: 0)))
        node.stop()
        try other.settleFiles()
      }
      Views.delete(path: place.directory.views)
      try Files.write(try Files.read(other.directory.views), to: place.directory.views)
      let restarted = try place.node()
      try expectSame(restarted.world, world)
      #expect(try restarted.views.digests() == digests)
      restarted.stop()
      #expect(place.reports.all.count == Int(extra) + 1)
      #expect(!views.isEmpty)
    }
  }

  @Test("is refused while the directory is open, naming the process")
  func inUse() throws {
    let place = try Place()
    let node = try place.node()
    let error = nodeError { _ = try place.node() }
    guard case .inUse(let path, let process)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(path == place.directory.path)
    #expect(process == getpid())
    #expect(error?.message.contains("\(getpid())") == true)
    _ = try node.submit(.submit(transfer(nonce: 0)))
    node.stop()
    #expect(try Replay.check(place.directory).progress.blocks == 1, "it may be read meanwhile")
  }

  @Test("needs a folder that can be written, and a key that is one")
  func unusableDirectories() throws {
    let place = try Place()
    try place.node().stop()
    try Files.write(Bytes("no key".utf8), to: place.directory.key)
    let keyError = nodeError { _ = try place.node() }
    #expect(keyError?.message.contains(place.directory.key) == true)

    let occupied = try Place()
    try Files.write([], to: occupied.directory.path)
    let fileError = nodeError { _ = try occupied.node() }
    #expect(fileError?.message.contains(occupied.directory.path) == true)
    Files.remove(occupied.directory.path)
  }

  @Test("refuses a genesis that is none, and leaves nothing that another start trips over")
  func badGenesis() throws {
    let place = try Place()
    for json in ["", "{}", "[1", "{\"config\":{\"chainId\":1},\"gasLimit\":\"0x1\"}"] {
      var declaration = try Project.declaration()
      declaration.documents[1].json = Bytes(json.utf8)
      let configuration = try place.configuration(genesis: declaration)
      let error = nodeError { _ = try Node(configuration) }
      #expect(error?.message.contains("genesis of l2") == true, "\(json): \(error?.message ?? "")")
    }
    let node = try place.node()
    #expect(node.world.sequence == 1)
    node.stop()
  }
}

/// What can befall a cache.
enum ViewDamage: String, CaseIterable, Sendable {
  case emptyOfTables, otherFormat, truncated, overwritten, ahead, otherProgram

  func inflict(on path: String) throws {
    let whole = try Files.read(path)
    switch self {
    case .emptyOfTables: try alter(path, "DROP TABLE blocks")
    case .otherFormat: try alter(path, "PRAGMA user_version = 77")
    case .truncated: try Files.write(Bytes(whole.prefix(whole.count / 2)), to: path)
    case .overwritten: try Files.write(Bytes(repeating: 0x5a, count: whole.count), to: path)
    case .ahead: try alter(path, "UPDATE cursors SET sequence = 4000")
    case .otherProgram:
      Files.remove(path)
      try Connection(path: path, mode: .create).execute("CREATE TABLE recipe(name TEXT)")
    }
  }
}
