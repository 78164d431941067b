import Cryptography
import EVM
import NativeCryptography
import Pairings
import Primitives

/// Input for the precompiled contracts that is right, or nearly so.
struct PrecompileInputs {
  private let world: FuzzWorld

  init(_ world: FuzzWorld) { self.world = world }

  /// Input for the contract of that number.
  func input(_ number: UInt64, _ random: inout SplitMix) -> Bytes {
    // A pairing takes Python the better part of a second.
    let mayPair = !world.isSlow || random.oneIn(25)
    switch number {
    case 0x01: return recovery(&random)
    case 0x05: return modularPower(&random)
    case 0x06: return bn254Point(&random) + bn254Point(&random)
    case 0x07: return bn254Point(&random) + scalar(&random).bigEndianBytes
    case 0x08: return mayPair ? bn254Pairs(&random) : random.bytes(192)
    case 0x09: return blake2(&random)
    case 0x0a: return mayPair ? pointEvaluation(&random) : random.bytes(192)
    case 0x0b: return g1(&random) + g1(&random)
    case 0x0c: return repeated(&random) { g1(&$0) + scalar(&$0).bigEndianBytes }
    case 0x0d: return g2(&random) + g2(&random)
    case 0x0e: return repeated(&random) { g2(&$0) + scalar(&$0).bigEndianBytes }
    case 0x0f: return mayPair ? blsPairs(&random) : random.bytes(384)
    case 0x10: return fieldElement(&random)
    case 0x11: return fieldElement(&random) + fieldElement(&random)
    case 0x100: return p256(&random)
    default: return random.bytes(random.pick([0, 1, 31, 32, 64, 65, 128, 200]))
    }
  }

  private func repeated(
    _ random: inout SplitMix, _ element: (inout SplitMix) -> Bytes
  ) -> Bytes {
    var bytes: Bytes = []
    for _ in 0..<random.number(1...3) { bytes += element(&random) }
    return bytes
  }

  private func scalar(_ random: inout SplitMix) -> UInt256 {
    switch random.below(5) {
    case 0: UInt256(UInt64(random.below(10)))
    case 1: .max
    case 2: UInt256(random.next())
    default: random.word()
    }
  }

  private func recovery(_ random: inout SplitMix) -> Bytes {
    let hash = Hash(random.word())
    let signature = random.pick(FuzzWorld.keys).sign(hash)
    var v: UInt256 = signature.yParity ? 28 : 27
    if random.oneIn(6) { v = random.pick([0, 1, 29, v | (UInt256.one << 255)]) }
    var s = signature.s
    if random.oneIn(8) { s = Signature.order &- s }
    return hash.bytes + v.bigEndianBytes + signature.r.bigEndianBytes + s.bigEndianBytes
  }

  private func modularPower(_ random: inout SplitMix) -> Bytes {
    func length(_ random: inout SplitMix) -> Int {
      switch random.below(12) {
      case 0: 0
      case 1: 1
      case 2: random.number(33...100)
      case 3 where !world.isSlow: random.number(100...1030)
      default: random.number(1...32)
      }
    }
    let lengths = [length(&random), length(&random), length(&random)]
    var input: Bytes = []
    for length in lengths {
      var word = UInt256(UInt64(length))
      if random.oneIn(60) { word = random.pick([.max, UInt256(UInt64.max), 1025, 1 << 32]) }
      input += word.bigEndianBytes
    }
    for length in lengths {
      input += random.oneIn(6) ? Bytes(repeating: 0, count: length) : random.bytes(length)
    }
    return input
  }

  private func blake2(_ random: inout SplitMix) -> Bytes {
    let rounds = UInt32(random.oneIn(8) ? random.below(3000) : random.below(30))
    return [
      0, UInt8(rounds >> 16), UInt8(rounds >> 8 & 0xff), UInt8(rounds & 0xff),
    ] + random.bytes(208) + [UInt8(random.oneIn(10) ? 2 : random.below(2))]
  }

  /// Commitments to constant polynomials: their proof is the point at infinity, whatever the place.
  private func pointEvaluation(_ random: inout SplitMix) -> Bytes {
    let constant = UInt64(random.below(5))
    let commitment = BLS12381.compress(
      BLS12381.multiply(Self.blsGenerator1, by: UInt256(constant)))
    let infinity: Bytes = [0xc0] + Bytes(repeating: 0, count: 47)
    let hash: Bytes = [0x01] + SHA256.hash(commitment).bytes.dropFirst()
    let place = UInt256(random.next())
    let value = UInt256(random.oneIn(5) ? constant + 1 : constant)
    return hash + place.bigEndianBytes + value.bigEndianBytes + commitment + infinity
  }

  /// A signature by P-256, from the contract's own test set (EIP-7951).
  private func p256(_ random: inout SplitMix) -> Bytes {
    Hexadecimal.decode(
      "4cee90eb86eaa050036147a12d49004b6b9c72bd725d39d4785011fe190f0b4d"
        + "a73bd4903f0ce3b639bbbf6e8e80d16931ff4bcf5993d58468e8fb19086e8cac"
        + "36dbcd03009df8c59286b162af3bd7fcc0450c9aa81be5d10d312af6c66b1d60"
        + "4aebd3099c618202fcfe16ae7770b0c49ab5eadf74b754204a3bb6060e44eff3"
        + "7618b065f9832de4ca6ca971a7a1adc826d0f7c00181a5fb2ddf79ae00b4e10e") ?? []
  }
}

// MARK: Curves

extension PrecompileInputs {
  private func bn254Point(_ random: inout SplitMix) -> Bytes {
    switch random.below(8) {
    case 0: return Bytes(repeating: 0, count: 64)
    case 1: return random.bytes(64)
    default:
      let factor = UInt256(UInt64(random.below(1000)))
      return BN254.encode(BN254.multiply(BN254.generator1, by: factor))
    }
  }

  /// Pairs whose product is one: e(a·P, b·Q)·e(-ab·P, Q).
  private func bn254Pairs(_ random: inout SplitMix) -> Bytes {
    let a = UInt256(UInt64(random.number(1...50)))
    let b = UInt256(UInt64(random.number(1...50)))
    let product = BN254.multiply(
      BN254.generator1, by: BN254ScalarModulus.modulus &- a &* b)
    return BN254.encode(BN254.multiply(BN254.generator1, by: a))
      + encode(BN254.multiply(BN254.generator2, by: b))
      + BN254.encode(product) + encode(BN254.generator2)
  }

  /// The four words of a point of the twist, imaginary parts first (EIP-197).
  private func encode(_ point: BN254.G2) -> Bytes {
    point.x.c1.bigEndianBytes + point.x.c0.bigEndianBytes + point.y.c1.bigEndianBytes
      + point.y.c0.bigEndianBytes
  }

  static let blsGenerator1 =
    BLS12381.decompressG1(
      (Hexadecimal.decode(
        "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905"
          + "a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb") ?? [])[...]) ?? .infinity
  static let blsGenerator2 =
    BLS12381.decompressG2(
      (Hexadecimal.decode(
        "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049"
          + "334cf11213945d57e5ac7d055d042b7e024aa2b2f08f0a91260805272dc51051"
          + "c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8") ?? [])[...])
    ?? .infinity

  private func g1(_ random: inout SplitMix) -> Bytes {
    switch random.below(10) {
    case 0: return Bytes(repeating: 0, count: 128)
    case 1: return fieldElement(&random) + fieldElement(&random)
    default:
      let factor = UInt256(UInt64(random.below(1000)))
      return BLS12381.encode(BLS12381.multiply(Self.blsGenerator1, by: factor))
    }
  }

  private func g2(_ random: inout SplitMix) -> Bytes {
    switch random.below(10) {
    case 0: return Bytes(repeating: 0, count: 256)
    case 1: return repeated4(&random)
    default:
      let factor = UInt256(UInt64(random.below(1000)))
      return BLS12381.encode(BLS12381.multiply(Self.blsGenerator2, by: factor))
    }
  }

  private func repeated4(_ random: inout SplitMix) -> Bytes {
    (0..<4).flatMap { _ in fieldElement(&random) }
  }

  private func blsPairs(_ random: inout SplitMix) -> Bytes {
    let a = UInt256(UInt64(random.number(1...50)))
    let b = UInt256(UInt64(random.number(1...50)))
    let negated = BLS12381.multiply(
      Self.blsGenerator1, by: BLS12381ScalarModulus.modulus &- a &* b)
    return BLS12381.encode(BLS12381.multiply(Self.blsGenerator1, by: a))
      + BLS12381.encode(BLS12381.multiply(Self.blsGenerator2, by: b))
      + BLS12381.encode(negated) + BLS12381.encode(Self.blsGenerator2)
  }

  /// An element of the base field in its 64 bytes; once in a while none.
  private func fieldElement(_ random: inout SplitMix) -> Bytes {
    var bytes = Bytes(repeating: 0, count: 16) + random.bytes(48)
    bytes[16] &= 0x0f
    if random.oneIn(12) { bytes[16] = 0x1f }
    return bytes
  }
}
