import Cryptography
import Primitives

extension Transaction {
  /// The transaction whose consensus form is `bytes`; strict.
  ///
  /// - Throws: `TransactionError` that says why the bytes are none.
  public static func decode(_ bytes: Bytes) throws(TransactionError) -> Transaction {
    guard let first = bytes.first else { throw .empty }
    if first >= 0xc0 { return try decodeLegacy(bytes) }
    guard first != 0, let kind = TransactionKind(rawValue: first) else {
      throw .unsupportedType(first)
    }
    var decoded: Transaction?
    do throws(RLPError) {
      var reader = RLPReader(bytes[1...])
      var fields = try reader.list()
      try reader.end()
      // A blob transaction for the network is a list that begins with the transaction itself.
      let isSidecar = kind == .blob ? try fields.nextIsList() : false
      if !isSidecar {
        decoded =
          kind == .deposit ? try decodeDeposit(&fields) : try decodeTyped(kind, &fields)
        try fields.end()
      }
    } catch {
      throw .malformed(error)
    }
    guard let decoded else { throw .sidecarNotAccepted }
    if decoded.isCreation, kind == .blob || kind == .setCode { throw .creationNotAllowed }
    return decoded
  }

  /// The gas limit of the transaction whose consensus form is `bytes`, without reading the rest; nil for
  /// a deposit, and where it cannot be found.
  public static func gasLimit(ofEncoded bytes: Bytes) -> UInt64? {
    let place: Int
    switch bytes.first {
    case TransactionKind.accessList.rawValue: place = 3
    case TransactionKind.dynamicFee.rawValue, TransactionKind.blob.rawValue,
      TransactionKind.setCode.rawValue:
      place = 4
    case let first? where first >= 0xc0: place = 2
    default: return nil
    }
    var reader = RLPReader(place == 2 ? bytes[...] : bytes[1...])
    guard var fields = try? reader.list() else { return nil }
    for _ in 0..<place {
      guard (try? fields.skip()) != nil else { return nil }
    }
    return try? fields.uint64()
  }

  private static func decodeLegacy(_ bytes: Bytes) throws(TransactionError) -> Transaction {
    var recovery = UInt256.zero
    var transaction: Transaction
    do throws(RLPError) {
      var reader = RLPReader(bytes)
      var fields = try reader.list()
      try reader.end()
      let nonce = try fields.uint64()
      let gasPrice = try fields.uint256()
      let gasLimit = try fields.uint64()
      transaction = Transaction(
        legacyTo: try fields.optionalAddress(), chainID: nil, nonce: nonce, gasPrice: gasPrice,
        gasLimit: gasLimit, value: try fields.uint256(), data: Bytes(try fields.bytes()))
      recovery = try fields.uint256()
      let r = try fields.uint256()
      let s = try fields.uint256()
      transaction.signature = Signature(r: r, s: s, yParity: false)
      try fields.end()
    } catch {
      throw .malformed(error)
    }
    let twentySeven = UInt256(27 as UInt64)
    if recovery == twentySeven || recovery == twentySeven + .one {
      transaction.signature?.yParity = recovery != twentySeven
      return transaction
    }
    let (offset, underflow) = recovery.subtractingReportingOverflow(UInt256(35 as UInt64))
    guard !underflow else { throw .invalidRecoveryIdentifier }
    guard let chainID = (offset >> 1).asUInt64 else { throw .chainIDTooLarge }
    transaction.chainID = chainID
    transaction.signature?.yParity = offset.lowUInt64 & 1 == 1
    return transaction
  }

  private static func decodeTyped(
    _ kind: TransactionKind, _ fields: inout RLPReader
  ) throws(RLPError) -> Transaction {
    let chainID = try fields.uint64()
    let nonce = try fields.uint64()
    let tip = try fields.uint256()
    let cap = kind == .accessList ? tip : try fields.uint256()
    let gasLimit = try fields.uint64()
    let to = try fields.optionalAddress()
    let value = try fields.uint256()
    let data = Bytes(try fields.bytes())
    var transaction = Transaction(
      to: to, chainID: chainID, nonce: nonce, maxFeePerGas: cap, maxPriorityFeePerGas: tip,
      gasLimit: gasLimit, value: value, data: data, accessList: try decodeAccessList(&fields))
    transaction.kind = kind
    if kind == .blob {
      transaction.maxFeePerBlobGas = try fields.uint256()
      var hashes = try fields.list()
      while !hashes.isAtEnd { transaction.blobHashes.append(try hashes.hash()) }
    }
    if kind == .setCode {
      transaction.authorizations = try decodeAuthorizations(&fields)
    }
    let yParity = try fields.bool()
    let r = try fields.uint256()
    let s = try fields.uint256()
    transaction.signature = Signature(r: r, s: s, yParity: yParity)
    return transaction
  }

  private static func decodeDeposit(_ fields: inout RLPReader) throws(RLPError) -> Transaction {
    let sourceHash = try fields.hash()
    let from = try fields.address()
    let to = try fields.optionalAddress()
    let mint = try fields.uint256()
    let value = try fields.uint256()
    let gasLimit = try fields.uint64()
    let isSystem = try fields.bool()
    let deposit = DepositFields(
      sourceHash: sourceHash, from: from, mint: mint, isSystemTransaction: isSystem)
    return Transaction(
      deposit: deposit, to: to, value: value, gasLimit: gasLimit, data: Bytes(try fields.bytes()))
  }

  private static func decodeAccessList(
    _ fields: inout RLPReader
  ) throws(RLPError) -> [AccessListEntry] {
    var entries: [AccessListEntry] = []
    var list = try fields.list()
    while !list.isAtEnd {
      var item = try list.list()
      var entry = AccessListEntry(address: try item.address(), storageKeys: [])
      var keys = try item.list()
      try item.end()
      while !keys.isAtEnd { entry.storageKeys.append(UInt256(try keys.hash())) }
      entries.append(entry)
    }
    return entries
  }

  private static func decodeAuthorizations(
    _ fields: inout RLPReader
  ) throws(RLPError) -> [CodeAuthorization] {
    var authorizations: [CodeAuthorization] = []
    var list = try fields.list()
    while !list.isAtEnd {
      var item = try list.list()
      let chainID = try item.uint256()
      let address = try item.address()
      let nonce = try item.uint64()
      guard let yParity = UInt8(exactly: try item.uint64()) else { throw .tooLarge }
      authorizations.append(
        CodeAuthorization(
          chainID: chainID, address: address, nonce: nonce, yParity: yParity,
          r: try item.uint256(), s: try item.uint256()))
      try item.end()
    }
    return authorizations
  }

  /// Who sent it: recovered from the signature, or named in a deposit.
  ///
  /// A high s was valid before Homestead only, which `allowsHighS` says.
  ///
  /// - Throws: `TransactionError.unsigned` or `.invalidSignature`.
  public func sender(
    _ provider: any CryptographyProvider, allowsHighS: Bool = false
  ) throws(TransactionError) -> Address {
    if let deposit { return deposit.from }
    guard let signature else { throw .unsigned }
    guard allowsHighS || signature.isLowS,
      let sender = provider.recoverAddress(messageHash: signingHash, signature: signature)
    else { throw .invalidSignature }
    return sender
  }
}
