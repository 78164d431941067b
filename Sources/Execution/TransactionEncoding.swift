import Cryptography
import EVM
import Primitives

extension Transaction {
  /// The consensus form: RLP, with the type byte before it for typed kinds.
  ///
  /// An unsigned transaction is written with a signature of zeros.
  public var encoded: Bytes {
    var writer = RLPWriter(reservingCapacity: data.count + 256)
    if kind != .legacy { writer.append(raw: [kind.rawValue]) }
    writer.list { list in
      append(to: &list)
      switch kind {
      case .deposit:
        break
      case .legacy:
        let signature = signature ?? Signature(r: .zero, s: .zero, yParity: false)
        list.append(uint256: legacyRecoveryIdentifier(signature.yParity))
        list.append(uint256: signature.r)
        list.append(uint256: signature.s)
      case .accessList, .dynamicFee, .blob, .setCode:
        let signature = signature ?? Signature(r: .zero, s: .zero, yParity: false)
        list.append(bool: signature.yParity)
        list.append(uint256: signature.r)
        list.append(uint256: signature.s)
      }
    }
    return writer.bytes
  }

  /// The Keccak-256 of the consensus form.
  public var hash: Hash { Keccak256.hash(encoded) }

  /// What the sender signs; for a deposit, which nobody signs, the hash of its form.
  public var signingHash: Hash {
    var writer = RLPWriter(reservingCapacity: data.count + 256)
    if kind != .legacy { writer.append(raw: [kind.rawValue]) }
    writer.list { list in
      append(to: &list)
      if kind == .legacy, let chainID {
        list.append(uint64: chainID)
        list.append(uint64: 0)
        list.append(uint64: 0)
      }
    }
    return Keccak256.hash(writer.bytes)
  }

  /// The v of a legacy signature: 27 or 28, or since EIP-155 35 or 36 and twice the chain id.
  public func legacyRecoveryIdentifier(_ yParity: Bool) -> UInt256 {
    let parity = UInt256(yParity ? 1 : 0 as UInt64)
    guard let chainID else { return UInt256(27 as UInt64) + parity }
    return UInt256(chainID) + UInt256(chainID) + UInt256(35 as UInt64) + parity
  }

  /// Everything but the signature, in the order of the kind.
  private func append(to list: inout RLPWriter) {
    if let deposit {
      list.append(hash: deposit.sourceHash)
      list.append(address: deposit.from)
      list.append(optionalAddress: to)
      list.append(uint256: deposit.mint)
      list.append(uint256: value)
      list.append(uint64: gasLimit)
      list.append(bool: deposit.isSystemTransaction)
      list.append(bytes: data)
      return
    }
    if kind != .legacy { list.append(uint64: chainID ?? 0) }
    list.append(uint64: nonce)
    if hasDynamicFee { list.append(uint256: maxPriorityFeePerGas) }
    list.append(uint256: maxFeePerGas)
    list.append(uint64: gasLimit)
    list.append(optionalAddress: to)
    list.append(uint256: value)
    list.append(bytes: data)
    if kind == .legacy { return }
    appendAccessList(to: &list)
    if kind == .blob {
      list.append(uint256: maxFeePerBlobGas)
      list.list { hashes in
        for hash in blobHashes { hashes.append(hash: hash) }
      }
    }
    if kind == .setCode { appendAuthorizations(to: &list) }
  }

  private func appendAccessList(to list: inout RLPWriter) {
    list.list { entries in
      for entry in accessList {
        entries.list { item in
          item.append(address: entry.address)
          item.list { keys in
            for key in entry.storageKeys { keys.append(hash: Hash(key)) }
          }
        }
      }
    }
  }

  private func appendAuthorizations(to list: inout RLPWriter) {
    list.list { items in
      for authorization in authorizations {
        items.list { item in
          item.append(uint256: authorization.chainID)
          item.append(address: authorization.address)
          item.append(uint64: authorization.nonce)
          item.append(uint64: UInt64(authorization.yParity))
          item.append(uint256: authorization.r)
          item.append(uint256: authorization.s)
        }
      }
    }
  }
}
