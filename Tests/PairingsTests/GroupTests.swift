import JSON
import Pairings
import Primitives
import Testing

@Suite struct GroupTests {
  @Test("multiples of BN254's generators are py_ecc's")
  func multiplesOfBN254() throws {
    for vector in try JSON.own("bn254.json").list("multiples") {
      let scalar = try vector.word("scalar")
      let first = BN254.multiply(BN254.generator1, by: scalar)
      #expect(BN254.encode(first) == (try vector.bytes("g1")))
      #expect(BN254.decodeG1(try vector.bytes("g1")[...]) == first)
      let second = BN254.multiply(BN254.generator2, by: scalar)
      #expect(BN254.decodeG2(try vector.bytes("g2")[...]) == second)
      #expect(BN254.isInSubgroup(second))
      #expect(BN254.decompressG1(BN254.compress(first)[...]) == first)
      #expect(BN254.decompressG2(BN254.compress(second)[...]) == second)
    }
  }

  @Test("multiples of BLS12-381's generators are py_ecc's")
  func multiplesOfBLS12381() throws {
    for vector in try JSON.own("bls12381.json").list("multiples") {
      let scalar = try vector.word("scalar")
      let first = BLS12381.multiply(BLS12381.generator1, by: scalar)
      #expect(BLS12381.encode(first) == (try vector.bytes("g1")))
      #expect(BLS12381.decodeG1(try vector.bytes("g1")[...]) == first)
      #expect(BLS12381.isInSubgroup(first))
      let second = BLS12381.multiply(BLS12381.generator2, by: scalar)
      #expect(BLS12381.encode(second) == (try vector.bytes("g2")))
      #expect(BLS12381.decodeG2(try vector.bytes("g2")[...]) == second)
      #expect(BLS12381.isInSubgroup(second))
    }
  }

  @Test("elements are mapped to BLS12-381's groups as by py_ecc")
  func maps() throws {
    for vector in try JSON.own("bls12381.json").list("mapped") {
      let bytes = try vector.bytes("element")
      let element = try #require(BLS12381.decodeElement(bytes[..<64]))
      #expect(BLS12381.encode(BLS12381.map(element)) == (try vector.bytes("g1")))
      let quadratic = try #require(BLS12381.decodeQuadraticElement(bytes[...]))
      #expect(BLS12381.encode(BLS12381.map(quadratic)) == (try vector.bytes("g2")))
    }
  }

  @Test("compressed points of BLS12-381 are py_ecc's, both ways")
  func compression() throws {
    for vector in try JSON.own("bls12381.json").list("compressed") {
      let scalar = try vector.word("scalar")
      let first = BLS12381.multiply(BLS12381.generator1, by: scalar)
      #expect(BLS12381.compress(first) == (try vector.bytes("g1")))
      #expect(BLS12381.decompressG1(try vector.bytes("g1")[...]) == first)
      let second = BLS12381.multiply(BLS12381.generator2, by: scalar)
      #expect(BLS12381.compress(second) == (try vector.bytes("g2")))
      #expect(BLS12381.decompressG2(try vector.bytes("g2")[...]) == second)
    }
  }

  @Test("a sum of multiples by buckets is the sum of the multiples, for every size of window")
  func sums() {
    var chance = Chance(7)
    for count in [0, 1, 7, 8, 33, 150] {
      var (points, scalars): ([BLS12381.G1], [UInt256]) = ([], [])
      var (others, sum): ([BN254.G1], BN254.G1) = ([], .infinity)
      var expected = BLS12381.G1.infinity
      for index in 0..<count {
        let point = BLS12381.multiply(BLS12381.generator1, by: UInt256(chance.next()))
        points.append(index % 11 == 10 ? .infinity : index % 5 == 4 ? -points[index - 1] : point)
        scalars.append(index % 7 == 6 ? .max : index % 7 == 5 ? 0 : chance.word())
        others.append(BN254.multiply(BN254.generator1, by: UInt256(chance.next())))
        expected = BLS12381.add(expected, BLS12381.multiply(points[index], by: scalars[index]))
        sum = BN254.add(sum, BN254.multiply(others[index], by: scalars[index]))
      }
      #expect(BLS12381.sum(of: points, times: scalars) == expected)
      #expect(BN254.sum(of: others, times: scalars) == sum)
    }
  }

  @Test("sums have no exceptions: doubles, inverses, infinity")
  func exceptions() {
    let (g, h) = (BLS12381.generator1, BLS12381.generator2)
    #expect(BLS12381.add(g, g) == BLS12381.multiply(g, by: 2))
    #expect(BLS12381.add(g, -g) == .infinity)
    #expect(BLS12381.add(g, .infinity) == g)
    #expect(BLS12381.add(.infinity, h) == h)
    #expect(BLS12381.add(h, h) == BLS12381.multiply(h, by: 2))
    #expect(BN254.add(BN254.generator1, -BN254.generator1) == .infinity)
    #expect(BN254.multiply(BN254.G1.infinity, by: 5) == .infinity)
  }

  @Test("points of the curves outside the groups are told apart, and points of no curve refused")
  func strangers() throws {
    // The first points of the curves, by x; the cofactors are large, so none is in its group.
    var found = 0
    for x in 0..<40 {
      var bytes = Bytes(repeating: 0, count: 48)
      bytes[0] = 0x80
      bytes[47] = UInt8(x)
      let first = BLS12381.decompressG1(bytes[...])
      let second = BLS12381.decompressG2((bytes + Bytes(repeating: 0, count: 48))[...])
      if let first { #expect(!BLS12381.isInSubgroup(first)) }
      if let second { #expect(!BLS12381.isInSubgroup(second)) }
      var short = Bytes(repeating: 0, count: 64)
      short[0] = 0x80
      short[63] = UInt8(x)
      let third = BN254.decompressG2(short[...])
      if let third { #expect(!BN254.isInSubgroup(third)) }
      found += (first == nil ? 0 : 1) + (second == nil ? 0 : 1) + (third == nil ? 0 : 1)
    }
    #expect(found > 30)
    #expect(BN254.decodeG1((UInt256(1).bigEndianBytes + UInt256(3).bigEndianBytes)[...]) == nil)
  }

  @Test("compressed encodings that are no canonical ones are refused")
  func malformed() {
    let g = BLS12381.compress(BLS12381.generator1)
    func altered(_ change: (inout Bytes) -> Void) -> Bytes {
      var bytes = g
      change(&bytes)
      return bytes
    }
    let infinity = BLS12381.compress(BLS12381.G1.infinity)
    #expect(BLS12381.decompressG1(infinity[...]) == .infinity)
    #expect(BLS12381.decompressG1(g.dropLast()) == nil)
    #expect(BLS12381.decompressG1((g + [0])[...]) == nil)
    #expect(BLS12381.decompressG1([]) == nil)
    #expect(BLS12381.decompressG1(altered { $0[0] &= 0x7f }[...]) == nil)
    #expect(BLS12381.decompressG1(altered { $0[0] |= 0x40 }[...]) == nil)
    #expect(BLS12381.decompressG1(altered { $0[0] ^= 0x20 }[...]) == -BLS12381.generator1)
    #expect(BLS12381.decompressG1(altered { $0[0] = 0x9f }[...]) == nil)
    #expect(BLS12381.decompressG1(altered { $0 = [0xe0] + $0.dropFirst() }[...]) == nil)
    #expect(BLS12381.decompressG1(([0xc0] + infinity.dropFirst().dropLast() + [1])[...]) == nil)
    #expect(BN254.decompressG1(Bytes(repeating: 0, count: 32)[...]) == nil)
    #expect(BN254.decompressG1(Bytes(repeating: 0xff, count: 32)[...]) == nil)
    #expect(BN254.decompressG2(Bytes(repeating: 0x41, count: 64)[...]) == nil)
  }
}
