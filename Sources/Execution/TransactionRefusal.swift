import Cryptography
import EVM
import Primitives

/// Why a transaction has no place in a block; the state is as if it had never been tried.
public enum TransactionRefusal: Error, Hashable, Sendable {
  /// The fork does not know the kind.
  case typeNotSupported(TransactionKind)
  /// It is for another chain, or names none where one is needed.
  case wrongChainID(expected: UInt64, got: UInt64?)
  /// The signature does not say who sent it.
  case invalidSender(TransactionError)
  /// The sender has sent a transaction with this nonce already.
  case nonceTooLow(expected: UInt64, got: UInt64)
  /// Transactions between are missing.
  case nonceTooHigh(expected: UInt64, got: UInt64)
  /// No nonce could follow.
  case nonceExhausted(sender: Address, nonce: UInt64)
  /// The sender has code that is no delegation (EIP-3607).
  case senderNotExternallyOwned(sender: Address, codeSizeInBytes: Int)
  /// The balance does not cover the greatest cost; a cost that does not fit counts as the greatest
  /// number.
  case insufficientFunds(sender: Address, balance: UInt256, cost: UInt256)
  /// The balance does not cover the value.
  case insufficientFundsForTransfer(sender: Address)
  /// The gas limit is below what the transaction costs before it runs.
  case intrinsicGasTooLow(have: UInt64, need: UInt64)
  /// The gas limit is below the price of the calldata (EIP-7623).
  case floorGasTooLow(have: UInt64, need: UInt64)
  /// The gas limit is above that of the block.
  case gasLimitAboveBlock(limit: UInt64, block: UInt64)
  /// The gas limit is above what is left in the block.
  case blockGasExhausted(needed: UInt64, available: UInt64)
  /// The gas limit is above what one transaction may have (EIP-7825).
  case gasLimitAboveCap(limit: UInt64, cap: UInt64)
  /// The cap on the fee is below the block's base fee.
  case feeCapBelowBaseFee(sender: Address, cap: UInt256, baseFee: UInt256)
  /// The tip is above the cap on the fee.
  case tipAboveFeeCap(sender: Address, tip: UInt256, cap: UInt256)
  /// The init code is too long (EIP-3860).
  case initCodeTooLarge(sizeInBytes: Int, limit: Int)
  /// The block has no room for so many bytes (EIP-7934).
  case blockSizeExhausted(sizeInBytes: Int, limit: Int)
  /// A blob transaction creates a contract.
  case blobCreation
  /// A blob transaction has no blobs.
  case blobsMissing
  /// A blob transaction has more blobs than one may have.
  case tooManyBlobs(count: Int, limit: Int)
  /// The versioned hash at `index` has an unknown version.
  case blobVersionUnknown(index: Int)
  /// The cap on the blob fee is below the block's.
  case blobFeeCapBelowBlobBaseFee(sender: Address, cap: UInt256, blobBaseFee: UInt256)
  /// The block has no room for so many blobs.
  case blobGasExhausted(needed: UInt64, available: UInt64)
  /// A set-code transaction creates a contract.
  case setCodeCreation
  /// A set-code transaction authorises nothing.
  case authorizationsMissing
}

extension TransactionRefusal {
  /// What is wrong, in geth's words where geth has some.
  public var message: String {
    switch self {
    case .typeNotSupported(let kind):
      "transaction type not supported: tx type " + String(kind.rawValue)
        + " not supported by this fork"
    case .wrongChainID(let expected, let got):
      "invalid chain id for signer: have " + (got.map { String($0) } ?? "none") + " want "
        + String(expected)
    case .invalidSender(let error):
      "invalid sender: " + error.message
    case .nonceTooLow, .nonceTooHigh, .nonceExhausted, .senderNotExternallyOwned,
      .insufficientFunds, .insufficientFundsForTransfer:
      accountMessage
    case .intrinsicGasTooLow, .floorGasTooLow, .gasLimitAboveBlock, .blockGasExhausted,
      .gasLimitAboveCap, .initCodeTooLarge, .blockSizeExhausted:
      gasMessage
    case .feeCapBelowBaseFee, .tipAboveFeeCap, .blobFeeCapBelowBlobBaseFee:
      feeMessage
    case .blobCreation, .blobsMissing, .tooManyBlobs, .blobVersionUnknown, .blobGasExhausted:
      blobMessage
    case .setCodeCreation:
      "EIP-7702 transaction cannot be used to create contract"
    case .authorizationsMissing:
      "EIP-7702 transaction with empty auth list"
    }
  }

  private var accountMessage: String {
    switch self {
    case .nonceTooLow(let expected, let got):
      "nonce too low: next nonce " + String(expected) + ", tx nonce " + String(got)
    case .nonceTooHigh(let expected, let got):
      "nonce too high: next nonce " + String(expected) + ", tx nonce " + String(got)
    case .nonceExhausted(let sender, let nonce):
      "nonce has max value: address " + sender.checksummed + ", nonce: " + String(nonce)
    case .senderNotExternallyOwned(let sender, let size):
      "sender not an eoa: address " + sender.checksummed + ", len(code): " + String(size)
    case .insufficientFunds(_, let balance, let cost):
      "insufficient funds for gas * price + value: balance " + balance.decimalString
        + ", tx cost " + cost.decimalString + ", overshot " + (cost &- balance).decimalString
    case .insufficientFundsForTransfer(let sender):
      "insufficient funds for transfer: address " + sender.checksummed
    default: ""
    }
  }

  private var gasMessage: String {
    switch self {
    case .intrinsicGasTooLow(let have, let need):
      "intrinsic gas too low: gas " + String(have) + ", minimum needed " + String(need)
    case .floorGasTooLow(let have, let need):
      "insufficient gas for floor data gas cost: gas " + String(have) + ", minimum needed "
        + String(need)
    case .gasLimitAboveBlock: "exceeds block gas limit"
    case .blockGasExhausted: "gas limit reached"
    case .gasLimitAboveCap(let limit, let cap):
      "transaction gas limit too high (cap: " + String(cap) + ", tx: " + String(limit) + ")"
    case .initCodeTooLarge(let size, let limit):
      "max initcode size exceeded: code size " + String(size) + ", limit " + String(limit)
    case .blockSizeExhausted(let size, let limit):
      "oversized data: block size " + String(size) + ", limit " + String(limit)
    default: ""
    }
  }

  private var feeMessage: String {
    switch self {
    case .feeCapBelowBaseFee(let sender, let cap, let baseFee):
      "max fee per gas less than block base fee: address " + sender.checksummed
        + ", maxFeePerGas: " + cap.decimalString + ", baseFee: " + baseFee.decimalString
    case .tipAboveFeeCap(let sender, let tip, let cap):
      "max priority fee per gas higher than max fee per gas: address " + sender.checksummed
        + ", maxPriorityFeePerGas: " + tip.decimalString + ", maxFeePerGas: " + cap.decimalString
    case .blobFeeCapBelowBlobBaseFee(let sender, let cap, let blobBaseFee):
      "max fee per blob gas less than block blob gas fee: address " + sender.checksummed
        + " blobGasFeeCap: " + cap.decimalString + ", blobBaseFee: " + blobBaseFee.decimalString
    default: ""
    }
  }

  private var blobMessage: String {
    switch self {
    case .blobCreation: "blob transaction of type create"
    case .blobsMissing: "blob transaction missing blob hashes"
    case .tooManyBlobs(let count, let limit):
      "blob transaction has too many blobs: have " + String(count) + ", limit " + String(limit)
    case .blobVersionUnknown(let index):
      "blob " + String(index) + " has invalid hash version"
    case .blobGasExhausted: "blob gas limit reached"
    default: ""
    }
  }
}

extension TransactionRefusal {
  /// The same, in the words of geth's state transition, which `eth_call` shows.
  public var callMessage: String {
    switch self {
    case .insufficientFunds(let sender, let balance, let cost):
      "insufficient funds for gas * price + value: address " + sender.checksummed + " have "
        + balance.decimalString + " want " + cost.decimalString
    case .intrinsicGasTooLow(let have, let need):
      "intrinsic gas too low: have " + String(have) + ", want " + String(need)
    case .floorGasTooLow(let have, let need):
      "insufficient gas for floor data gas cost: have " + String(have) + ", want "
        + String(need)
    default: message
    }
  }
}
