import Contracts
import EVM
import Execution
import Primitives

/// Why a contract could not be asked, or did not answer.
public struct ViewFailure: Error, Hashable, Sendable {
  /// What went wrong, in words.
  public var message: String

  /// A failure in these words.
  public init(message: String) { self.message = message }
}

extension World {
  /// Asks a contract on a layer's head, the second's unless another is named.
  ///
  /// - Throws: ``ViewFailure`` when the contract reverts, or is not there.
  public func read<Value>(
    _ view: ContractView<Value>, on layer: Layer = .two
  ) throws(ViewFailure) -> Value {
    guard let chain = self[layer] else {
      throw ViewFailure(message: Refusal.layerNotStarted(layer).message)
    }
    let output = try call(view.contract, view.input, on: chain)
    do throws(ABIError) {
      return try view.result(from: output)
    } catch {
      throw ViewFailure(
        message: "\(view.contract.hexadecimal) does not answer as the contract should")
    }
  }

  /// Calls a contract on a chain's head without consequences, and returns its output.
  func call(_ contract: Address, _ input: Bytes, on chain: Chain) throws(ViewFailure) -> Bytes {
    let outcome: CallOutcome
    do throws(SimulationError) {
      outcome = try workspaces.use { (workspace) throws(SimulationError) in
        try simulate(
          specification: chain.specification, header: chain.head.header,
          state: chain.head.state, call: CallRequest(to: contract, data: input),
          ancestorHashes: chain.ancestorHashes, provider: provider, workspace: workspace)
      }
    } catch {
      throw ViewFailure(message: error.message)
    }
    switch outcome.status {
    case .success: return outcome.output
    case .revert:
      throw ViewFailure(
        message: ContractError(revertData: outcome.output)?.message ?? "execution reverted")
    case .halt(let halt): throw ViewFailure(message: "\(halt.message)")
    }
  }
}

extension World {
  /// The gas that a call on the second layer's head would need.
  ///
  /// - Throws: ``ViewFailure`` when it would fail with any amount.
  public func estimateGas(_ call: CallRequest) throws(ViewFailure) -> UInt64 {
    guard let chain = layerTwo else {
      throw ViewFailure(message: "no chain has been started on l2")
    }
    do throws(SimulationError) {
      return try Execution.estimateGas(
        specification: chain.specification, header: chain.head.header, state: chain.head.state,
        call: call, ancestorHashes: chain.ancestorHashes, provider: provider)
    } catch {
      if case .reverted(let data) = error, let known = ContractError(revertData: data) {
        throw ViewFailure(message: known.message)
      }
      throw ViewFailure(message: error.message)
    }
  }
}
