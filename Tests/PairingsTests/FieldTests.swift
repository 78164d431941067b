import Pairings
import Primitives
import Testing

@Suite struct FieldTests {
  /// Checks the laws of a prime field on random elements and on those at the edges.
  private func checkLaws<F: PrimeField>(_ field: F.Type, seed: UInt64) {
    var chance = Chance(seed)
    var elements: [F] = [.zero, .one, -.one, F.one.doubled()]
    for _ in 0..<12 { elements.append(F(UInt384(chance.word() >> 3))) }
    for a in elements {
      #expect(a + .zero == a)
      #expect(a * .one == a)
      #expect(a - a == .zero)
      #expect((a + -a).isZero)
      #expect(a.squared() == a * a)
      #expect(a.doubled() == a + a)
      #expect(a.inverted() * a == (a.isZero ? .zero : .one))
      #expect(F(bigEndian: a.bigEndianBytes[...]) == a)
      for b in elements {
        #expect(a + b == b + a)
        #expect(a * b == b * a)
        #expect((a + b) * (a - b) == a.squared() - b.squared())
        #expect((a + b) * .one.doubled() == a.doubled() + b.doubled())
      }
    }
  }

  @Test("the prime fields obey the laws of fields")
  func laws() {
    checkLaws(BN254.BaseField.self, seed: 1)
    checkLaws(BN254.ScalarField.self, seed: 2)
    checkLaws(BLS12381.BaseField.self, seed: 3)
    checkLaws(BLS12381.ScalarField.self, seed: 4)
  }

  @Test("products agree with those of whole numbers")
  func products() {
    var chance = Chance(5)
    let order = BN254.ScalarField.modulus.lowUInt256
    for _ in 0..<200 {
      let (a, b) = (chance.word() % order, chance.word() % order)
      let product = BN254.ScalarField(UInt384(a)) * BN254.ScalarField(UInt384(b))
      #expect(product.number.lowUInt256 == a.multiplyModulo(b, order))
    }
  }

  @Test("an element's encoding is below the modulus, or refused")
  func canonical() {
    let order = BN254.BaseField.modulus.lowUInt256
    #expect(BN254.BaseField(bigEndian: order.bigEndianBytes[...]) == nil)
    #expect(BN254.BaseField(bigEndian: UInt256.max.bigEndianBytes[...]) == nil)
    #expect(BN254.BaseField(bigEndian: (order - 1).bigEndianBytes[...]) == -.one)
    #expect(
      BLS12381.BaseField(bigEndian: Bytes(repeating: 0xff, count: 48)[...]) == nil)
    #expect(BN254.BaseField(UInt384(UInt256.max)) == BN254.BaseField(UInt384(UInt256.max % order)))
  }
}
