import Execution
import JSON
import Primitives

/// The object that describes a transaction or call to `eth_call`, `eth_sendTransaction` and
/// their like; what was not sent is nil.
public struct TransactionArguments: Hashable, Sendable {
  /// The sender.
  public var from: Address?
  /// The recipient; nil creates a contract.
  public var to: Address?
  /// The most gas.
  public var gasLimit: UInt64?
  /// In wei; stands for both fee caps.
  public var gasPrice: UInt256?
  /// In wei.
  public var maxFeePerGas: UInt256?
  /// In wei.
  public var maxPriorityFeePerGas: UInt256?
  /// In wei.
  public var maxFeePerBlobGas: UInt256?
  /// In wei.
  public var value: UInt256?
  /// The sender's nonce.
  public var nonce: UInt64?
  /// The input, or the init code.
  public var data: Bytes?
  /// The chain for which it is meant.
  public var chainID: UInt64?
  /// What is warm from the start.
  public var accessList: [AccessListEntry]?
  /// Versioned hashes of blobs.
  public var blobHashes: [Hash]?
  /// Delegations.
  public var authorizations: [CodeAuthorization]?

  /// Nothing named.
  public init() {}
}

extension RPCValue {
  /// A transaction or call.
  public func transactionArguments() throws(RPCError) -> TransactionArguments {
    var result = TransactionArguments()
    result.from = try optional("from")?.address()
    result.to = try optional("to")?.address()
    result.gasLimit = try optional("gas")?.uint64()
    result.gasPrice = try optional("gasPrice")?.quantity()
    result.maxFeePerGas = try optional("maxFeePerGas")?.quantity()
    result.maxPriorityFeePerGas = try optional("maxPriorityFeePerGas")?.quantity()
    result.maxFeePerBlobGas = try optional("maxFeePerBlobGas")?.quantity()
    result.value = try optional("value")?.quantity()
    result.nonce = try optional("nonce")?.uint64()
    result.chainID = try optional("chainId")?.uint64()
    result.data = try callData()
    result.accessList = try optional("accessList")?.accessList()
    if let hashes = try optional("blobVersionedHashes") {
      var list: [Hash] = []
      for element in try hashes.elements() { list.append(try element.hash()) }
      result.blobHashes = list
    }
    if let list = try optional("authorizationList") {
      var authorizations: [CodeAuthorization] = []
      for element in try list.elements() { authorizations.append(try element.authorization()) }
      result.authorizations = authorizations
    }
    if result.gasPrice != nil,
      result.maxFeePerGas != nil || result.maxPriorityFeePerGas != nil
    {
      throw error("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified")
    }
    return result
  }

  /// The input goes by two names, of which the second is the older.
  private func callData() throws(RPCError) -> Bytes? {
    let input = try optional("input")?.data()
    let data = try optional("data")?.data()
    if let input, let data, input != data {
      throw error(
        "both \"data\" and \"input\" are set and not equal. "
          + "Please use \"input\" to pass transaction call data")
    }
    return input ?? data
  }

  /// An access list (EIP-2930).
  public func accessList() throws(RPCError) -> [AccessListEntry] {
    var list: [AccessListEntry] = []
    for element in try elements() {
      var keys: [UInt256] = []
      for key in try element.optional("storageKeys")?.elements() ?? [] {
        keys.append(UInt256(try key.hash()))
      }
      let address = try element.required("address").address()
      list.append(AccessListEntry(address: address, storageKeys: keys))
    }
    return list
  }

  func authorization() throws(RPCError) -> CodeAuthorization {
    let yParity = try required("yParity").uint64()
    guard yParity <= 255 else { throw error("yParity does not fit 8 bits") }
    return CodeAuthorization(
      chainID: try required("chainId").quantity(), address: try required("address").address(),
      nonce: try required("nonce").uint64(), yParity: UInt8(yParity),
      r: try required("r").quantity(), s: try required("s").quantity())
  }
}
