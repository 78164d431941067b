import Cryptography
import EVM
import Primitives

/// Why no gas limit makes a call succeed.
public enum EstimationFailure: Error, Hashable, Sendable {
  /// The call is not valid, tried with this much gas.
  case refused(TransactionRefusal, gasLimit: UInt64)
  /// State is missing.
  case stopped(ExecutionStop)
  /// It reverts with this data.
  case reverted(Bytes)
  /// It halts.
  case halted(Halt, HaltDetail)
  /// All the gas that it may have, or that the sender can pay for, is not enough.
  case allowanceExceeded(gasLimit: UInt64)

  /// What is wrong, in geth's words; a revert's reason is for the caller to decode.
  public var message: String {
    switch self {
    case .refused(.insufficientFundsForTransfer, _): "insufficient funds for transfer"
    case .refused(let refusal, let gasLimit):
      "failed with " + String(gasLimit) + " gas: " + refusal.callMessage
    case .stopped: "state is missing"
    case .reverted: "execution reverted"
    case .halted(let halt, let detail): halt.message(detail)
    case .allowanceExceeded(let gasLimit):
      "gas required exceeds allowance (" + String(gasLimit) + ")"
    }
  }
}

/// The least gas limit with which `call` succeeds, as geth finds it.
///
/// Geth's algorithm: one run with all gas, one with a little more than that used, then bisection
/// until the bounds are within 1.5 percent.
///
/// - Throws: `EstimationFailure`.
public func estimateGas(
  _ call: CallRequest, in context: CallContext, ancestorHashes: any AncestorHashes,
  provider: any CryptographyProvider
) throws(EstimationFailure) -> UInt64 {
  let estimation = GasEstimation(
    call: call, context: context, ancestors: ancestorHashes, provider: provider,
    workspace: Workspace())
  return try estimation.search()
}

/// One search for a gas limit.
private struct GasEstimation {
  let call: CallRequest
  let context: CallContext
  let ancestors: any AncestorHashes
  let provider: any CryptographyProvider
  let workspace: Workspace

  /// What one run says; nil when the gas did not even start it.
  private func run(_ gasLimit: UInt64) throws(EstimationFailure) -> CallOutcome? {
    var attempt = call
    attempt.gasLimit = gasLimit
    var context = context
    context.gasCap = gasLimit
    do throws(ExecutionFailure) {
      return try simulate(
        attempt, in: context, ancestorHashes: ancestors, provider: provider,
        workspace: workspace)
    } catch {
      switch error {
      case .refused(.intrinsicGasTooLow), .refused(.floorGasTooLow): return nil
      case .refused(let refusal): throw .refused(refusal, gasLimit: gasLimit)
      case .stopped(let stop): throw .stopped(stop)
      }
    }
  }

  func search() throws(EstimationFailure) -> UInt64 {
    var high = try allowance()
    let plain = IntrinsicPrice.transaction
    if call.data.isEmpty, try isPlainAccount(call.to), high >= plain,
      try run(plain)?.status == .success
    {
      return plain
    }
    guard let first = try run(high) else { throw .allowanceExceeded(gasLimit: high) }
    switch first.status {
    case .success: break
    case .revert: throw .reverted(first.output)
    case .halt(.outOfGas): throw .allowanceExceeded(gasLimit: high)
    case .halt(let halt): throw .halted(halt, first.haltDetail)
    }
    var low = first.gasUsed - 1
    let stipend: UInt64 = 2_300
    let guess =
      (first.gasUsedBeforeRefund + stipend) / 63 * 64
      + (first.gasUsedBeforeRefund + stipend) % 63 * 64 / 63
    if guess < high {
      if try run(guess)?.status == .success { high = guess } else { low = guess }
    }
    while low + 1 < high {
      if (high - low) * 1_000 < high * 15 { break }
      let middle = min(low + (high - low) / 2, low * 2)
      if try run(middle)?.status == .success { high = middle } else { low = middle }
    }
    return high
  }

  /// The most gas that the block, the fork, the sender's balance and the node allow.
  private func allowance() throws(EstimationFailure) -> UInt64 {
    var high = context.header.gasLimit
    if let limit = call.gasLimit, limit >= IntrinsicPrice.transaction { high = limit }
    if context.specification.fork(of: context.header) >= .osaka {
      high = min(high, TransactionRules.gasLimitCap)
    }
    if !call.feeCap.isZero {
      var available = try balance()
      guard call.value.isZero || call.value < available else {
        throw .refused(.insufficientFundsForTransfer(sender: call.from), gasLimit: high)
      }
      available = available - call.value
      let blobGas = UInt256(UInt64(call.blobHashes.count) * BlobParameters.gasPerBlob)
      let blobs = blobGas.multipliedReportingOverflow(by: call.maxFeePerBlobGas ?? .zero)
      guard blobs.partialValue.isZero || (!blobs.overflow && blobs.partialValue < available) else {
        throw .refused(
          .insufficientFunds(sender: call.from, balance: available, cost: blobs.partialValue),
          gasLimit: high)
      }
      available = available - blobs.partialValue
      high = min(high, (available / call.feeCap).clampedUInt64)
    }
    return min(high, context.gasCap)
  }

  private func balance() throws(EstimationFailure) -> UInt256 {
    for account in context.overrides.accounts where account.address == call.from {
      if let balance = account.balance { return balance }
    }
    do throws(StateMiss) {
      return try context.state.account(call.from)?.balance ?? .zero
    } catch {
      throw .stopped(.miss(error))
    }
  }

  private func isPlainAccount(_ address: Address?) throws(EstimationFailure) -> Bool {
    guard let address else { return false }
    for account in context.overrides.accounts where account.address == address {
      if let code = account.code { return code.isEmpty }
    }
    do throws(StateMiss) {
      return try context.state.account(address)?.codeHash ?? Keccak256.empty == Keccak256.empty
    } catch {
      throw .stopped(.miss(error))
    }
  }
}
