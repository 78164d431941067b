import Primitives

/// Certificates in RLP, as they stand on L1 behind their version byte.
extension Certificate {
  /// The version byte and the RLP.
  public var bytes: Bytes { [version.rawValue] + rlp }

  /// The RLP.
  public var rlp: Bytes {
    RLPWriter.list { writer in
      switch version {
      case .v2:
        inclusion.write(to: &writer)
        batchHeader.write(to: &writer)
      case .v3, .v4:
        batchHeader.write(to: &writer)
        inclusion.write(to: &writer)
      }
      attestation.write(to: &writer)
      writer.append(bytes: signedQuorums)
      if version == .v4 { writer.append(uint64: UInt64(derivationVersion)) }
    }
  }
}

extension BatchHeader {
  fileprivate func write(to writer: inout RLPWriter) {
    writer.list { writer in
      writer.append(hash: root)
      writer.append(uint64: UInt64(referenceBlock))
    }
  }
}

extension BlobInclusion {
  fileprivate func write(to writer: inout RLPWriter) {
    writer.list { writer in
      certificate.write(to: &writer)
      writer.append(uint64: UInt64(index))
      writer.append(bytes: proof)
    }
  }
}

extension BlobCertificate {
  /// The RLP of the blob's certificate by itself.
  public var rlp: Bytes {
    var writer = RLPWriter()
    write(to: &writer)
    return writer.bytes
  }

  fileprivate func write(to writer: inout RLPWriter) {
    writer.list { writer in
      header.write(to: &writer)
      writer.append(bytes: signature)
      writer.append(relayKeys)
    }
  }
}

extension BlobHeader {
  fileprivate func write(to writer: inout RLPWriter) {
    writer.list { writer in
      writer.append(uint64: UInt64(version))
      writer.append(bytes: quorums)
      writer.list { writer in
        writer.append(commitment.commitment)
        writer.append(commitment.lengthCommitment)
        writer.append(commitment.lengthProof)
        writer.append(uint64: UInt64(commitment.length))
      }
      writer.append(hash: paymentHash)
    }
  }
}

extension Attestation {
  fileprivate func write(to writer: inout RLPWriter) {
    writer.list { writer in
      writer.append(nonSignerBitmapIndices)
      writer.list { writer in for key in nonSigners { writer.append(key) } }
      writer.list { writer in for key in quorumKeys { writer.append(key) } }
      writer.append(signersKey)
      writer.append(signature)
      writer.append(quorumKeyIndices)
      writer.append(totalStakeIndices)
      writer.list { writer in
        for indices in nonSignerStakeIndices { writer.append(indices) }
      }
    }
  }
}

extension RLPWriter {
  fileprivate mutating func append(_ numbers: [UInt32]) {
    list { writer in for number in numbers { writer.append(uint64: UInt64(number)) } }
  }

  fileprivate mutating func append(_ point: G1Words) {
    list { writer in
      writer.append(uint256: point.x)
      writer.append(uint256: point.y)
    }
  }

  fileprivate mutating func append(_ point: G2Words) {
    list { writer in
      writer.list { writer in
        writer.append(uint256: point.x1)
        writer.append(uint256: point.x0)
      }
      writer.list { writer in
        writer.append(uint256: point.y1)
        writer.append(uint256: point.y0)
      }
    }
  }
}
