import EventLog
import Ledger
import Node
import Primitives
import Testing
import TransparencyLog

@Suite("A witness with a folder")
struct WitnessStoreTests {
  @Test("remembers what it cosigned over a restart, and refuses what does not extend it")
  func restart() throws {
    let (place, folder) = (try Place(), try Place())
    var configuration = try place.configuration()
    configuration.isDurable = true
    let node = try Node(configuration)
    node.stop()
    let source = FolderSource(path: place.directory.path)
    let key = try LogBundle.key(source)
    let first = try SignedTreeHead(try Files.read(place.directory.checkpoint))
    let path = folder.directory.path
    let witness = try WitnessStore(path: path, name: "w.example/1", logs: [key])
    let request = CheckpointSubmission(oldSize: 0, proof: [], checkpoint: first)
    let answer = witness.add(request.bytes, time: 1)
    #expect(answer.status == 200)
    var cosigned = first
    cosigned.append(try SignedNote.signature(answer.body[..<(answer.body.count - 1)]))
    try cosigned.note.verify(witness.key)

    let again = try WitnessStore(path: path, name: "w.example/1", logs: [key])
    #expect(again.key == witness.key)
    let repeated = again.add(request.bytes, time: 2)
    #expect(repeated.status == 409 && repeated.body == Bytes("\(first.head.size)\n".utf8))
    #expect(repeated.contentType == "text/x.tlog.size")
    #expect(again.add(Bytes("old x\n".utf8), time: 2).status == 400)

    // The log grows, and says what was cosigned of the same tree.
    let running = try Node(configuration)
    try running.cosignatures.keep(cosigned)
    let checkpoint = try #require(try place.log().latestCheckpoint())
    #expect(running.publish(checkpoint).note.signatures.count == 3)
    _ = try running.submit(.submit(transfer(nonce: 0)))
    running.stop()
    let log = try place.log()
    let grown = try SignedTreeHead(try Files.read(place.directory.checkpoint))
    let growth = CheckpointSubmission(
      oldSize: first.head.size,
      proof: try log.consistencyProof(from: first.head.size, to: grown.head.size),
      checkpoint: grown)
    #expect(again.add(growth.bytes, time: 3).status == 200)

    try Files.write(
      [1], to: path + "/latest/" + (Files.names(in: path + "/latest").first ?? ""))
    #expect(
      nodeError { _ = try WitnessStore(path: path, name: "w.example/1", logs: [key]) } != nil)
  }
}
