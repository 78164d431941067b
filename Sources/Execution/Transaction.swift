import Cryptography
import EVM
import Primitives

/// The kinds of transaction; the raw value is the type byte, and 0 stands for the legacy form.
public enum TransactionKind: UInt8, Hashable, Sendable {
  /// Before typed transactions; with a chain id in the signature since EIP-155, or without.
  case legacy = 0
  /// EIP-2930: with an access list.
  case accessList = 1
  /// EIP-1559: with a fee cap and a tip.
  case dynamicFee = 2
  /// EIP-4844: with blobs, which travel apart from it.
  case blob = 3
  /// EIP-7702: with authorisations to give accounts code.
  case setCode = 4
  /// OP Stack: a deposit from L1, or the attributes of an L1 block; it has no signature.
  case deposit = 0x7e
}

/// An address and slots of it that are warm from the start (EIP-2930).
public struct AccessListEntry: Hashable, Sendable {
  /// The account.
  public var address: Address
  /// Slots of its storage.
  public var storageKeys: [UInt256]

  /// An entry for `address` with `storageKeys`.
  public init(address: Address, storageKeys: [UInt256]) {
    self.address = address
    self.storageKeys = storageKeys
  }
}

/// An account's signed wish to run the code of another address (EIP-7702).
public struct CodeAuthorization: Hashable, Sendable {
  /// The chain it is for; 0 for every chain.
  public var chainID: UInt256
  /// The address whose code is to run; zero takes the delegation back.
  public var address: Address
  /// The nonce that the signer must have.
  public var nonce: UInt64
  /// 0 or 1 when valid; anything up to 255 may be written.
  public var yParity: UInt8
  /// The signature's r.
  public var r: UInt256
  /// The signature's s.
  public var s: UInt256

  /// An authorisation with these fields, signed or not.
  public init(
    chainID: UInt256, address: Address, nonce: UInt64, yParity: UInt8 = 0, r: UInt256 = .zero,
    s: UInt256 = .zero
  ) {
    self.chainID = chainID
    self.address = address
    self.nonce = nonce
    self.yParity = yParity
    self.r = r
    self.s = s
  }

  /// What the authority signs: `keccak(0x05 || rlp([chain id, address, nonce]))`.
  public var signingHash: Hash {
    var writer = RLPWriter()
    writer.append(raw: [0x05])
    writer.list { list in
      list.append(uint256: chainID)
      list.append(address: address)
      list.append(uint64: nonce)
    }
    return Keccak256.hash(writer.bytes)
  }

  /// Who signed, or nil when the signature is none or has a high s.
  public func authority(_ provider: any CryptographyProvider) -> Address? {
    guard yParity <= 1 else { return nil }
    let signature = Signature(r: r, s: s, yParity: yParity == 1)
    guard signature.isLowS else { return nil }
    return provider.recoverAddress(messageHash: signingHash, signature: signature)
  }
}

/// What only a deposit has (OP Stack specification, deposits).
public struct DepositFields: Hashable, Sendable {
  /// Names the deposit's cause on L1, so that two equal deposits differ.
  public var sourceHash: Hash
  /// Who sends: an L1 account, or the aliased address of an L1 contract.
  public var from: Address
  /// Ether that comes into being on L2, in wei, whether or not the call succeeds.
  public var mint: UInt256
  /// Whether it is free of the block's gas; false since Regolith.
  public var isSystemTransaction: Bool

  /// The fields of a deposit.
  public init(sourceHash: Hash, from: Address, mint: UInt256, isSystemTransaction: Bool) {
    self.sourceHash = sourceHash
    self.from = from
    self.mint = mint
    self.isSystemTransaction = isSystemTransaction
  }
}

/// A transaction of any kind; fields that a kind does not have are empty.
public struct Transaction: Hashable, Sendable {
  /// Which of the fields count.
  public var kind: TransactionKind
  /// The chain it is for; nil for a legacy transaction that any chain may take, and for a deposit.
  public var chainID: UInt64?
  /// How many transactions the sender sent before; 0 in a deposit.
  public var nonce: UInt64
  /// The most gas it may use.
  public var gasLimit: UInt64
  /// The called account; nil to create a contract.
  public var to: Address?
  /// The ether sent along, in wei.
  public var value: UInt256
  /// The call's input, or the init code.
  public var data: Bytes
  /// The most to pay per gas, in wei; the gas price of kinds that have one price.
  public var maxFeePerGas: UInt256
  /// The most to pay the block's fee recipient per gas, in wei; the gas price of those kinds.
  public var maxPriorityFeePerGas: UInt256
  /// What is warm from the start.
  public var accessList: [AccessListEntry] = []
  /// The most to pay per blob gas, in wei.
  public var maxFeePerBlobGas: UInt256 = .zero
  /// The versioned hashes of the blobs.
  public var blobHashes: [Hash] = []
  /// Code delegations to set before the call.
  public var authorizations: [CodeAuthorization] = []
  /// The sender's signature; nil while unsigned, and in a deposit.
  public var signature: Signature?
  /// What only a deposit has.
  public var deposit: DepositFields?

  /// A transaction with one gas price: legacy, or with an access list.
  public init(
    legacyTo to: Address?, chainID: UInt64?, nonce: UInt64, gasPrice: UInt256, gasLimit: UInt64,
    value: UInt256 = .zero, data: Bytes = []
  ) {
    kind = .legacy
    self.chainID = chainID
    self.nonce = nonce
    self.gasLimit = gasLimit
    self.to = to
    self.value = value
    self.data = data
    maxFeePerGas = gasPrice
    maxPriorityFeePerGas = gasPrice
  }

  /// A transaction with a fee cap and a tip.
  ///
  /// It is of the dynamic-fee kind; other kinds follow by setting `kind` and their own fields.
  public init(
    to: Address?, chainID: UInt64, nonce: UInt64, maxFeePerGas: UInt256,
    maxPriorityFeePerGas: UInt256, gasLimit: UInt64, value: UInt256 = .zero, data: Bytes = [],
    accessList: [AccessListEntry] = []
  ) {
    kind = .dynamicFee
    self.chainID = chainID
    self.nonce = nonce
    self.gasLimit = gasLimit
    self.to = to
    self.value = value
    self.data = data
    self.maxFeePerGas = maxFeePerGas
    self.maxPriorityFeePerGas = maxPriorityFeePerGas
    self.accessList = accessList
  }

  /// A deposit.
  public init(
    deposit: DepositFields, to: Address?, value: UInt256, gasLimit: UInt64, data: Bytes
  ) {
    kind = .deposit
    nonce = 0
    self.gasLimit = gasLimit
    self.to = to
    self.value = value
    self.data = data
    maxFeePerGas = .zero
    maxPriorityFeePerGas = .zero
    self.deposit = deposit
  }

  /// Whether it creates a contract.
  public var isCreation: Bool { to == nil }

  /// Whether the sender names a cap and a tip instead of one price.
  public var hasDynamicFee: Bool { kind == .dynamicFee || kind == .blob || kind == .setCode }

  /// The gas that its blobs take (EIP-4844).
  public var blobGas: UInt64 { UInt64(blobHashes.count) * BlobParameters.gasPerBlob }

  /// What it pays per gas under `baseFee`, in wei; the cap when that is below the base fee.
  public func effectiveGasPrice(baseFee: UInt256) -> UInt256 {
    guard hasDynamicFee else { return maxFeePerGas }
    let (sum, overflow) = baseFee.addingReportingOverflow(maxPriorityFeePerGas)
    return overflow ? maxFeePerGas : min(sum, maxFeePerGas)
  }

  /// The same transaction with `signature`.
  public func signed(with signature: Signature) -> Transaction {
    var copy = self
    copy.signature = signature
    return copy
  }
}

extension Transaction {
  /// The transaction with the mark of a sender in place of a signature, as a development chain's
  /// operator sends it in another's name.
  ///
  /// The mark keeps equal transactions of two senders apart: r is the sender's address and s is 1,
  /// which nobody's signature is.
  public func impersonating(_ sender: Address) -> Transaction {
    signed(with: Signature(r: UInt256(sender), s: .one, yParity: false))
  }

  /// Whether it bears the mark of a sender, who may then have code.
  public func isImpersonation(of sender: Address) -> Bool {
    guard let signature else { return false }
    return signature.s == .one && signature.r == UInt256(sender)
  }
}
