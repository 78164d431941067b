import EVM
import EventLog
import Execution
import Glibc
import Ledger
import Node
import Primitives
import Testing
import Views

@Suite("A snapshot")
struct SnapshotTests {
  private func configuration(_ place: Place) throws -> NodeConfiguration {
    var configuration = try place.configuration()
    configuration.isDurable = true
    configuration.snapshotIntervalInEvents = 16
    return configuration
  }

  /// How many events a start applies.
  private func start(_ place: Place) throws -> (node: Node, applied: UInt64) {
    var applied: UInt64 = 0
    let node = try Node(try configuration(place)) { applied = $0.events }
    return (node, applied)
  }

  /// A place whose chain has blocks, an edit by hand, a reset, and a transaction that waits.
  private func place() throws -> (place: Place, node: Node) {
    let place = try Place()
    let node = try start(place).node
    for nonce in UInt64(0)..<20 { _ = try node.submit(.submit(transfer(nonce: nonce))) }
    _ = try node.submit(.editAccounts(edit(balance: 5)))
    let position = node.world.sequence
    _ = try node.submit(.editAccounts(edit(balance: 6)))
    for nonce in UInt64(20)..<24 { _ = try node.submit(.submit(transfer(nonce: nonce))) }
    _ = try node.submit(.resetHead(HeadReset(layer: .two, position: position)))
    for nonce in UInt64(20)..<30 { _ = try node.submit(.submit(transfer(nonce: nonce))) }
    _ = try node.submit(.submit(transfer(from: 1, nonce: 5)))
    _ = try node.sealNow(.one)
    return (place, node)
  }

  private func edit(balance: UInt64) -> AccountEdit {
    AccountEdit(
      layer: .two,
      changes: [.init(address: Address(UInt256(0xed17)), balance: UInt256(balance))])
  }

  /// The world that a replay from the beginning comes to.
  private func replayed(_ place: Place) throws -> World {
    let log = try place.log()
    var replay = Replay(
      lastSequence: log.count, content: ContentStore(reading: place.directory.content))
    var cursor = try log.rows()
    while let row = try cursor.nextRow() { _ = try replay.apply(row) }
    return replay.world
  }

  @Test("spares a start what came before it, and leads to the same world in every part")
  func spares() throws {
    let (place, node) = try place()
    let world = node.world
    node.stop()
    let (again, applied) = try start(place)
    #expect(applied < 20)
    #expect(again.world.commitment == world.commitment)
    #expect(again.world.componentRoots == world.componentRoots)
    #expect(again.world.snapshot() == world.snapshot())
    #expect(again.world.snapshot() == (try replayed(place)).snapshot())
    // And it goes on as it would have: also to before the snapshot.
    for nonce in UInt64(30)..<33 { _ = try again.submit(.submit(transfer(nonce: nonce))) }
    let deep = try #require(try again.world.layerTwo?.position(depth: 20))
    _ = try again.submit(.resetHead(HeadReset(layer: .two, position: deep)))
    _ = try again.submit(.submit(transfer(from: 2, nonce: 0)))
    let end = again.world
    again.stop()
    #expect(try replayed(place).commitment == end.commitment)
    #expect(place.reports.all == [])
  }

  @Test("is not used when it is damaged, and the log is replayed", arguments: [0, 20, 60, 2_000])
  func damaged(offset: Int) throws {
    let (place, node) = try place()
    let world = node.world
    node.stop()
    var file = try Files.read(place.directory.snapshot)
    file[min(offset, file.count - 1)] ^= 1
    try Files.write(file, to: place.directory.snapshot)
    let (again, applied) = try start(place)
    #expect(applied == world.sequence)
    #expect(again.world.commitment == world.commitment)
    again.stop()
    #expect(place.reports.all.count == 1)
  }

  @Test("of another log is not used, whole as it is")
  func foreign() throws {
    let (place, node) = try place()
    node.stop()
    let other = try Place()
    let stranger = try start(other).node
    for nonce in UInt64(0)..<40 {
      _ = try stranger.submit(.submit(transfer(from: 3, nonce: nonce)))
    }
    stranger.stop()
    try Files.write(Files.read(other.directory.snapshot), to: place.directory.snapshot)
    let (again, applied) = try start(place)
    #expect(applied == again.world.sequence)
    again.stop()
    #expect(place.reports.all.count == 1)
  }

  @Test("whose content was altered is not used")
  func altered() throws {
    let (place, node) = try place()
    let world = node.world
    node.stop()
    var file = try Files.read(place.directory.snapshot)
    // A nonce of a header in the window, or whatever else stands there: the hash no longer fits.
    let middle = file.count / 2
    file[middle] ^= 1
    try Files.write(file, to: place.directory.snapshot)
    let (again, applied) = try start(place)
    #expect(again.world.commitment == world.commitment)
    #expect(applied == again.world.sequence)
    again.stop()
  }

  @Test("of an earlier moment of the same log serves, though what it ends with was taken back")
  func takenBack() throws {
    let (place, node) = try place()
    let snapshot = try Files.read(place.directory.snapshot)
    let position = try #require(try node.world.layerTwo?.position(depth: 25))
    _ = try node.submit(.resetHead(HeadReset(layer: .two, position: position)))
    for nonce in UInt64(5)..<9 {
      _ = try node.submit(.submit(transfer(nonce: nonce, to: Address(UInt256(0xdef)))))
    }
    let world = node.world
    node.stop()
    try Files.write(snapshot, to: place.directory.snapshot)
    let (again, applied) = try start(place)
    #expect(applied < again.world.sequence)
    #expect(again.world.commitment == world.commitment)
    #expect(again.world.snapshot() == world.snapshot())
    again.stop()
    #expect(place.reports.all == [])
    #expect(try replayed(place).commitment == world.commitment)
  }

  @Test("has what the operator asked for, and the chain that was loaded")
  func operated() throws {
    let place = try Place()
    let node = try start(place).node
    let someone = Address(UInt256(0x50de))
    _ = try node.submit(
      .ask(OperatorChange(layer: .two, act: .impersonate(someone, isOn: true))))
    let document = StateDocument(accounts: [
      .init(address: someone, nonce: 1, balance: 1_000_000, code: [0x60], slots: [])
    ])
    _ = try node.submit(.loadState(.two, document))
    _ = try node.submit(.ask(OperatorChange(layer: .two, act: .snapshot(number: 0))))
    for nonce in UInt64(0)..<40 { _ = try node.submit(.submit(transfer(nonce: nonce))) }
    let world = node.world
    node.stop()
    let (again, applied) = try start(place)
    #expect(applied < 20)
    #expect(again.world.snapshot() == world.snapshot())
    #expect(again.world.layerTwo?.operatorState == world.layerTwo?.operatorState)
    #expect(try again.world.layerTwo?.head.state.account(someone)?.balance == 1_000_000)
    again.stop()
    #expect(place.reports.all == [])
  }

  @Test("is not used without the views that have its states")
  func withoutViews() throws {
    let (place, node) = try place()
    let world = node.world
    let digests = try node.views.digests()
    node.stop()
    Views.delete(path: place.directory.views)
    let (again, applied) = try start(place)
    #expect(applied == world.sequence)
    #expect(try again.views.digests() == digests)
    again.stop()
  }
}

@Suite("Views made anew")
struct ViewRebuildTests {
  @Test("are equal, row for row, to those that grew with the chain")
  func equal() throws {
    let place = try Place()
    let node = try place.node()
    for nonce in UInt64(0)..<8 { _ = try node.submit(.submit(transfer(nonce: nonce))) }
    let position = node.world.sequence
    _ = try node.submit(.submit(transfer(nonce: 8)))
    _ = try node.submit(.resetHead(HeadReset(layer: .two, position: position)))
    _ = try node.submit(.submit(transfer(from: 1, nonce: 0)))
    let digests = try node.views.digests()
    node.stop()
    for keeps in [true, false] {
      let result = try ViewRebuild.run(place.directory, keeps: keeps) { _ in }
      #expect(result.lines.map(\.made) == digests)
      #expect(result.lines.map(\.isEqual).contains(false) == false)
    }
    let again = try place.node()
    #expect(try again.views.digests() == digests)
    again.stop()
  }

  @Test("name the view whose rows were altered")
  func altered() throws {
    let place = try Place()
    let node = try place.node()
    for nonce in UInt64(0)..<3 { _ = try node.submit(.submit(transfer(nonce: nonce))) }
    node.stop()
    try alter(place.directory.views, "UPDATE receipts SET first_log = first_log + 1")
    let result = try ViewRebuild.run(place.directory, keeps: false) { _ in }
    #expect(result.lines.filter { !$0.isEqual }.map(\.made.name) == ["receipts"])
    let again = try ViewRebuild.run(place.directory, keeps: true) { _ in }
    #expect(again.lines.filter { !$0.isEqual }.isEmpty)
  }

  @Test("are not made while somebody has the directory open")
  func inUse() throws {
    let place = try Place()
    let node = try place.node()
    let error = nodeError { _ = try ViewRebuild.run(place.directory, keeps: false) { _ in } }
    guard case .inUse(_, let process)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(process == getpid())
    node.stop()
  }
}
