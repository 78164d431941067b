import EVM
import Execution
import Ledger
import NativeCryptography
import Primitives

/// A block that code may run on: its header, the state it left, and the hashes before it.
struct ExecutionPoint {
  var chain: Chain
  var header: BlockHeader
  var state: State
  var ancestors: RecentHashes
  /// What code sees as the price of blobs, in wei, if not what follows from the header.
  var blobBaseFee: UInt256?
}

extension ExecutionPoint {
  /// Runs a call on the block, without keeping what it changes.
  ///
  /// - Throws: `SimulationError` when the call cannot begin, or state is missing.
  func simulate(
    _ call: CallRequest, _ overrides: StateOverride = StateOverride(), limits: EthereumLimits,
    tracer: (any Tracer)? = nil
  ) throws(SimulationError) -> CallOutcome {
    try Execution.simulate(
      specification: chain.specification, header: header, state: state, call: call,
      overrides: overrides, blobBaseFee: blobBaseFee, gasCap: limits.callGas,
      ancestorHashes: ancestors, provider: chain.provider(NativeCryptographyProvider.shared),
      tracer: tracer)
  }
}
