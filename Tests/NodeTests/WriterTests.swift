import EventLog
import Execution
import Glibc
import Ledger
import NativeCryptography
import Node
import Primitives
import Synchronization
import Testing
import Views

@Suite("The writer")
struct WriterTests {
  @Test("a command's events are in the log before it is answered")
  func durableBeforeAnswered() throws {
    let place = try Place()
    let node = try place.node()
    let path = place.directory.log
    let counts = Mutex<[(sequence: UInt64, inLog: UInt64, published: UInt64)]>([])
    for nonce in UInt64(0)..<8 {
      node.submit(.submit(transfer(nonce: nonce))) { [unowned node] result in
        let outcome = try? result.get()
        let log = try? EventLog(path: path, mode: .readOnly)
        counts.withLock {
          $0.append((outcome?.sequence ?? .max, log?.count ?? 0, node.world.sequence))
        }
      }
    }
    node.stop()
    let seen = counts.withLock { $0 }
    #expect(seen.count == 8)
    for (sequence, inLog, published) in seen {
      #expect(sequence <= inLog)
      #expect(sequence <= published)
    }
  }

  @Test("what a throw-away node does at once is published, in the views, and in the log at the end")
  func atOnce() throws {
    let place = try Place()
    var configuration = try place.configuration()
    configuration.answersEarly = true
    let node = try Node(configuration)
    let answered = Mutex<[UInt64]>([])
    for nonce in UInt64(0)..<600 {
      node.submitAtOnce(.submit(transfer(nonce: nonce))) { result in
        if let outcome = try? result.get() { answered.withLock { $0.append(outcome.sequence) } }
      }
      // Others take the turn meanwhile.
      if nonce % 50 == 7 {
        #expect(try node.views.headNumber(.two) == node.world.layerTwo?.number)
      }
      if nonce % 90 == 3 { usleep(12_000) }
    }
    // Whatever the thread has still to do comes before this.
    _ = try node.sealNow(.one)
    #expect(answered.withLock { $0 } == (0..<600).map { 3 + 2 * $0 })
    #expect(node.world.layerTwo?.number == 600)
    #expect(try node.views.headNumber(.two) == 600)
    let world = node.world
    node.stop()
    let rows = try place.rows()
    #expect(rows.count == Int(world.sequence))
    #expect(rows.last?.commitment == world.commitment)
    node.submitAtOnce(.submit(transfer(nonce: 600))) { result in
      guard case .failure(.failed(.stopped)) = result else {
        Issue.record("a node that has stopped takes something in")
        return
      }
    }
  }

  @Test("what many threads ask for is all answered, in a log without gaps")
  func manyThreads() throws {
    let place = try Place()
    let node = try place.node()
    let sequences = Mutex<[UInt64]>([])
    let transactions = (UInt32(0)..<8).map { sender in
      (UInt64(0)..<12).map { transfer(from: sender, nonce: $0) }
    }
    let workers = transactions.map { own in
      let worker = SerialWorker()
      worker.enqueue {
        for transaction in own {
          guard let outcome = try? node.submit(.submit(transaction)) else { continue }
          sequences.withLock { $0.append(outcome.sequence) }
        }
      }
      return worker
    }
    for worker in workers { worker.stop() }
    let world = node.world
    node.stop()
    #expect(sequences.withLock { $0.count } == 96)
    #expect(Set(sequences.withLock { $0 }).count == 96, "each answer tells its own place")
    let rows = try place.rows()
    #expect(rows.map(\.sequence) == Array(1...UInt64(rows.count)))
    #expect(world.sequence == UInt64(rows.count))
    #expect(world.commitment == rows.last?.commitment)
    #expect(try Replay.check(place.directory).commitment == world.commitment)
  }

  @Test("a refused command leaves no row and changes nothing")
  func refused() throws {
    let place = try Place()
    let node = try place.node()
    let before = node.world
    let commands: [Command] = [
      .submitTransaction(.two, encoded: []),
      .submitTransaction(.two, encoded: [0x02, 0xc0]),
      .submitTransaction(.two, encoded: Bytes(repeating: 0xff, count: 200_000)),
      .submit(transfer(nonce: 0, value: .max)),
      .submit(transfer(nonce: 0, gasLimit: 20_999)),
      .submit(transfer(nonce: 0, maxFee: 1)),
      .declareGenesis(try Project.declaration()),
      .receiveBlock(.two, encoded: [0xc0]),
      .sealBlock(
        SealingRequest(
          layer: .two, timestamp: 0, feeRecipient: .zero, prevRandao: .zero, allowsEmpty: true)),
    ]
    for command in commands {
      do {
        _ = try node.submit(command)
        Issue.record("was taken: \(command)")
      } catch WriteFailure.refused(let refusal) {
        #expect(!refusal.message.isEmpty)
      }
    }
    #expect(node.world.sequence == before.sequence)
    #expect(node.world.commitment == before.commitment)
    _ = try node.submit(.submit(transfer(nonce: 0)))
    #expect(throws: WriteFailure.self) { try node.submit(.submit(transfer(nonce: 0))) }
    node.stop()
    #expect(try place.log().count == before.sequence + 2)
  }

  @Test("stopping finishes what is queued, and takes nothing more")
  func stopping() throws {
    let place = try Place()
    let node = try place.node()
    let answered = Mutex(0)
    for nonce in UInt64(0)..<50 {
      node.submit(.submit(transfer(nonce: nonce))) { result in
        if case .success = result { answered.withLock { $0 += 1 } }
      }
    }
    node.stop()
    #expect(answered.withLock { $0 } == 50)
    #expect(node.world.layerTwo?.number == 50)
    do {
      _ = try node.submit(.submit(transfer(nonce: 50)))
      Issue.record("was taken")
    } catch {
      guard case .failed(.stopped) = error else {
        Issue.record("\(error)")
        return
      }
    }
    node.stop()
    #expect(try place.log().count == node.world.sequence)
    #expect(try place.log().latestCheckpoint()?.size == node.world.sequence)
  }

  @Test("a transaction has a block of its own where blocks are closed at once")
  func instant() throws {
    let place = try Place()
    let node = try place.node(mode: .instant)
    for nonce in UInt64(0)..<3 {
      let outcome = try node.submit(.submit(transfer(nonce: nonce)))
      #expect(outcome.receipt(of: transfer(nonce: nonce).hash)?.succeeded == true)
      #expect(node.world.layerTwo?.number == nonce + 1)
      #expect(try node.views.headNumber(.two) == nonce + 1)
      let time = try #require(node.world.layerTwo?.head.header.timestamp)
      #expect(time == place.clock.seconds + nonce, "two blocks never have the same time")
    }
    node.stop()
  }

  @Test("what waited behind a gap comes in with what fills it, and nothing of it is dropped")
  func gaps() throws {
    let place = try Place()
    let node = try place.node()
    for nonce in [UInt64(3), 2, 1] { _ = try node.submit(.submit(transfer(nonce: nonce))) }
    let outcome = try node.submit(.submit(transfer(nonce: 0)))
    for nonce in UInt64(0)..<4 {
      let hash = transfer(nonce: nonce).hash
      #expect(outcome.receipt(of: hash)?.succeeded == true)
      #expect(outcome.dropReason(of: hash) == nil)
      #expect(try node.views.drop(.two, hash: hash) == nil)
    }
    #expect(node.world.layerTwo?.pool.count == 0)
    node.stop()
  }

  @Test("blocks in intervals are closed when they are due, with whatever waits")
  func intervals() throws {
    let place = try Place()
    let node = try place.node(mode: .interval(seconds: 1))
    // The genesis is long ago, so a block is due at once.
    try waitUntil { node.world.layerTwo?.number == 1 }
    for nonce in UInt64(0)..<3 {
      let outcome = try node.submit(.submit(transfer(nonce: nonce)))
      #expect(outcome.receipt(of: transfer(nonce: nonce).hash) == nil)
    }
    #expect(node.world.layerTwo?.pool.count == 3)
    #expect(node.world.layerTwo?.number == 1)
    place.clock.advance(seconds: 1)
    try waitUntil { node.world.layerTwo?.number == 2 }
    #expect(node.world.layerTwo?.pool.count == 0)
    #expect(try node.views.transactions(.two, inBlock: 2).count == 3)
    node.stop()
  }

  @Test("a stream of refused commands does not keep a due block from being closed")
  func refusalsDoNotStarve() throws {
    let place = try Place()
    let node = try place.node(mode: .interval(seconds: 1_000))
    try waitUntil { node.world.layerTwo?.number == 1 }
    place.clock.advance(seconds: 1_000)
    #expect(throws: WriteFailure.self) {
      try node.submit(.submitTransaction(.two, encoded: []))
    }
    try waitUntil { node.world.layerTwo?.number == 2 }
    node.stop()
  }

  @Test("a block can be asked for, whatever the mode")
  func sealNow() throws {
    let place = try Place()
    let node = try place.node(mode: .manual)
    _ = try node.submit(.submit(transfer(nonce: 0)))
    #expect(node.world.layerTwo?.number == 0)
    for number in UInt64(1)...3 {
      _ = try node.sealNow(.two)
      #expect(node.world.layerTwo?.number == number)
    }
    _ = try node.sealNow(.one)
    #expect(node.world.layerOne?.number == 1)
    node.stop()
    #expect(try Replay.check(place.directory).progress.blocks == 4)
  }

  @Test("a chain at the end of time closes no more blocks, and the node goes on")
  func endOfTime() throws {
    let modes: [Sequencer.Mode] = [
      .instant, .interval(seconds: 1), .interval(seconds: .max), .slots(seconds: 12), .manual,
    ]
    for mode in modes {
      let place = try Place()
      var declaration = try Project.declaration()
      let text = String(decoding: declaration.documents[1].json, as: UTF8.self)
      let pattern = #/"timestamp": *"[^"]*"/#
      #expect(text.contains(pattern))
      let late = text.replacing(pattern, with: "\"timestamp\": \"0xffffffffffffffff\"")
      declaration.documents[1].json = Bytes(late.utf8)
      let node = try Node(try place.configuration(mode: mode, genesis: declaration))
      #expect(throws: WriteFailure.self) { try node.sealNow(.two) }
      _ = try? node.submit(.submit(transfer(nonce: 0)))
      #expect(node.world.layerTwo?.number == 0)
      node.stop()
      #expect(place.reports.all.count < 20, "\(mode)")
    }
  }

  @Test("a checkpoint is signed over all that was asked for before it")
  func checkpoints() throws {
    let place = try Place()
    let node = try place.node()
    _ = try node.submit(.submit(transfer(nonce: 0)))
    let answer = Mutex<Checkpoint?>(nil)
    node.submit(.submit(transfer(nonce: 1))) { _ in }
    node.checkpoint { result in answer.withLock { $0 = try? result.get() } }
    node.stop()
    let checkpoint = try #require(answer.withLock { $0 })
    #expect(checkpoint.size == node.world.sequence)
    #expect(checkpoint.publicKey == (try place.directory.nodeKey().publicKey))
    #expect(try place.log().root(size: checkpoint.size) == checkpoint.root)
  }
}
