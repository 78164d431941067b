import Blobs
import Cryptography
import DataAvailability
import JSON
import Pairings
import Primitives
import Threads

/// Files of points: the powers of τ in gnark's encoding, in Lagrange's form, transformed for
/// proofs, and Ethereum's ceremony.
enum ReferenceStringVectors {
  private typealias Scalar = BN254.ScalarField
  private typealias Point = JacobianPoint<BN254Curve>

  /// Endings of files that are no JSON.
  static let endings = [".point", ".powerOf2", ".table", ".csv", ".sha256", ".bin", "setup.txt"]

  /// Runs a file that is no JSON.
  static func run(_ file: FixtureFile) throws(FixtureError) -> [CaseResult] {
    let bytes = try FixtureFolder.read(file.path, limitInBytes: 64 << 20)
    let name = VectorShape(Fixture(.null), path: file.path).name
    let verdict: Verdict
    switch true {
    case name.hasSuffix(".point"), name.hasSuffix(".powerOf2"):
      verdict = try points(name, bytes, near: file.path)
    case name.hasSuffix(".table"): verdict = try table(name, bytes, near: file.path)
    case name.hasSuffix(".csv"): verdict = try lagrange(bytes, near: file.path)
    case name.hasSuffix(".bin"): verdict = try proofs(name, bytes, near: file.path)
    case name.hasSuffix(".sha256"): return try digests(bytes, near: file.path)
    default: verdict = try CeremonyVectors.verdict(bytes)
    }
    return [CaseResult(name: name, verdict: verdict)]
  }

  /// The points of EigenDA's main string that verification takes, as text.
  static func listed(_ document: Fixture, _ path: String) throws(FixtureError) -> [CaseResult] {
    guard let string = try ReferenceFiles.mainnet(near: path) else {
      return [CaseResult(name: "points", verdict: ReferenceFiles.missing)]
    }
    let points = try document.field("points").elements()
    let known = string.verificationPoints
    guard points.count <= known.doublings2.count else { throw document.fault("has too many") }
    var results: [CaseResult] = []
    for (index, point) in points.enumerated() {
      let field = point.optional("compressed") ?? point
      let encoded = try field.bytes()
      let isKnown =
        encoded.count == 32
        ? BN254.decompressG1(encoded[...]) == known.trailing1[index]
        : BN254.decompressG2(encoded[...]) == known.doublings2[index]
      results.append(
        CaseResult(name: "point \(index)", verdict: .check("point", true, isKnown)))
    }
    return results
  }

  private static func points(
    _ name: String, _ bytes: Bytes, near path: String
  ) throws(FixtureError) -> Verdict {
    let isTest = name.hasPrefix("testsrs")
    guard
      let string = isTest
        ? try ReferenceFiles.test(near: path) : try ReferenceFiles.mainnet(near: path)
    else { return ReferenceFiles.missing }
    do throws(ReferenceStringError) {
      if name.hasSuffix(".powerOf2") {
        let points = try ReferenceString.points2(bytes)
        return .check("powers", true, points == string.verificationPoints.doublings2)
      }
      if name.contains("g2") {
        let points = try ReferenceString.points2(bytes)
        return .all(
          .check("powers", true, ReferenceString.arePowers(points, of: string.powers1[1])),
          .compare("bytes", bytes, ReferenceString.bytes(points)))
      }
      let points = try ReferenceString.points1(bytes)
      let tau = string.verificationPoints.doublings2[0]
      var wrong = points
      wrong.swapAt(points.count / 2, points.count - 1)
      return .all(
        .check("powers", true, ReferenceString.arePowers(points, of: tau)),
        .check("powers in disorder", false, ReferenceString.arePowers(wrong, of: tau)),
        .compare("bytes", bytes, ReferenceString.bytes(points)))
    } catch {
      return .failed(Difference("points", expected: "powers of one secret", got: "\(error)"))
    }
  }

  /// A table of transformed powers: rows of points, each ended by a line feed.
  ///
  /// Row j is the transform of [τ^(l·(d - i) - j - 1)] for i below d, filled up with infinity.
  private static func table(
    _ name: String, _ bytes: Bytes, near path: String
  ) throws(FixtureError) -> Verdict {
    guard let string = try ReferenceFiles.test(near: path) else { return ReferenceFiles.missing }
    guard let rows = number(in: name, after: "coset"), rows > 0, bytes.count % rows == 0,
      let transform = ScalarTransform(size: (bytes.count / rows - 1) / 32)
    else { throw FixtureError(place: name, reason: "has no rows of a power of two points") }
    let inverse = Scalar(small: UInt64(transform.size)).inverted()
    let size = bytes.count / rows
    for row in 0..<rows {
      guard
        let points = try? ReferenceString.points1(
          Bytes(bytes[row * size..<(row + 1) * size - 1]))
      else { return .check("points", true, false) }
      var values = points.indices.map { index in
        Point(points[ScalarTransform.bitReversed(index, bits: transform.logarithm)])
      }
      transform.interpolateUnscaled(&values)
      let powers = values.map { $0.multiplied(by: inverse).affine }
      let count = powers.firstIndex { $0.isInfinity } ?? powers.count
      for (index, power) in powers.enumerated() {
        let exponent = rows * (count - index) - row - 1
        let wanted = index < count ? string.powers1[exponent] : BN254.G1.infinity
        guard power == wanted else { return .check("row \(row)", true, false) }
      }
    }
    return .passed
  }

  private static func number(in name: String, after word: String) -> Int? {
    let pieces = name.split(separator: ".").filter { $0.hasPrefix(word) }
    return pieces.first.flatMap { Int($0.dropFirst(word.count)) }
  }

  /// The powers in Lagrange's form, as decimal coordinates: point i is the commitment to the
  /// polynomial that is 1 at root i and 0 at the others.
  private static func lagrange(
    _ bytes: Bytes, near path: String
  ) throws(FixtureError) -> Verdict {
    guard let string = try ReferenceFiles.test(near: path) else { return ReferenceFiles.missing }
    var points: [G1Words] = []
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let numbers = line.split(separator: ",").compactMap { UInt256(decimal: String($0)) }
      guard numbers.count == 2 else {
        throw FixtureError(place: "line \(points.count + 1)", reason: "is not two numbers")
      }
      points.append(G1Words(x: numbers[0], y: numbers[1]))
    }
    guard let transform = ScalarTransform(size: points.count) else {
      throw FixtureError(place: "", reason: "has no power of two points")
    }
    for (index, point) in points.enumerated() {
      var values = [Scalar](repeating: .zero, count: points.count)
      values[index] = .one
      let commitment = Blob(coefficients: transform.inverse(values)).commitment(string.powers1)
      guard commitment.map({ G1Words($0) }) == point else {
        return .check("point \(index)", true, false)
      }
    }
    return .passed
  }

  /// The proofs of all chunks of a blob of `frames` by themselves.
  private static func proofs(
    _ name: String, _ bytes: Bytes, near path: String
  ) throws(FixtureError) -> Verdict {
    guard let string = try ReferenceFiles.mainnet(near: path) else {
      return ReferenceFiles.missing
    }
    let title = String(name.split(separator: ".").first ?? "")
    let numbers = title.split(separator: "-").last?.split(separator: "x") ?? []
    guard numbers.count == 2, let chunkCount = Int(numbers[0]), let length = Int(numbers[1]),
      let shape = EncodingShape(chunkCount: chunkCount, chunkLength: length),
      bytes.count == 32 * chunkCount,
      let code = ErasureCode(shape, blobLength: chunkCount * length / 8)
    else { throw FixtureError(place: name, reason: "its name tells no shape") }
    let symbols = (0..<code.blobLength).map { index in
      let bytes = [0] + deterministicBytes("frame-\(title)-\(index)", count: 31)
      return Scalar(reducing: UInt256(bigEndian: bytes[...]))
    }
    let blob = Blob(coefficients: symbols)
    guard let verifier = ChunkVerifier(shape, string),
      let commitment = blob.commitment(string.powers1)
    else { return .check("points", true, false) }
    let coefficients = code.encode(blob, threads: Parallel.coreCount)
    var claims: [ChunkClaim] = []
    for index in 0..<chunkCount {
      guard let proof = BN254.decompressG1(bytes[32 * index..<32 * (index + 1)]) else {
        return .check("proof \(index)", true, false)
      }
      let own = Array(coefficients[index * length..<(index + 1) * length])
      claims.append(
        ChunkClaim(
          commitment: commitment, index: index, chunk: Chunk(coefficients: own, proof: proof)))
    }
    return .check("proofs", true, verifier.areValid(claims))
  }

  /// Digests of the whole files, of which those that are at hand are compared.
  private static func digests(
    _ bytes: Bytes, near path: String
  ) throws(FixtureError) -> [CaseResult] {
    var results: [CaseResult] = []
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let words = line.split(separator: " ").map { String($0) }
      guard words.count == 2, let wanted = Hexadecimal.decode(words[0]) else { continue }
      if let file = try ReferenceFiles.read("mainnet." + words[1], near: path) {
        results.append(
          CaseResult(
            name: words[1], verdict: .compare("sha256", wanted, SHA256.hash(file).bytes)))
      } else {
        results.append(CaseResult(name: words[1], verdict: .skipped("the file is not there")))
      }
    }
    return results
  }
}
