import Conformance
import EVM
import Primitives

/// The interpreter: programs of one folder, ours and other EVMs' in turns.
///
/// Each run begins in the same state. A program that takes less than a millisecond is called many
/// times by a driver contract inside one message, so that what surrounds a message costs nothing;
/// the peers run the same bytes. A program that spends what it has is called as often as that
/// lasts, in several messages. Outputs and gas are checked first, and the driver's gas too.
struct EVMBench {
  /// What programs are timed for, in seconds a turn.
  private static let turn = 0.010
  /// Programs faster than this, in seconds, are called by a driver.
  private static let shortest = 0.001

  func run(_ report: inout Report) {
    let folder = Peer.environment("OPAL_BENCH_PROGRAMS") ?? "Tests/Vectors/evm-bench"
    let peers = Self.peers(report)
    var ratios: [String: [(program: String, value: Double)]] = [:]
    for program in Self.programs(folder, &report) where report.wants(program.name) {
      guard let figures = measure(program, peers, &report) else { continue }
      add(program, figures, &report)
      for peer in figures.peers {
        ratios[peer.name, default: []].append((program.name, figures.ours / peer.value))
      }
    }
    for peer in peers { summarize(ratios[peer.name] ?? [], besides: peer.name, report) }
  }

  // MARK: What there is

  private static func programs(_ folder: String, _ report: inout Report) -> [MachineProgram] {
    do throws(FixtureError) {
      var files = FixtureFolder()
      try files.add(folder)
      return try files.files.map { file throws(FixtureError) in
        try MachineProgram(file.document())
      }
    } catch {
      report.fail("no programs in \(folder): \(error.description)")
      return []
    }
  }

  private static func peers(_ report: Report) -> [EVMPeer] {
    var peers: [EVMPeer] = []
    for (name, variable) in [("revm", "OPAL_BENCH_REVM"), ("evmone", "OPAL_BENCH_EVMONE")] {
      if let command = Peer.environment(variable), let peer = EVMPeer(name, command) {
        peers.append(peer)
      } else {
        report.remark("\(name) is not there")
      }
    }
    return peers
  }

  // MARK: One program

  /// What a program takes, in seconds.
  private struct Figures {
    var ours: Double
    var peers: [Peer.Figure]
    var note = ""
  }

  private func measure(
    _ program: MachineProgram, _ peers: [EVMPeer], _ report: inout Report
  ) -> Figures? {
    let state = program.state()
    let workspace = Workspace()
    guard let result = try? program.run(on: state, workspace: workspace) else { return nil }
    if let fault = program.fault(result) { report.fail("\(program.name): \(fault)") }
    var present: [EVMPeer] = []
    for peer in peers {
      guard let answer = peer.prepare(program)?.run(1) else {
        report.remark("\(peer.name) does not run \(program.name)")
        continue
      }
      if answer.output != result.output {
        report.fail("\(program.name): \(peer.name) gives another output")
      }
      present.append(peer)
    }
    let once = Stopwatch.repetitions(for: Self.turn) {
      _ = try? program.run(on: state, workspace: workspace)
    }
    let isShort = Self.turn / Double(once) < Self.shortest
    guard isShort, let calls = Self.calls(program, atMost: once) else {
      return race(program, calls: 1, present, &report, runs: once)
    }
    return race(
      program.driven(count: calls), calls: calls, present, &report, runs: max(1, once / calls))
  }

  /// How often a driver can call a program in one message, halved until all calls succeed; nil if
  /// not even one does, since the program wants another caller.
  private static func calls(_ program: MachineProgram, atMost count: Int) -> Int? {
    var calls = count
    while calls > 0 {
      let driven = program.driven(count: calls)
      if (try? driven.run(on: driven.state()))?.status == .success { return calls }
      calls /= 2
    }
    return nil
  }

  private func race(
    _ program: MachineProgram, calls: Int, _ peers: [EVMPeer], _ report: inout Report,
    runs: Int
  ) -> Figures? {
    let state = program.state()
    let workspace = Workspace()
    guard let result = try? program.run(on: state, workspace: workspace),
      result.status == .success
    else {
      report.fail("\(program.name): it fails")
      return nil
    }
    var note = calls > 1 ? "\(calls) calls a message" : ""
    for peer in peers {
      let used = MachineProgram.gasLimit - result.gasLeft
      guard let gas = peer.prepare(program)?.run(1)?.gas else {
        note += " \(peer.name) fails"
        continue
      }
      if gas != used { note += " " + Self.difference(peer.name, gas, from: used) }
    }
    let ours: () -> Double = {
      Stopwatch.secondsEach(runs) { _ = try? program.run(on: state, workspace: workspace) }
    }
    let theirs = peers.map { peer in { peer.run(runs)?.seconds ?? .nan } }
    let medians = Report.interleaved(rounds: report.isFull ? 15 : 5, [ours] + theirs)
      .map { $0 / Double(calls) }
    return Figures(
      ours: medians[0],
      peers: zip(peers, medians.dropFirst()).map { ($0.name, $1) }, note: note)
  }

  /// Says what a peer counts differently.
  ///
  /// pyrevm writes the storage that it is given through the journal of the message to come, which
  /// leaves the account warm, and each slot but the first warm and written: it saves 2500 gas, 2000,
  /// and 2800 at an SSTORE.
  private static func difference(_ peer: String, _ gas: UInt64, from used: UInt64) -> String {
    if peer == "revm", gas < used, (used - gas) % 100 == 0, used - gas >= 2000 {
      return "revm saves \(used - gas) gas: the storage it is given is warm"
    }
    return "\(peer) counts \(gas) gas, not \(used)"
  }

  // MARK: What is told

  private func add(_ program: MachineProgram, _ figures: Figures, _ report: inout Report) {
    let (unit, factor) = figures.ours < 1e-4 ? ("us", 1e6) : ("ms", 1e3)
    report.add(
      program.name, ours: figures.ours * factor,
      peers: figures.peers.map { ($0.name, $0.value * factor) }, unit: unit, note: figures.note)
    // What the loop of the program does, and how often.
    let parts = ["call_stop": ("a call", 50_000), "loop_sload_warm": ("two SLOADs", 200_000)]
    guard let (part, count) = parts[program.name] else { return }
    let scale = 1e9 / Double(count)
    report.add(
      "\(program.name), \(part)", ours: figures.ours * scale,
      peers: figures.peers.map { ($0.name, $0.value * scale) }, unit: "ns")
  }

  /// Programs that do more than compute: calls, storage, logs, creations.
  private static func isOfState(_ name: String) -> Bool {
    name.hasPrefix("call_") || name == "create_loop" || name == "empty_stop"
      || name == "loop_log1" || name.contains("sload") || name.contains("sstore")
      || name.contains("tload")
  }

  private func summarize(
    _ ratios: [(program: String, value: Double)], besides peer: String, _ report: Report
  ) {
    let groups = [
      ("all programs", ratios),
      ("compute programs", ratios.filter { !Self.isOfState($0.program) }),
      ("calls and storage", ratios.filter { Self.isOfState($0.program) }),
    ]
    for (name, group) in groups where !group.isEmpty {
      // Whoever is slower than the goal for computing is named.
      let sorted = group.sorted { $0.value > $1.value }
      let worst = sorted.prefix(max(3, sorted.prefix { $0.value > 1.5 }.count))
      report.add(
        "geometric mean, \(name), to \(peer)",
        ours: Report.geometricMean(group.map(\.value)), unit: "ratio",
        note: "\(group.count) programs; highest: "
          + worst.map { "\($0.program) \(Report.text($0.value))" }.joined(separator: ", "))
    }
  }
}
