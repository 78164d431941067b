import Execution
import Foundation
import JSON
import Ledger
import Node
import Primitives
import TestSupport
import Testing
import Views

/// The chain of the RPC tests of Ethereum's execution-apis, if this machine has it.
private enum Vectors {
  static let folder = TestSupport.Project.vectors.appending(path: "rpc-compat/tests").path

  static let areThere = Files.exists(folder + "/chain.rlp")

  static func genesis() throws -> Bytes { try Files.read(folder + "/genesis.json") }

  /// The blocks of the chain, each as it is encoded.
  static func blocks() throws -> [Bytes] {
    var reader = RLPReader(try Files.read(folder + "/chain.rlp"))
    var blocks: [Bytes] = []
    while !reader.isAtEnd { blocks.append(Bytes(try reader.rawItem())) }
    return blocks
  }

  static func headHash() throws -> Hash {
    let json = try JSON.parse(try Files.read(folder + "/headfcu.json"))
    let text = json["params"]?.array?.first?["headBlockHash"]?.string
    return try #require(text.flatMap { Hash(hexadecimal: $0) })
  }
}

@Suite("An import", .enabled(if: Vectors.areThere, "no rpc-compat vectors"))
struct ImportTests {
  private func importer(_ place: Place, genesis: Bytes? = nil) throws -> ChainImport {
    let declaration = GenesisDeclaration(
      documents: [
        .init(layer: .one, json: try Project.genesis("l1")),
        .init(layer: .two, json: try genesis ?? Vectors.genesis()),
      ],
      settler: .zero)
    var configuration = try place.configuration(mode: .manual, genesis: declaration)
    configuration.sequencers = []
    return try ChainImport(configuration)
  }

  /// Imports a file in a place, and says how far the chain goes then.
  private func bring(
    _ file: Bytes, into place: Place
  ) throws -> (imported: Int, head: UInt64, hash: Hash) {
    let importer = try importer(place)
    let imported = try importer.run(file)
    return (imported, importer.headNumber, importer.headHash)
  }

  /// That a file is refused in words that contain these, with the chain up to `head` kept.
  private func expectRefused(
    _ file: Bytes, into place: Place, _ words: [String], head: UInt64, _ comment: Comment
  ) throws {
    let error = nodeError { _ = try bring(file, into: place) }
    for word in words {
      #expect(error?.message.contains(word) == true, "\(comment): \(error?.message ?? "")")
    }
    let blocks = try Vectors.blocks()
    // Opened anew: what counts is what is in the log.
    let importer = try importer(place)
    #expect(importer.headNumber == head, "\(comment)")
    if head > 0 {
      var hash: Hash?
      var reader = RLPReader(blocks[Int(head) - 1])
      var fields = try reader.list()
      hash = try BlockHeader(from: &fields).hash
      #expect(importer.headHash == hash)
    }
  }

  @Test("brings the whole chain in, each hash as recorded, and a replay and an audit agree")
  func whole() throws {
    let place = try Place()
    let result = try bring(Vectors.blocks().flatMap { $0 }, into: place)
    #expect(result.imported == 54)
    #expect(result.head == 54)
    #expect(result.hash == (try Vectors.headHash()))
    #expect(try Replay.check(place.directory).progress.blocks == 54)
    var audit = Audit(directory: place.directory, key: nil)
    let report = try audit.run()
    #expect(report.events == 55)
    #expect(report.checkpointSize == 55)
    let reader = try ViewReader.open(path: place.directory.views)
    #expect(try reader.headNumber(.two) == 54)
    #expect(try reader.block(.two, hash: result.hash) != nil)
  }

  @Test("goes on where it stopped, and passes over what is there")
  func goingOn() throws {
    let place = try Place()
    let blocks = try Vectors.blocks()
    #expect(try bring(Bytes(blocks[..<20].joined()), into: place).imported == 20)
    #expect(try bring([], into: place).head == 20)
    #expect(try bring(Bytes(blocks[10..<30].joined()), into: place).imported == 10)
    let last = try bring(Bytes(blocks.joined()), into: place)
    #expect(last.imported == 24)
    #expect(last.hash == (try Vectors.headHash()))
    #expect(try bring(Bytes(blocks.joined()), into: place).imported == 0)
  }

  @Test("stops at what is no block, and keeps what came before")
  func malformed() throws {
    let blocks = try Vectors.blocks()
    let start = Bytes(blocks[..<5].joined())
    let rests: [(Bytes, String)] = [
      (Bytes(blocks[5].dropLast()), "cut short"), ([0x00], "a byte"), ([0x80], "nothing"),
      ([0xc0], "an empty list"), ([0xff], "a length without its bytes"),
      (Bytes(repeating: 0xff, count: 100), "a length beyond reason"),
      (Bytes("not a chain at all".utf8), "text"), ([0xc1, 0xc0], "a header without fields"),
      (Bytes(repeating: 0xc0, count: 100), "empty lists"),
    ]
    for (rest, comment) in rests {
      let place = try Place()
      try expectRefused(
        start + rest, into: place, ["item 5 of the file", "up to block 5"], head: 5,
        "\(comment)")
      #expect(try bring(Bytes(blocks.joined()), into: place).head == 54)
    }
  }

  @Test("stops at blocks that are out of order, missing or altered, and keeps what came before")
  func wrongBlocks() throws {
    let blocks = try Vectors.blocks()
    try expectRefused(
      Bytes((blocks[..<5] + blocks[6...]).joined()), into: Place(), ["block 7"], head: 5,
      "one is missing")
    try expectRefused(
      Bytes((blocks[..<5] + [blocks[6], blocks[5]]).joined()), into: Place(), ["block 7"],
      head: 5, "two are exchanged")
    try expectRefused(Bytes(blocks[1...].joined()), into: Place(), ["block 2"], head: 0, "no first")
    // A byte of the state root, the logs' bloom, the gas used, the last transaction: each in turn.
    for offset in [120, 200, 463, blocks[8].count - 3] {
      var altered = blocks
      altered[8][offset] ^= 0x01
      try expectRefused(
        Bytes(altered.joined()), into: Place(), [], head: 8, "byte \(offset)")
    }
  }

  @Test("keeps what it took in before a block that contradicts the log")
  func contradiction() throws {
    let blocks = try Vectors.blocks()
    var other = blocks[2]
    other[200] ^= 0x01
    try expectRefused(
      Bytes((blocks[..<5] + [other]).joined()), into: Place(),
      ["block 3 of the file", "the log has"],
      head: 5, "another block 3")
  }

  @Test("is refused where another chain is, or no chain can be")
  func otherGenesis() throws {
    let place = try Place()
    #expect(try bring(Bytes(Vectors.blocks()[..<2].joined()), into: place).head == 2)
    let error = nodeError { _ = try importer(place, genesis: try Project.genesis("dev")) }
    guard case .otherGenesis? = error else {
      Issue.record("\(error?.message ?? "")")
      return
    }
    let dev = try Place()
    try dev.node().stop()
    guard case .otherGenesis? = nodeError({ _ = try importer(dev) }) else {
      Issue.record("another chain's directory was taken")
      return
    }
    let empty = try Place()
    #expect(throws: NodeError.self) { try importer(empty, genesis: Bytes("{}".utf8)) }
    #expect(try bring(Vectors.blocks()[0], into: empty).head == 1)
  }
}
