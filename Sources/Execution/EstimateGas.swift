import Cryptography
import EVM
import Primitives

/// The least gas limit with which `call` succeeds, as geth finds it.
///
/// Geth's algorithm: one run with all gas, one with a little more than that used, then bisection
/// until the bounds are within 1.5 percent.
///
/// - Throws: `SimulationError`.
public func estimateGas(
  specification: ChainSpecification, header: BlockHeader, state: State, call: CallRequest,
  overrides: StateOverride = StateOverride(), blobBaseFee: UInt256? = nil,
  gasCap: UInt64 = usualCallGasCap,
  ancestorHashes: any AncestorHashes, provider: any CryptographyProvider
) throws(SimulationError) -> UInt64 {
  let estimation = GasEstimation(
    specification: specification, header: header, state: state, call: call,
    overrides: overrides, blobBaseFee: blobBaseFee, gasCap: gasCap, ancestors: ancestorHashes,
    provider: provider,
    workspace: Workspace())
  return try estimation.search()
}

/// One search for a gas limit.
private struct GasEstimation {
  let specification: ChainSpecification
  let header: BlockHeader
  let state: State
  let call: CallRequest
  let overrides: StateOverride
  let blobBaseFee: UInt256?
  let gasCap: UInt64
  let ancestors: any AncestorHashes
  let provider: any CryptographyProvider
  let workspace: Workspace

  /// What one run says; nil when the gas did not even start it.
  private func run(_ gasLimit: UInt64) throws(SimulationError) -> CallOutcome? {
    var attempt = call
    attempt.gasLimit = gasLimit
    do throws(SimulationError) {
      return try simulate(
        specification: specification, header: header, state: state, call: attempt,
        overrides: overrides, blobBaseFee: blobBaseFee, gasCap: gasLimit, ancestorHashes: ancestors,
        provider: provider,
        workspace: workspace)
    } catch {
      switch error {
      case .refused(.intrinsicGasTooLow, _), .refused(.floorGasTooLow, _): return nil
      case .refused(let refusal, let gasLimit):
        throw .attemptRefused(refusal, gasLimit: gasLimit)
      default: throw error
      }
    }
  }

  func search() throws(SimulationError) -> UInt64 {
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
      if UInt128(high - low) * 1_000 < UInt128(high) * 15 { break }
      let middle = min(low + (high - low) / 2, low * 2)
      if try run(middle)?.status == .success { high = middle } else { low = middle }
    }
    return high
  }

  /// The most gas that the block, the fork, the sender's balance and the node allow.
  private func allowance() throws(SimulationError) -> UInt64 {
    var high = header.gasLimit
    if let limit = call.gasLimit, limit >= IntrinsicPrice.transaction { high = limit }
    if specification.fork(of: header) >= .osaka {
      high = min(high, TransactionRules.gasLimitCap)
    }
    if !call.feeCap.isZero {
      var available = try balance()
      guard call.value.isZero || call.value < available else {
        throw .attemptRefused(.insufficientFundsForTransfer(sender: call.from), gasLimit: high)
      }
      available = available - call.value
      let blobGas = UInt256(UInt64(call.blobHashes.count) * BlobParameters.gasPerBlob)
      let blobs = blobGas.multipliedReportingOverflow(by: call.maxFeePerBlobGas ?? .zero)
      guard blobs.partialValue.isZero || (!blobs.overflow && blobs.partialValue < available) else {
        throw .attemptRefused(
          .insufficientFunds(sender: call.from, balance: available, cost: blobs.partialValue),
          gasLimit: high)
      }
      available = available - blobs.partialValue
      high = min(high, (available / call.feeCap).clampedUInt64)
    }
    return min(high, gasCap, UInt64(Int64.max))
  }

  private func balance() throws(SimulationError) -> UInt256 {
    for account in overrides.accounts where account.address == call.from {
      if let balance = account.balance { return balance }
    }
    do throws(StateMiss) {
      return try state.account(call.from)?.balance ?? .zero
    } catch {
      throw .stopped(.miss(error))
    }
  }

  private func isPlainAccount(_ address: Address?) throws(SimulationError) -> Bool {
    guard let address else { return false }
    for account in overrides.accounts where account.address == address {
      if let code = account.code { return code.isEmpty }
    }
    do throws(StateMiss) {
      return try state.account(address)?.codeHash ?? Keccak256.empty == Keccak256.empty
    } catch {
      throw .stopped(.miss(error))
    }
  }
}
