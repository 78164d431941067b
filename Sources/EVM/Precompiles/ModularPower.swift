import Cryptography
import Primitives

extension PrecompileTable {
  /// 0x05: a power modulo a number (EIP-198), both of any size.
  ///
  /// Input: the lengths of base, exponent and modulus (a word each), then the three, big-endian.
  /// The price is EIP-198's, from Berlin on EIP-2565's, from Osaka on EIP-7883's, where lengths
  /// above 1024 bytes are refused (EIP-7823).
  static func modularPower(_ call: PrecompileCall) -> PrecompileAnswer {
    let (base, exponent, modulus) = (call.word(0), call.word(32), call.word(64))
    if call.fork >= .osaka {
      guard base <= 1024, exponent <= 1024, modulus <= 1024 else { return .failure }
    }
    let operands = ModularPowerPrice(
      fork: call.fork, baseSize: base.clampedUInt64, exponentSize: exponent.clampedUInt64,
      modulusSize: modulus.clampedUInt64, exponentHead: exponentHead(call, base, exponent))
    guard let cost = operands.cost, cost <= call.gasLimit else { return .outOfGas }
    if base.isZero && modulus.isZero { return .output([], cost: cost) }
    guard let baseSize = base.asInt, let exponentSize = exponent.asInt,
      let modulusSize = modulus.asInt, baseSize <= sizeLimit, exponentSize <= sizeLimit,
      modulusSize <= sizeLimit
    else { return .outOfGas }
    if modulusSize == 0 { return .output([], cost: cost) }
    let output = call.provider.modularPower(
      base: call.padded(96, baseSize), exponent: call.padded(96 + baseSize, exponentSize),
      modulus: call.padded(96 + baseSize + exponentSize, modulusSize))
    return .output(output, cost: cost)
  }

  /// Operands longer than this are out of gas under any gas limit that a chain has.
  private static var sizeLimit: Int { 1 << 28 }

  /// The first 32 bytes of the exponent, or all of it if it is shorter, as a number.
  private static func exponentHead(
    _ call: PrecompileCall, _ base: UInt256, _ exponent: UInt256
  ) -> UInt256 {
    guard let baseSize = base.asInt, baseSize < call.input.count else { return 0 }
    let count = exponent < 32 ? exponent.clampedInt : 32
    return UInt256(bigEndian: call.padded(96 + baseSize, count))
  }
}

/// The price of a modular power.
struct ModularPowerPrice {
  let fork: Fork
  /// The sizes in bytes.
  let baseSize: UInt64
  let exponentSize: UInt64
  let modulusSize: UInt64
  /// The exponent's first 32 bytes, or all of it if it is shorter.
  let exponentHead: UInt256

  /// The price in gas, or nil if it is above what 63 bits can hold.
  var cost: Int? {
    let work = complexity.multipliedReportingOverflow(by: iterations)
    if work.overflow { return nil }
    let prices = PrecompileGas.modularPower(fork)
    let cost = work.partialValue / UInt256(prices.divisor)
    return cost.asInt.map { Swift.max(prices.least, $0) }
  }

  /// What one step of the squaring costs, which grows with the square of the larger operand.
  private var complexity: UInt256 {
    let size = UInt256(Swift.max(baseSize, modulusSize))
    if fork >= .berlin {
      let words = (size + 7) / 8
      guard fork >= .osaka else { return words * words }
      return size <= 32 ? 16 : 2 * words * words
    }
    if size <= 64 { return size * size }
    if size <= 1024 { return size * size / 4 + 96 * size - 3072 }
    return size * size / 16 + 480 * size - 199_680
  }

  /// How many steps the squaring takes: the bits of the exponent, roughly.
  private var iterations: UInt256 {
    let headBits = UInt256(Swift.max(exponentHead.bitWidth, 1) - 1)
    guard exponentSize > 32 else { return Swift.max(headBits, 1) }
    let perByte = PrecompileGas.modularPower(fork).exponentByte
    return Swift.max(UInt256(perByte) * UInt256(exponentSize - 32) + headBits, 1)
  }
}
