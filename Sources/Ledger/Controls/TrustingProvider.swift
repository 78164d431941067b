import Cryptography
import Primitives

/// A provider that takes signatures for those of accounts that did not make them.
///
/// The operator of a development chain names the signatures; everything else is the host's work.
final class TrustingProvider: CryptographyProvider {
  private let base: any CryptographyProvider
  private let signers: [Hash: Address]

  init(_ base: any CryptographyProvider, signers: [Hash: Address]) {
    self.base = base
    self.signers = signers
  }

  func recoverAddress(messageHash: Hash, signature: Signature) -> Address? {
    let bytes =
      signature.r.bigEndianBytes + signature.s.bigEndianBytes + [signature.yParity ? 28 : 27]
    return signers[OperatorState.name(ofSignature: bytes)]
      ?? base.recoverAddress(messageHash: messageHash, signature: signature)
  }

  func recoverPublicKey(messageHash: Hash, r: UInt256, s: UInt256, yParity: Bool) -> Bytes? {
    base.recoverPublicKey(messageHash: messageHash, r: r, s: s, yParity: yParity)
  }

  func ripemd160(_ bytes: Bytes) -> Bytes { base.ripemd160(bytes) }

  func modularPower(base number: Bytes, exponent: Bytes, modulus: Bytes) -> Bytes {
    base.modularPower(base: number, exponent: exponent, modulus: modulus)
  }

  func verifyP256(messageHash: Hash, r: UInt256, s: UInt256, x: UInt256, y: UInt256) -> Bool {
    base.verifyP256(messageHash: messageHash, r: r, s: s, x: x, y: y)
  }
}

extension Chain {
  /// The mathematics that code on this chain is given: `base`, unless the operator had signatures
  /// taken for those of others.
  public func provider(_ base: any CryptographyProvider) -> any CryptographyProvider {
    operatorState.signers.isEmpty
      ? base : TrustingProvider(base, signers: operatorState.signers)
  }
}
