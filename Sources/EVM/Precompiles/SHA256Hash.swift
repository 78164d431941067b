import Cryptography
import Primitives

extension PrecompileTable {
  /// 0x02: the SHA-256 hash of the input.
  static func sha256(_ call: PrecompileCall) -> PrecompileAnswer {
    let cost = PrecompileGas.sha256 + PrecompileGas.sha256Word * call.inputWords
    guard cost <= call.gasLimit else { return .outOfGas }
    return .output(call.provider.sha256(call.input).bytes, cost: cost)
  }
}
