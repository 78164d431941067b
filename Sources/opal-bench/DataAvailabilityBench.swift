import Blobs
import DataAvailability
import Pairings
import Primitives
import Threads

/// The data availability layer: commitments, coding, proofs, verification, recovery.
///
/// Peers: c-kzg's commitment of 4,096 elements (over BLS12-381, on the same machine in the same
/// run), and EigenDA's own figures from its repository (gnark on four cores of an EPYC 7R13),
/// which are only for orientation.
struct DataAvailabilityBench {
  private typealias Scalar = BN254.ScalarField

  /// The blobs' sizes in bytes, the last one for `--full`.
  private static let sizes = [128 << 10, 1 << 20, 4 << 20, 16 << 20]

  func run(_ report: inout Report) {
    let largest = (report.isFull ? Self.sizes.last : Self.sizes.dropLast().last) ?? 0
    let cores = Parallel.coreCount
    let ranges = Parallel.ranges(largest / 32, threads: cores)
    let points = Array(
      Parallel.map(ranges.count, threads: cores) {
        ReferenceString.developmentPowers1(ranges[$0])
      }.joined())
    commitment(report, points)
    var fits: [String: [(size: Double, seconds: Double)]] = [:]
    for size in Self.sizes where size <= largest {
      for (name, seconds) in measure(size, points, report) {
        fits[name, default: []].append((Double(size), seconds))
      }
    }
    _ = proofs(report, points, chunkCount: 512, length: 32)
    for length in report.isFull ? [4, 32, 128, 512] : [4, 32] {
      let seconds = proofs(report, points, chunkCount: 8192, length: length)
      guard let seconds else { continue }
      fits["chunks with proofs", default: []].append((Double(32 * 1024 * length), seconds))
    }
    for (name, points) in fits.sorted(by: { $0.key < $1.key }) {
      report.add(
        "growth of \(name)", ours: Report.exponent(points), unit: "exponent",
        note: "time = c * size^exponent, \(points.count) sizes")
    }
  }

  private static func blob(_ length: Int) -> Blob {
    var state = Scalar(small: 7)
    return Blob(
      coefficients: (0..<length).map { _ in
        state = state * state + .one
        return state
      })
  }

  /// The sum over ranges of the points, a thread each.
  private static func commit(_ blob: Blob, _ points: [BN254.G1], threads: Int) -> BN254.G1 {
    let ranges = Parallel.ranges(blob.length, threads: threads)
    let parts = Parallel.map(ranges.count, threads: threads) { part -> BN254.G1 in
      let scalars = blob.coefficients[ranges[part]].map { $0.asUInt256 }
      return JacobianPoint.sum(of: points[ranges[part]], times: scalars[...]).affine
    }
    return BLSSignature.sum(parts)
  }

  /// Ours and c-kzg's commitment to 4,096 elements, in turns.
  private func commitment(_ report: Report, _ points: [BN254.G1]) {
    let blob = Self.blob(4096)
    var ours: [Double] = []
    var peers: [Double] = []
    let command = Peer.environment("OPAL_BENCH_CKZG")
    for _ in 0..<3 {
      ours.append(
        Report.seconds(runs: 9) { _ = Self.commit(blob, points, threads: 1) } * 1000)
      if let command { peers += Peer.numbers(command).map { $0 * 1000 } }
    }
    let peer = peers.isEmpty ? nil : (name: "ckzg", value: peers.sorted()[peers.count / 2])
    report.add(
      "commitment, 4096 elements, 1 thread", ours: ours.sorted()[1], peer: peer, unit: "ms",
      note: peer == nil ? "ckzg is not there" : "ckzg is over BLS12-381")
  }

  /// Gnark's figures in MB/s: EigenDA's own, and its sums on one core of a machine like this.
  private static func upstream(_ name: String, _ size: Int) -> (name: String, value: Double)? {
    let figures: [String: (peer: String, values: [Int: Double])] = [
      "payload to blob": ("gnark, 4 cores", [128 << 10: 44, 1 << 20: 39, 16 << 20: 26]),
      "commitment": ("gnark, 1 core", [128 << 10: 5.1, 1 << 20: 7.6]),
      "commitment with length proof": (
        "gnark, 4 cores", [128 << 10: 1.5, 1 << 20: 2.7, 16 << 20: 3.6]
      ),
      "code": ("gnark, 4 cores", [128 << 10: 5.4, 1 << 20: 6.9, 16 << 20: 5.0]),
    ]
    guard let known = figures[name], let value = known.values[size] else { return nil }
    return (known.peer, value)
  }

  /// The proofs of some chunks over the development string, whose secret is known: one
  /// multiplication each.
  private static func claims(
    _ blob: Blob, _ code: ErasureCode, _ coefficients: [Scalar], commitment: BN254.G1, count: Int
  ) -> [ChunkClaim] {
    let (tau, width) = (ReferenceString.developmentSecret, code.shape.chunkLength)
    let (value, power) = (blob.value(at: tau), tau.power(UInt64(width)))
    let indices = (0..<count).map { $0 * (code.shape.chunkCount / count) }
    var divisors = indices.map { power - code.shape.coset(ofChunk: $0) }
    Scalar.invert(&divisors)
    let chunks = indices.map { Array(coefficients[$0 * width..<($0 + 1) * width]) }
    let quotients = zip(chunks, divisors).map { chunk, divisor in
      (value - chunk.reversed().reduce(.zero) { $0 * tau + $1 }) * divisor
    }
    let proofs = BN254.multiplesOfGenerator1(quotients)
    return indices.indices.map { place in
      ChunkClaim(
        commitment: commitment, index: indices[place],
        chunk: Chunk(coefficients: chunks[place], proof: proofs[place]))
    }
  }

  /// As many chunks verified as give the blob back, in parts if there are threads for them.
  private static func verify(
    _ claims: [ChunkClaim], _ verifier: ChunkVerifier, threads: Int
  ) -> Bool {
    let ranges = Parallel.ranges(claims.count, threads: threads)
    return Parallel.map(ranges.count, threads: threads) {
      verifier.areValid(Array(claims[ranges[$0]]))
    }.allSatisfy { $0 }
  }

  /// What one size takes; the seconds on one thread, by name.
  private func measure(
    _ size: Int, _ points: [BN254.G1], _ report: Report
  ) -> [(name: String, seconds: Double)] {
    let blob = Self.blob(size / 32)
    let title = size < 1 << 20 ? "\(size >> 10) KiB" : "\(size >> 20) MiB"
    let runs = size <= 1 << 20 ? 5 : 1
    let megabytes = Double(size) / 1_000_000
    guard let shape = BlobVersionParameters.mainnet.shape(blobLength: blob.length),
      let code = ErasureCode(shape, blobLength: blob.length)
    else { return [] }
    var results: [(name: String, seconds: Double)] = []
    func add(_ name: String, threads: Int, _ body: () -> Void) {
      let seconds = Report.seconds(runs: runs, threads: threads, body)
      report.add(
        "\(name), \(title), \(threads) thread\(threads == 1 ? "" : "s")",
        ours: megabytes / seconds, peer: Self.upstream(name, size), unit: "MB/s")
      if threads == 1 { results.append((name, seconds)) }
    }
    let encoded = blob.bytes
    add("payload to blob", threads: 1) {
      _ = try? Blob(encodedPayload: encoded, form: .evaluations)
    }
    for threads in Set([1, Parallel.coreCount]).sorted() {
      add("commitment", threads: threads) {
        _ = Self.commit(blob, points, threads: threads)
      }
      add("code", threads: threads) { _ = code.encode(blob, threads: threads) }
    }
    let coefficients = code.encode(blob, threads: Parallel.coreCount)
    let width = shape.chunkLength
    // Every other chunk of the last quarter and more: no block is whole.
    let chunks = stride(from: 1, to: shape.chunkCount, by: 2).suffix(code.rowCount).map { index in
      (index: index, coefficients: Array(coefficients[index * width..<(index + 1) * width]))
    }
    for threads in Set([1, Parallel.coreCount]).sorted() {
      add("recovery", threads: threads) { _ = try? code.recover(chunks, threads: threads) }
    }
    let claims = Self.claims(
      blob, code, coefficients, commitment: Self.commit(blob, points, threads: Parallel.coreCount),
      count: code.rowCount)
    if let verifier = ChunkVerifier(shape, .development(order: 2 * width)) {
      var isValid = true
      for threads in Set([1, Parallel.coreCount]).sorted() {
        add("verification", threads: threads) {
          isValid = Self.verify(claims, verifier, threads: threads) && isValid
        }
      }
      if !isValid { report.add("verification, \(title)", ours: 0, unit: "", note: "NOT VALID") }
    }
    if size <= 1 << 20 || report.isFull {
      let string = DevelopmentPoints.string(
        order: blob.length, cacheFolder: Self.cacheFolder, threads: Parallel.coreCount)
      for threads in Set([1, Parallel.coreCount]).sorted() {
        add("commitment with length proof", threads: threads) {
          _ = string.commit(blob, threads: threads)
        }
      }
    }
    let isSame = (try? code.recover(chunks)) == blob
    if !isSame { report.add("recovery, \(title)", ours: 0, unit: "", note: "NOT THE BLOB") }
    return results
  }

  /// Where points and tables are kept from one run to the next.
  private static var cacheFolder: String? { Peer.environment("OPAL_CACHE") }

  /// A coding with all proofs, and one operator's chunks verified; the seconds on one thread that
  /// the coding takes.
  private func proofs(
    _ report: Report, _ points: [BN254.G1], chunkCount: Int, length: Int
  ) -> Double? {
    let blob = Self.blob(chunkCount * length / 8)
    guard let shape = EncodingShape(chunkCount: chunkCount, chunkLength: length),
      let code = ErasureCode(shape, blobLength: blob.length)
    else { return nil }
    let title = "\(chunkCount) x \(length)"
    var prover: MultiproofProver?
    let made = Report.seconds(runs: 1, threads: Parallel.coreCount) {
      prover = MultiproofProver.cached(
        code, powers1: points, folder: Self.cacheFolder, threads: Parallel.coreCount)
    }
    report.add("table of the prover, \(title), made or read", ours: made, unit: "s")
    guard let prover else { return nil }
    var single: Double?
    var proofs: [BN254.G1] = []
    var coefficients: [Scalar] = []
    for threads in Set([1, Parallel.coreCount]).sorted() {
      let seconds = Report.seconds(runs: 1, threads: threads) {
        coefficients = code.encode(blob, threads: threads)
        proofs = prover.proofs(blob, threads: threads)
      }
      single = single ?? seconds
      let peer: Double? = chunkCount == 8192 ? [4: 7.96, 32: 11.1][length] : nil
      report.add(
        "chunks with proofs, \(title), \(threads) thread\(threads == 1 ? "" : "s")",
        ours: seconds, peer: peer.map { ("gnark, 4 cores", $0) }, unit: "s",
        note: "\(Report.text(Double(32 * blob.length) / 1_000_000 / seconds)) MB/s")
    }
    let small = ReferenceString.development(order: 2 * length)
    guard let verifier = ChunkVerifier(shape, small) else { return single }
    let commitment = Self.commit(blob, points, threads: Parallel.coreCount)
    let claims = (0..<min(chunkCount / 8, chunkCount)).map { index in
      ChunkClaim(
        commitment: commitment, index: index,
        chunk: Chunk(
          coefficients: Array(coefficients[index * length..<(index + 1) * length]),
          proof: proofs[index]))
    }
    var isValid = false
    let seconds = Report.seconds(runs: 5) { isValid = verifier.areValid(claims) }
    report.add(
      "verification of \(claims.count) chunks, \(title)", ours: seconds * 1000, unit: "ms",
      note: isValid ? "" : "NOT VALID")
    return single
  }
}
