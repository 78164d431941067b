import Blobs
import DataAvailability
import Foundation
import Pairings
import TestSupport
import Testing

@Suite("Erasure code") struct ErasureCodeTests {
  typealias Scalar = BN254.ScalarField

  static func blob(_ length: Int, seed: UInt64 = 7) -> Blob {
    var state = Scalar(small: seed)
    return Blob(
      coefficients: (0..<length).map { _ in
        state = state * state + .one
        return state
      })
  }

  private func chunks(
    _ code: ErasureCode, _ blob: Blob
  ) -> [(index: Int, coefficients: [Scalar])] {
    let all = code.encode(blob)
    let width = code.shape.chunkLength
    return (0..<code.shape.chunkCount).map { index in
      (index, Array(all[index * width..<(index + 1) * width]))
    }
  }

  @Test("a chunk is the rest of the polynomial modulo X^D less the coset's number")
  func definition() throws {
    let shape = try #require(EncodingShape(chunkCount: 16, chunkLength: 4))
    let code = try #require(ErasureCode(shape, blobLength: 16))
    let blob = Self.blob(16)
    for chunk in chunks(code, blob) {
      let number = shape.coset(ofChunk: chunk.index)
      var rest = [Scalar](repeating: .zero, count: 4)
      for (index, coefficient) in blob.coefficients.enumerated() {
        rest[index % 4] = rest[index % 4] + coefficient * number.power(UInt64(index / 4))
      }
      #expect(rest == chunk.coefficients)
    }
    #expect(code.encode(blob, threads: 2) == code.encode(blob))
  }

  @Test("any sufficient set of chunks gives the blob back, and one fewer does not")
  func recovery() throws {
    let shape = try #require(EncodingShape(chunkCount: 64, chunkLength: 2))
    let code = try #require(ErasureCode(shape, blobLength: 16))
    let blob = Self.blob(16)
    let all = chunks(code, blob)
    var generator = SystemRandomNumberGenerator()
    for extra in [0, 0, 0, 1, 3, 17, 56] {
      let some = all.shuffled(using: &generator).prefix(code.rowCount + extra)
      #expect(try code.recover(Array(some)) == blob)
    }
    #expect(try code.recover(Array(all[8..<16])) == blob)
    #expect(throws: RecoveryError.tooFewChunks(needed: 8)) {
      try code.recover(Array(all.prefix(7)))
    }
    // The same chunk twice counts once.
    #expect(throws: RecoveryError.tooFewChunks(needed: 8)) {
      try code.recover(Array(all.prefix(7)) + [all[0]])
    }
  }

  @Test("recovery of long blobs is the same on any number of threads, from any blocks' chunks")
  func longRecovery() throws {
    let shape = try #require(EncodingShape(chunkCount: 512, chunkLength: 4))
    let code = try #require(ErasureCode(shape, blobLength: 256))
    let blob = Self.blob(256)
    let all = chunks(code, blob)
    let odd = stride(from: 1, to: 512, by: 2).suffix(code.rowCount).map { all[$0] }
    let spread = stride(from: 3, to: 512, by: 8).map { all[$0] }
    for some in [odd, spread, Array(all[60..<200])] {
      for threads in [1, 3] { #expect(try code.recover(some, threads: threads) == blob) }
    }
    var bent = spread
    bent[7].coefficients[3] = .one
    let wrong = try? code.recover(bent)
    #expect(wrong != blob)
  }

  @Test("a prover's table on disk is the one that was made, and a damaged one is made again")
  func table() throws {
    let folder = try TemporaryDirectory()
    let string = ReferenceString.development(order: 16)
    let shape = try #require(EncodingShape(chunkCount: 16, chunkLength: 4))
    let code = try #require(ErasureCode(shape, blobLength: 16))
    let blob = Self.blob(16)
    let expected = MultiproofProver.proofsByDivision(blob, shape, powers1: string.powers1)
    for round in 0..<3 {
      let prover = try #require(
        MultiproofProver.cached(code, powers1: string.powers1, folder: folder.path))
      #expect(prover.proofs(blob) == expected)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.count == 1)
      guard round == 0, let name = names.first else { continue }
      let file = URL(filePath: folder.path).appending(path: name)
      var bytes = try Data(contentsOf: file)
      bytes[40] ^= 1
      try bytes.write(to: file)
    }
  }

  @Test("chunks that do not fit each other are refused, with the one that is malformed")
  func hostileChunks() throws {
    let shape = try #require(EncodingShape(chunkCount: 16, chunkLength: 2))
    let code = try #require(ErasureCode(shape, blobLength: 4))
    var all = chunks(code, Self.blob(4))
    all[5].coefficients[1] = .zero
    #expect(throws: RecoveryError.inconsistent) { try code.recover(all) }
    all[5].index = 16
    #expect(throws: RecoveryError.malformedChunk(16)) { try code.recover(all) }
    all[5].index = -1
    #expect(throws: RecoveryError.malformedChunk(-1)) { try code.recover(all) }
    all[5].index = 4
    #expect(throws: RecoveryError.malformedChunk(4)) { try code.recover(all) }
    all[5] = (5, [])
    #expect(throws: RecoveryError.malformedChunk(5)) { try code.recover(all) }
  }

  @Test("shapes that no root of unity has are refused")
  func shapes() {
    #expect(EncodingShape(chunkCount: 3, chunkLength: 4) == nil)
    #expect(EncodingShape(chunkCount: 0, chunkLength: 4) == nil)
    #expect(EncodingShape(chunkCount: 8, chunkLength: 0) == nil)
    #expect(EncodingShape(chunkCount: 1 << 20, chunkLength: 1 << 25) == nil)
    #expect(EncodingShape(chunkCount: .max, chunkLength: .max) == nil)
    #expect(BlobVersionParameters(chunkCount: 64, codingRate: 8, operatorLimit: 64) == nil)
    #expect(BlobVersionParameters.mainnet.shape(blobLength: 4096)?.chunkLength == 4)
    #expect(BlobVersionParameters.mainnet.shape(blobLength: 1)?.chunkLength == 1)
    #expect(BlobVersionParameters.mainnet.shape(blobLength: 3) == nil)
    #expect(BlobVersionParameters.mainnet.reconstructionPercent == 22)
  }

  @Test("all proofs at once are those by division, and hold one by one and together")
  func proofs() throws {
    let string = ReferenceString.development(order: 32)
    for (count, length, blobLength) in [(8, 1, 4), (16, 2, 16), (8, 4, 32), (8, 8, 8), (4, 1, 1)] {
      let shape = try #require(EncodingShape(chunkCount: count, chunkLength: length))
      let code = try #require(ErasureCode(shape, blobLength: blobLength))
      let blob = Self.blob(blobLength)
      let prover = try #require(MultiproofProver(code, powers1: string.powers1))
      let proofs = prover.proofs(blob, threads: 2)
      #expect(
        proofs == MultiproofProver.proofsByDivision(blob, shape, powers1: string.powers1))
      let commitment = try #require(string.commit(blob))
      #expect(commitment.verifyLength(string.verificationPoints))
      let claims = chunks(code, blob).map { chunk in
        ChunkClaim(
          commitment: commitment.commitment, index: chunk.index,
          chunk: Chunk(coefficients: chunk.coefficients, proof: proofs[chunk.index]))
      }
      let verifier = try #require(ChunkVerifier(shape, string))
      #expect(verifier.areValid(claims))
      #expect(verifier.isValid(claims[count - 1]))
      for broken in [0, count - 1] {
        var forged = claims
        forged[broken].chunk.coefficients[0] = forged[broken].chunk.coefficients[0] + .one
        #expect(!verifier.areValid(forged))
        #expect(!verifier.isValid(forged[broken]))
      }
      if blobLength > length {
        var moved = claims
        moved[0].index = 1
        #expect(!verifier.areValid(moved))
      }
    }
  }
}
