import EventLog
import Execution
import Ledger
import Node
import Primitives
import Synchronization
import Testing
import Views

@Suite("A full disk")
struct FullDiskTests {
  /// A transaction of ten thousand bytes, so that a few dozen fill the log.
  private func large(_ nonce: UInt64) -> Transaction {
    transfer(nonce: nonce, gasLimit: 500_000, data: Bytes(repeating: 0x5a, count: 10_000))
  }

  private func limited(_ place: Place) throws -> NodeConfiguration {
    var configuration = try place.configuration()
    configuration.maximumLogSizeInBytes = 400_000
    return configuration
  }

  @Test("is a clear error that names the file, and loses nothing that was acknowledged")
  func inTheMiddle() throws {
    let place = try Place()
    let node = try Node(try limited(place))
    var acknowledged: [Hash] = []
    var failure: WriteFailure?
    for nonce in UInt64(0)..<100 {
      do throws(WriteFailure) {
        _ = try node.submit(.submit(large(nonce)))
        acknowledged.append(large(nonce).hash)
      } catch {
        failure = error
        break
      }
    }
    #expect(acknowledged.count > 5)
    guard case .failed(let first)? = failure else {
      Issue.record("\(failure?.message ?? "it went on for ever")")
      return
    }
    #expect(first.message.contains(place.directory.log), "\(first.message)")
    #expect(first.message.contains("disk is full"), "\(first.message)")

    // Readers go on, and see what was acknowledged and nothing else.
    let world = node.world
    #expect(world.layerTwo?.number == UInt64(acknowledged.count))
    #expect(try node.views.headNumber(.two) == UInt64(acknowledged.count))
    #expect(try node.log.read { (log) throws(EventLogError) in log.count } == world.sequence)
    for hash in acknowledged { #expect(try node.views.receipt(.two, hash: hash) != nil) }

    // Nothing more is taken, whatever its size.
    for command in [Command.submit(transfer(from: 3, nonce: 0)), .submit(large(0))] {
      do throws(WriteFailure) {
        _ = try node.submit(command)
        Issue.record("was taken")
      } catch {
        #expect(error.message.contains("stopped writing"), "\(error.message)")
        #expect(error.message.contains(place.directory.log), "\(error.message)")
      }
    }
    #expect(throws: WriteFailure.self) { try node.sealNow(.two) }
    let refusal = Mutex<String?>(nil)
    node.checkpoint { result in
      if case .failure(let failure) = result { refusal.withLock { $0 = failure.message } }
    }
    node.stop()
    #expect(refusal.withLock { $0 }?.contains("stopped writing") == true)
    try expectWhole(place, world: world, acknowledged: acknowledged)
  }

  /// That a node with room opens the place again, with all that was acknowledged.
  private func expectWhole(_ place: Place, world: World, acknowledged: [Hash]) throws {
    #expect(try Replay.check(place.directory).commitment == world.commitment)
    let node = try place.node()
    #expect(node.world.commitment == world.commitment)
    for hash in acknowledged { #expect(try node.views.receipt(.two, hash: hash) != nil) }
    let next = UInt64(acknowledged.count)
    let outcome = try node.submit(.submit(large(next)))
    #expect(outcome.receipt(of: large(next).hash)?.succeeded == true)
    node.stop()
    var audit = Audit(directory: place.directory, key: nil)
    #expect(try audit.run().events == node.world.sequence)
  }

  @Test("fails all that came in together, and each is told")
  func together() throws {
    let place = try Place()
    let node = try Node(try limited(place))
    let results = Mutex<[(nonce: UInt64, isTaken: Bool)]>([])
    for nonce in UInt64(0)..<60 {
      node.submit(.submit(large(nonce))) { result in
        if case .success = result {
          results.withLock { $0.append((nonce, true)) }
        } else {
          results.withLock { $0.append((nonce, false)) }
        }
      }
    }
    node.stop()
    let answers = results.withLock { $0 }
    #expect(answers.count == 60)
    let taken = answers.filter(\.isTaken).map(\.nonce)
    #expect(taken == Array(0..<UInt64(taken.count)))
    #expect(taken.count < 60)
    try expectWhole(place, world: node.world, acknowledged: taken.map { large($0).hash })
  }

  @Test("before the genesis leaves a directory that can be started once there is room")
  func atTheStart() throws {
    let place = try Place()
    var configuration = try place.configuration()
    configuration.maximumLogSizeInBytes = 1
    let error = nodeError { _ = try Node(configuration) }
    #expect(error?.message.contains(place.directory.log) == true, "\(error?.message ?? "")")
    let node = try place.node()
    #expect(node.world.sequence == 1)
    node.stop()
  }
}
