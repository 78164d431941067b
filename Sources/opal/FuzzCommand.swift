import Conformance
import Glibc
import Threads

/// `opal fuzz evm`: generated cases, run here and by others.
let fuzzCommand = Command(
  name: "fuzz", summary: "compare the EVM with other implementations on generated cases",
  operands: "evm",
  details: """
    Generates transactions and the programs that they call, runs each here and in a peer, and
    compares gas used, status, output, logs and the accounts afterwards. The peers are pyrevm (revm
    of 2024: fast, Spurious Dragon to Cancun) and EELS, Ethereum's executable specification (slow, to
    Osaka); 'tools/fuzz --prepare' installs both. A case is a function of peer, seed, index and
    --fork, so '--first INDEX --cases 1' runs one again. A difference is told with both values, and
    shrunk to a state test in the folder that --keep names. The last line counts; exit code 1 if
    there was a difference, or no case.
    """,
  example: "opal fuzz evm --seed 7 --seconds 60 --peer pyrevm",
  options: [
    .init("--seed", value: "N", help: "what all cases come from (1)"),
    .init("--seconds", value: "N", help: "how long to run (60, or without an end with --cases)"),
    .init("--cases", value: "N", help: "how many cases to run at most"),
    .init("--first", value: "INDEX", help: "the first case's index (0)"),
    .init("--fork", value: "NAME", help: "only this fork, by its name in state tests"),
    .init("--peer", value: "NAME", help: "pyrevm, eels or both (both)"),
    .init("--keep", value: "DIR", help: "where to write differences as state tests"),
    .init("--keep-all", help: "write every case, not only those that differ, and unshrunk"),
    .init("--threads", value: "N", help: "cases to run at a time (one per core)"),
  ]
) { arguments throws(Failure) in
  guard arguments.operands == ["evm"] else { throw .usage("say what to compare: opal fuzz evm") }
  let configuration = try FuzzConfiguration(arguments)
  let run = FuzzRun(configuration, home: try Home.find())
  return try run.run()
}

/// What a run of generated cases is asked to do.
struct FuzzConfiguration: Sendable {
  var seed: UInt64
  var first: UInt64
  var caseLimit: UInt64
  var seconds: UInt64?
  var forks: [String]?
  var peers: [CaseGenerator.Peer]
  var folder: String?
  var keepsAll: Bool
  var threads: Int

  init(_ arguments: Arguments) throws(Failure) {
    seed = try arguments.number("--seed") ?? 1
    first = try arguments.number("--first") ?? 0
    let cases = try arguments.number("--cases", in: 1...UInt64.max)
    caseLimit = cases ?? .max
    seconds = try arguments.number("--seconds", in: 1...1_000_000) ?? (cases == nil ? 60 : nil)
    folder = try arguments.value("--keep")
    keepsAll = arguments.has("--keep-all")
    if keepsAll, folder == nil { throw .usage("--keep-all needs --keep") }
    switch try arguments.value("--peer") ?? "both" {
    case "both": peers = CaseGenerator.Peer.allCases
    case let name:
      guard let peer = CaseGenerator.Peer(rawValue: name) else {
        throw .usage("there is no peer '\(name)': pyrevm, eels or both")
      }
      peers = [peer]
    }
    if let name = try arguments.value("--fork") {
      peers = peers.filter { $0.forks.contains(name) }
      guard !peers.isEmpty else { throw .usage("no peer knows a fork '\(name)'") }
      forks = [name]
    }
    let asked = try arguments.number("--threads", in: 1...256).map { Int($0) }
    threads = max(asked ?? Parallel.coreCount, peers.count)
  }
}
