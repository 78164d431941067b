import Cryptography
import Derivation
import Execution
import FaultProof
import Ledger
import NativeCryptography
import Node
import Primitives

/// `opal prove`: runs the fault-proof program on a claim.
let proveCommand = Command(
  name: "prove", summary: "check a claimed output root by deriving and executing again",
  details: """
    Replays the data directory's log, and runs the fault-proof program for the claim with an oracle
    that writes down what is asked for. With --offline the program runs again from such a file
    alone. Exit code 0 if the claim is valid, 1 if it is not, 2 if it could not be decided.
    """,
  example: "opal prove --datadir .opal/rollup --block 40 --claim 0x… --out proof.preimages",
  options: [
    .init("--datadir", value: "PATH", help: "where the log is"),
    .init("--block", value: "N", help: "the L2 block whose output is claimed"),
    .init("--claim", value: "ROOT", help: "the claimed output root (the true one)"),
    .init("--agreed", value: "M", help: "the block on whose output both sides agree (N - 1)"),
    .init("--l1-head", value: "K", help: "the L1 block up to which L1 is read (the latest)"),
    .init(
      "--points", value: "FILE", help: "the DA layer's powers of tau in G1 (the development ones)"),
    .init("--out", value: "FILE", help: "where the preimages go"),
    .init("--offline", value: "FILE", help: "run from this file alone"),
  ]
) { arguments throws(Failure) in
  try arguments.expectOperands(0...0)
  if let path = try arguments.value("--offline") { return try proveOffline(path) }
  guard let path = try arguments.value("--datadir") else {
    throw .usage("--datadir or --offline is missing")
  }
  guard let number = try arguments.number("--block") else { throw .usage("--block is missing") }
  let archive: ProofArchive
  let points = try StorageService.payloadPoints(arguments)
  do throws(NodeError) {
    archive = try ProofArchive(
      directory: DataDirectory(path: path), points: points,
      progress: { progress in
        Terminal.progress("replaying: event \(progress.events) of \(progress.lastSequence)")
      })
  } catch {
    throw .failed(error.message)
  }
  Terminal.endProgress()
  return try prove(archive, number, arguments)
}

private func proveOffline(_ path: String) throws(Failure) -> Int32 {
  let bytes: Bytes
  do throws(NodeError) {
    bytes = try Files.read(path)
  } catch {
    throw .failed(error.message)
  }
  let set: PreimageSet
  do throws(PreimageSetError) {
    set = try PreimageSet(encoded: bytes)
  } catch {
    Terminal.say("verdict   could not decide: \(path) is no set of preimages: \(error)")
    return 2
  }
  if let inputs = set.inputs { tell(inputs) }
  return tell(
    FaultProofProgram.run(
      PreimageSetOracle(set), provider: NativeCryptographyProvider.shared), set)
}

private func prove(
  _ archive: ProofArchive, _ number: UInt64, _ arguments: Arguments
) throws(Failure) -> Int32 {
  let genesis = archive.configuration.genesis.l2.number
  let agreedNumber =
    try arguments.number("--agreed") ?? (number > genesis ? number - 1 : genesis)
  guard let agreed = archive.output(agreedNumber) else {
    throw .failed("the log has no L2 block \(agreedNumber)")
  }
  let l1Number = try arguments.number("--l1-head") ?? archive.headNumber(.one) ?? 0
  guard let l1Head = archive.hash(.one, l1Number) else {
    throw .failed("the log has no L1 block \(l1Number)")
  }
  var claim = archive.output(number)?.hash
  if let text = try arguments.value("--claim") {
    guard let hash = Hash(hexadecimal: text) else {
      throw .usage("--claim is not 32 bytes in hexadecimal")
    }
    claim = hash
  }
  guard let claim else { throw .failed("the log has no L2 block \(number); name a --claim") }
  let inputs = BootInputs(
    l1Head: l1Head, agreedOutputRoot: agreed.hash, claimedOutputRoot: claim,
    claimedBlockNumber: number,
    configurationHash: Keccak256.hash(archive.configuration.encoded))
  tell(inputs)
  let oracle = RecordingOracle(inputs: inputs, host: archive)
  let result = FaultProofProgram.run(oracle, provider: NativeCryptographyProvider.shared)
  let recorded = oracle.recorded
  if let path = try arguments.value("--out") {
    do throws(NodeError) {
      try Files.write(recorded.encoded, to: path)
    } catch {
      throw .failed(error.message)
    }
  }
  return tell(result, recorded)
}

private func tell(_ inputs: BootInputs) {
  Terminal.say("L1 head   \(inputs.l1Head.hexadecimal)")
  Terminal.say("agreed    \(inputs.agreedOutputRoot.hexadecimal)")
  Terminal.say("claimed   \(inputs.claimedOutputRoot.hexadecimal)")
  Terminal.say("block     \(inputs.claimedBlockNumber)")
  Terminal.say("rollup    \(inputs.configurationHash.hexadecimal)")
}

private func tell(_ result: ProofResult, _ set: PreimageSet) -> Int32 {
  Terminal.say("preimages \(set.count), \(set.sizeInBytes) bytes")
  Terminal.say("derived   up to L2 block \(result.blockNumber)")
  Terminal.say("verdict   \(result.verdict.message)")
  return Int32(result.verdict.exitCode)
}
