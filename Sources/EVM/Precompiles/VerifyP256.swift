import Cryptography
import Primitives

extension PrecompileTable {
  /// 0x100: whether a signature over a hash is one of a key on P-256 (EIP-7951).
  ///
  /// On OP chains it is RIP-7212's contract, at half the price.
  /// Input: hash, r, s, x and y, a word each. One for a valid signature, nothing otherwise.
  static func verifyP256(_ call: PrecompileCall) -> PrecompileAnswer {
    let cost = PrecompileGas.verifyP256(call.rollup)
    guard cost <= call.gasLimit else { return .outOfGas }
    guard call.input.count == 160 else { return .output([], cost: cost) }
    let isValid = call.provider.verifyP256(
      messageHash: Hash(call.word(0)), r: call.word(32), s: call.word(64), x: call.word(96),
      y: call.word(128))
    return .output(isValid ? UInt256(1).bigEndianBytes : [], cost: cost)
  }
}
