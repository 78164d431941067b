import Foundation
import JSON
import Pairings
import Primitives
import TestSupport
import Testing

@Suite struct PairingTests {
  @Test("BN254's pairing is bilinear and not degenerate")
  func bilinearBN254() {
    var chance = Chance(11)
    let (g, h) = (BN254.generator1, BN254.generator2)
    #expect(!BN254.pairingIsOne([(g, h)]))
    for _ in 0..<4 {
      let (a, b) = (UInt256(chance.next()), UInt256(chance.next()))
      let left = (BN254.multiply(g, by: a), BN254.multiply(h, by: b))
      #expect(BN254.pairingIsOne([left, (-BN254.multiply(g, by: a * b), h)]))
      #expect(!BN254.pairingIsOne([left, (-BN254.multiply(g, by: a * b + 1), h)]))
      #expect(BN254.pairing([left, left]) == BN254.pairing([left]) * BN254.pairing([left]))
    }
    #expect(BN254.pairingIsOne([]))
    #expect(BN254.pairingIsOne([(g, .infinity), (.infinity, h)]))
  }

  @Test("BLS12-381's pairing is bilinear and not degenerate")
  func bilinearBLS12381() {
    var chance = Chance(12)
    let (g, h) = (BLS12381.generator1, BLS12381.generator2)
    #expect(!BLS12381.pairingIsOne([(g, h)]))
    for _ in 0..<4 {
      let (a, b) = (UInt256(chance.next()), UInt256(chance.next()))
      let left = (BLS12381.multiply(g, by: a), BLS12381.multiply(h, by: b))
      #expect(BLS12381.pairingIsOne([left, (-BLS12381.multiply(g, by: a * b), h)]))
      #expect(!BLS12381.pairingIsOne([left, (-BLS12381.multiply(g, by: a * b + 1), h)]))
      #expect(
        BLS12381.pairing([left, left]) == BLS12381.pairing([left]) * BLS12381.pairing([left]))
    }
    #expect(BLS12381.pairingIsOne([]))
  }

  @Test("the secret's multiple in the code is the ceremony's")
  func trustedSetup() throws {
    let file = Project.root.appending(path: "genesis/kzg_trusted_setup.txt")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 2 + 4096 + 65 + 4096)
    #expect(lines[0] == "4096" && lines[1] == "65")
    let generator = try #require(Hexadecimal.decode(String(lines[2 + 4096])))
    #expect(BLS12381.compress(BLS12381.generator2) == generator)
    let secret = try #require(Hexadecimal.decode(String(lines[2 + 4096 + 1])))
    #expect(BLS12381.compress(KZG.generator2TimesSecret) == secret)
    #expect(BLS12381.decompressG2(secret[...]) == KZG.generator2TimesSecret)
    // The powers in G1 go with it: e(τG, H) = e(G, τH).
    let power = try #require(Hexadecimal.decode(String(lines[2 + 4096 + 65 + 1])))
    let point = try #require(BLS12381.decompressG1(power[...]))
    #expect(
      BLS12381.pairingIsOne([
        (point, -BLS12381.generator2), (BLS12381.generator1, KZG.generator2TimesSecret),
      ]))
  }

  @Test("a constant's opening is proven by infinity, at any point; nothing else is")
  func constants() {
    let seven = BLS12381.compress(BLS12381.multiply(BLS12381.generator1, by: 7))[...]
    let infinity = BLS12381.compress(BLS12381.G1.infinity)[...]
    #expect(KZG.verify(commitment: seven, z: 99, y: 7, proof: infinity) == true)
    #expect(KZG.verify(commitment: seven, z: 99, y: 8, proof: infinity) == false)
    #expect(KZG.verify(commitment: seven, z: 99, y: 7, proof: seven) == false)
    #expect(KZG.verify(commitment: seven, z: KZG.fieldOrder, y: 7, proof: infinity) == nil)
    #expect(KZG.verify(commitment: seven, z: 99, y: .max, proof: infinity) == nil)
    #expect(KZG.verify(commitment: seven.dropLast(), z: 99, y: 7, proof: infinity) == nil)
    // A point of the curve that is not in G1.
    var stranger = Bytes(repeating: 0, count: 48)
    stranger[0] = 0x80
    #expect(BLS12381.decompressG1(stranger[...]) != nil)
    #expect(KZG.verify(commitment: stranger[...], z: 99, y: 7, proof: infinity) == nil)
  }
}
