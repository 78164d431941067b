import Cryptography
import Primitives

/// What an engine says it has done for a payer, as the engine signs it.
///
/// Source: `Receipt` in `contracts/SignedUsage.sol`, EIP-712.
public struct UsageReceipt: Hashable, Sendable {
  /// The digest of the payer's authorisation.
  public var authorization: Hash
  /// Who pays.
  public var payer: Address
  /// The model that was used.
  public var model: Hash
  /// The adapters that were used with it.
  public var adapters: [Hash]
  /// The hash over the prompt, the parameters and the seed.
  public var requestHash: Hash
  /// The hash over what was generated.
  public var outputHash: Hash
  /// How many tokens the prompt has.
  public var promptTokens: UInt64
  /// How many tokens were generated.
  public var completionTokens: UInt64
  /// What the market asks for these tokens, in wei.
  public var fee: UInt256
  /// The root of the contributors' tree; zero if nobody contributed.
  public var attributionRoot: Hash
  /// The engine's own number for this receipt, used once.
  public var sequence: UInt64

  /// The most adapters that one may name here; more are refused when one is read.
  public static let adapterLimit = 16

  /// Makes a receipt of its parts.
  public init(
    authorization: Hash, payer: Address, model: Hash, adapters: [Hash] = [], requestHash: Hash,
    outputHash: Hash, promptTokens: UInt64, completionTokens: UInt64, fee: UInt256,
    attributionRoot: Hash, sequence: UInt64
  ) {
    self.authorization = authorization
    self.payer = payer
    self.model = model
    self.adapters = adapters
    self.requestHash = requestHash
    self.outputHash = outputHash
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
    self.fee = fee
    self.attributionRoot = attributionRoot
    self.sequence = sequence
  }
}

extension UsageReceipt {
  /// The type as EIP-712 writes it.
  public static let type =
    "Receipt(bytes32 authorization,address payer,bytes32 model,bytes32[] adapters,"
    + "bytes32 requestHash,bytes32 outputHash,uint64 promptTokens,uint64 completionTokens,"
    + "uint256 fee,bytes32 attributionRoot,uint64 sequence)"

  private static let typeHash = TypedData.typeHash(type)

  /// The hash of the members, the same on every chain.
  public var structHash: Hash {
    TypedData.hashStruct(Self.typeHash) { members in
      members.append(hash: authorization)
      members.append(address: payer)
      members.append(hash: model)
      members.append(words: adapters.map { adapter in UInt256(adapter) })
      members.append(hash: requestHash)
      members.append(hash: outputHash)
      members.append(uint64: promptTokens)
      members.append(uint64: completionTokens)
      members.append(uint256: fee)
      members.append(hash: attributionRoot)
      members.append(uint64: sequence)
    }
  }

  /// What the engine signs; the use is known by it.
  public func digest(_ domain: UsageDomain) -> Hash {
    TypedData.digest(domainSeparator: domain.separator, structHash: structHash)
  }
}

extension UsageReceipt {
  /// Writes it as one RLP list of its members in their order.
  public func write(to writer: inout RLPWriter) {
    writer.list { list in
      list.append(hash: authorization)
      list.append(address: payer)
      list.append(hash: model)
      list.list { list in
        for adapter in adapters { list.append(hash: adapter) }
      }
      list.append(hash: requestHash)
      list.append(hash: outputHash)
      list.append(uint64: promptTokens)
      list.append(uint64: completionTokens)
      list.append(uint256: fee)
      list.append(hash: attributionRoot)
      list.append(uint64: sequence)
    }
  }

  /// Reads what `write` wrote.
  /// - Throws: `RLPError` for anything else, and `tooLarge` for too many adapters.
  public init(from reader: inout RLPReader) throws(RLPError) {
    var list = try reader.list()
    authorization = try list.hash()
    payer = try list.address()
    model = try list.hash()
    adapters = try Authorization.hashes(from: &list, limit: Self.adapterLimit)
    requestHash = try list.hash()
    outputHash = try list.hash()
    promptTokens = try list.uint64()
    completionTokens = try list.uint64()
    fee = try list.uint256()
    attributionRoot = try list.hash()
    sequence = try list.uint64()
    try list.end()
  }
}

extension UsageReceipt {
  static let abiType = ABIType.tuple([
    .bytes32, .address, .bytes32, .array(.bytes32), .bytes32, .bytes32, .uint(bits: 64),
    .uint(bits: 64), .uint256, .bytes32, .uint(bits: 64),
  ])

  var abiValue: ABIValue {
    .tuple([
      .bytes32(authorization), .address(payer), .bytes32(model),
      .array(adapters.map { adapter in .bytes32(adapter) }), .bytes32(requestHash),
      .bytes32(outputHash), .uint(promptTokens), .uint(completionTokens), .uint(fee),
      .bytes32(attributionRoot), .uint(sequence),
    ])
  }

  init?(_ value: ABIValue) {
    guard let members = value.asElements, members.count == 11,
      let authorization = members[0].asHash, let payer = members[1].asAddress,
      let model = members[2].asHash, let adapters = members[3].asHashes,
      let requestHash = members[4].asHash, let outputHash = members[5].asHash,
      let promptTokens = members[6].asUInt64, let completionTokens = members[7].asUInt64,
      let fee = members[8].asUInt256, let attributionRoot = members[9].asHash,
      let sequence = members[10].asUInt64
    else { return nil }
    self.init(
      authorization: authorization, payer: payer, model: model, adapters: adapters,
      requestHash: requestHash, outputHash: outputHash, promptTokens: promptTokens,
      completionTokens: completionTokens, fee: fee, attributionRoot: attributionRoot,
      sequence: sequence)
  }
}
