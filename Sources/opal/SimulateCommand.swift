import Ledger
import Primitives
import Simulation

/// `opal simulate`: everything that can go wrong, from one seed.
let simulateCommand = Command(
  name: "simulate", summary: "run the whole rollup through crashes, lies and losses, on a seed",
  details: """
    L1, sequencer, batcher, DA layer, engine, settler, a follower and their users run in one
    thread on a simulated clock, disk and network. The disk ends in the middle of writes, loses
    what was not synced, tears it, fills up and fails; messages come late, twice, out of order or
    never; L1 takes blocks back. After each step it is checked that nothing acknowledged is lost,
    that a replay of the log is equal to the live state, that money is conserved and that no
    receipt is paid twice. The exit code is 1 if one of them does not hold; the same seed finds it
    again. --mistake plants a fault, which must be found.
    """,
  example: "opal simulate --seed 7 --minutes 10",
  options: [
    .init("--seed", value: "N", help: "where all chance comes from (1)"),
    .init("--seeds", value: "N", help: "so many seeds from --seed on, one after the other (1)"),
    .init("--minutes", value: "M", help: "simulated minutes (10)"),
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
  let home = try Home.find()
  var report = SimulationReport()
  for seed in first..<first + count {
    report = try simulated(seed: seed, minutes: minutes, mistake: mistake, home)
    if count > 1 { Terminal.say("seed \(seed): \(words(for: report))") }
  }
  if count == 1 { Terminal.say(words(for: report)) }
  Terminal.say("events \(report.events)")
  Terminal.say("commitment \(report.commitment.hexadecimal)")
  return 0
}

private func simulated(
  seed: UInt64, minutes: UInt64, mistake: SimulationPlan.Mistake?, _ home: Home
) throws(Failure) -> SimulationReport {
  let (one, two) = (try home.genesis("rollup/l1.json"), try home.genesis("rollup/l2.json"))
  let document = try home.genesis("rollup/rollup.json")
  let plan: SimulationPlan
  do throws(GenesisError) {
    plan = try SimulationPlan(
      seed: seed, minutes: minutes, layerOne: one, layerTwo: two, rollup: document,
      mistake: mistake)
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

private func words(for report: SimulationReport) -> String {
  "\(report.steps) steps, \(report.restarts) restarts (\(report.powerLosses) without power), "
    + "\(report.acknowledged) commands acknowledged, \(report.reorganisations) reorganisations "
    + "of L1, \(report.refusedPayloads) payloads refused by the DA layer, "
    + "\(report.paidReceipts) receipts paid, L1 block \(report.blocks[.one] ?? 0), "
    + "L2 block \(report.blocks[.two] ?? 0): every invariant held"
}
