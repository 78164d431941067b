import Cryptography
import Primitives

extension PrecompileTable {
  /// 0x03: the RIPEMD-160 hash of the input, padded on the left to a word.
  static func ripemd160(_ call: PrecompileCall) -> PrecompileAnswer {
    let cost = PrecompileGas.ripemd160 + PrecompileGas.ripemd160Word * call.inputWords
    guard cost <= call.gasLimit else { return .outOfGas }
    return .output(Bytes(repeating: 0, count: 12) + call.provider.ripemd160(call.input), cost: cost)
  }
}
