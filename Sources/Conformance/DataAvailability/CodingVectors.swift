import Blobs
import Cryptography
import DataAvailability
import JSON
import Pairings
import Primitives
import Threads

/// Fourier transforms, coded blobs with their proofs, openings.
enum CodingVectors {
  private typealias Scalar = BN254.ScalarField

  static func transforms(_ document: Fixture) throws(FixtureError) -> [CaseResult] {
    var results: [CaseResult] = []
    let roots = try document.field("scale2_roots_of_unity_decimal").elements()
    for (logarithm, root) in roots.enumerated() {
      guard logarithm <= Scalar.twoAdicity else { throw root.fault("is one too many") }
      let own = Scalar.rootOfUnity(logarithm: logarithm)
      results.append(
        CaseResult(
          name: "root \(logarithm)", verdict: .check("root", true, own == (try root.scalar()))))
    }
    results += try document.field("vectors").cases { test throws(FixtureError) in
      let input = try scalars(test.field("in"))
      guard let transform = ScalarTransform(size: input.count) else {
        throw test.fault("has no power of two elements")
      }
      return .all(
        .check("fft", true, transform.forward(input) == (try scalars(test.field("fft")))),
        .check("ifft", true, transform.inverse(input) == (try scalars(test.field("ifft")))))
    }
    return results
  }

  private static func scalars(_ list: Fixture) throws(FixtureError) -> [Scalar] {
    var bytes = Bytes()
    for element in try list.elements() { bytes += try element.hash().bytes }
    guard let scalars = Scalar.scalars(bigEndian: bytes[...]) else {
      throw list.fault("has an element that is not below the order")
    }
    return scalars
  }

  static func frames(_ document: Fixture, _ path: String) throws(FixtureError) -> [CaseResult] {
    try document.field("vectors").cases { test throws(FixtureError) in
      guard let string = try ReferenceFiles.mainnet(near: path) else {
        return ReferenceFiles.missing
      }
      let coded = try Coded(test, string)
      let verdict = try coded.compare(test)
      if verdict != .passed { return verdict }
      return coded.verify(string)
    }
  }

  static func openings(
    _ document: Fixture, _ path: String
  ) throws(FixtureError) -> [CaseResult] {
    guard let string = try ReferenceFiles.test(near: path) else {
      return [CaseResult(name: "openings", verdict: ReferenceFiles.missing)]
    }
    var values: [Scalar] = []
    for value in try document.field("evaluations").elements() {
      values.append(try value.scalar())
    }
    let roots = try document.field("roots").elements()
    guard let transform = ScalarTransform(size: values.count), roots.count == values.count,
      let powers = string.powers2.dropFirst().first
    else { throw document.fault("has no power of two values, or not as many roots") }
    let blob = Blob(coefficients: transform.inverse(values))
    guard let commitment = blob.commitment(string.powers1) else {
      throw document.fault("has more values than there are points")
    }
    var results: [CaseResult] = []
    for proof in try document.field("proofs").elements() {
      let index = try proof.field("index").size(upTo: values.count - 1)
      let point = try roots[index].scalar()
      let wanted = G1Words(
        x: try proof.field("proof_x").uint256(), y: try proof.field("proof_y").uint256())
      guard let opening = blob.opening(at: point, powers1: string.powers1) else { continue }
      var wrong = opening
      wrong.value = wrong.value + .one
      results.append(
        CaseResult(
          name: "opening \(index)",
          verdict: .all(
            .check("value", true, opening.value == values[index]),
            .check("proof", true, G1Words(opening.proof) == wanted),
            .check("opening", true, opening.isValid(for: commitment, tau2: powers)),
            .check("wrong value", false, wrong.isValid(for: commitment, tau2: powers)))))
    }
    return results
  }

  /// A blob of a frames vector, coded and proved here.
  private struct Coded {
    let blob: Blob
    let code: ErasureCode
    let commitment: BN254.G1
    var claims: [ChunkClaim] = []

    init(_ test: Fixture, _ string: ReferenceString) throws(FixtureError) {
      let count = try test.field("num_symbols").size(upTo: 1 << 19)
      let name = try test.field("name").text()
      var symbols: [Scalar] = []
      for index in 0..<count {
        let bytes = [0] + deterministicBytes("frame-\(name)-\(index)", count: 31)
        symbols.append(Scalar(reducing: UInt256(bigEndian: bytes[...])))
      }
      blob = Blob(coefficients: symbols)
      guard
        let shape = EncodingShape(
          chunkCount: try test.field("num_chunks").index(),
          chunkLength: try test.field("chunk_len").index()),
        let code = ErasureCode(shape, blobLength: blob.length)
      else { throw test.fault("has a shape that is none") }
      self.code = code
      guard let commitment = blob.commitment(string.powers1),
        let prover = MultiproofProver(
          code, powers1: string.powers1, threads: Parallel.coreCount)
      else { throw test.fault("is longer than there are points") }
      self.commitment = commitment
      let threads = Parallel.coreCount
      let coefficients = code.encode(blob, threads: threads)
      let width = shape.chunkLength
      for (index, proof) in prover.proofs(blob, threads: threads).enumerated() {
        let own = Array(coefficients[index * width..<(index + 1) * width])
        claims.append(
          ChunkClaim(
            commitment: commitment, index: index,
            chunk: Chunk(coefficients: own, proof: proof)))
      }
    }

    func compare(_ test: Fixture) throws(FixtureError) -> Verdict {
      let frames = claims.reduce(into: Bytes()) { $0 += $1.chunk.bytes }
      let proofs = claims.reduce(into: Bytes()) { $0 += BN254.compress($1.chunk.proof) }
      let wanted = try test.field("commitment_mainnet").point1()
      let verdict = Verdict.all(
        .check("commitment", true, wanted == commitment),
        .compare(
          "sha256_all_frames_gnark", try test.field("sha256_all_frames_gnark").bytes(),
          SHA256.hash(frames).bytes),
        .compare(
          "sha256_all_proofs", try test.field("sha256_all_proofs").bytes(),
          SHA256.hash(proofs).bytes))
      if verdict != .passed { return verdict }
      for frame in try test.optional("frames")?.elements() ?? [] {
        let chunk = claims[try frame.field("i").size(upTo: claims.count - 1)].chunk
        var wanted = try frame.field("proof").bytes()
        for coefficient in try frame.field("coeffs").elements() {
          wanted += try coefficient.bytes()
        }
        guard chunk.bytes == wanted else {
          return .compare("frame", wanted, chunk.bytes)
        }
      }
      return .passed
    }

    /// All chunks together, one alone, a forged one, and the way back from the fewest.
    func verify(_ string: ReferenceString) -> Verdict {
      guard let verifier = ChunkVerifier(code.shape, string) else { return .passed }
      var forged = claims
      forged[forged.count / 2].chunk.coefficients[0] =
        forged[forged.count / 2].chunk.coefficients[0] + .one
      let odd = claims.filter { $0.index & 1 == 1 }.prefix(code.rowCount)
      let enough =
        odd.count == code.rowCount ? Array(odd) : Array(claims.prefix(code.rowCount))
      let recovered = try? code.recover(
        enough.map { ($0.index, $0.chunk.coefficients) })
      return .all(
        .check("all chunks", true, verifier.areValid(claims)),
        .check("one chunk", true, verifier.isValid(claims[claims.count - 1])),
        .check("a forged chunk", false, verifier.areValid(forged)),
        .check("a forged chunk alone", false, verifier.isValid(forged[forged.count / 2])),
        .check("recovery", true, recovered == blob))
    }
  }
}
