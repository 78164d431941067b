import Cryptography
import Pairings
import Primitives

extension PrecompileTable {
  /// 0x0a: whether a blob's polynomial has a value at a point (EIP-4844).
  ///
  /// Input: versioned hash (32 bytes), z (32), y (32), commitment (48), proof (48). Anything but a
  /// valid proof is refused; a valid one gives the number of a blob's elements and their field's
  /// order.
  static func pointEvaluation(_ call: PrecompileCall) -> PrecompileAnswer {
    let (input, cost) = (call.input, PrecompileGas.pointEvaluation)
    guard cost <= call.gasLimit else { return .outOfGas }
    guard input.count == 192 else { return .refusal(.inputLength) }
    let commitment = input[96..<144]
    var versioned = SHA256.hash(Bytes(commitment)).bytes
    versioned[0] = 1
    guard versioned[...] == input[0..<32] else { return .refusal(.versionedHash) }
    let isValid = KZG.verify(
      commitment: commitment, z: call.word(32), y: call.word(64), proof: input[144..<192])
    guard isValid == true else { return .refusal(.proof) }
    return .output(
      UInt256(KZG.fieldElementsPerBlob).bigEndianBytes + KZG.fieldOrder.bigEndianBytes,
      cost: cost)
  }
}
