import EVM
import Primitives

/// A call that changes nothing: what `eth_call` and `eth_estimateGas` are asked for.
public struct CallRequest: Hashable, Sendable {
  /// Who calls; nobody in particular by default.
  public var from: Address
  /// The called account; nil to create a contract.
  public var to: Address?
  /// The most gas; nil for as much as is allowed.
  public var gasLimit: UInt64?
  /// One price per gas, in wei; stands for both of the next.
  public var gasPrice: UInt256?
  /// The most to pay per gas, in wei.
  public var maxFeePerGas: UInt256?
  /// The most to pay the fee recipient per gas, in wei.
  public var maxPriorityFeePerGas: UInt256?
  /// The ether sent along, in wei.
  public var value: UInt256
  /// The input, or the init code.
  public var data: Bytes
  /// What is warm from the start.
  public var accessList: [AccessListEntry]
  /// Delegations to set before the call.
  public var authorizations: [CodeAuthorization]
  /// Versioned hashes of blobs.
  public var blobHashes: [Hash]
  /// The most to pay per blob gas, in wei.
  public var maxFeePerBlobGas: UInt256?

  /// A call with these fields; fees are free where none is named.
  public init(
    from: Address = .zero, to: Address?, gasLimit: UInt64? = nil, gasPrice: UInt256? = nil,
    maxFeePerGas: UInt256? = nil, maxPriorityFeePerGas: UInt256? = nil, value: UInt256 = .zero,
    data: Bytes = [], accessList: [AccessListEntry] = [],
    authorizations: [CodeAuthorization] = [], blobHashes: [Hash] = [],
    maxFeePerBlobGas: UInt256? = nil
  ) {
    self.from = from
    self.to = to
    self.gasLimit = gasLimit
    self.gasPrice = gasPrice
    self.maxFeePerGas = maxFeePerGas
    self.maxPriorityFeePerGas = maxPriorityFeePerGas
    self.value = value
    self.data = data
    self.accessList = accessList
    self.authorizations = authorizations
    self.blobHashes = blobHashes
    self.maxFeePerBlobGas = maxFeePerBlobGas
  }

  /// The fee cap that counts, in wei; 0 when none is named.
  public var feeCap: UInt256 { gasPrice ?? maxFeePerGas ?? .zero }

  /// The call as a transaction without a signature.
  func transaction(gasLimit: UInt64, chainID: UInt64) -> Transaction {
    var transaction = Transaction(
      to: to, chainID: chainID, nonce: 0, maxFeePerGas: feeCap,
      maxPriorityFeePerGas: gasPrice ?? maxPriorityFeePerGas ?? .zero, gasLimit: gasLimit,
      value: value, data: data, accessList: accessList)
    if gasPrice != nil { transaction.kind = accessList.isEmpty ? .legacy : .accessList }
    if !blobHashes.isEmpty {
      transaction.kind = .blob
      transaction.blobHashes = blobHashes
      transaction.maxFeePerBlobGas = maxFeePerBlobGas ?? .zero
    }
    if !authorizations.isEmpty {
      transaction.kind = .setCode
      transaction.authorizations = authorizations
    }
    return transaction
  }
}

/// What a call may suppose of an account instead of what the state holds; nil leaves it.
public struct AccountOverride: Hashable, Sendable {
  /// The account.
  public var address: Address
  /// In wei.
  public var balance: UInt256?
  /// The nonce.
  public var nonce: UInt64?
  /// The code.
  public var code: Bytes?
  /// Whether all storage is gone before `slots` are set.
  public var clearsStorage: Bool
  /// Slots with their words.
  public var slots: [AccountChange.Slot]
  /// Where the precompiled contract of this address is to run instead.
  public var precompileTarget: Address?

  /// An override of `address` with these values.
  public init(
    address: Address, balance: UInt256? = nil, nonce: UInt64? = nil, code: Bytes? = nil,
    clearsStorage: Bool = false, slots: [AccountChange.Slot] = []
  ) {
    self.address = address
    self.balance = balance
    self.nonce = nonce
    self.code = code
    self.clearsStorage = clearsStorage
    self.slots = slots
  }
}

/// What a call may suppose of the state.
public struct StateOverride: Hashable, Sendable {
  /// The accounts, each once.
  public var accounts: [AccountOverride]

  /// The overrides of these accounts.
  public init(accounts: [AccountOverride] = []) { self.accounts = accounts }

  func apply(to journal: Journal) throws(StateMiss) {
    for account in accounts.sorted(by: { $0.address < $1.address }) {
      if let target = account.precompileTarget {
        journal.copyPrecompile(from: account.address, to: target)
      }
      journal.removePrecompile(at: account.address)
      if let balance = account.balance { try journal.setBalance(balance, of: account.address) }
      if let nonce = account.nonce { try journal.setNonce(nonce, of: account.address) }
      if let code = account.code { try journal.setCode(code, of: account.address) }
      if account.clearsStorage { try journal.clearStorage(account.address) }
      for slot in account.slots {
        try journal.setStorage(account.address, slot.slot, slot.value)
      }
    }
  }
}
