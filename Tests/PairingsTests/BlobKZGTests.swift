import Cryptography
import Foundation
import Pairings
import Primitives
import TestSupport
import Testing

/// Commitments to Ethereum's blobs; the golden points are c-kzg-4844's.
@Suite struct BlobKZGTests {
  static let blob: Bytes = (0..<4096).flatMap { index -> Bytes in
    let number = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: index >> $0) }
    return [0] + SHA256.hash(number).bytes[..<31]
  }
  static let commitment = point(
    "856cd80da8e9e84028b60aba81735480ea415af3e1c51dcf3036e16b606b04ea"
      + "e5d0514913d41438a02a55ec0cb916c3")
  static let proof = point(
    "89117a052fb29bfeb27e323e93acd3c20ab81d8b4f9a44d28e2181235e1ca2a2"
      + "cd380c9a5a1c292ade5b9ecbf18f6101")

  private static func point(_ digits: String) -> Bytes { Hexadecimal.decode(digits) ?? [] }

  @Test("a proof holds for its blob and commitment, and for no other")
  func verification() throws {
    let polynomial = try BlobPolynomial(BlobKZGTests.blob)
    #expect(
      polynomial.verify(commitment: BlobKZGTests.commitment, proof: BlobKZGTests.proof))
    #expect(
      !polynomial.verify(commitment: BlobKZGTests.proof, proof: BlobKZGTests.commitment))
    for length in [0, 47, 49] {
      let bytes = Bytes(repeating: 0x80, count: length)
      #expect(!polynomial.verify(commitment: bytes, proof: BlobKZGTests.proof))
    }
    var other = BlobKZGTests.blob
    other[77] ^= 1
    #expect(
      try !BlobPolynomial(other).verify(
        commitment: BlobKZGTests.commitment, proof: BlobKZGTests.proof))
  }

  @Test("what is no blob is refused")
  func malformed() {
    #expect(throws: BlobKZGError.wrongLength) { try BlobPolynomial([]) }
    #expect(throws: BlobKZGError.wrongLength) {
      try BlobPolynomial(Bytes(repeating: 0, count: 131_073))
    }
    #expect(throws: BlobKZGError.elementOutOfRange) {
      try BlobPolynomial(Bytes(repeating: 0xff, count: 131_072))
    }
    #expect(throws: BlobKZGError.malformedSetup) { try KZGSetup(lagrange: []) }
  }

  /// A minute in a debug build, so only where the long sets are asked for.
  @Test(
    "commitment and proof are those of the field's own library",
    .enabled(if: ProcessInfo.processInfo.environment["OPAL_CONFORMANCE"] == "full"))
  func commitment() throws {
    let path = Project.root.appending(path: "genesis/kzg_trusted_setup.txt")
    let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
    let setup = try KZGSetup(
      lagrange: lines.dropFirst(2).prefix(4096).map { Hexadecimal.decode(String($0)) ?? [] })
    let polynomial = try BlobPolynomial(BlobKZGTests.blob)
    #expect(polynomial.commitment(setup) == BlobKZGTests.commitment)
    #expect(
      polynomial.proof(commitment: BlobKZGTests.commitment, setup) == BlobKZGTests.proof)
  }
}
