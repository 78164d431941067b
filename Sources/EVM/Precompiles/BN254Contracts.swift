import Pairings
import Primitives

/// The curve BN254 (EIP-196, EIP-197), at the lower prices of EIP-1108 from Istanbul on.
extension PrecompileTable {
  /// 0x06: the sum of two points.
  static func bn254Add(_ call: PrecompileCall) -> PrecompileAnswer {
    let cost = PrecompileGas.bn254(call.fork).add
    guard cost <= call.gasLimit else { return .outOfGas }
    let input = call.padded(0, 128)
    guard let left = BN254.decodeG1(input[0..<64]), let right = BN254.decodeG1(input[64..<128])
    else { return .failure }
    return .output(BN254.encode(BN254.add(left, right)), cost: cost)
  }

  /// 0x07: the multiple of a point.
  static func bn254Multiply(_ call: PrecompileCall) -> PrecompileAnswer {
    let cost = PrecompileGas.bn254(call.fork).multiply
    guard cost <= call.gasLimit else { return .outOfGas }
    guard let point = BN254.decodeG1(call.padded(0, 64)[...]) else { return .failure }
    return .output(BN254.encode(BN254.multiply(point, by: call.word(64))), cost: cost)
  }

  /// 0x08: whether the product of pairings is one.
  ///
  /// Input: any number of pairs, each a point of G1 (64 bytes) and one of G2 (128 bytes).
  static func bn254Pairing(_ call: PrecompileCall) -> PrecompileAnswer {
    let input = call.input
    let count = input.count / 192
    let prices = PrecompileGas.bn254(call.fork)
    let cost = prices.pairing + prices.pairingPair * count
    guard cost <= call.gasLimit else { return .outOfGas }
    guard input.count % 192 == 0 else { return .refusal(.pairingSize) }
    guard call.isWithin(.bn254Pairing) else { return .failure }
    var pairs: [(BN254.G1, BN254.G2)] = []
    pairs.reserveCapacity(count)
    for start in stride(from: 0, to: input.count, by: 192) {
      guard let first = BN254.decodeG1(input[start..<start + 64]),
        let second = BN254.decodeG2(input[start + 64..<start + 192]),
        BN254.isInSubgroup(second)
      else { return .failure }
      pairs.append((first, second))
    }
    let isOne = BN254.pairingIsOne(pairs)
    return .output(UInt256(isOne ? 1 : 0).bigEndianBytes, cost: cost)
  }
}
