import Primitives

/// The polynomial commitments of Ethereum's blobs (EIP-4844), as far as proofs at one point go.
///
/// The scheme is that of Kate, Zaverucha and Goldberg (2010) over BLS12-381, with the outcome of
/// Ethereum's ceremony as the setup; `genesis/kzg_trusted_setup.txt` has all of it.
public enum KZG {
  /// Whether the committed polynomial has the value y at z, or nil if the input is malformed.
  ///
  /// Commitment and proof are compressed points of 48 bytes, in G1; z and y are scalars below the
  /// order. It holds if e(C - yG + zπ, -H) · e(π, τH) = 1.
  public static func verify(
    commitment: ArraySlice<UInt8>, z: UInt256, y: UInt256, proof: ArraySlice<UInt8>
  ) -> Bool? {
    let order = BLS12381ScalarModulus.modulus
    guard z < order, y < order, let commitment = decompress(commitment),
      let proof = decompress(proof)
    else { return nil }
    let value = JacobianPoint(-BLS12381.generator1).multiplied(by: y)
    let left = JacobianPoint(proof).multiplied(by: z) + value + commitment
    return BLS12381.pairingIsOne([
      (left.affine, -BLS12381.generator2), (proof, generator2TimesSecret),
    ])
  }

  /// The number of field elements of a blob.
  public static var fieldElementsPerBlob: UInt64 { 4096 }

  /// The order of the field of a blob's elements.
  public static var fieldOrder: UInt256 { BLS12381ScalarModulus.modulus }

  private static func decompress(_ bytes: ArraySlice<UInt8>) -> BLS12381.G1? {
    guard let point = BLS12381.decompressG1(bytes), BLS12381.isInSubgroup(point) else {
      return nil
    }
    return point
  }

  /// The generator of G2 times the secret τ of the ceremony, which nobody knows.
  public static var generator2TimesSecret: BLS12381.G2 {
    BLS12381.G2(
      unchecked:
        BLS12381.QuadraticField(
          BLS12381.BaseField(
            montgomery: UInt384(
              0x6120a2099b0379f9, 0xa2df815cb8210e4e, 0xcb57be5577bd3d4f,
              0x62da0ea89a0c93f8, 0x02e0ee16968e150d, 0x171f09aea833acd5)),
          BLS12381.BaseField(
            montgomery: UInt384(
              0x11a3670749dfd455, 0x04991d7b3abffadc, 0x85446a8e14437f41,
              0x27174e7b4e76e3f2, 0x7bfa6dd397f60a20, 0x02fcc329ac07080f))),
      BLS12381.QuadraticField(
        BLS12381.BaseField(
          montgomery: UInt384(
            0xaa130838793b2317, 0xe236dd220f891637, 0x6502782925760980,
            0xd05c25f60557ec89, 0x6095767a44064474, 0x185693917080d405)),
        BLS12381.BaseField(
          montgomery: UInt384(
            0x549f9e175b03dc0a, 0x32c0c95a77106cfe, 0x64a74eae5705d080,
            0x53deeaf56659ed9e, 0x09a1d368508afb93, 0x12cf3a4525b5e9bd))))
  }
}

extension BLS12381 {
  /// The generator of G1.
  public static var generator1: G1 {
    G1(
      unchecked:
        BaseField(
          montgomery: UInt384(
            0x5cb38790fd530c16, 0x7817fc679976fff5, 0x154f95c7143ba1c1,
            0xf0ae6acdf3d0e747, 0xedce6ecc21dbf440, 0x120177419e0bfb75)),
      BaseField(
        montgomery: UInt384(
          0xbaac93d50ce72271, 0x8c22631a7918fd8e, 0xdd595f13570725ce,
          0x51ac582950405194, 0x0e1c8c3fad0059c0, 0x0bbc3efc5008a26a)))
  }

  /// The generator of G2.
  public static var generator2: G2 {
    G2(
      unchecked:
        BLS12381.QuadraticField(
          BLS12381.BaseField(
            montgomery: UInt384(
              0xf5f28fa202940a10, 0xb3f5fb2687b4961a, 0xa1a893b53e2ae580,
              0x9894999d1a3caee9, 0x6f67b7631863366b, 0x058191924350bcd7)),
          BLS12381.BaseField(
            montgomery: UInt384(
              0xa5a9c0759e23f606, 0xaaa0c59dbccd60c3, 0x3bb17e18e2867806,
              0x1b1ab6cc8541b367, 0xc2b6ed0ef2158547, 0x11922a097360edf3))),
      BLS12381.QuadraticField(
        BLS12381.BaseField(
          montgomery: UInt384(
            0x4c730af860494c4a, 0x597cfa1f5e369c5a, 0xe7e6856caa0a635a,
            0xbbefb5e96e0d495f, 0x07d3a975f0ef25a2, 0x0083fd8e7e80dae5)),
        BLS12381.BaseField(
          montgomery: UInt384(
            0xadc0fc92df64b05d, 0x18aa270a2b1461dc, 0x86adac6a3be4eba0,
            0x79495c4ec93da33a, 0xe7175850a43ccaed, 0x0b2bc2a163de1bf2))))
  }
}
