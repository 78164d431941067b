import Cryptography
import Primitives

/// What a payer allows an engine to charge, as the payer signs it.
///
/// Source: `Authorization` in `contracts/SignedUsage.sol`, EIP-712.
public struct Authorization: Hashable, Sendable {
  /// Who pays, and signs this.
  public var payer: Address
  /// Who may charge, and signs the receipts.
  public var engine: Address
  /// The models and adapters that may be used, by their hashes.
  public var models: [Hash]
  /// The most that all receipts together may charge, in wei.
  public var maximumFee: UInt256
  /// The last second, in Unix time, at which a receipt can be settled.
  public var expiry: UInt64
  /// Tells authorisations apart; the payer revokes by it.
  public var nonce: UInt256

  /// The most models that one may name here; more are refused when one is read.
  public static let modelLimit = 64

  /// Makes an authorisation of its parts.
  public init(
    payer: Address, engine: Address, models: [Hash], maximumFee: UInt256, expiry: UInt64,
    nonce: UInt256
  ) {
    self.payer = payer
    self.engine = engine
    self.models = models
    self.maximumFee = maximumFee
    self.expiry = expiry
    self.nonce = nonce
  }
}

extension Authorization {
  /// The type as EIP-712 writes it.
  public static let type =
    "Authorization(address payer,address engine,bytes32[] models,uint256 maximumFee,"
    + "uint64 expiry,uint256 nonce)"

  private static let typeHash = TypedData.typeHash(type)

  /// The hash of the members, the same on every chain.
  public var structHash: Hash {
    TypedData.hashStruct(Self.typeHash) { members in
      members.append(address: payer)
      members.append(address: engine)
      members.append(words: models.map { model in UInt256(model) })
      members.append(uint256: maximumFee)
      members.append(uint64: expiry)
      members.append(uint256: nonce)
    }
  }

  /// What the payer signs; receipts name the authorisation by it.
  public func digest(_ domain: UsageDomain) -> Hash {
    TypedData.digest(domainSeparator: domain.separator, structHash: structHash)
  }
}

extension Authorization {
  /// Writes it as one RLP list of its members in their order.
  public func write(to writer: inout RLPWriter) {
    writer.list { list in
      list.append(address: payer)
      list.append(address: engine)
      list.list { list in
        for model in models { list.append(hash: model) }
      }
      list.append(uint256: maximumFee)
      list.append(uint64: expiry)
      list.append(uint256: nonce)
    }
  }

  /// Reads what `write` wrote.
  /// - Throws: `RLPError` for anything else, and `tooLarge` for too many models.
  public init(from reader: inout RLPReader) throws(RLPError) {
    var list = try reader.list()
    payer = try list.address()
    engine = try list.address()
    models = try Self.hashes(from: &list, limit: Self.modelLimit)
    maximumFee = try list.uint256()
    expiry = try list.uint64()
    nonce = try list.uint256()
    try list.end()
  }

  static func hashes(from reader: inout RLPReader, limit: Int) throws(RLPError) -> [Hash] {
    var list = try reader.list()
    var hashes: [Hash] = []
    while !list.isAtEnd {
      guard hashes.count < limit else { throw .tooLarge }
      hashes.append(try list.hash())
    }
    return hashes
  }
}

extension Authorization {
  static let abiType = ABIType.tuple([
    .address, .address, .array(.bytes32), .uint256, .uint(bits: 64), .uint256,
  ])

  var abiValue: ABIValue {
    .tuple([
      .address(payer), .address(engine), .array(models.map { model in .bytes32(model) }),
      .uint(maximumFee), .uint(expiry), .uint(nonce),
    ])
  }

  init?(_ value: ABIValue) {
    guard let members = value.asElements, members.count == 6,
      let payer = members[0].asAddress, let engine = members[1].asAddress,
      let models = members[2].asHashes, let maximumFee = members[3].asUInt256,
      let expiry = members[4].asUInt64, let nonce = members[5].asUInt256
    else { return nil }
    self.init(
      payer: payer, engine: engine, models: models, maximumFee: maximumFee, expiry: expiry,
      nonce: nonce)
  }
}

extension ABIValue {
  /// The hashes of an array of 32-byte values, or nil for another value.
  var asHashes: [Hash]? {
    guard let elements = asElements else { return nil }
    let hashes = elements.compactMap { element in element.asHash }
    return hashes.count == elements.count ? hashes : nil
  }
}
