import Cryptography
import Primitives

extension PrecompileTable {
  /// 0x01: the address that signed a hash (ECRECOVER), or nothing if the signature is none.
  static func recoverSigner(_ call: PrecompileCall) -> PrecompileAnswer {
    let cost = PrecompileGas.recoverSigner
    guard cost <= call.gasLimit else { return .outOfGas }
    let v = call.word(32)
    guard v == 27 || v == 28 else { return .output([], cost: cost) }
    let signature = Signature(r: call.word(64), s: call.word(96), yParity: v == 28)
    let signer = call.provider.recoverAddress(
      messageHash: Hash(call.word(0)), signature: signature)
    guard let signer else { return .output([], cost: cost) }
    return .output(UInt256(signer).bigEndianBytes, cost: cost)
  }
}
