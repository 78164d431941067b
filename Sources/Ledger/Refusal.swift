import Contracts
import Execution
import Primitives

/// Why a command was refused: told to the caller, and nothing of it is kept.
public enum Refusal: Error, Hashable, Sendable {
  /// The genesis stands already.
  case genesisAlreadyDeclared
  /// A genesis document is missing, repeated or cannot be read.
  case genesis(layer: Layer, reason: String)
  /// No chain has been started on the layer.
  case layerNotStarted(Layer)
  /// The bytes are no transaction.
  case malformedTransaction(String)
  /// The transaction can never or not now be executed.
  case transaction(TransactionRefusal)
  /// The pool holds this transaction already.
  case alreadyKnown
  /// Another transaction of the same sender and nonce pays nearly as much or more.
  case replacementUnderpriced
  /// The transaction pays less a gas than the operator wants, both in wei.
  case underpriced(price: UInt256, minimum: UInt256)
  /// The pool is at its limit.
  case poolFull(limit: Int)
  /// The transaction is larger than a pool takes.
  case transactionTooLarge(sizeInBytes: Int, limitInBytes: Int)
  /// The block's time is not above its parent's.
  case timestampNotAboveParent(timestamp: UInt64, parent: UInt64)
  /// The head cannot go back there.
  case reset(ResetRefusal)
  /// What only a rollup does, or what a rollup does not.
  case rollup(RollupRefusal)
  /// A development control is refused.
  case control(ControlRefusal)
  /// The execution of a block could not be completed.
  case execution(String)
  /// The foreign block breaks a rule, named with both values.
  case block(number: UInt64, reason: String)
  /// The usage report is not one that could be paid.
  case usage(UsageRefusal)
  /// The data availability layer does not allow it, or there is none.
  case storage(StorageRefusal)

  /// The refusal in words; transactions' in geth's.
  public var message: String {
    switch self {
    case .genesisAlreadyDeclared: "the chain has its genesis already"
    case .genesis(let layer, let reason): "genesis of \(layer.name): \(reason)"
    case .layerNotStarted(let layer): "no chain has been started on \(layer.name)"
    case .malformedTransaction(let reason): reason
    case .transaction(let refusal): refusal.message
    case .alreadyKnown: "already known"
    case .replacementUnderpriced: "replacement transaction underpriced"
    case .underpriced(let price, let minimum):
      "transaction underpriced: gas price \(price.decimalString), minimum needed "
        + minimum.decimalString
    case .poolFull(let limit): "txpool is full: it holds \(limit) transactions"
    case .transactionTooLarge(let size, let limit):
      "oversized data: transaction size \(size), limit \(limit)"
    case .timestampNotAboveParent(let timestamp, let parent):
      "timestamp \(timestamp) is not above the parent's, \(parent)"
    case .reset(let refusal): refusal.message
    case .rollup(let refusal): refusal.message
    case .control(let refusal): refusal.message
    case .execution(let reason): reason
    case .block(let number, let reason): "block \(number): \(reason)"
    case .usage(let refusal): refusal.message
    case .storage(let refusal): refusal.message
    }
  }
}

/// Why a usage report was refused.
public enum UsageRefusal: Error, Hashable, Sendable {
  /// The payer's signature is not by the payer, or not of this authorisation.
  case payerSignature(expected: Address, recovered: Address?)
  /// The engine's signature is not by the authorised engine, or not of this receipt.
  case engineSignature(expected: Address, recovered: Address?)
  /// The receipt names another authorisation than the one that came with it.
  case authorizationMismatch(named: Hash, given: Hash)
  /// The receipt names another payer than the authorisation.
  case payerMismatch
  /// The shares make no attribution tree.
  case shares(AttributionTreeError)
  /// The shares do not hash to the receipt's attribution root.
  case attributionRootMismatch(named: Hash, computed: Hash)
  /// The engine's sequence number is not above its last one: a repeated or late receipt.
  case sequenceNotAbove(last: UInt64, got: UInt64)
  /// Unsettled receipts under this authorisation would exceed what it allows.
  case aboveAuthorized(maximumFee: UInt256, reported: UInt256)
  /// The attribution contract would not pay it.
  case settlement(String)
  /// More contributors than one report may name.
  case tooManyShares(count: Int, limit: Int)

  /// The refusal in words.
  public var message: String {
    switch self {
    case .payerSignature(let expected, let recovered):
      "payer signature: expected one by \(expected.hexadecimal), "
        + "got \(recovered?.hexadecimal ?? "none that recovers")"
    case .engineSignature(let expected, let recovered):
      "engine signature: expected one by \(expected.hexadecimal), "
        + "got \(recovered?.hexadecimal ?? "none that recovers")"
    case .authorizationMismatch(let named, let given):
      "the receipt is for authorisation \(named.hexadecimal), not \(given.hexadecimal)"
    case .payerMismatch: "the receipt names another payer than the authorisation"
    case .shares(.notAscending): "the contributors are not strictly ascending by address"
    case .shares(.zeroWeight): "a contributor weighs nothing"
    case .shares(.weightTooLarge): "a contributor's weight has more than 128 bits"
    case .shares(.tooManyContributors(let count, let limit)):
      "\(count) contributors are above the limit of \(limit)"
    case .attributionRootMismatch(let named, let computed):
      "attribution root: the receipt says \(named.hexadecimal), "
        + "the shares give \(computed.hexadecimal)"
    case .sequenceNotAbove(let last, let got):
      "engine sequence \(got) is not above the last reported, \(last)"
    case .aboveAuthorized(let maximum, let reported):
      "fees of \(reported.decimalString) wei are above the authorised "
        + "\(maximum.decimalString) wei"
    case .settlement(let reason): "the attribution contract refuses it: \(reason)"
    case .tooManyShares(let count, let limit):
      "\(count) contributors are above the limit of \(limit)"
    }
  }
}
