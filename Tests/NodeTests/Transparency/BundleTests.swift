import EventLog
import Ledger
import Node
import Primitives
import Testing
import TransparencyLog

@Suite("Bundles of evidence")
struct BundleTests {
  /// A directory with so many transfers, stopped and signed.
  private func closed(_ count: Int) throws -> Place {
    let place = try Place()
    var configuration = try place.configuration()
    configuration.isDurable = true
    let node = try Node(configuration)
    for nonce in 0..<UInt64(count) { _ = try node.submit(.submit(transfer(nonce: nonce))) }
    node.stop()
    return place
  }

  private func key(_ place: Place) throws -> VerifierKey {
    try LogBundle.key(FolderSource(path: place.directory.path))
  }

  @Test("a bundle of a whole log becomes a directory that audits and goes on")
  func whole() throws {
    let (place, other) = (try closed(5), try Place())
    let path = place.directory.path + "/b.tar"
    let written = try LogBundle.write(place.directory, events: nil, to: path)
    let (range, checkpoint) = (written.range, written.checkpoint)
    #expect(range == 1...checkpoint.head.size && written.isReplayable)
    let bundle = try TarSource(path: path)
    #expect(try LogBundle.range(bundle) == range)
    let report = try PublicLogCheck.run(bundle, keys: [key(place)])
    #expect(report.entries == checkpoint.head.size && report.missingPayloads == 0)

    var restore = try LogRestore(into: other.directory)
    _ = try restore.run(bundle, keys: [key(place)])
    #expect(restore.count == checkpoint.head.size)
    var audit = Audit(directory: other.directory, key: nil)
    #expect(try audit.run().checkpointSize == checkpoint.head.size)
    #expect(try other.rows() == place.rows())
    let node = try Node(try other.configuration())
    _ = try node.submit(.submit(transfer(nonce: 5)))
    #expect(node.world.layerTwo?.number == 6)
    node.stop()
    var again = Audit(directory: other.directory, key: nil)
    _ = try again.run()
    #expect(nodeError { _ = try LogRestore(into: other.directory) } != nil)
  }

  @Test("a bundle of a range proves its events, and says that it is no whole log")
  func ranges() throws {
    let place = try closed(132)
    let size = try LogBundle.signedSize(place.directory)
    let path = place.directory.path + "/b.tar"
    for range in [2...2, 3...200, 250...260, size...size, 1...10] as [ClosedRange<UInt64>] {
      _ = try LogBundle.write(place.directory, events: range, to: path)
      let bundle = try TarSource(path: path)
      let report = try LogBundle.check(bundle, range: range, keys: [key(place)])
      #expect(report.entries == UInt64(range.count))
      #expect(try RangeWitness.replay(bundle, range: range, keys: [key(place)]) == nil)
      #expect(bundle.names.contains("genesis/l2.json"))
      #expect(bundle.names.contains(LogBundle.genesisProof) == (range.lowerBound > 1))
    }
    let beyond = nodeError {
      _ = try LogBundle.write(place.directory, events: 1...size + 1, to: path)
    }
    #expect(beyond != nil)
  }

  @Test("a bundle of a range begins where the log says how the world stands, and is replayed")
  func replayed() throws {
    let place = try Place()
    var configuration = try place.configuration()
    configuration.isDurable = true
    configuration.snapshotIntervalInEvents = 16
    let node = try Node(configuration)
    for nonce in 0..<60 as Range<UInt64> {
      _ = try node.submit(
        .submit(transfer(from: UInt32(nonce % 3), nonce: nonce / 3, to: Address(UInt256(nonce)))))
    }
    node.stop()
    let (path, key) = (place.directory.path + "/b.tar", try key(place))
    let written = try LogBundle.write(place.directory, events: 80...100, to: path)
    #expect(written.isReplayable && written.range.upperBound == 100)
    #expect(written.range.lowerBound > 60 && written.range.lowerBound <= 80)
    let bundle = try TarSource(path: path)
    #expect(try LogBundle.check(bundle, range: written.range, keys: [key]).entries > 20)
    let result = try #require(
      try RangeWitness.replay(bundle, range: written.range, keys: [key]))
    #expect(result.progress.events == UInt64(written.range.count) - 1)
    #expect(try result.commitment == place.rows()[99].commitment)
    // What is altered in the witness is found out, or is not there for the replay.
    let world = try #require(try bundle.resource(RangeWitness.worldName))
    let states = try #require(try bundle.resource(RangeWitness.statesName))
    for (name, bytes) in [(RangeWitness.worldName, world), (RangeWitness.statesName, states)] {
      for place in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 12)) {
        var flipped = bytes
        flipped[place] ^= 2
        let altered = Altered(bundle: bundle, name: name, bytes: flipped)
        let error = nodeError {
          _ = try RangeWitness.replay(altered, range: written.range, keys: [key])
        }
        #expect(error != nil || name == RangeWitness.statesName)
      }
    }
    let none = Altered(bundle: bundle, name: RangeWitness.worldName, bytes: nil)
    #expect(try RangeWitness.replay(none, range: written.range, keys: [key]) == nil)
  }

  @Test("the same log gives the same bundle, byte for byte")
  func deterministic() throws {
    let place = try closed(3)
    let path = place.directory.path + "/b.tar"
    _ = try LogBundle.write(place.directory, events: nil, to: path)
    let first = try Files.read(path)
    _ = try LogBundle.write(place.directory, events: nil, to: path)
    #expect(try Files.read(path) == first)
  }

  /// A bundle in which one file is another.
  private struct Altered: TileSource {
    let bundle: TarSource
    let name: String
    let bytes: Bytes?

    func resource(_ name: String) throws(TransparencyError) -> Bytes? {
      name == self.name ? bytes : try bundle.resource(name)
    }
  }

  @Test("a bundle that was cut off, or of which a file was altered or taken out, is refused")
  func hostile() throws {
    let place = try closed(2)
    let path = place.directory.path + "/b.tar"
    let range = try LogBundle.write(place.directory, events: nil, to: path).range
    let good = try Files.read(path)
    let key = try key(place)
    let bundle = try TarSource(path: path)
    for name in bundle.names where name == "checkpoint" || name.hasPrefix("tile/") {
      let bytes = try #require(try bundle.resource(name))
      var changes: [Bytes?] = [nil, Bytes(bytes.dropLast()), bytes + [0]]
      for place in [0, bytes.count / 3, bytes.count / 2] {
        var flipped = bytes
        flipped[place] ^= 4
        changes.append(flipped)
      }
      for change in changes {
        #expect(throws: TransparencyError.self, "\(name)") {
          let altered = Altered(bundle: bundle, name: name, bytes: change)
          _ = try LogBundle.check(altered, range: range, keys: [key])
        }
      }
    }
    for end in stride(from: 0, to: good.count - 512, by: 7_777) {
      try Files.write(Bytes(good[..<end]), to: path)
      #expect(nodeError { _ = try TarSource(path: path) } != nil)
    }
  }

  @Test("names twice, links, folders, false sums and sizes make no bundle")
  func hostileArchives() throws {
    let place = try Place()
    try Files.makeDirectory(place.directory.path)
    let path = place.directory.path + "/b.tar"
    let writer = try TarWriter(path: path)
    try writer.add("a", [1, 2, 3])
    try writer.add("b", [])
    try writer.finish()
    let good = try Files.read(path)
    let archive = try TarSource(path: path)
    #expect(archive.names == ["a", "b"])
    #expect(try archive.resource("a") == [1, 2, 3])
    #expect(try archive.resource("b") == [] && archive.resource("c") == nil)
    var cases: [Bytes] = [[], Bytes(good[..<512]), Bytes(good[..<1_024]), Bytes(good[..<1_700])]
    for place in [0, 100, 124, 130, 148, 156, 257] {
      var changed = good
      changed[place] ^= 1
      cases.append(changed)
    }
    cases.append(Bytes(good[..<1_024]) + good)
    for bytes in cases {
      try Files.write(bytes, to: path)
      #expect(nodeError { _ = try TarSource(path: path) } != nil)
    }
  }

  @Test("a log's blocks go out in RLP and come in again, without those that were abandoned")
  func blocks() throws {
    let place = try closed(4)
    let node = try Node(try place.configuration())
    _ = try node.submit(.submit(transfer(nonce: 4)))
    let head = try #require(node.world.layerTwo?.head.hash)
    node.stop()
    let path = place.directory.path + "/chain.rlp"
    var export = try ChainExport(place.directory, layer: .two, to: path)
    let (count, exported) = try export.run()
    #expect(count == 5 && exported == head)
    let genesis = try #require(try LogBundle.genesis(place.directory, .two))
    let other = try Place()
    var configuration = try other.configuration(
      genesis: GenesisDeclaration(documents: [.init(layer: .two, json: genesis)], settler: .zero))
    configuration.sequencers = []
    let importer = try ChainImport(configuration)
    #expect(try importer.run(try Files.read(path)) == 5)
    #expect(importer.headHash == head)
    var part = try ChainExport(place.directory, layer: .two, to: path)
    #expect(try part.run(from: 2, to: 3).count == 2)
  }
}
