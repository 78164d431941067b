import Pairings
import Primitives

/// The curve BLS12-381 (EIP-2537).
extension PrecompileTable {
  /// 0x0b: the sum of two points of the curve, which need not be in G1.
  static func bls12381AddG1(_ call: PrecompileCall) -> PrecompileAnswer {
    let (input, cost) = (call.input, PrecompileGas.bls12381AddG1)
    guard cost <= call.gasLimit else { return .outOfGas }
    guard input.count == 256 else { return .refusal(.inputLength) }
    guard let left = BLS12381.decodeG1(input.prefix(128)),
      let right = BLS12381.decodeG1(input.suffix(128))
    else { return .failure }
    return .output(BLS12381.encode(BLS12381.add(left, right)), cost: cost)
  }

  /// 0x0d: the sum of two points of the twist, which need not be in G2.
  static func bls12381AddG2(_ call: PrecompileCall) -> PrecompileAnswer {
    let (input, cost) = (call.input, PrecompileGas.bls12381AddG2)
    guard cost <= call.gasLimit else { return .outOfGas }
    guard input.count == 512 else { return .refusal(.inputLength) }
    guard let left = BLS12381.decodeG2(input.prefix(256)),
      let right = BLS12381.decodeG2(input.suffix(256))
    else { return .failure }
    return .output(BLS12381.encode(BLS12381.add(left, right)), cost: cost)
  }

  /// 0x0c: the sum of multiples of points of G1; pairs of a point (128 bytes) and a scalar (32).
  static func bls12381SumG1(_ call: PrecompileCall) -> PrecompileAnswer {
    let (input, count) = (call.input, call.input.count / 160)
    let cost = count * PrecompileGas.bls12381MultiplyG1 * discount(discountsG1, count) / 1000
    guard cost <= call.gasLimit else { return .outOfGas }
    guard count > 0, input.count % 160 == 0 else { return .refusal(.inputLength) }
    guard call.isWithin(.sumG1) else { return .failure }
    var points: [BLS12381.G1] = []
    var scalars: [UInt256] = []
    for start in stride(from: 0, to: input.count, by: 160) {
      guard let point = BLS12381.decodeG1(input[start..<start + 128]),
        BLS12381.isInSubgroup(point)
      else { return .failure }
      points.append(point)
      scalars.append(UInt256(bigEndian: input[start + 128..<start + 160]))
    }
    return .output(BLS12381.encode(BLS12381.sum(of: points, times: scalars)), cost: cost)
  }

  /// 0x0e: the sum of multiples of points of G2; pairs of a point (256 bytes) and a scalar (32).
  static func bls12381SumG2(_ call: PrecompileCall) -> PrecompileAnswer {
    let (input, count) = (call.input, call.input.count / 288)
    let cost = count * PrecompileGas.bls12381MultiplyG2 * discount(discountsG2, count) / 1000
    guard cost <= call.gasLimit else { return .outOfGas }
    guard count > 0, input.count % 288 == 0 else { return .refusal(.inputLength) }
    guard call.isWithin(.sumG2) else { return .failure }
    var points: [BLS12381.G2] = []
    var scalars: [UInt256] = []
    for start in stride(from: 0, to: input.count, by: 288) {
      guard let point = BLS12381.decodeG2(input[start..<start + 256]),
        BLS12381.isInSubgroup(point)
      else { return .failure }
      points.append(point)
      scalars.append(UInt256(bigEndian: input[start + 256..<start + 288]))
    }
    return .output(BLS12381.encode(BLS12381.sum(of: points, times: scalars)), cost: cost)
  }

  /// 0x0f: whether the product of pairings is one; pairs of points of G1 (128 bytes) and G2 (256).
  static func bls12381Pairing(_ call: PrecompileCall) -> PrecompileAnswer {
    let (input, count) = (call.input, call.input.count / 384)
    let cost = PrecompileGas.bls12381Pairing + PrecompileGas.bls12381PairingPair * count
    guard cost <= call.gasLimit else { return .outOfGas }
    guard count > 0, input.count % 384 == 0, call.isWithin(.bls12381Pairing) else {
      return .failure
    }
    var pairs: [(BLS12381.G1, BLS12381.G2)] = []
    pairs.reserveCapacity(count)
    for start in stride(from: 0, to: input.count, by: 384) {
      guard let first = BLS12381.decodeG1(input[start..<start + 128]),
        let second = BLS12381.decodeG2(input[start + 128..<start + 384]),
        BLS12381.isInSubgroup(first), BLS12381.isInSubgroup(second)
      else { return .failure }
      pairs.append((first, second))
    }
    let isOne = BLS12381.pairingIsOne(pairs)
    return .output(UInt256(isOne ? 1 : 0).bigEndianBytes, cost: cost)
  }

  /// 0x10: the point of G1 to which an element of Fp is mapped.
  static func bls12381MapToG1(_ call: PrecompileCall) -> PrecompileAnswer {
    let cost = PrecompileGas.bls12381MapToG1
    guard cost <= call.gasLimit else { return .outOfGas }
    guard let element = BLS12381.decodeElement(call.input[...]) else { return .failure }
    return .output(BLS12381.encode(BLS12381.map(element)), cost: cost)
  }

  /// 0x11: the point of G2 to which an element of Fp2 is mapped.
  static func bls12381MapToG2(_ call: PrecompileCall) -> PrecompileAnswer {
    let cost = PrecompileGas.bls12381MapToG2
    guard cost <= call.gasLimit else { return .outOfGas }
    guard let element = BLS12381.decodeQuadraticElement(call.input[...]) else { return .failure }
    return .output(BLS12381.encode(BLS12381.map(element)), cost: cost)
  }
}
