import EVM
import Primitives

/// What a transaction costs before anything of it runs.
public struct IntrinsicGas: Hashable, Sendable {
  /// What is taken from the gas limit at the start.
  public var gas: UInt64
  /// The least that the transaction uses in the end (EIP-7623); 0 before Prague.
  public var floor: UInt64

  /// A cost with these parts.
  public init(gas: UInt64, floor: UInt64) {
    self.gas = gas
    self.floor = floor
  }

  /// The more of the two: the least gas limit that is valid.
  public var minimum: UInt64 { max(gas, floor) }
}

/// The prices that make up the intrinsic gas (Yellow Paper, appendix G, and later EIPs).
enum IntrinsicPrice {
  static let transaction: UInt64 = 21_000
  static let creation: UInt64 = 32_000
  static let zeroByte: UInt64 = 4
  static let otherByteAtFirst: UInt64 = 68
  /// EIP-2028.
  static let otherByte: UInt64 = 16
  /// EIP-2930.
  static let accessListAddress: UInt64 = 2_400
  /// EIP-2930.
  static let accessListSlot: UInt64 = 1_900
  /// EIP-3860, for 32 bytes.
  static let initCodeWord: UInt64 = 2
  /// EIP-7702, for an account that is not there yet.
  static let authorization: UInt64 = 25_000
  /// EIP-7702, when the account is there.
  static let authorizationOfExisting: UInt64 = 12_500
  /// EIP-7623, for a token: a zero byte is one, another byte four.
  static let floorToken: UInt64 = 10
}

extension Transaction {
  /// What the transaction costs under `fork` before it runs.
  public func intrinsicGas(_ fork: Fork) -> IntrinsicGas {
    var zeros: UInt64 = 0
    for byte in data where byte == 0 { zeros += 1 }
    let others = UInt64(data.count) - zeros
    var gas = IntrinsicPrice.transaction
    if isCreation, fork >= .homestead { gas += IntrinsicPrice.creation }
    gas += zeros * IntrinsicPrice.zeroByte
    gas += others * (fork >= .istanbul ? IntrinsicPrice.otherByte : IntrinsicPrice.otherByteAtFirst)
    if isCreation, fork >= .shanghai {
      gas += (UInt64(data.count) + 31) / 32 * IntrinsicPrice.initCodeWord
    }
    for entry in accessList {
      gas += IntrinsicPrice.accessListAddress
      gas += UInt64(entry.storageKeys.count) * IntrinsicPrice.accessListSlot
    }
    gas += UInt64(authorizations.count) * IntrinsicPrice.authorization
    guard fork >= .prague else { return IntrinsicGas(gas: gas, floor: 0) }
    let tokens = zeros + others * 4
    return IntrinsicGas(
      gas: gas, floor: IntrinsicPrice.transaction + tokens * IntrinsicPrice.floorToken)
  }
}
