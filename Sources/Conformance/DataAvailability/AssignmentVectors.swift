import Blobs
import Cryptography
import DataAvailability
import JSON
import Primitives

/// The assignment of chunks to operators, and the proxy's ways of reading commitments.
enum AssignmentVectors {
  static func assignments(_ document: Fixture) throws(FixtureError) -> [CaseResult] {
    try document.field("vectors").cases { test throws(FixtureError) in
      guard
        let parameters = BlobVersionParameters(
          chunkCount: try test.field("num_chunks").index(),
          codingRate: try test.field("coding_rate").index(),
          operatorLimit: try test.field("max_num_operators").index())
      else { throw test.fault("has parameters that do not fit each other") }
      let quorums = try quorums(test)
      let assignment: ChunkAssignment
      do throws(AssignmentError) {
        assignment = try ChunkAssignment(parameters, quorums: quorums)
      } catch {
        return .failed(Difference("assignment", expected: "one", got: "\(error)"))
      }
      return try compare(assignment, test.field("result"))
    }
  }

  private static func quorums(
    _ test: Fixture
  ) throws(FixtureError) -> [(number: UInt8, stakes: [ChunkAssignment.Stake])] {
    guard
      let table = try test.members().first(where: { $0.name.hasPrefix("stakes_by_quorum") })
    else { throw test.fault("has no stakes") }
    var quorums: [(number: UInt8, stakes: [ChunkAssignment.Stake])] = []
    for (name, list) in try table.value.members() {
      guard let number = UInt8(name) else { throw list.fault("is no quorum") }
      var stakes: [ChunkAssignment.Stake] = []
      for (index, stake) in try list.elements().enumerated() {
        let amount = try stake.uint256()
        if amount.isZero { continue }
        let id = Hash(deterministicBytes("op-\(index)", count: 32))
        stakes.append(ChunkAssignment.Stake(id: id, stake: amount))
      }
      quorums.append((number, stakes))
    }
    return quorums
  }

  private static func compare(
    _ assignment: ChunkAssignment, _ wanted: Fixture
  ) throws(FixtureError) -> Verdict {
    let members = try wanted.members()
    guard members.count == assignment.shares.count else {
      return .compare("operators", String(members.count), String(assignment.shares.count))
    }
    for (name, share) in members {
      guard let id = Hash(hexadecimal: name) else { throw share.fault("is no operator") }
      let chunks = assignment.chunks(of: id)
      let bytes = chunks.reduce(into: Bytes()) { bytes, chunk in
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: chunk >> shift)) }
      }
      let verdict = Verdict.all(
        .compare("n", String(try share.field("n").index()), String(chunks.count)),
        .compare(
          "sha256_be32_indices", try share.field("sha256_be32_indices").bytes(),
          SHA256.hash(bytes).bytes))
      if verdict != .passed { return verdict }
    }
    return .passed
  }

  static func proxy(_ document: Fixture) throws(FixtureError) -> [CaseResult] {
    var results: [CaseResult] = []
    for test in try document.field("altda_parse_cases").elements() {
      let text = try test.field("hex").text()
      let reason = try test.field("err").text()
      guard
        let bytes = Hexadecimal.decode(text.replacing("..", with: "c0"))
      else { throw test.fault("expected hexadecimal bytes") }
      var got = "a certificate"
      do throws(CertificateError) {
        _ = try Certificate(genericCommitment: bytes[...])
      } catch {
        got = words(error)
      }
      // The rest of the text is the wording of a library.
      let isSame = reason.hasPrefix(got) || (got == "rlp" && reason.hasPrefix("rlp"))
      results.append(
        CaseResult(
          name: text,
          verdict: isSame ? .passed : .failed(Difference("error", expected: reason, got: got))))
    }
    for (name, value) in try document.field("version_byte").members() {
      guard let byte = Hexadecimal.decode(name)?.first else { throw value.fault("is no byte") }
      let text = try value.text()
      let isKnown = Certificate.Version(rawValue: byte) != nil
      results.append(
        CaseResult(
          name: "version byte \(name)",
          verdict: .check("version", text.hasPrefix("Cert"), isKnown)))
    }
    return results
  }

  private static func words(_ error: CertificateError) -> String {
    switch error {
    case .length: "insufficient data"
    case .commitmentType: "unsupported commitment type"
    case .layer: "unsupported DA layer"
    case .version(let version): "unsupported cert version \(version)"
    case .encoding: "rlp"
    }
  }
}
