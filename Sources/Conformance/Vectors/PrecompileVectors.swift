import Cryptography
import EVM
import Execution
import JSON
import Primitives

/// Calls of precompiled contracts: input, output or refusal, and price.
///
/// The file's name tells the contract and, where prices changed, the fork. A file of another name
/// is about the contract that does all it says.
enum PrecompileVectors {
  private struct Contract {
    let address: UInt64
    let fork: Fork
  }

  /// The contract that a file is about: geth's names, and those of EIP-2537's own vectors.
  private static func contract(_ fileName: String) -> Contract? {
    var name = fileName.lowercased()
    if name.hasPrefix("fail-") { name = String(name.dropFirst(5)) }
    if name.hasPrefix("geth_") { name = String(name.dropFirst(5)) }
    switch name {
    case "ecrecover": return Contract(address: 0x01, fork: .frontier)
    case "modexp": return Contract(address: 0x05, fork: .byzantium)
    case "modexp_eip2565": return Contract(address: 0x05, fork: .berlin)
    case "modexp_eip7883": return Contract(address: 0x05, fork: .osaka)
    case "bn256add": return Contract(address: 0x06, fork: .istanbul)
    case "bn256scalarmul": return Contract(address: 0x07, fork: .istanbul)
    case "bn256pairing": return Contract(address: 0x08, fork: .istanbul)
    case "blake2f": return Contract(address: 0x09, fork: .istanbul)
    case "pointevaluation": return Contract(address: 0x0a, fork: .cancun)
    case "blsg1add", "add_g1_bls": return Contract(address: 0x0b, fork: .prague)
    // A multiplication is a sum of one product: it has no contract of its own.
    case "blsg1mul", "blsg1multiexp", "mul_g1_bls", "msm_g1_bls":
      return Contract(address: 0x0c, fork: .prague)
    case "blsg2add", "add_g2_bls": return Contract(address: 0x0d, fork: .prague)
    case "blsg2mul", "blsg2multiexp", "mul_g2_bls", "msm_g2_bls":
      return Contract(address: 0x0e, fork: .prague)
    case "blspairing", "pairing_check_bls": return Contract(address: 0x0f, fork: .prague)
    case "blsmapg1", "map_fp_to_g1_bls": return Contract(address: 0x10, fork: .prague)
    case "blsmapg2", "map_fp2_to_g2_bls": return Contract(address: 0x11, fork: .prague)
    case "p256verify": return Contract(address: 0x100, fork: .osaka)
    default: return nil
    }
  }

  static func run(_ document: Fixture, path: String) throws(FixtureError) -> [CaseResult] {
    if let contract = contract(VectorShape(document, path: path).name) {
      return try run(document, contract)
    }
    for name in names {
      guard let contract = contract(name) else { continue }
      let results = try run(document, contract)
      if results.allSatisfy({ $0.verdict == .passed }) { return results }
    }
    throw FixtureError(
      place: "", reason: "its name tells no contract that is known here, and none does what it says"
    )
  }

  /// A name for each contract and fork, the quick ones first.
  private static let names = [
    "blake2f", "ecrecover", "p256verify", "bn256add", "bn256scalarmul", "blsg1add", "blsg2add",
    "blsmapg1", "blsmapg2", "modexp_eip7883", "modexp_eip2565", "modexp", "blsg1multiexp",
    "blsg2multiexp", "pointevaluation", "bn256pairing", "blspairing",
  ]

  private static func run(
    _ document: Fixture, _ contract: Contract
  ) throws(FixtureError) -> [CaseResult] {
    try document.cases { test throws(FixtureError) in
      let input = try test.field("Input").bytes()
      let mustFail = test.optional("ExpectedError") != nil
      switch call(contract, input) {
      case .failure(let stop): return .stopped(stop)
      case .success(let outcome):
        let hasSucceeded = outcome.result.status == .success
        if mustFail || !hasSucceeded { return .check("call", !mustFail, hasSucceeded) }
        let output = Verdict.compare(
          "output", try test.field("Expected").bytes(), outcome.result.output)
        guard let gas = try test.optional("Gas")?.uint64(), gas > 0 else { return output }
        let used = gasLimit - outcome.result.gasLeft
        return .all(output, .compare("gas", String(gas), String(used)))
      }
    }
  }

  private static var gasLimit: UInt64 { 1 << 40 }

  private static func call(
    _ contract: Contract, _ input: Bytes
  ) -> Result<BareMachine.Outcome, ExecutionStop> {
    BareMachine(fork: contract.fork).run(
      Message.call(
        from: .zero, to: Address(UInt256(contract.address)), input: input, gasLimit: gasLimit))
  }

  /// c-kzg's `verify_kzg_proof`, asked of the contract of EIP-4844.
  static func proof(_ document: Fixture) throws(FixtureError) -> Verdict {
    let input = try document.field("input")
    let commitment = try input.field("commitment").bytes()
    var versioned = SHA256.hash(commitment).bytes
    versioned[0] = 0x01
    let call = versioned + (try input.field("z").bytes()) + (try input.field("y").bytes())
    let isValid = document.json["output"]?.bool ?? false
    let message = call + commitment + (try input.field("proof").bytes())
    switch Self.call(Contract(address: 0x0a, fork: .cancun), message) {
    case .failure(let stop): return .stopped(stop)
    case .success(let outcome):
      return .check("proof", isValid, outcome.result.status == .success)
    }
  }
}
