import Ledger
import Primitives
import SQLite
import Simulation

/// `opal simulate`: everything that can go wrong, from one seed.
let simulateCommand = Command(
  name: "simulate", summary: "run the whole rollup through crashes, lies and losses, on a seed",
  details: """
    L1, sequencer, batcher, DA layer, engine, settler, a follower and their users run in one
    thread on a simulated clock, disk and network. The disk ends in the middle of writes, loses
    what was not synced, tears it, fills up and fails; messages come late, twice, out of order or
    never; L1 takes blocks back; operators lie. After each step it is checked that nothing
    acknowledged is lost, that the log only grows, that a replay of it is equal to the live state,
    that money is conserved and that no receipt is paid twice. The exit code is 1 if one of them
    does not hold; the same seed finds it again. --mistake plants a fault, which must be found.
    --changes says in which kinds of changes of the disk everything ended, and how often.
    """,
  example: "opal simulate --seed 7 --minutes 10",
  options: [
    .init("--seed", value: "N", help: "where all chance comes from (1)"),
    .init("--seeds", value: "N", help: "so many seeds from --seed on, one after the other (1)"),
    .init("--minutes", value: "M", help: "simulated minutes (10)"),
    .init("--threads", value: "N", help: "threads of the DA layer; nothing depends on it (1)"),
    .init("--changes", help: "list the kinds of changes of the disk"),
    .init(
      "--mistake", value: "NAME",
      help: SimulationPlan.Mistake.allCases.map(\.rawValue).joined(separator: ", ")),
  ]
) { arguments throws(Failure) in
  try arguments.expectOperands(0...0)
  let first = try arguments.number("--seed") ?? 1
  let count = try arguments.number("--seeds", in: 1...1_000_000) ?? 1
  let minutes = try arguments.number("--minutes", in: 1...100_000) ?? 10
  var mistake: SimulationPlan.Mistake?
  if let name = try arguments.value("--mistake") {
    guard let known = SimulationPlan.Mistake(rawValue: name) else {
      throw .usage("there is no mistake '\(name)'")
    }
    mistake = known
  }
  let threads = Int(try arguments.number("--threads", in: 1...1_024) ?? 1)
  let home = try Home.find()
  var report = SimulationReport()
  var changes: [DiskChange: DiskTally] = [:]
  for seed in first..<first + count {
    report = try simulated(seed: seed, minutes: minutes, mistake: mistake, threads, home)
    for (change, tally) in report.changes { changes[change, default: DiskTally()] += tally }
    if count > 1 { Terminal.say("seed \(seed): \(words(for: report))") }
  }
  if count == 1 { Terminal.say(words(for: report)) }
  if arguments.has("--changes") { list(changes) }
  Terminal.say("events \(report.events)")
  Terminal.say("commitment \(report.commitment.hexadecimal)")
  return 0
}

private func simulated(
  seed: UInt64, minutes: UInt64, mistake: SimulationPlan.Mistake?, _ threads: Int, _ home: Home
) throws(Failure) -> SimulationReport {
  let (one, two) = (try home.genesis("rollup/l1.json"), try home.genesis("rollup/l2.json"))
  let document = try home.genesis("rollup/rollup.json")
  var plan: SimulationPlan
  do throws(GenesisError) {
    plan = try SimulationPlan(
      seed: seed, minutes: minutes, layerOne: one, layerTwo: two, rollup: document,
      mistake: mistake)
    plan.threads = threads
  } catch {
    throw .failed("genesis/rollup: \(error.message)")
  }
  do throws(SimulationFailure) {
    var simulation = try Simulation(plan)
    let report = try simulation.run { report in
      Terminal.progress(
        "seed \(seed): \(report.events) events, \(report.restarts) restarts, "
          + "L2 block \(report.blocks[.two] ?? 0)")
    }
    Terminal.endProgress()
    return report
  } catch {
    Terminal.endProgress()
    throw .failed(error.message)
  }
}

/// Each kind of change of the disk, and what became of it.
private func list(_ changes: [DiskChange: DiskTally]) {
  for (change, tally) in changes.sorted(by: { $0.key < $1.key }) {
    let name = change.name + String(repeating: " ", count: max(1, 32 - change.name.count))
    Terminal.say(
      "\(name)\(tally.count) times, the end in \(tally.endings), an error in \(tally.errors), "
        + "no room for \(tally.refusals)")
  }
  let total = changes.values.reduce(into: DiskTally()) { $0 += $1 }
  let reached = changes.values.count { $0.endings > 0 }
  Terminal.say(
    "\(total.count) changes of \(changes.count) kinds; everything ended in \(total.endings), "
      + "of \(reached) kinds")
}

private func words(for report: SimulationReport) -> String {
  let (changes, messages) = (report.changeCounts, report.messages)
  return
    "\(report.steps) steps, \(report.restarts) restarts (\(report.powerLosses) without power), "
    + "\(changes.endings) ends, \(changes.errors) errors and \(changes.refusals) refusals in "
    + "\(changes.count) changes of the disk, \(messages.sent) messages (\(messages.lost) lost, "
    + "\(messages.repeated) repeated, \(messages.delayed) late, \(messages.overtaking) out of "
    + "order), \(report.acknowledged) commands acknowledged, \(report.reorganisations) "
    + "reorganisations of L1, \(report.certifiedPayloads) payloads certified by the DA layer, "
    + "\(report.refusedPayloads) refused, "
    + "\(report.paidReceipts) receipts paid, L1 block \(report.blocks[.one] ?? 0), "
    + "L2 block \(report.blocks[.two] ?? 0): every invariant held"
}
