import Cryptography
import EVM
import Execution
import JSON
import Ledger
import NativeCryptography
import Primitives
import Tracers

extension EthereumService {
  /// `eth_createAccessList`.
  var accessListMethods: [String: RPCMethod] {
    ["eth_createAccessList": working(3, createAccessList)]
  }

  /// `eth_createAccessList(call, block?, state overrides?)`: runs the call with the list so far
  /// until the list does not grow any more.
  private func createAccessList(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    var arguments = try parameters.required(0).transactionArguments()
    let overrides = try parameters.optional(2)?.stateOverride() ?? StateOverride()
    let point = try point(parameters.optional(1))
    try arguments.checkChain(point.chain.specification)
    try overrides.checkPrecompiles(on: point)
    arguments.fillFees(from: point.header, tip: limits.suggestedTip)
    let excluded = try warmAddresses(arguments, at: point)
    var request = arguments.callRequest
    var list = AccessListTracer(excluded: excluded, given: request.accessList).accessList
    while true {
      request.accessList = list
      let tracer = AccessListTracer(excluded: excluded, given: list)
      let outcome = try run(request, at: point, overrides, tracer)
      if tracer.accessList == list { return answer(list, outcome) }
      list = tracer.accessList
    }
  }

  private func run(
    _ request: CallRequest, at point: ExecutionPoint, _ overrides: StateOverride,
    _ tracer: AccessListTracer
  ) throws(RPCError) -> CallOutcome {
    do throws(SimulationError) {
      return try point.simulate(request, overrides, limits: limits, tracer: tracer)
    } catch {
      if case .refused(let refusal, _) = error {
        throw .refused("failed to apply transaction: err: " + refusal.callMessage)
      }
      throw RPCError(error)
    }
  }

  /// Who is warm without a list: sender, recipient, precompiled contracts, and those who sign
  /// authorisations.
  private func warmAddresses(
    _ arguments: TransactionArguments, at point: ExecutionPoint
  ) throws(RPCError) -> Set<Address> {
    let sender = arguments.from ?? .zero
    var recipient = arguments.to
    if recipient == nil {
      let account = try readingState { () throws(StateMiss) in
        try point.state.account(sender)
      }
      recipient = Address.contract(
        createdBy: sender, nonce: arguments.nonce ?? account?.nonce ?? 0)
    }
    let specification = point.chain.specification
    var warm = Set(
      Journal.precompiles(
        of: specification.fork(of: point.header),
        rollup: specification.rollupFork(at: point.header.timestamp)))
    warm.insert(sender)
    if let recipient { warm.insert(recipient) }
    for authorization in arguments.authorizations ?? [] {
      let isOurs =
        authorization.chainID.isZero || authorization.chainID == UInt256(specification.chainID)
      guard isOurs, authorization.nonce < .max,
        let authority = authorization.authority(NativeCryptographyProvider.shared)
      else { continue }
      warm.insert(authority)
    }
    return warm
  }

  private func answer(_ list: [AccessListEntry], _ outcome: CallOutcome) -> JSON {
    var json = JSONObject()
    json["accessList"] = EthereumJSON.accessList(list)
    switch outcome.status {
    case .success: break
    case .revert: json["error"] = "execution reverted"
    case .halt(let halt): json["error"] = .string(halt.message(outcome.haltDetail))
    }
    json["gasUsed"] = .quantity(outcome.gasUsed)
    return .object(json)
  }
}

extension TransactionArguments {
  /// Names fees where the caller names none or one, as geth does before it makes a list.
  fileprivate mutating func fillFees(from header: BlockHeader, tip: UInt256) {
    guard gasPrice == nil, let baseFee = header.baseFee else { return }
    if maxPriorityFeePerGas == nil { maxPriorityFeePerGas = tip }
    if maxFeePerGas == nil {
      maxFeePerGas = baseFee.addingClamped(baseFee).addingClamped(maxPriorityFeePerGas ?? .zero)
    }
  }
}
