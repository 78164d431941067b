import Cryptography
import Primitives

/// Certificates in the contract ABI, as the verifier on L1 takes them.
extension Certificate {
  /// The ABI's encoding of the certificate as one argument; each version is a struct of its own.
  public var abiEncoded: Bytes {
    var fields: [ABIValue]
    switch version {
    case .v2: fields = [inclusion.abiValue, batchHeader.abiValue]
    case .v3, .v4: fields = [batchHeader.abiValue, inclusion.abiValue]
    }
    fields += [attestation.abiValue, .bytes(signedQuorums)]
    if version == .v4 { fields.append(.uint(UInt64(derivationVersion))) }
    return ABI.encode([.tuple(fields)])
  }

  /// The call of the verifier on L1: it reverts unless the certificate is valid.
  public var verifierCall: Bytes {
    ABI.call("verify(uint8,bytes)", [.uint(UInt64(contractVersion)), .bytes(abiEncoded)])
  }

  /// The version's number for the verifier on L1, one above that of the version byte.
  public var contractVersion: UInt8 { version.rawValue + 1 }
}

extension BatchHeader {
  fileprivate var abiValue: ABIValue {
    .tuple([.bytes32(root), .uint(UInt64(referenceBlock))])
  }
}

extension BlobInclusion {
  fileprivate var abiValue: ABIValue {
    let header = certificate.header
    let blob = ABIValue.tuple([
      .uint(UInt64(header.version)), .bytes(header.quorums), header.commitment.abiValue,
      .bytes32(header.paymentHash),
    ])
    let signed = ABIValue.tuple([
      blob, .bytes(certificate.signature), .numbers(certificate.relayKeys),
    ])
    return .tuple([signed, .uint(UInt64(index)), .bytes(proof)])
  }
}

extension Attestation {
  fileprivate var abiValue: ABIValue {
    .tuple([
      .numbers(nonSignerBitmapIndices), .array(nonSigners.map { $0.abiValue }),
      .array(quorumKeys.map { $0.abiValue }), signersKey.abiValue, signature.abiValue,
      .numbers(quorumKeyIndices), .numbers(totalStakeIndices),
      .array(nonSignerStakeIndices.map { .numbers($0) }),
    ])
  }
}

extension G1Words {
  fileprivate var abiValue: ABIValue { .tuple([.uint(x), .uint(y)]) }
}

extension ABIValue {
  fileprivate static func numbers(_ numbers: [UInt32]) -> ABIValue {
    .array(numbers.map { .uint(UInt64($0)) })
  }
}
