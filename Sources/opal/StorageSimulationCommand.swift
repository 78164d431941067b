import Blobs
import Cryptography
import DataAvailability
import Glibc
import NativeCryptography
import Primitives
import Threads

/// `opal da simulate` and `opal da plot`.
enum StorageSimulationCommand {
  /// Runs networks of many seeds; the exit code is 1 if a rule was broken.
  static func run(_ arguments: Arguments) throws(Failure) -> Int32 {
    let count = Int(try arguments.number("--seeds", in: 1...1_000_000) ?? 1000)
    let first = try arguments.number("--seed") ?? 0
    let threads = try arguments.number("--threads", in: 1...1024).map { Int($0) }
    let (terms, provers) = (StorageSimulation.terms(), ProverShelf())
    guard
      let key = PrivateKey(
        Keccak256.hash(Bytes("opal: INSECURE simulated account".utf8)).bytes)
    else { throw .failed("no account") }
    let results = Parallel.map(count, threads: threads ?? Parallel.coreCount) {
      index -> Result<SimulationOutcome, BrokenRule> in
      var simulation = StorageSimulation(
        seed: first &+ UInt64(index), terms: terms, provers: provers,
        cryptography: NativeCryptographyProvider.shared, account: key.address,
        sign: { key.sign($0).bytes65 })
      return Result { () throws(BrokenRule) in try simulation.run() }
    }
    var total = SimulationOutcome()
    var broken = 0
    for result in results {
      switch result {
      case .success(let outcome): total.add(outcome)
      case .failure(let rule):
        broken += 1
        Terminal.say("BROKEN \(rule.description)")
      }
    }
    Terminal.say(
      "\(count) networks: \(total.certified) blobs certified, \(total.refused) not, "
        + "\(total.retrieved) retrieved from chunks, \(total.withheld) withheld by adversaries "
        + "beyond their share, \(total.restarts) restarts; \(broken) rules broken")
    // The fingerprint of a state covers all events that led to it; those of all seeds, in order.
    var hasher = SHA256Hasher()
    for case .success(let outcome) in results { hasher.update(outcome.fingerprint.bytes) }
    Terminal.say("events \(total.events)")
    Terminal.say(
      "commitment "
        + (count == 1 ? total.fingerprint : hasher.finalize()).hexadecimal)
    return broken == 0 ? 0 : 1
  }

  /// Writes the picture of what samples find out.
  static func plot(_ arguments: Arguments) throws(Failure) {
    let path = try arguments.value("--output") ?? "docs/da-sampling.svg"
    let parameters = BlobVersionParameters.mainnet
    var plot = SamplingPlot(
      held: parameters.chunkCount - parameters.operatorLimit,
      needed: parameters.chunkCount / parameters.codingRate, runs: 2000, seed: 1)
    let text = plot.svg()
    guard let file = unsafe fopen(path, "w") else { throw .failed("\(path) cannot be written") }
    let status = unsafe fputs(text, file)
    guard unsafe fclose(file) == 0, status >= 0 else { throw .failed("\(path) was not written") }
    Terminal.say("\(path): \(text.utf8.count) bytes")
  }
}
