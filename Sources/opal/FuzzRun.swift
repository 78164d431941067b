import Conformance
import EVM
import Glibc
import Node
import Primitives
import Synchronization
import Threads

/// Runs generated cases here and in peers, on several threads, and says what differs.
final class FuzzRun: Sendable {
  private struct State {
    var started: [CaseGenerator.Peer: UInt64] = [:]
    var startedInAll: UInt64 = 0
    var done: [CaseGenerator.Peer: UInt64] = [:]
    var differences = 0
    var unsupported: [String: Int] = [:]
    var waitingPeers: [CaseGenerator.Peer] = []
    var failure: Failure?
    var isOver = false

    var doneInAll: UInt64 { done.values.reduce(0, +) }
  }

  private let state: Mutex<State>
  private let configuration: FuzzConfiguration
  private let home: Home
  private let begin: UInt64

  /// After so many differences there is enough to look at.
  private static var differenceLimit: Int { 10 }

  init(_ configuration: FuzzConfiguration, home: Home) {
    self.configuration = configuration
    self.home = home
    begin = Self.milliseconds()
    var state = State()
    // Threads take their peers from here, so that each peer has its share of them.
    for index in 0..<configuration.threads {
      state.waitingPeers.append(configuration.peers[index % configuration.peers.count])
    }
    self.state = Mutex(state)
  }

  /// Runs until the time or the cases are over, and returns the exit code.
  func run() throws(Failure) -> Int32 {
    for peer in configuration.peers { _ = try PeerProcess(peer, home: home) }
    Parallel.run(configuration.threads) { [self] in work() }
    Terminal.endProgress()
    let end = state.withLock { $0 }
    if let failure = end.failure { throw failure }
    for (reason, count) in end.unsupported.sorted(by: { $0.key < $1.key }) {
      Terminal.say("\(count) cases not compared: \(reason)")
    }
    for peer in configuration.peers {
      Terminal.say("\(peer.rawValue): \(end.done[peer] ?? 0) cases")
    }
    Terminal.say("\(end.doneInAll) cases, \(end.differences) differences")
    return end.differences == 0 && end.doneInAll > 0 ? 0 : 1
  }

  private static func milliseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
  }

  // MARK: One thread

  private func work() {
    guard let peer = state.withLock({ $0.waitingPeers.popLast() }) else { return }
    do throws(Failure) {
      let process = try PeerProcess(peer, home: home)
      let generator = CaseGenerator(
        seed: configuration.seed, peer: peer, forks: configuration.forks)
      let workspace = Workspace()
      while let index = next(peer) {
        try compare(generator.fuzzCase(index), index, generator, process, workspace)
      }
    } catch {
      state.withLock { state in
        state.failure = state.failure ?? error
        state.isOver = true
      }
    }
  }

  /// The index of the peer's next case, or nil when it is enough.
  private func next(_ peer: CaseGenerator.Peer) -> UInt64? {
    let elapsed = Self.milliseconds() - begin
    return state.withLock { state in
      if let seconds = configuration.seconds, elapsed > seconds * 1000 { state.isOver = true }
      if state.startedInAll >= configuration.caseLimit { state.isOver = true }
      guard !state.isOver else { return nil }
      state.startedInAll += 1
      let number = state.started[peer, default: 0]
      state.started[peer] = number + 1
      return configuration.first + number
    }
  }

  private func compare(
    _ fuzzCase: FuzzCase, _ index: UInt64, _ generator: CaseGenerator, _ process: PeerProcess,
    _ workspace: Workspace
  ) throws(Failure) {
    // The peer works while we do.
    try process.ask(fuzzCase.line)
    let ours = fuzzCase.run(workspace: workspace)
    let line = try process.answer()
    var difference: Difference?
    var unsupported: String?
    var theirs: FuzzOutcome?
    do throws(FuzzOutcome.PeerError) {
      theirs = try FuzzOutcome(line: line)
      difference = theirs.flatMap { ours.firstDifference(from: $0) }
    } catch {
      switch error {
      case .unsupported(let reason): unsupported = reason
      case .malformed(let fault):
        throw .failed("\(generator.peer.rawValue) answers case \(index) with \(fault)")
      }
    }
    let (total, differences) = state.withLock { state in
      state.done[generator.peer, default: 0] += 1
      if let unsupported { state.unsupported[unsupported, default: 0] += 1 }
      if difference != nil { state.differences += 1 }
      if state.differences >= Self.differenceLimit { state.isOver = true }
      return (state.doneInAll, state.differences)
    }
    if total % 200 == 0 {
      let rate = total * 1000 / max(1, Self.milliseconds() - begin)
      Terminal.progress("\(total) cases, \(differences) differences, \(rate) cases/s")
    }
    if configuration.keepsAll, let folder = configuration.folder, let theirs {
      try write(fuzzCase, theirs, index, generator, folder)
    }
    if let difference {
      try report(difference, fuzzCase, index, generator, process, workspace)
    }
  }

  // MARK: Differences

  private func report(
    _ difference: Difference, _ fuzzCase: FuzzCase, _ index: UInt64, _ generator: CaseGenerator,
    _ process: PeerProcess, _ workspace: Workspace
  ) throws(Failure) {
    let peer = generator.peer.rawValue
    Terminal.endProgress()
    Terminal.say(
      "DIFFERENCE peer \(peer), seed \(generator.seed), case \(index), \(fuzzCase.forkName): "
        + "\(difference.field): \(peer) has \(difference.expected), opal has \(difference.got)")
    guard let folder = configuration.folder else { return }
    var failure: Failure?
    let small = Shrinking().shrink(fuzzCase) { candidate in
      do throws(Failure) {
        return try Self.differs(candidate, process, workspace)
      } catch {
        failure = failure ?? error
        return false
      }
    }
    if let failure { throw failure }
    try process.ask(small.line)
    guard let theirs = try? FuzzOutcome(line: try process.answer()) else { return }
    Terminal.say("  written to \(try write(small, theirs, index, generator, folder))")
  }

  /// Writes a case as a state test with the peer's outcome, and returns the file's path.
  @discardableResult
  private func write(
    _ fuzzCase: FuzzCase, _ theirs: FuzzOutcome, _ index: UInt64, _ generator: CaseGenerator,
    _ folder: String
  ) throws(Failure) -> String {
    let peer = generator.peer.rawValue
    let name = "\(peer)_\(generator.seed)_\(index)_\(fuzzCase.forkName)"
    let path = "\(folder)/\(name).json"
    let origin = "opal fuzz evm --peer \(peer) --seed \(generator.seed) --first \(index) --cases 1"
    do throws(NodeError) {
      try Files.makeDirectory(folder)
      try Files.write(
        fuzzCase.stateTest(named: name, expecting: theirs, comment: origin), to: path)
    } catch {
      throw .failed(error.message)
    }
    return path
  }

  private static func differs(
    _ fuzzCase: FuzzCase, _ process: PeerProcess, _ workspace: Workspace
  ) throws(Failure) -> Bool {
    try process.ask(fuzzCase.line)
    let ours = fuzzCase.run(workspace: workspace)
    guard let theirs = try? FuzzOutcome(line: try process.answer()) else { return false }
    return ours.firstDifference(from: theirs) != nil
  }
}
