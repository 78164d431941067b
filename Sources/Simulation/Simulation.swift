import Derivation
import EventLog
import Ledger
import Node
import Primitives
import SQLite
import Views

/// A rollup with its L1, its users, its disk and its network, in one thread and on one seed.
///
/// Each step lets some time pass, lets users ask for something, brings what the network has, has
/// the node do what is due and commit it, and then has a ``Witness`` check everything. The disk ends
/// in the middle of changes, the power goes, writes are torn and lost, messages come late, twice,
/// out of order or never, L1 takes blocks back, and the DA layer's operators fail.
public struct Simulation {
  private let plan: SimulationPlan
  private var chance: SplitMix64
  private let clock = SimulatedClock()
  private let disk: SimulatedDisk
  private let layer = SimulatedStorageLayer()
  private var network = SimulatedNetwork()
  private var users = SimulatedUsers()
  private var witness: Witness
  private var follower: SimulatedFollower
  private var life: Life?
  private var restartTime: UInt64 = 0
  private var report = SimulationReport()
  private var story: [String] = []
  /// What callers were told is in the log.
  private var acknowledged: UInt64 = 0

  /// The node for as long as it lives.
  private final class Life {
    var node: SteppedNode
    init(_ node: consuming SteppedNode) { self.node = node }
  }

  private static let logPath = "/node/log.sqlite"

  /// Prepares a simulation.
  ///
  /// - Throws: ``SimulationFailure`` when the plan's documents are none.
  public init(_ plan: SimulationPlan) throws(SimulationFailure) {
    self.plan = plan
    chance = SplitMix64(seed: plan.seed)
    disk = SimulatedDisk(seed: plan.seed &+ 0x5eed)
    let content = ContentStore(reading: "/node/content", storage: .simulated(disk))
    witness = Witness(storage: .simulated(disk), content: content)
    do {
      follower = try SimulatedFollower(plan, content: content)
    } catch {
      throw SimulationFailure(
        seed: plan.seed, step: 0, seconds: 0, reason: "the beginning: \(error)", story: [])
    }
  }

  /// Runs it to its end; `progress` hears of each simulated minute.
  ///
  /// - Throws: ``SimulationFailure`` at the first thing that should never be.
  public mutating func run(
    progress: (SimulationReport) -> Void = { _ in }
  ) throws(SimulationFailure) -> SimulationReport {
    do throws(Witness.Finding) {
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
        reason: error.reason, story: story.suffix(12))
    }
    return current
  }

  private var current: SimulationReport {
    var report = report
    report.events = witness.world.sequence
    report.commitment = witness.world.commitment
    report.refusedPayloads = layer.refusals
    report.paidReceipts = witness.paidCount
    for layer in Layer.allCases { report.blocks[layer] = witness.world[layer]?.number }
    return report
  }

  private mutating func tell(_ line: String) {
    story.append("\(clock.elapsedSeconds) s: \(line)")
    if story.count > 200 { story.removeFirst(100) }
  }

  // MARK: The beginning and the end

  /// Founds the economy before anything goes wrong.
  private mutating func begin() throws(Witness.Finding) {
    try start()
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
  private mutating func comeToRest() throws(Witness.Finding) {
    tell("rest")
    layer.recover()
    disk.faults = SimulatedDisk.Faults()
    restartTime = 0
    network.clear()
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
      throw Witness.Finding(
        reason: "the follower derives block \(other.safe.reference.number) "
          + "\(other.safe.reference.hash.hexadecimal), the node has "
          + "\(rollup.safe.reference.number) \(rollup.safe.reference.hash.hexadecimal)")
    }
    guard rollup.unsafe.reference.number - rollup.safe.reference.number < 60 else {
      throw Witness.Finding(
        reason: "block \(rollup.unsafe.reference.number) was acknowledged, and L1 says nothing "
          + "beyond block \(rollup.safe.reference.number)")
    }
    try compareViews()
  }

  /// Views made anew from the log are equal to those that lived through everything.
  private mutating func compareViews() throws(Witness.Finding) {
    guard let life else { throw Witness.Finding(reason: "the node does not live at the end") }
    let fresh = SimulatedDisk(seed: 1)
    do {
      let views = try Views.open(path: "/views.sqlite", storage: .simulated(fresh))
      let log = try EventLog(path: Self.logPath, mode: .readOnly, storage: .simulated(disk))
      try Replay.rebuild(
        views, from: log,
        content: ContentStore(reading: "/node/content", storage: .simulated(disk)))
      let made = try views.digests()
      let lived = try life.node.viewDigests()
      guard made == lived else {
        throw Witness.Finding(reason: "views made anew differ: \(made) and \(lived)")
      }
    } catch let error as Witness.Finding {
      throw error
    } catch {
      throw Witness.Finding(reason: "views cannot be made anew: \(error)")
    }
  }

  // MARK: A step

  private mutating func step() throws(Witness.Finding) {
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

  private mutating func check(_ life: Life) throws(Witness.Finding) {
    try witness.observe(Self.logPath)
    guard witness.world.sequence >= acknowledged else {
      throw Witness.Finding(
        reason: "event \(acknowledged) was acknowledged, the log ends with "
          + "\(witness.world.sequence): lost")
    }
    let world = life.node.world
    guard world.commitment == witness.world.commitment,
      world.componentRoots == witness.world.componentRoots
    else {
      throw Witness.Finding(
        reason: "the node stands at event \(world.sequence), \(world.commitment.hexadecimal), "
          + "its log at \(witness.world.sequence), \(witness.world.commitment.hexadecimal)")
    }
    for block in witness.freshBlocks {
      network.send(.block(block), at: clock.milliseconds, &chance)
    }
    witness.freshBlocks = []
  }

  private mutating func follow(_ block: OutsideL1Block) throws(Witness.Finding) {
    // A dead node's content store cannot be asked; the block comes again with a resynchronisation.
    guard !disk.hasEnded else { return }
    do throws(Misfit) {
      try follower.take(block)
    } catch {
      throw Witness.Finding(reason: "the follower cannot derive: \(error.message)")
    }
    guard let mine = witness.world.rollup, let other = follower.world.rollup,
      mine.l1Head?.hash == other.l1Head?.hash
    else { return }
    guard mine.safe.reference == other.safe.reference else {
      throw Witness.Finding(
        reason: "from the same L1 block the follower derives "
          + "\(other.safe.reference.hash.hexadecimal), the node "
          + mine.safe.reference.hash.hexadecimal)
    }
  }

  // MARK: Lives

  /// Begins the node's next life with what the disk has.
  private mutating func start() throws(Witness.Finding) {
    let layer = layer
    let configuration = plan.configuration(disk: disk, clock: clock) { layer.disperse($0) }
    do throws(NodeError) {
      life = Life(try SteppedNode(configuration))
    } catch {
      guard disk.hasEnded else {
        throw Witness.Finding(reason: "the node does not start again: \(error.message)")
      }
      return end("while starting")
    }
    if report.restarts > 0 { planFaults() }
    try witness.observe(Self.logPath)
    guard witness.world.sequence >= acknowledged else {
      throw Witness.Finding(
        reason: "event \(acknowledged) was acknowledged, the log ends with "
          + "\(witness.world.sequence): lost")
    }
  }

  /// Ends the node's life where it stands.
  private mutating func end(_ how: String) {
    disk.end()
    witness.close()
    life = nil
    let losesPower = plan.mistake == .lyingDrive || chance.next(below: 2) == 0
    disk.restart(losingPower: losesPower)
    tell("the node ends \(how)\(losesPower ? ", the power is gone" : "")")
    report.restarts += 1
    if losesPower { report.powerLosses += 1 }
    restartTime = clock.milliseconds + chance.next(below: 20_000)
    // Sometimes the next life is short.
    if chance.next(below: 4) == 0 { disk.faults.changesUntilEnd = chance.next(below: 12) }
  }

  /// What will go wrong in this life.
  private mutating func planFaults() {
    var faults = SimulatedDisk.Faults()
    faults.ignoresSyncs = plan.mistake == .lyingDrive
    switch chance.next(below: 6) {
    case 0, 1, 2: faults.changesUntilEnd = chance.next(below: 4_000)
    case 3: faults.changesUntilError = chance.next(below: 4_000)
    case 4:
      faults.capacityInBytes =
        disk.usedSizeInBytes + Int(chance.next(below: 4_000_000))
    default: break
    }
    disk.faults = faults
  }

  /// Flips bits of the log's files behind everybody's back.
  private mutating func decay() {
    for path in [Self.logPath, Self.logPath + "-wal"] {
      guard let size = (try? disk.read(path))??.count, size > 0 else { continue }
      for _ in 0..<16 {
        disk.damage(
          path, at: Int(chance.next(below: UInt64(size))), bits: 1 << UInt8(chance.next(below: 8)))
      }
    }
  }

  // MARK: What users do

  private mutating func act() {
    let world = witness.world
    var command: Command?
    switch chance.next(below: 60) {
    case 0..<14: command = users.transfer(world, .two, &chance)
    case 14..<18: command = users.transfer(world, .one, &chance)
    case 18..<23: command = users.deposit(world, &chance)
    case 23..<32: command = users.use(world, &chance)
    case 32..<34: command = users.meddle(world, &chance)
    case 34: command = users.garbage(world, &chance)
    case 35: command = reorganisation(world)
    case 36: layer.toggle(Int(chance.next(below: 4)))
    case 37: resynchronise()
    case 38 where chance.next(below: 8) == 0:
      command = .setSequencing(isActive: world.rollup?.isSequencing == false)
    case 39 where chance.next(below: 4) == 0 && life != nil: end("at a kill")
    default: break
    }
    if let command { network.send(.command(command), at: clock.milliseconds, &chance) }
  }

  private mutating func reorganisation(_ world: World) -> Command? {
    guard let one = world.layerOne else { return nil }
    let depth = 1 + chance.next(below: 8)
    guard one.number > depth + 2, let position = try? one.position(depth: depth) else {
      return nil
    }
    tell("L1 takes \(depth) blocks back")
    report.reorganisations += 1
    let forgets = chance.next(below: 3) == 0
    return .resetHead(
      HeadReset(layer: .one, position: position, parts: forgets ? [.chain, .pool] : .chain))
  }

  private mutating func resynchronise() {
    for block in follower.missing(from: witness.world, witness.layerOneBlocks) {
      network.send(.block(block), at: clock.milliseconds, &chance)
    }
  }
}
