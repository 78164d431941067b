import Blobs
import Cryptography
import DataAvailability
import JSON
import Pairings
import Primitives

/// The kinds of vectors of the data availability layer: EigenDA's coding, commitments,
/// certificates and signatures.
let dataAvailabilityVectors: [VectorKind] = [
  VectorKind({ $0.isDocument(of: "valid", "must_fail_decode") }) {
    document, _ throws(FixtureError) in
    try PayloadVectors.codec(document)
  },
  VectorKind({ $0.isDocument(of: "vectors", "testsrs_order") }) {
    document, path throws(FixtureError) in
    try PayloadVectors.commitments(document, path)
  },
  VectorKind({ $0.isDocument(of: "padded_hex", "mainnet", "testsrs") }) {
    document, path throws(FixtureError) in
    try PayloadVectors.paddedText(document, path)
  },
  VectorKind({ $0.isDocument(of: "scale2_roots_of_unity_decimal", "vectors") }) {
    document, _ throws(FixtureError) in
    try CodingVectors.transforms(document)
  },
  VectorKind({ $0.isDocument(of: "frame_order", "symbol_rule", "vectors") }) {
    document, path throws(FixtureError) in
    try CodingVectors.frames(document, path)
  },
  VectorKind({ $0.isDocument(of: "evaluations", "roots", "proofs") }) {
    document, path throws(FixtureError) in
    try CodingVectors.openings(document, path)
  },
  VectorKind({ $0.isDocument(of: "certs", "v1") }) { document, path throws(FixtureError) in
    try CertificateVectors.network(document, path)
  },
  VectorKind({ $0.isDocument(of: "payment_metadata_hash", "batch_header_hash") }) {
    document, _ throws(FixtureError) in
    try CertificateVectors.hashes(document)
  },
  VectorKind({
    $0.isDocument(of: "note", "vectors") && $0.name.contains("merkle")
  }) { document, _ throws(FixtureError) in
    try CertificateVectors.trees(document)
  },
  VectorKind({ $0.isDocument(of: "operator_id_rule", "vectors") }) {
    document, _ throws(FixtureError) in
    try AssignmentVectors.assignments(document)
  },
  VectorKind({ $0.isDocument(of: "routes", "altda_parse_cases") }) {
    document, _ throws(FixtureError) in
    try AssignmentVectors.proxy(document)
  },
  VectorKind({ $0.isDocument(of: "map_to_curve", "operators", "sigs") }) {
    document, _ throws(FixtureError) in
    try SignatureVectors.signatures(document)
  },
  VectorKind({ $0.isDocument(of: "scalar_mul", "pairing_G1_G2_gnark_bytes") }) {
    document, _ throws(FixtureError) in
    try SignatureVectors.multiples(document)
  },
  VectorKind({ $0.isDocument(of: "note", "points") }) { document, path throws(FixtureError) in
    try ReferenceStringVectors.listed(document, path)
  },
]

/// What these vectors write, and what they are made of.
extension Fixture {
  /// A point of G1, by its compressed encoding.
  func point1() throws(FixtureError) -> BN254.G1 {
    let bytes = try field("compressed").bytes()
    guard let point = BN254.decompressG1(bytes[...]) else { throw fault("is no point of G1") }
    return point
  }

  /// A point of G2, by its compressed encoding.
  func point2() throws(FixtureError) -> BN254.G2 {
    let bytes = try field("compressed").bytes()
    guard let point = BN254.decompressG2(bytes[...]), BN254.isInSubgroup(point) else {
      throw fault("is no point of G2")
    }
    return point
  }

  /// A scalar in decimal, possibly negative.
  func scalar() throws(FixtureError) -> BN254.ScalarField {
    let text = try text()
    let digits = text.hasPrefix("-") ? String(text.dropFirst()) : text
    guard let number = UInt256(decimal: digits), let scalar = BN254.ScalarField(number) else {
      throw fault("expected a scalar of BN254")
    }
    return text.hasPrefix("-") ? -scalar : scalar
  }

  /// A size within a limit.
  func size(upTo limit: Int) throws(FixtureError) -> Int {
    let size = try index()
    guard size <= limit else { throw fault("is above \(limit)") }
    return size
  }
}

/// The bytes that the vectors' `det` gives: SHA-256 of a tag and a counter, one after the other.
func deterministicBytes(_ tag: String, count: Int) -> Bytes {
  var bytes = Bytes()
  var counter: UInt64 = 0
  while bytes.count < count {
    let suffix = Hash(UInt256(counter)).bytes.suffix(8)
    bytes += SHA256.hash(Bytes(tag.utf8) + suffix).bytes
    counter += 1
  }
  return Bytes(bytes[..<count])
}
