import EVM
import Primitives

/// What a receipt says of the transaction's end.
public enum ReceiptOutcome: Hashable, Sendable {
  /// Since Byzantium: whether it succeeded.
  case status(Bool)
  /// Before Byzantium: the state root after it.
  case postState(Hash)
}

/// What a transaction did, as the block commits to it.
public struct Receipt: Hashable, Sendable {
  /// The transaction's kind.
  public var kind: TransactionKind
  /// Whether it succeeded, or the state root after it.
  public var outcome: ReceiptOutcome
  /// Gas used in the block up to and with this transaction.
  public var cumulativeGasUsed: UInt64
  /// The filter over the logs.
  public var bloom: Bloom
  /// What it logged.
  public var logs: [Log]
  /// Deposits only, since Regolith: the sender's nonce before it.
  public var depositNonce: UInt64?
  /// Deposits only, since Canyon: 1.
  public var depositReceiptVersion: UInt64?

  /// Gas that this transaction used; derived, not part of the encoding.
  public var gasUsed: UInt64
  /// What it paid per gas, in wei; derived.
  public var effectiveGasPrice: UInt256
  /// The contract that it created; derived, and there too when the creation failed.
  public var contractAddress: Address?
  /// Gas that its blobs took; derived.
  public var blobGasUsed: UInt64

  /// A receipt with these fields, its bloom computed from the logs.
  public init(
    kind: TransactionKind, outcome: ReceiptOutcome, cumulativeGasUsed: UInt64, logs: [Log],
    gasUsed: UInt64 = 0, effectiveGasPrice: UInt256 = .zero, contractAddress: Address? = nil,
    blobGasUsed: UInt64 = 0
  ) {
    self.kind = kind
    self.outcome = outcome
    self.cumulativeGasUsed = cumulativeGasUsed
    self.logs = logs
    self.gasUsed = gasUsed
    self.effectiveGasPrice = effectiveGasPrice
    self.contractAddress = contractAddress
    self.blobGasUsed = blobGasUsed
    bloom = Bloom(logs)
  }

  /// Whether it says that the transaction succeeded; true before Byzantium, which did not say.
  public var succeeded: Bool {
    if case .status(let succeeded) = outcome { return succeeded }
    return true
  }

  /// The form for the network: RLP, with the type byte before it for typed kinds.
  public var encoded: Bytes { encoded(withDepositNonce: true) }

  /// The form that a block commits to.
  ///
  /// It differs for deposits between Regolith and Canyon, whose nonce nobody hashed.
  public var consensusForm: Bytes { encoded(withDepositNonce: depositReceiptVersion != nil) }

  private func encoded(withDepositNonce: Bool) -> Bytes {
    var writer = RLPWriter(reservingCapacity: 512)
    if kind != .legacy { writer.append(raw: [kind.rawValue]) }
    writer.list { list in
      switch outcome {
      case .status(let succeeded): list.append(bool: succeeded)
      case .postState(let root): list.append(hash: root)
      }
      list.append(uint64: cumulativeGasUsed)
      list.append(bytes: bloom.bytes)
      list.list { items in
        for log in logs { log.append(to: &items) }
      }
      if withDepositNonce, let depositNonce { list.append(uint64: depositNonce) }
      if let depositReceiptVersion { list.append(uint64: depositReceiptVersion) }
    }
    return writer.bytes
  }
}

extension Log {
  /// Writes the log as `[address, [topics], data]`.
  public func append(to writer: inout RLPWriter) {
    writer.list { item in
      item.append(address: address)
      item.list { list in
        for topic in topics { list.append(hash: topic) }
      }
      item.append(bytes: data)
    }
  }
}
