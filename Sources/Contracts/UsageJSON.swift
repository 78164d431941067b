import Cryptography
import JSON
import Primitives

// The JSON of what is signed: members as in the EIP-712 types, so that the same object is the
// message of `eth_signTypedData_v4`. Numbers are written as "0x…"; decimal text and JSON integers
// are read as well.

extension Authorization {
  /// The authorisation in JSON.
  public var json: JSON {
    [
      "payer": payer.json, "engine": engine.json,
      "models": .array(models.map { model in model.json }), "maximumFee": maximumFee.json,
      "expiry": expiry.json, "nonce": nonce.json,
    ]
  }

  /// Reads an authorisation; `path` is what errors call it.
  /// - Throws: `UsageFormatError`, naming the member.
  public init(_ json: JSON, path: String = "authorization") throws(UsageFormatError) {
    let fields = try UsageFields(json, at: path)
    self.init(
      payer: try fields.address("payer"), engine: try fields.address("engine"),
      models: try fields.hashes("models", limit: Self.modelLimit),
      maximumFee: try fields.number("maximumFee"), expiry: try fields.shortNumber("expiry"),
      nonce: try fields.number("nonce"))
  }

  /// What a wallet is given to sign, as `eth_signTypedData_v4` takes it.
  public func typedData(_ domain: UsageDomain) -> JSON {
    domain.typedData(
      primaryType: "Authorization",
      members: [
        ("payer", "address"), ("engine", "address"), ("models", "bytes32[]"),
        ("maximumFee", "uint256"), ("expiry", "uint64"), ("nonce", "uint256"),
      ], message: json)
  }
}

extension UsageReceipt {
  /// The receipt in JSON.
  public var json: JSON {
    [
      "authorization": authorization.json, "payer": payer.json, "model": model.json,
      "adapters": .array(adapters.map { adapter in adapter.json }),
      "requestHash": requestHash.json, "outputHash": outputHash.json,
      "promptTokens": promptTokens.json, "completionTokens": completionTokens.json,
      "fee": fee.json, "attributionRoot": attributionRoot.json, "sequence": sequence.json,
    ]
  }

  /// Reads a receipt; `path` is what errors call it.
  /// - Throws: `UsageFormatError`, naming the member.
  public init(_ json: JSON, path: String = "receipt") throws(UsageFormatError) {
    let fields = try UsageFields(json, at: path)
    self.init(
      authorization: try fields.hash("authorization"), payer: try fields.address("payer"),
      model: try fields.hash("model"),
      adapters: try fields.hashes("adapters", limit: Self.adapterLimit),
      requestHash: try fields.hash("requestHash"), outputHash: try fields.hash("outputHash"),
      promptTokens: try fields.shortNumber("promptTokens"),
      completionTokens: try fields.shortNumber("completionTokens"),
      fee: try fields.number("fee"), attributionRoot: try fields.hash("attributionRoot"),
      sequence: try fields.shortNumber("sequence"))
  }

  /// What is signed, as `eth_signTypedData_v4` takes it.
  public func typedData(_ domain: UsageDomain) -> JSON {
    domain.typedData(
      primaryType: "Receipt",
      members: [
        ("authorization", "bytes32"), ("payer", "address"), ("model", "bytes32"),
        ("adapters", "bytes32[]"), ("requestHash", "bytes32"), ("outputHash", "bytes32"),
        ("promptTokens", "uint64"), ("completionTokens", "uint64"), ("fee", "uint256"),
        ("attributionRoot", "bytes32"), ("sequence", "uint64"),
      ], message: json)
  }
}

extension UsageDomain {
  fileprivate func typedData(
    primaryType: String, members: [(name: String, type: String)], message: JSON
  ) -> JSON {
    func type(_ members: [(name: String, type: String)]) -> JSON {
      .array(members.map { ["name": .string($0.name), "type": .string($0.type)] })
    }
    let domainType = type([
      ("name", "string"), ("version", "string"), ("chainId", "uint256"),
      ("verifyingContract", "address"),
    ])
    let domain: JSON = [
      "name": .string(Self.name), "version": .string(Self.version), "chainId": .integer(chainID),
      "verifyingContract": AttributionContract.address.json,
    ]
    return [
      "types": ["EIP712Domain": domainType, primaryType: type(members)],
      "primaryType": .string(primaryType), "domain": domain, "message": message,
    ]
  }
}

extension ContributorShare {
  /// The share in JSON.
  public var json: JSON { ["contributor": contributor.json, "weight": weight.json] }

  /// Reads a share; `path` is what errors call it.
  /// - Throws: `UsageFormatError`, naming the member.
  public init(_ json: JSON, path: String = "share") throws(UsageFormatError) {
    let fields = try UsageFields(json, at: path)
    self.init(
      contributor: try fields.address("contributor"), weight: try fields.number("weight"))
  }
}

extension Settlement {
  /// The settlement in JSON: both statements, each with its signature.
  public var json: JSON {
    [
      "authorization": authorization.json,
      "payerSignature": .string(Hexadecimal.encodePrefixed(payerSignature.bytes65)),
      "receipt": receipt.json,
      "engineSignature": .string(Hexadecimal.encodePrefixed(engineSignature.bytes65)),
    ]
  }

  /// Reads a settlement; `path` is what errors call it, and other members are not looked at.
  /// - Throws: `UsageFormatError`, naming the member.
  public init(_ json: JSON, path: String = "") throws(UsageFormatError) {
    let fields = try UsageFields(json, at: path)
    let authorization = try fields.object("authorization")
    let receipt = try fields.object("receipt")
    self.init(
      authorization: try Authorization(authorization.0, path: authorization.path),
      payerSignature: try fields.signature("payerSignature"),
      receipt: try UsageReceipt(receipt.0, path: receipt.path),
      engineSignature: try fields.signature("engineSignature"))
  }
}
