import Blobs
import Pairings
import Primitives
import Testing

@Suite("Reference strings and commitments") struct ReferenceStringTests {
  private let string = ReferenceString.development(order: 16)

  private func blob(_ length: Int) -> Blob {
    Blob(coefficients: (1...length).map { BN254.ScalarField(small: UInt64($0 * $0 + 1)) })
  }

  @Test("points survive their bytes, and are powers of one secret or refused")
  func powers() throws {
    let (g1, g2) = (ReferenceString.bytes(string.powers1), ReferenceString.bytes(string.powers2))
    let read = try ReferenceString.reading(.development, g1: g1, g2: g2)
    #expect(read.powers1 == string.powers1 && read.powers2 == string.powers2)
    #expect(read.verificationPoints.areConsistent)
    var swapped = g1
    swapped.replaceSubrange(64..<96, with: g1[96..<128])
    #expect(throws: ReferenceStringError.notPowers) {
      try ReferenceString.reading(.development, g1: swapped, g2: g2)
    }
    #expect(throws: ReferenceStringError.tooFew) {
      try ReferenceString.reading(.development, g1: Bytes(g1[..<64]), g2: g2)
    }
  }

  @Test("points off the curve, out of range, at infinity or in the wrong subgroup are refused")
  func hostilePoints() throws {
    #expect(throws: ReferenceStringError.length(31)) {
      try ReferenceString.points1(Bytes(repeating: 0, count: 31))
    }
    var offCurve = Bytes(repeating: 0, count: 32)
    offCurve[0] = 0x80
    // y² = 4³ + 3 has no root.
    offCurve[31] = 4
    #expect(throws: ReferenceStringError.point(0)) { try ReferenceString.points1(offCurve) }
    var large = Bytes(repeating: 0xff, count: 32)
    large[0] = 0xbf
    #expect(throws: ReferenceStringError.point(0)) { try ReferenceString.points1(large) }
    let infinity = BN254.compress(BN254.G1.infinity)
    #expect(throws: ReferenceStringError.subgroup(1)) {
      try ReferenceString.points1(BN254.compress(BN254.generator1) + infinity)
    }
    // Some x of the twist whose point is not in G2.
    var isFound = false
    for x in UInt8(1)...40 {
      var bytes = Bytes(repeating: 0, count: 64)
      bytes[0] = 0x80
      bytes[63] = x
      guard let point = BN254.decompressG2(bytes[...]) else { continue }
      isFound = true
      #expect(!BN254.isInSubgroup(point))
      #expect(throws: ReferenceStringError.subgroup(0)) { try ReferenceString.points2(bytes) }
    }
    #expect(isFound)
  }

  @Test("a length proof holds for the length and for none below, and not for another commitment")
  func lengths() throws {
    for length in [1, 2, 8, 16] {
      let commitment = try #require(string.commit(blob(length)))
      #expect(commitment.verifyLength(string.verificationPoints))
      for other in [0, 3, length / 2, 32, 1 << 31] {
        var wrong = commitment
        wrong.length = UInt32(other)
        #expect(!wrong.verifyLength(string.verificationPoints))
      }
      var mixed = commitment
      mixed.commitment = BN254.generator1
      #expect(!mixed.verifyLength(string.verificationPoints))
    }
    #expect(string.commit(blob(32)) == nil)
  }

  /// The files of a string of 2²⁸ powers of the development secret: the first eight, the last
  /// eight, and those of verification.
  private func mainFiles() -> (g1: Bytes, doublings: Bytes, trailing: Bytes, g2: Bytes, last: Bytes)
  {
    let secret = ReferenceString.developmentSecret
    func powers(_ exponents: [UInt64]) -> [BN254.ScalarField] { exponents.map(secret.power) }
    let places: [UInt64] = (0..<28).map { 1 << $0 }
    let order: UInt64 = 1 << 28
    let last = powers((order - 8..<order).map { $0 })
    return (
      ReferenceString.bytes(string.powers1),
      ReferenceString.bytes(BN254.multiplesOfGenerator2(powers(places))),
      ReferenceString.bytes(BN254.multiplesOfGenerator1(powers(places.map { order - $0 }))),
      ReferenceString.bytes(Array(string.powers2[..<8])),
      ReferenceString.bytes(BN254.multiplesOfGenerator2(last))
    )
  }

  @Test("with the files of G2, lengths are proved over the main string; without, only verified")
  func mainString() throws {
    let files = mainFiles()
    let full = try ReferenceString.readingMainnet(
      g1: files.g1, doublings2: files.doublings, trailing1: files.trailing, g2: files.g2,
      trailing2: files.last)
    #expect(full.provesLengths && full.order == 1 << 28)
    for length in [1, 2, 8] {
      let commitment = try #require(full.commit(blob(length)))
      #expect(commitment.verifyLength(full.verificationPoints))
      #expect(commitment.commitment == string.commit(blob(length))?.commitment)
      var shorter = commitment
      shorter.length /= 2
      #expect(!shorter.verifyLength(full.verificationPoints))
    }
    #expect(full.commit(blob(16)) == nil)
    let verifying = try ReferenceString.readingMainnet(
      g1: files.g1, doublings2: files.doublings, trailing1: files.trailing)
    #expect(!verifying.provesLengths && verifying.commit(blob(1)) == nil)
    #expect(verifying.verificationPoints == full.verificationPoints)
    // Nobody else's points are EigenDA's.
    #expect(full.verificationPoints.hash != ReferenceString.Profile.mainnet.pointsHash)
  }

  @Test("points of G2 that are not the first or the last powers are refused")
  func hostileMainString() throws {
    let files = mainFiles()
    let (first, last) = (files.g2, files.last)
    let bent: [(g2: Bytes, last: Bytes)] = [
      (Bytes(first.dropFirst(64)), last), (first, Bytes(last.dropLast(64))), (last, last),
      (first, first), (first, Bytes(last[64..<128] + last.dropFirst(64))),
    ]
    for (g2, trailing2) in bent {
      #expect(throws: ReferenceStringError.notPowers) {
        try ReferenceString.readingMainnet(
          g1: files.g1, doublings2: files.doublings, trailing1: files.trailing, g2: g2,
          trailing2: trailing2)
      }
    }
  }

  @Test("an opening proves the value at its point, and no other")
  func openings() throws {
    let blob = blob(16)
    let commitment = try #require(blob.commitment(string.powers1))
    let tau = string.verificationPoints.doublings2[0]
    for point in [BN254.ScalarField.zero, .one, BN254.ScalarField(small: 77)] {
      let opening = try #require(blob.opening(at: point, powers1: string.powers1))
      #expect(opening.value == blob.value(at: point))
      #expect(opening.isValid(for: commitment, tau2: tau))
      var wrong = opening
      wrong.value = wrong.value + .one
      #expect(!wrong.isValid(for: commitment, tau2: tau))
      wrong = opening
      wrong.point = wrong.point + .one
      #expect(!wrong.isValid(for: commitment, tau2: tau))
    }
  }

  @Test("chunks of hostile lengths and points are no chunks")
  func hostileChunks() {
    let chunk = Chunk(coefficients: [.one, .zero], proof: BN254.generator1)
    #expect(Chunk(bytes: chunk.bytes[...], length: 2) == chunk)
    #expect(Chunk(bytes: chunk.bytes[...], length: 1) == nil)
    #expect(Chunk(bytes: chunk.bytes[...], length: 0) == nil)
    #expect(Chunk(bytes: chunk.bytes[...], length: .max) == nil)
    var changed = chunk.bytes
    changed[32] = 0xff
    #expect(Chunk(bytes: changed[...], length: 2) == nil)
    changed = chunk.bytes
    changed[0] = 0
    #expect(Chunk(bytes: changed[...], length: 2) == nil)
  }
}
