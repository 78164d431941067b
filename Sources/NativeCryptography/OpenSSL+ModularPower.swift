import COpenSSL
import Primitives

extension OpenSSL {
  /// `base ^ exponent mod modulus`, big-endian, as many bytes as the modulus.
  ///
  /// The modulus 0, or none, gives zeros, as the precompile at 0x05 does.
  ///
  /// Source: EIP-198.
  static func modularPower(base: Bytes, exponent: Bytes, modulus: Bytes) -> Bytes {
    var result = Bytes(repeating: 0, count: modulus.count)
    let significant = modulus.drop { byte in byte == 0 }
    // Modulo 0 and 1 the answer is 0; for the rest the library's answer is right.
    if significant.isEmpty || (significant.count == 1 && significant.first == 1) {
      return result
    }
    let power = modularPower(
      BigNumber(base), BigNumber(exponent), BigNumber(Bytes(significant)))
    let written = unsafe BN_bn2binpad(power.pointer, &result, Int32(result.count))
    precondition(Int(written) == result.count, "a remainder is shorter than the modulus")
    return result
  }

  private static func modularPower(
    _ base: BigNumber, _ exponent: BigNumber, _ modulus: BigNumber
  ) -> BigNumber {
    let result = BigNumber([])
    let scratch = unsafe BN_CTX_new()
    defer { unsafe BN_CTX_free(scratch) }
    let done = unsafe BN_mod_exp(
      result.pointer, base.pointer, exponent.pointer, modulus.pointer, scratch)
    precondition(done == 1, "exponentiation modulo a number above 1 fails only without memory")
    return result
  }
}

/// An owned number of OpenSSL's.
@safe
private final class BigNumber {
  let pointer: OpaquePointer

  /// The number with these big-endian bytes.
  init(_ bytes: Bytes) {
    let significant = Bytes(bytes.drop { byte in byte == 0 })
    precondition(significant.count < 1 << 24, "whoever charged for it let a number be too long")
    guard let pointer = unsafe BN_bin2bn(significant, Int32(significant.count), nil) else {
      preconditionFailure("a number fails only for want of memory")
    }
    unsafe self.pointer = pointer
  }

  deinit { unsafe BN_free(pointer) }
}
