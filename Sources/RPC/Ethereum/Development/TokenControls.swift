import Cryptography
import EVM
import Execution
import JSON
import Ledger
import Node
import Primitives
import Tracers

extension EthereumService {
  /// `anvil_dealERC20(account, token, amount)`: finds the slot that holds the balance, and sets it.
  func dealToken(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    let account = try parameters.required(0).address()
    let token = try parameters.required(1).address()
    let amount = try parameters.required(2).looseQuantity()
    try await set(
      token, ABI.call("balanceOf(address)", [.address(account)]), to: amount)
    return .null
  }

  /// `anvil_setERC20Allowance(owner, spender, token, amount)`.
  func setAllowance(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    let owner = try parameters.required(0).address()
    let spender = try parameters.required(1).address()
    let token = try parameters.required(2).address()
    let amount = try parameters.required(3).looseQuantity()
    try await set(
      token,
      ABI.call("allowance(address,address)", [.address(owner), .address(spender)]), to: amount)
    return .null
  }

  /// Sets the slot on which a contract's answer to a call depends, so that the answer is a word.
  private func set(_ token: Address, _ input: Bytes, to word: UInt256) async throws(RPCError) {
    let point = try point(.latest, on: try chain())
    let request = CallRequest(to: token, data: input)
    let tracer = AccessListTracer(excluded: [], given: [])
    _ = try call(request, at: point, StateOverride(), tracer)
    for entry in tracer.accessList {
      for slot in entry.storageKeys {
        let change = AccountChange.Slot(slot: slot, value: word)
        let override = StateOverride(accounts: [
          AccountOverride(address: entry.address, slots: [change])
        ])
        let outcome = try call(request, at: point, override, nil)
        guard outcome.status == .success, outcome.output.count >= 32,
          UInt256(bigEndian: outcome.output.prefix(32)) == word
        else { continue }
        try await perform(
          .editAccounts(
            AccountEdit(
              layer: layer, changes: [.init(address: entry.address, slots: [change])])))
        return
      }
    }
    throw .refused("no slot of \(token.checksummed) was found that holds the value")
  }

  private func call(
    _ request: CallRequest, at point: ExecutionPoint, _ overrides: StateOverride,
    _ tracer: (any Tracer)?
  ) throws(RPCError) -> CallOutcome {
    do throws(SimulationError) {
      return try point.simulate(request, overrides, limits: limits, tracer: tracer)
    } catch {
      throw RPCError(error)
    }
  }
}
