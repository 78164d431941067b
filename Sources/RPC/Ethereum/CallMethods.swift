import EVM
import Execution
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives

extension EthereumService {
  /// What code would do.
  var callMethods: [String: RPCMethod] {
    [
      "eth_call": working(4, call),
      "eth_estimateGas": working(4, estimateGas),
    ]
  }

  /// `eth_call(call, block?, state overrides?, block overrides?)`.
  private func call(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let simulation = try simulation(parameters)
    let outcome: CallOutcome
    let clock = NodeConfiguration.systemClock
    let watch = CallWatch(until: clock() + limits.callTimeoutInMilliseconds, clock: clock)
    do throws(SimulationError) {
      outcome = try run(
        simulation.request, at: simulation.point, overrides: simulation.overrides,
        gasCap: limits.callGas, watch)
    } catch {
      if case .stopped(.aborted) = error {
        throw .refused("execution aborted (timeout = \(limits.callTimeoutInMilliseconds / 1000)s)")
      }
      throw RPCError(error)
    }
    return try answer(outcome, at: simulation.point, saying: watch.lines)
  }

  /// Runs a call in one of the workspaces.
  func run(
    _ request: CallRequest, at point: ExecutionPoint, overrides: StateOverride = StateOverride(),
    gasCap: UInt64, _ watch: any Tracer
  ) throws(SimulationError) -> CallOutcome {
    try workspaces.use { (workspace) throws(SimulationError) in
      try simulate(
        specification: point.chain.specification, header: point.header, state: point.state,
        call: request, overrides: overrides, blobBaseFee: point.blobBaseFee, gasCap: gasCap,
        ancestorHashes: point.ancestors,
        provider: point.chain.provider(NativeCryptographyProvider.shared), tracer: watch,
        workspace: workspace)
    }
  }

  /// What `eth_call` answers, after the operator was shown what the call said to the console.
  func answer(
    _ outcome: CallOutcome, at point: ExecutionPoint, saying lines: [String]
  ) throws(RPCError) -> JSON {
    if point.chain.operatorState.isLogging {
      for line in lines { limits.console("console.log of eth_call: " + line) }
    }
    switch outcome.status {
    case .success: return JSON.data(outcome.output)
    case .revert: throw .reverted(outcome.output)
    case .halt(let halt): throw .refused(halt.message(outcome.haltDetail))
    }
  }

  /// `eth_estimateGas(call, block?, state overrides?, block overrides?)`.
  private func estimateGas(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let simulation = try simulation(parameters)
    return JSON.quantity(
      try gasEstimate(simulation.request, at: simulation.point, overrides: simulation.overrides))
  }

  /// The least gas limit with which a call succeeds.
  func gasEstimate(
    _ request: CallRequest, at point: ExecutionPoint, overrides: StateOverride = StateOverride()
  ) throws(RPCError) -> UInt64 {
    do throws(SimulationError) {
      return try Execution.estimateGas(
        specification: point.chain.specification, header: point.header, state: point.state,
        call: request, overrides: overrides, blobBaseFee: point.blobBaseFee,
        gasCap: limits.callGas,
        ancestorHashes: point.ancestors,
        provider: point.chain.provider(NativeCryptographyProvider.shared))
    } catch {
      throw RPCError(error)
    }
  }

  private func simulation(
    _ parameters: RPCParameters
  ) throws(RPCError) -> (request: CallRequest, point: ExecutionPoint, overrides: StateOverride) {
    let arguments = try parameters.required(0).transactionArguments()
    let overrides = try parameters.optional(2)?.stateOverride() ?? StateOverride()
    var point = try point(parameters.optional(1))
    if let blockOverrides = parameters.optional(3) {
      try blockOverrides.override(&point)
    }
    try overrides.checkPrecompiles(on: point)
    try arguments.checkChain(point.chain.specification)
    return (arguments.callRequest, point, overrides)
  }
}

extension TransactionArguments {
  /// The call that they describe.
  var callRequest: CallRequest {
    CallRequest(
      from: from ?? .zero, to: to, gasLimit: gasLimit, gasPrice: gasPrice,
      maxFeePerGas: maxFeePerGas, maxPriorityFeePerGas: maxPriorityFeePerGas,
      value: value ?? .zero, data: data ?? [], accessList: accessList ?? [],
      authorizations: authorizations ?? [], blobHashes: blobHashes ?? [],
      maxFeePerBlobGas: maxFeePerBlobGas)
  }

  /// Refuses what is meant for another chain.
  func checkChain(_ specification: ChainSpecification) throws(RPCError) {
    guard let chainID, chainID != specification.chainID else { return }
    throw .refused(
      "chainId does not match node's (have=\(chainID), want=\(specification.chainID))")
  }
}
