import Cryptography
import Derivation
import EventLog
import Ledger
import NativeCryptography
import Node
import Primitives
import SQLite
import Views

/// A rollup with its L1, its DA layer, its users, its disk and its network, in one thread and on one
/// seed.
///
/// Each step lets some time pass, lets users ask for something, brings what the network has, has
/// the node do what is due and commit it, and then has a ``Witness`` check everything. The disk ends
/// in the middle of changes, the power goes, writes are torn and lost, messages come late, twice,
/// out of order or never, L1 takes blocks back, and the DA layer's operators fail.
public struct Simulation {
  let plan: SimulationPlan
  var chance: SplitMix64
  let clock = SimulatedClock()
  let disk: SimulatedDisk
  let layer: SimulatedStorageLayer?
  var network = SimulatedNetwork()
  var users = SimulatedUsers()
  var witness: Witness
  var follower: SimulatedFollower
  var life: Life?
  var restartTime: UInt64 = 0
  /// Whether all troubles are over: the disk fails no more, however often the node begins again.
  var isAtRest = false
  var report = SimulationReport()
  /// What callers were told is in the log.
  var acknowledged: UInt64 = 0
  /// The failures of the disk before this life.
  var failuresBefore = DiskTally()
  /// A copy of the directory, for who puts it back.
  var copy: (image: [String: [UInt8]], restart: UInt64)?
  private var story: [String] = []

  /// Prepares a simulation.
  ///
  /// - Throws: ``SimulationFailure`` when the plan's documents are none.
  public init(_ plan: SimulationPlan) throws(SimulationFailure) {
    self.plan = plan
    chance = SplitMix64(seed: plan.seed)
    disk = SimulatedDisk(seed: plan.seed &+ 0x5eed)
    layer = SimulatedStorageLayer(plan, disk: disk, clock: clock)
    let content = ContentStore(
      reading: SimulationPlan.directory.content, storage: .simulated(disk))
    witness = Witness(storage: .simulated(disk), content: content)
    do {
      follower = try SimulatedFollower(plan, content: content)
      // Keys are chance too.
      for path in [SimulationPlan.directory.key, SimulationPlan.directory.logKey] {
        let key = Keccak256.hash(Bytes("opal: INSECURE \(plan.seed) \(path)".utf8))
        try disk.replace(path, by: Bytes((Hexadecimal.encode(key.bytes) + "\n").utf8))
      }
    } catch {
      throw SimulationFailure(
        seed: plan.seed, step: 0, seconds: 0, invariant: .nodeBeginsAgain,
        reason: "the beginning: \(error)", story: [])
    }
  }

  /// Runs it to its end; `progress` hears of each simulated minute.
  ///
  /// - Throws: ``SimulationFailure`` at the first thing that should never be.
  public mutating func run(
    progress: (SimulationReport) -> Void = { _ in }
  ) throws(SimulationFailure) -> SimulationReport {
    do throws(Finding) {
      try begin()
      let end = plan.minutes * 60
      var minute: UInt64 = 0
      while clock.elapsedSeconds < end {
        clock.advance(milliseconds: 100 + chance.next(below: 1_500))
        act()
        try step()
        if clock.elapsedSeconds / 60 > minute {
          minute = clock.elapsedSeconds / 60
          progress(current)
        }
      }
      try comeToRest()
    } catch {
      throw SimulationFailure(
        seed: plan.seed, step: report.steps, seconds: clock.elapsedSeconds,
        invariant: error.invariant, reason: error.reason, story: story.suffix(12))
    }
    return finished()
  }

  private var current: SimulationReport {
    var report = report
    report.events = witness.world.sequence
    report.commitment = witness.world.commitment
    report.certifiedPayloads = layer?.certifiedCount ?? 0
    report.refusedPayloads = layer?.refusals ?? 0
    report.paidReceipts = witness.paidCount
    report.messages = network.tally
    report.changes = disk.tallies
    for layer in [Layer.one, .two] { report.blocks[layer] = witness.world[layer]?.number }
    return report
  }

  /// The report with the disk as it is, once the node has let go of it.
  private mutating func finished() -> SimulationReport {
    var report = current
    life?.node.close()
    life = nil
    for (name, bytes) in disk.image {
      report.files[name] = NativeSHA256.hash(
        name.hasSuffix("-wal") ? SimulationReport.unsalted(journal: bytes) : bytes)
    }
    return report
  }

  mutating func tell(_ line: String) {
    story.append("\(clock.elapsedSeconds) s: \(line)")
    if story.count > 200 { story.removeFirst(100) }
  }

  // MARK: The beginning and the end

  /// Makes the directory on a disk that ends and fails, and founds the economy before anything else
  /// goes wrong.
  private mutating func begin() throws(Finding) {
    if chance.next(below: 2) == 0 { disk.faults.changesUntilEnd = chance.next(below: 160) }
    disk.faults.ignoresSyncs = plan.mistake == .lyingDrive
    for _ in 0..<100 where life == nil { try start() }
    guard life != nil else { throw Finding(.nodeBeginsAgain, "a hundred starts were in vain") }
    disk.faults.changesUntilEnd = nil
    disk.faults.changesUntilError = nil
    disk.faults.capacityInBytes = nil
    for index in 0... {
      guard let command = users.foundation(witness.world, step: index) else { break }
      network.deliver(.command(command), at: clock.milliseconds)
      try step()
      clock.advance(milliseconds: 2_100)
      try step()
    }
    planFaults()
  }

  /// Ends all troubles, and makes sure that everybody comes to the same.
  private mutating func comeToRest() throws(Finding) {
    tell("rest")
    isAtRest = true
    disk.faults = SimulatedDisk.Faults()
    restartTime = 0
    network.clear()
    try step()
    layer?.recover()
    if witness.world.rollup?.isSequencing == false {
      network.deliver(.command(.setSequencing(isActive: true)), at: clock.milliseconds)
    }
    for _ in 0..<60 {
      clock.advance(milliseconds: 6_000)
      try step()
    }
    // What came late of a branch that L1 has left would take the follower back to it.
    follower.forgetWaiting()
    for block in follower.missing(from: witness.world, witness.layerOneBlocks) {
      try follow(block)
    }
    guard let rollup = witness.world.rollup, let other = follower.world.rollup else { return }
    guard rollup.safe.reference == other.safe.reference else {
      throw Finding(
        .everybodyDerivesTheSame,
        "the follower derives block \(other.safe.reference.number) "
          + "\(other.safe.reference.hash.hexadecimal), the node has "
          + "\(rollup.safe.reference.number) \(rollup.safe.reference.hash.hexadecimal)")
    }
    guard rollup.unsafe.reference.number - rollup.safe.reference.number < 60 else {
      throw Finding(
        .blocksReachL1,
        "block \(rollup.unsafe.reference.number) was acknowledged, and L1 says nothing beyond "
          + "block \(rollup.safe.reference.number)")
    }
    if let missing = layer?.missing() { throw Finding(.certifiedDataIsThere, missing) }
    try compareViews()
  }

  /// Views made anew from the log are equal to those that lived through everything.
  private mutating func compareViews() throws(Finding) {
    guard let life else { throw Finding(.nodeBeginsAgain, "the node does not live at the end") }
    if plan.mistake == .lostRow { loseRow() }
    let fresh = SimulatedDisk(seed: 1)
    do {
      let views = try Views.open(path: "/views.sqlite", storage: .simulated(fresh))
      let log = try EventLog(
        path: SimulationPlan.directory.log, mode: .readOnly, storage: .simulated(disk))
      try Replay.rebuild(
        views, from: log,
        content: ContentStore(
          reading: SimulationPlan.directory.content, storage: .simulated(disk)))
      let made = try views.digests()
      let lived = try life.node.viewDigests()
      guard made == lived else {
        throw Finding(.viewsFollow, "views made anew differ: \(made) and \(lived)")
      }
    } catch let error as Finding {
      throw error
    } catch {
      throw Finding(.viewsFollow, "views cannot be made anew: \(error)")
    }
  }

  // MARK: A step

  mutating func step() throws(Finding) {
    report.steps += 1
    var commands: [Command] = []
    for message in network.arrivals(at: clock.milliseconds) {
      switch message {
      case .command(let command): commands.append(command)
      case .block(let block): try follow(block)
      }
    }
    if life == nil, clock.milliseconds >= restartTime { try start() }
    guard let life else { return }
    // What the batcher handed over in the step before comes to the DA layer now.
    if life.preparations.run() { acknowledged = max(acknowledged, layer?.acknowledged ?? 0) }
    var last: UInt64 = 0
    var count: UInt64 = 0
    for command in commands {
      guard case .success(let outcome) = life.node.perform(command) else { continue }
      last = max(last, outcome.sequence)
      count += 1
    }
    life.node.runPolicies()
    if plan.mistake == .earlyAnswers { acknowledged = max(acknowledged, last) }
    do throws(NodeError) {
      try life.node.commit()
    } catch {
      return end("commit: \(error.message.prefix(120))")
    }
    acknowledged = max(acknowledged, last)
    report.acknowledged += count
    guard !disk.hasEnded else { return end("after a commit") }
    if plan.mistake == .decayedSector, report.steps % 16 == 15 { decay() }
    try check(life)
  }

  private mutating func check(_ life: Life) throws(Finding) {
    try witness.observe(SimulationPlan.directory.log)
    try checkAcknowledged()
    let world = life.node.world
    guard world.commitment == witness.world.commitment,
      world.componentRoots == witness.world.componentRoots
    else {
      throw Finding(
        .replayEqualsLive,
        "the node stands at event \(world.sequence), \(world.commitment.hexadecimal), "
          + "its log at \(witness.world.sequence), \(witness.world.commitment.hexadecimal)")
    }
    for block in witness.freshBlocks {
      network.send(.block(block), at: clock.milliseconds, &chance)
    }
    witness.freshBlocks = []
  }

  func checkAcknowledged() throws(Finding) {
    guard witness.world.sequence >= acknowledged else {
      throw Finding(
        .nothingIsLost,
        "event \(acknowledged) was acknowledged, the log ends with \(witness.world.sequence)")
    }
  }

  private mutating func follow(_ block: OutsideL1Block) throws(Finding) {
    // A dead node's content store cannot be asked; the block comes again with a resynchronisation.
    guard !disk.hasEnded else { return }
    do throws(Misfit) {
      try follower.take(block)
    } catch {
      throw Finding(.everybodyDerivesTheSame, "the follower cannot derive: \(error.message)")
    }
    guard let mine = witness.world.rollup, let other = follower.world.rollup,
      mine.l1Head?.hash == other.l1Head?.hash
    else { return }
    guard mine.safe.reference == other.safe.reference else {
      throw Finding(
        .everybodyDerivesTheSame,
        "from the same L1 block the follower derives "
          + "\(other.safe.reference.hash.hexadecimal), the node "
          + mine.safe.reference.hash.hexadecimal)
    }
  }
}
