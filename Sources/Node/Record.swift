import Cryptography
import Derivation
import EventLog
import Execution
import JSON
import Ledger
import NativeCryptography
import Primitives
import SQLite
import TransparencyLog
import Views

/// What the writer alone holds: the world, and the log and views that keep up with it.
///
/// Commands change the world at once, and gather rows; ``commit()`` makes the rows durable. A
/// failure to do so leaves the world ahead of the truth, so nothing is written after it.
struct Record: ~Copyable {
  /// The world after the last command.
  private(set) var world: World

  private let configuration: NodeConfiguration
  private let log: EventLog
  private let views: Views
  private let nodeKey: PrivateKey
  private let identity: LogIdentity
  private let content: ContentStore
  private var rollupWorker: RollupWorker?
  private var rows: [Row] = []
  private var pending: [ViewEntry] = []
  /// What nobody was told of yet: of what is committed, and from which place on of what is pending.
  private var unpublished: [ViewEntry] = []
  private var publishedCount = 0
  private var failure: String?
  private var lastCheckpointInMilliseconds: UInt64 = 0
  /// How many events the checkpoint covers that was kept last.
  private var keptCheckpointSize: UInt64 = 0
  /// The event that the last snapshot is of; 0 without one.
  var lastSnapshot: UInt64 = 0
  /// How long it is.
  var lastSnapshotSizeInBytes: UInt64 = 0
  /// A snapshot whose digest is on its way into the log.
  private var draft: (sequence: UInt64, world: Bytes)?
  /// Whether the views turned out not to be what they should.
  private var areViewsDamaged = false
  /// Whether a policy's last command was refused.
  private var hasRefusedDuty = false

  /// Why derivation stopped, as the operator knows already.
  private var derivationFailure: String?
  /// Whether the policies had more to do than they were let.
  private var hasMoreDuties = false

  /// The most rounds of duties that one command may set off.
  private static let dutyRoundLimit = 1_000
  /// The most of them while there is a long way to catch up, in which callers want answers too.
  private static let busyDutyRoundLimit = 100
  /// How long a policy waits whose command was refused.
  private static let refusedDutyPauseInMilliseconds: UInt64 = 1_000
  /// The most events that callers of a throw-away node are told of before the log has them.
  private static let earlyRowLimit = 512
  /// How often it is looked whether a DA layer has answered.
  private static let waitingPauseInMilliseconds: UInt64 = 50
  /// How long events may stay without a signed checkpoint over them.
  private static let checkpointIntervalInMilliseconds: UInt64 = 1_000

  init(
    world: World, configuration: NodeConfiguration, log: EventLog, views: Views,
    content: ContentStore, nodeKey: PrivateKey, identity: LogIdentity
  ) {
    self.identity = identity
    self.content = content
    rollupWorker = configuration.rollup.map {
      RollupWorker(services: $0, wallet: configuration.serviceWallet, content: content)
    }
    self.world = world
    self.configuration = configuration
    self.log = log
    self.views = views
    self.nodeKey = nodeKey
  }

  /// Takes a command in, with whatever the policies make of it.
  mutating func perform(_ action: Writer.Action) -> Result<Outcome, WriteFailure> {
    if let failure { return .failure(.failed(.halted(failure))) }
    let first = pending.count
    do throws(WriteFailure) {
      switch action {
      case .command(let command): try take(command)
      case .seal(let layer): try take(sealing(layer))
      case .beat(let layer):
        if world[layer]?.controls.mode == nil { try take(sealing(layer)) }
      case .commit:
        do throws(NodeError) {
          try commit()
          return .success(Outcome(sequence: world.sequence, consequences: []))
        } catch {
          throw .failed(error)
        }
      case .checkpoint(let receive):
        do throws(NodeError) {
          try commit()
          receive(try checkpoint())
          return .success(Outcome(sequence: world.sequence, consequences: []))
        } catch {
          throw .failed(error)
        }
      }
    } catch {
      return .failure(error)
    }
    // What is being caught up with goes on when everybody has an answer.
    if !hasMoreDuties { runPolicies() }
    let consequences = pending[first...].flatMap(\.consequences)
    return .success(Outcome(sequence: world.sequence, consequences: consequences))
  }

  private func sealing(_ layer: Layer) throws(WriteFailure) -> Command {
    let sequencer =
      configuration.sequencers.first { $0.layer == layer }
      ?? Sequencer(layer: layer, mode: .manual)
    guard let command = sequencer.sealNow(world, now: now) else {
      throw .refused(.layerNotStarted(layer))
    }
    return command
  }

  private var now: UInt64 { configuration.clock() / 1000 }

  /// Decides a command and applies what it led to; false if that was nothing.
  @discardableResult
  private mutating func take(_ command: Command) throws(WriteFailure) -> Bool {
    var decision: Decision
    do throws(Refusal) {
      decision = try world.decide(command)
    } catch {
      throw .refused(error)
    }
    configuration.falsify?(&decision)
    do throws(NodeError) {
      for bytes in decision.content { try content.keep(bytes) }
    } catch {
      throw .failed(error)
    }
    for (index, event) in decision.events.enumerated() {
      let isLast = index == decision.events.count - 1
      let payload = event.payload
      let application: Application
      do throws(Misfit) {
        application = try world.apply(
          event, payload: payload, hint: isLast ? decision.hint : nil)
      } catch {
        failure = "event \(world.sequence + 1) does not fit its world: \(error.message)"
        throw .failed(.halted(failure ?? ""))
      }
      tellOfDerivation(application.consequences)
      rows.append(
        Row(
          sequence: world.sequence, kind: event.kind.rawValue, payload: payload,
          commitment: application.commitment))
      pending.append(
        ViewEntry(
          sequence: world.sequence, commitment: application.commitment,
          consequences: application.consequences))
      if isLast, let bytes = decision.hint?.snapshot { draft = (world.sequence, bytes) }
    }
    return !decision.events.isEmpty
  }

  /// Has the operator know what of L1 does not count, and when nothing can be derived any more.
  private mutating func tellOfDerivation(_ consequences: [Consequence]) {
    for case .inputDropped(let input) in consequences { configuration.report(input.message) }
    let failure = world.rollup?.derivationFailure
    if let failure, failure != derivationFailure {
      configuration.report("derivation has stopped: \(failure)")
    }
    derivationFailure = failure
  }

  /// Declares the genesis of an empty log, and makes that durable.
  mutating func begin() throws(NodeError) {
    do throws(WriteFailure) {
      try take(.declareGenesis(configuration.genesis))
      if let rollup = configuration.rollup {
        try take(
          .declareRollup(RollupDeclaration(document: rollup.document.json.serialized())))
      }
      if let storage = configuration.storage {
        try take(.declareStorage(StorageDeclaration(document: storage.json.serialized())))
      }
    } catch {
      throw .refused(error.message)
    }
    try commit()
  }

  /// Does what is due until nothing is.
  mutating func runPolicies() {
    guard failure == nil else { return }
    var rounds = 0
    var isSettled = false
    hasRefusedDuty = false
    let limit = hasMoreDuties ? Record.busyDutyRoundLimit : Record.dutyRoundLimit
    while !isSettled, rounds < limit {
      isSettled = true
      rounds += 1
      for duty in duties() {
        do throws(WriteFailure) {
          // A block that nothing would enter is no event, and asking again would change nothing.
          if try take(duty) { isSettled = false }
        } catch {
          hasRefusedDuty = true
          configuration.report("a duty was not done: \(error.message)")
        }
      }
    }
    hasMoreDuties = !isSettled
  }

  /// What the policies want done now.
  private mutating func duties() -> [Command] {
    var commands = configuration.sequencers.compactMap { $0.due(world, now: now) }
    for transaction in Settler().due(world) {
      guard let signed = configuration.serviceWallet.sign(transaction, by: world.settler) else {
        continue
      }
      commands.append(.submitTransaction(.two, encoded: signed.encoded))
    }
    switch rollupWorker?.duties(world) {
    case .success(let due): commands += due
    case .failure(let failure):
      hasRefusedDuty = true
      configuration.report("a duty was not done: \(failure.message)")
    case nil: break
    }
    return commands
  }

  /// How long the writer may sleep before a duty may be due; nil for as long as nobody asks.
  func timeToNextDuty() -> UInt64? {
    if hasMoreDuties { return 0 }
    let milliseconds = configuration.clock()
    let wakeUps = configuration.sequencers.compactMap {
      $0.nextWakeUp(world, now: milliseconds / 1000)
    }
    if rollupWorker?.isWaiting == true { return Record.waitingPauseInMilliseconds }
    // What was refused just now is not asked for again at once, or a writer would do nothing else.
    let least = hasRefusedDuty ? Record.refusedDutyPauseInMilliseconds : 0
    return wakeUps.min().map { wakeUp in
      let (due, overflow) = wakeUp.multipliedReportingOverflow(by: 1000)
      return max(overflow ? .max : due, milliseconds + least) - milliseconds
    }
  }

  /// Makes all that was taken in durable, then lets the views have it.
  mutating func commit() throws(NodeError) {
    if let failure { throw .halted(failure) }
    guard !rows.isEmpty else { return }
    if isSnapshotDue { digestWorld() }
    do throws(EventLogError) {
      try log.append(rows)
    } catch {
      failure = "event log: \(error)"
      throw .log("\(error)")
    }
    rows = []
    do throws(ViewsError) {
      try views.take(pending)
    } catch {
      // The log has the events; the views can be made again from it.
      if case .needsRebuild = error { areViewsDamaged = true }
      let reason =
        if case .storage(let cause) = error {
          "\(views.path): \(cause.message)"
        } else { error.message }
      failure = "views: \(reason)"
      throw .views(reason)
    }
    unpublished += pending[publishedCount...]
    publishedCount = 0
    pending = []
    let milliseconds = configuration.clock()
    if milliseconds >= lastCheckpointInMilliseconds + Record.checkpointIntervalInMilliseconds {
      lastCheckpointInMilliseconds = milliseconds
      // The events are durable whether or not a signature over them is.
      do throws(NodeError) {
        _ = try checkpoint()
      } catch {
        configuration.report("the log could not be signed: \(error.message)")
      }
    }
    writeSnapshot()
  }

  /// Whether enough came since the last snapshot; one that is long is made more rarely.
  private var isSnapshotDue: Bool {
    let least = lastSnapshotSizeInBytes / SnapshotFile.bytesPerEvent
    let usual = configuration.snapshotIntervalInEvents / (isHeavy ? SnapshotFile.heavyShare : 1)
    return keepsSnapshots && world.sequence - lastSnapshot >= max(usual, least)
  }

  /// Whether events take long to replay: derivation, and a DA layer's signatures.
  private var isHeavy: Bool { world.rollup != nil || world.storage != nil }

  private var keepsSnapshots: Bool { configuration.isDurable }

  /// Has the log say how the world stands; without that, the next start is only slower.
  private mutating func digestWorld() {
    do throws(WriteFailure) {
      try take(.digestWorld)
    } catch {
      configuration.report("no snapshot: \(error.message)")
    }
  }

  /// Writes the world down whose digest the log has now.
  private mutating func writeSnapshot() {
    guard let (sequence, world) = draft else { return }
    draft = nil
    lastSnapshot = sequence
    lastSnapshotSizeInBytes = UInt64(world.count)
    do throws(NodeError) {
      try SnapshotFile(configuration.directory.snapshot, on: configuration.disk)
        .write(world, at: sequence, after: views)
    } catch {
      configuration.report("no snapshot: \(error.message)")
    }
  }

  /// What was taken in since the last time, in order, each event once.
  mutating func takeUnpublished() -> [ViewEntry] {
    defer {
      unpublished = []
      publishedCount = pending.count
    }
    return unpublished + pending[publishedCount...]
  }

  /// Whether something waits to be committed.
  var isUncommitted: Bool { !rows.isEmpty }

  /// Whether a command takes so little time that whoever submits it may do it himself: a transaction of
  /// little gas, which at most a block of its own follows from, and no disk to wait for.
  func takesAtOnce(_ command: Command) -> Bool {
    guard configuration.answersEarly, rollupWorker == nil, failure == nil, !hasMoreDuties,
      rows.count + Record.rowsAtOnce < Record.earlyRowLimit, world.storage == nil,
      world.usage.openCount == 0, (world.layerOne?.pool.count ?? 0) == 0,
      (world.layerTwo?.pool.count ?? 0) == 0,
      case .submitTransaction(_, let encoded, let content) = command, content.isEmpty,
      encoded.count <= Record.sizeAtOnceInBytes,
      let gasLimit = Transaction.gasLimit(ofEncoded: encoded)
    else { return false }
    return gasLimit <= Record.gasAtOnce
  }

  /// More events than follow from a small transaction.
  private static let rowsAtOnce = 16
  private static let sizeAtOnceInBytes = 16 << 10
  /// Some milliseconds, whatever it is spent on.
  private static let gasAtOnce: UInt64 = 1_000_000

  /// Whether what was taken in must be committed before anybody hears of it.
  var mustCommit: Bool { !configuration.answersEarly || rows.count >= Record.earlyRowLimit }

  /// The digest of each view.
  func viewDigests() throws(NodeError) -> [ViewDigest] {
    do throws(ViewsError) { return try views.digests() } catch { throw .views(error.message) }
  }

  /// Signs the log as it stands.
  mutating func checkpoint() throws(NodeError) -> Checkpoint {
    let checkpoint: Checkpoint
    do throws(EventLogError) {
      // A log that came from elsewhere may have been signed by another key as it stands.
      let last = try log.latestCheckpoint()
      if let last, last.size == log.count {
        checkpoint = last
      } else {
        checkpoint = try log.writeCheckpoint(
          publicKey: nodeKey.publicKey, provider: NativeCryptographyProvider.shared,
          sign: nodeKey.sign)
      }
    } catch {
      throw .log("\(error)")
    }
    if configuration.isDurable, checkpoint.size != keptCheckpointSize {
      let directory = configuration.directory
      try KeptCheckpoint.write(
        identity.sign(checkpoint), to: directory.checkpoint, on: configuration.disk)
      if keptCheckpointSize == 0, let key = identity.verifier(origin: checkpoint.origin) {
        try Files.write(
          Bytes((key.text + "\n").utf8), to: directory.logVerifierKey, on: configuration.disk)
      }
      keptCheckpointSize = checkpoint.size
    }
    return checkpoint
  }

  /// Signs the log and lets go of the directory.
  mutating func close() {
    if failure == nil, keepsSnapshots,
      world.sequence >= SnapshotFile.closingCount / (isHeavy ? SnapshotFile.heavyShare : 1),
      world.sequence - lastSnapshot >= SnapshotFile.closingIntervalInEvents, draft == nil
    {
      digestWorld()
    }
    do throws(NodeError) {
      try commit()
    } catch {
      configuration.report(error.message)
    }
    // The next start makes them again from the log.
    if areViewsDamaged {
      Views.delete(path: configuration.directory.views, storage: configuration.disk)
    }
    guard failure == nil else { return }
    do throws(NodeError) {
      _ = try checkpoint()
    } catch {
      configuration.report(error.message)
    }
  }
}
