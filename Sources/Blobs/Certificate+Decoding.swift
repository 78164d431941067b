import Primitives

/// Why bytes are not a certificate.
public enum CertificateError: Error, Hashable, Sendable {
  /// Fewer bytes than a commitment's header has, or more than the limit.
  case length(Int)
  /// The commitment is of another kind than a certificate: the byte that says so.
  case commitmentType(UInt8)
  /// The commitment is of another DA layer than EigenDA.
  case layer(UInt8)
  /// The certificate's version is not known.
  case version(UInt8)
  /// The bytes are no such list.
  case encoding(RLPError)
}

extension Certificate {
  /// The certificate that a version byte and RLP encode.
  ///
  /// - Throws: `CertificateError` for an unknown version, and for anything but such a list.
  public init(bytes: ArraySlice<UInt8>) throws(CertificateError) {
    guard let first = bytes.first, bytes.count <= Self.sizeLimitInBytes else {
      throw .length(bytes.count)
    }
    guard let version = Version(rawValue: first) else { throw .version(first) }
    do throws(RLPError) {
      var outer = RLPReader(bytes.dropFirst())
      self = try outer.certificate(version)
      try outer.end()
    } catch {
      throw .encoding(error)
    }
  }

  /// The certificate of an *OP generic commitment*.
  ///
  /// That is `01` for generic, `00` for EigenDA, the version byte, the RLP. On L1, a byte `01` for
  /// such transaction data precedes it.
  ///
  /// - Throws: `CertificateError` for other commitments too.
  public init(genericCommitment bytes: ArraySlice<UInt8>) throws(CertificateError) {
    guard bytes.count >= 4 else { throw .length(bytes.count) }
    let header = Bytes(bytes.prefix(2))
    guard header[0] == Self.genericHeader[0] else { throw .commitmentType(header[0]) }
    guard header[1] == Self.genericHeader[1] else { throw .layer(header[1]) }
    try self.init(bytes: bytes.dropFirst(2))
  }

  /// The first bytes of a generic commitment to a certificate of EigenDA.
  public static var genericHeader: Bytes { [1, 0] }

  /// The certificate as an OP generic commitment.
  public var genericCommitment: Bytes { Self.genericHeader + bytes }
}

extension BlobCertificate {
  /// The blob's certificate that is the next item.
  ///
  /// - Throws: `RLPError` if it is none.
  public init(reading reader: inout RLPReader) throws(RLPError) {
    self = try reader.blobCertificate()
  }
}

extension RLPReader {
  fileprivate mutating func certificate(
    _ version: Certificate.Version
  ) throws(RLPError) -> Certificate {
    var fields = try list()
    let header: BatchHeader
    let inclusion: BlobInclusion
    switch version {
    case .v2:
      inclusion = try fields.inclusion()
      header = try fields.batchHeader()
    case .v3, .v4:
      header = try fields.batchHeader()
      inclusion = try fields.inclusion()
    }
    let attestation = try fields.attestation()
    let quorums = Bytes(try fields.bytes())
    let derivation = version == .v4 ? try fields.uint16() : 0
    try fields.end()
    return Certificate(
      version: version, batchHeader: header, inclusion: inclusion, attestation: attestation,
      signedQuorums: quorums, derivationVersion: derivation)
  }

  private mutating func batchHeader() throws(RLPError) -> BatchHeader {
    var fields = try list()
    let header = BatchHeader(root: try fields.hash(), referenceBlock: try fields.uint32())
    try fields.end()
    return header
  }

  private mutating func inclusion() throws(RLPError) -> BlobInclusion {
    var fields = try list()
    let blob = try fields.blobCertificate()
    let inclusion = BlobInclusion(
      certificate: blob, index: try fields.uint32(), proof: Bytes(try fields.bytes()))
    try fields.end()
    return inclusion
  }

  fileprivate mutating func blobCertificate() throws(RLPError) -> BlobCertificate {
    var fields = try list()
    let certificate = BlobCertificate(
      header: try fields.blobHeader(), signature: Bytes(try fields.bytes()),
      relayKeys: try fields.numbers())
    try fields.end()
    return certificate
  }

  private mutating func blobHeader() throws(RLPError) -> BlobHeader {
    var fields = try list()
    let version = try fields.uint16()
    let quorums = Bytes(try fields.bytes())
    var parts = try fields.list()
    let commitment = CommitmentWords(
      commitment: try parts.point1(), lengthCommitment: try parts.point2(),
      lengthProof: try parts.point2(), length: try parts.uint32())
    try parts.end()
    let header = BlobHeader(
      version: version, quorums: quorums, commitment: commitment, paymentHash: try fields.hash())
    try fields.end()
    return header
  }

  private mutating func attestation() throws(RLPError) -> Attestation {
    var fields = try list()
    let attestation = Attestation(
      nonSignerBitmapIndices: try fields.numbers(), nonSigners: try fields.points1(),
      quorumKeys: try fields.points1(), signersKey: try fields.point2(),
      signature: try fields.point1(), quorumKeyIndices: try fields.numbers(),
      totalStakeIndices: try fields.numbers(), nonSignerStakeIndices: try fields.table())
    try fields.end()
    return attestation
  }

  private mutating func table() throws(RLPError) -> [[UInt32]] {
    var rows = try list()
    var table: [[UInt32]] = []
    while !rows.isAtEnd { table.append(try rows.numbers()) }
    return table
  }

  private mutating func points1() throws(RLPError) -> [G1Words] {
    var elements = try list()
    var points: [G1Words] = []
    while !elements.isAtEnd { points.append(try elements.point1()) }
    return points
  }

  private mutating func numbers() throws(RLPError) -> [UInt32] {
    var elements = try list()
    var numbers: [UInt32] = []
    while !elements.isAtEnd { numbers.append(try elements.uint32()) }
    return numbers
  }

  private mutating func point1() throws(RLPError) -> G1Words {
    var fields = try list()
    let point = G1Words(x: try fields.uint256(), y: try fields.uint256())
    try fields.end()
    return point
  }

  private mutating func point2() throws(RLPError) -> G2Words {
    var fields = try list()
    var x = try fields.list()
    var y = try fields.list()
    let point = G2Words(
      x1: try x.uint256(), x0: try x.uint256(), y1: try y.uint256(), y0: try y.uint256())
    try x.end()
    try y.end()
    try fields.end()
    return point
  }

  private mutating func uint32() throws(RLPError) -> UInt32 {
    guard let number = UInt32(exactly: try uint64()) else { throw .tooLarge }
    return number
  }

  private mutating func uint16() throws(RLPError) -> UInt16 {
    guard let number = UInt16(exactly: try uint64()) else { throw .tooLarge }
    return number
  }
}
