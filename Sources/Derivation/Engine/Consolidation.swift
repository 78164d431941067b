import EVM
import Execution
import Primitives

/// In what an existing block differs from the one that was derived.
public enum ConsolidationMismatch: Hashable, Sendable {
  case parentHash
  case timestamp
  case prevRandao
  case feeRecipient
  case gasLimit
  /// The number of transactions, or the first that differs.
  case transactions
  case withdrawals
  case parentBeaconBlockRoot
  /// The parameters of the base fee in the extra data.
  case baseFeeParameters

  /// The field's name, as log lines print it.
  public var name: String {
    switch self {
    case .parentHash: "parent hash"
    case .timestamp: "timestamp"
    case .prevRandao: "prevRandao"
    case .feeRecipient: "fee recipient"
    case .gasLimit: "gas limit"
    case .transactions: "transactions"
    case .withdrawals: "withdrawals"
    case .parentBeaconBlockRoot: "parent beacon block root"
    case .baseFeeParameters: "base fee parameters"
    }
  }
}

extension DerivedAttributes {
  /// In what `block` differs from these attributes; nil if they would make it.
  ///
  /// An unsafe block that does not differ becomes safe without being executed again.
  ///
  /// Source: the OP Stack specification, derivation, payload attributes matching.
  public func mismatch(_ block: Block) -> ConsolidationMismatch? {
    let header = block.header
    let inputs = payload.inputs
    if header.parentHash != parent.hash { return .parentHash }
    if header.timestamp != inputs.timestamp { return .timestamp }
    if header.prevRandao != inputs.prevRandao { return .prevRandao }
    if header.feeRecipient != inputs.feeRecipient { return .feeRecipient }
    if header.gasLimit != inputs.gasLimit { return .gasLimit }
    guard block.transactions.count == payload.transactions.count else { return .transactions }
    for (transaction, expected) in zip(block.transactions, payload.transactions)
    where transaction.encoded != expected {
      return .transactions
    }
    if let withdrawals = block.withdrawals, !withdrawals.isEmpty { return .withdrawals }
    let root = payload.hasBeaconRoot ? inputs.parentBeaconBlockRoot : nil
    if header.parentBeaconBlockRoot != root { return .parentBeaconBlockRoot }
    if payload.baseFeeParameters != nil, header.extraData != inputs.extraData {
      return .baseFeeParameters
    }
    return nil
  }
}
