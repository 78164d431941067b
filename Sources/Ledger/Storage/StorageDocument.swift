import Blobs
import DataAvailability
import JSON
import Primitives

/// What a data availability layer begins with, on which everybody must agree.
///
/// Its reference string, how blobs are coded, its quorums, and what a rollup demands of
/// certificates:
///
///     {"points": {"profile", "order", "hash"}, "blob_versions": [{"chunks", "rate", "operators"}],
///      "blob_version", "blob_limit", "quorums": [{"number", "operators"}], "required_quorums",
///      "confirmation_percent", "adversary_percent", "derivation_version", "retention",
///      "wei_per_symbol", "minimum_symbols"}
///
/// The points themselves are too many for a document: it has the hash of those of verification,
/// which no other string has.
public struct StorageDocument: Hashable, Sendable {
  /// Where the powers of τ come from.
  public var profile: ReferenceString.Profile
  /// How many powers the whole string has.
  public var order: UInt64
  /// The hash of the points of verification, see ``Blobs/VerificationPoints/hash``.
  public var pointsHash: Hash
  /// The parameters of each version of blobs, from version 0 on.
  public var blobVersions: [BlobVersionParameters]
  /// The version that blobs are dispersed in.
  public var blobVersion: UInt16 = 0
  /// Longer blobs are refused, in coefficients: a power of two.
  public var blobLimit: UInt64
  /// The quorums by number, with the most operators that each may have.
  public var quorums: [UInt8: UInt64]
  /// The quorums that every blob must be in.
  public var requiredQuorums: Bytes
  /// The share of a quorum's stake that must have signed.
  public var confirmationPercent: UInt8 = 55
  /// The share of a quorum's stake that may be an adversary's.
  public var adversaryPercent: UInt8 = 33
  /// The version of the rules of derivation, which certificates of version 4 name.
  public var derivationVersion: UInt16 = 0
  /// How long chunks are kept, in seconds: two weeks in EigenDA.
  public var retention: UInt64 = 1_209_600
  /// What a symbol costs on demand.
  public var weiPerSymbol: UInt256 = 447_000_000
  /// Shorter blobs are charged as this many symbols.
  public var minimumSymbols: UInt64 = 4096

  /// A layer for development over a reference string: EigenDA's version of blobs, and a small one
  /// of 64 chunks for at most 16 operators, which is used unless `usesMainnetShape`.
  public init(development string: ReferenceString, usesMainnetShape: Bool = false) {
    profile = string.profile
    order = UInt64(string.order)
    pointsHash = string.verificationPoints.hash
    blobVersions = [.mainnet, .small]
    blobVersion = usesMainnetShape ? 0 : 1
    var limit: UInt64 = 1
    while 2 * limit <= UInt64(min(string.powers1.count, 1 << 19)) { limit *= 2 }
    blobLimit = limit
    quorums = [0: 16, 1: 16]
    requiredQuorums = [0, 1]
  }

  /// The state before any event.
  public var initialState: StorageState {
    StorageState(
      registry: OperatorRegistry(
        quorums: quorums.sorted { $0.key < $1.key }.map { ($0.key, Int($0.value)) }),
      payments: PaymentBook(weiPerSymbol: weiPerSymbol, minimumSymbols: minimumSymbols))
  }

  /// What a rollup demands of certificates.
  public var rules: CertificateRules {
    CertificateRules(
      blobVersions: blobVersions, confirmationPercent: confirmationPercent,
      adversaryPercent: adversaryPercent, requiredQuorums: requiredQuorums,
      derivationVersion: derivationVersion)
  }

  /// What all parties agree on, over a string; nil unless that is the document's.
  public func terms(_ string: ReferenceString) -> StorageTerms? {
    guard string.profile == profile, string.verificationPoints.hash == pointsHash else {
      return nil
    }
    return StorageTerms(
      string: string, rules: rules, retentionInSeconds: retention,
      blobLengthLimit: Int(blobLimit))
  }
}

extension StorageDocument {
  /// Reads a document.
  ///
  /// - Throws: ``GenesisError`` naming the member.
  public init(parsing text: Bytes) throws(GenesisError) {
    let json: JSON
    do throws(JSONError) {
      json = try JSON.parse(text)
    } catch {
      throw GenesisError(field: "", reason: "not JSON: \(error.message) at byte \(error.offset)")
    }
    let document = Fields(json: json, path: "")
    let points = try document.child("points")
    guard let name = points.json["profile"]?.string,
      let profile = ReferenceString.Profile(name: name)
    else { throw GenesisError(field: "points.profile", reason: "is mainnet, testsrs or dev") }
    self.profile = profile
    order = try points.number("order", in: 2...1 << 28)
    pointsHash = try points.required(points.hash("hash"), "hash")
    blobVersions = try StorageDocument.versions(document)
    blobVersion = UInt16(
      try document.number("blob_version", in: 0...UInt64(blobVersions.count) - 1))
    blobLimit = try document.number("blob_limit", in: 1...1 << 25)
    guard blobLimit & (blobLimit - 1) == 0 else {
      throw GenesisError(field: "blob_limit", reason: "is no power of two")
    }
    quorums = try StorageDocument.quorums(document)
    requiredQuorums = try StorageDocument.required(document, quorums)
    confirmationPercent = UInt8(try document.number("confirmation_percent", in: 0...100))
    adversaryPercent = UInt8(try document.number("adversary_percent", in: 0...100))
    derivationVersion = UInt16(try document.number("derivation_version", in: 0...65_535))
    retention = try document.number("retention", in: 1...1 << 40)
    weiPerSymbol = try document.required(document.quantity("wei_per_symbol"), "wei_per_symbol")
    guard weiPerSymbol.bitWidth <= 64 else {
      throw GenesisError(field: "wei_per_symbol", reason: "is above 64 bits")
    }
    minimumSymbols = try document.number("minimum_symbols", in: 0...1 << 25)
  }

  /// The most quorums, as L1 keeps a bit each.
  private static let quorumLimit = 192

  private static func versions(
    _ document: Fields
  ) throws(GenesisError) -> [BlobVersionParameters] {
    guard let entries = document.json["blob_versions"]?.array, (1...256).contains(entries.count)
    else { throw GenesisError(field: "blob_versions", reason: "is no list of 1 to 256") }
    var versions: [BlobVersionParameters] = []
    for (index, json) in entries.enumerated() {
      let entry = Fields(json: json, path: "blob_versions[\(index)]")
      let version = BlobVersionParameters(
        chunkCount: Int(try entry.number("chunks", in: 1...1 << 20)),
        codingRate: Int(try entry.number("rate", in: 1...128)),
        operatorLimit: Int(try entry.number("operators", in: 0...1 << 20)))
      guard let version else {
        throw GenesisError(field: entry.path, reason: "has numbers that do not fit each other")
      }
      versions.append(version)
    }
    return versions
  }

  private static func quorums(_ document: Fields) throws(GenesisError) -> [UInt8: UInt64] {
    guard let entries = document.json["quorums"]?.array, (1...quorumLimit).contains(entries.count)
    else { throw GenesisError(field: "quorums", reason: "is no list of 1 to \(quorumLimit)") }
    var quorums: [UInt8: UInt64] = [:]
    for (index, json) in entries.enumerated() {
      let entry = Fields(json: json, path: "quorums[\(index)]")
      let number = UInt8(try entry.number("number", in: 0...UInt64(quorumLimit) - 1))
      guard quorums[number] == nil else {
        throw GenesisError(field: entry.path, reason: "has a number that another has")
      }
      quorums[number] = try entry.number("operators", in: 1...1 << 20)
    }
    return quorums
  }

  private static func required(
    _ document: Fields, _ quorums: [UInt8: UInt64]
  ) throws(GenesisError) -> Bytes {
    let numbers = document.json["required_quorums"]?.array?.compactMap {
      $0.uint64.flatMap { UInt8(exactly: $0) }
    }
    guard let numbers, numbers.allSatisfy({ quorums[$0] != nil }),
      zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      throw GenesisError(
        field: "required_quorums", reason: "is no ascending list of the quorums' numbers")
    }
    return numbers
  }

  /// The document as JSON.
  public var json: JSON {
    [
      "points": [
        "profile": .string("\(profile.name)"), "order": .integer(order),
        "hash": .string(pointsHash.hexadecimal),
      ],
      "blob_versions": .array(
        blobVersions.map { version in
          [
            "chunks": .integer(version.chunkCount), "rate": .integer(version.codingRate),
            "operators": .integer(version.operatorLimit),
          ]
        }),
      "blob_version": .integer(blobVersion), "blob_limit": .integer(blobLimit),
      "quorums": .array(
        quorums.sorted { $0.key < $1.key }.map { number, limit in
          ["number": .integer(number), "operators": .integer(limit)]
        }),
      "required_quorums": .array(requiredQuorums.map { .integer($0) }),
      "confirmation_percent": .integer(confirmationPercent),
      "adversary_percent": .integer(adversaryPercent),
      "derivation_version": .integer(derivationVersion), "retention": .integer(retention),
      "wei_per_symbol": .string(weiPerSymbol.decimalString),
      "minimum_symbols": .integer(minimumSymbols),
    ]
  }
}

extension Fields {
  /// A number that must be there, in a range.
  fileprivate func number(
    _ name: String, in range: ClosedRange<UInt64>
  ) throws(GenesisError) -> UInt64 {
    let value = try required(number(name), name)
    guard range.contains(value) else {
      let field = path.isEmpty ? name : path + "." + name
      throw GenesisError(
        field: field, reason: "is not from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }
}
