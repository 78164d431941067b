import Cryptography
import EVM
import Execution
import JSON
import Ledger
import NativeCryptography
import Primitives
import Tracers

extension EthereumService {
  /// `eth_simulateV1`.
  var simulationMethods: [String: RPCMethod] {
    [
      "eth_simulateV1": working(2) { [self] (parameters) throws(RPCError) in
        let request = try parameters.required(0).simulationRequest()
        let point = try point(parameters.optional(1))
        return try simulateBlocks(request, at: point)
      }
    ]
  }

  /// Blocks of calls on top of a block, with what each did.
  func simulateBlocks(
    _ request: SimulationRequest, at point: ExecutionPoint
  ) throws(RPCError) -> JSON {
    var run = ChainSimulation(request, point, gasCap: limits.callGas)
    return try run.json()
  }
}

/// Blocks of calls on top of each other, as geth makes them.
private struct ChainSimulation {
  private let request: SimulationRequest
  private let specification: ChainSpecification
  private var parent: BlockHeader
  private var state: State
  private var ancestors: RecentHashes
  private let base: BlockHeader
  /// The gas that all calls together may still use.
  private var gasBudget: UInt64
  private let provider: any CryptographyProvider

  init(_ request: SimulationRequest, _ point: ExecutionPoint, gasCap: UInt64) {
    self.request = request
    specification = point.chain.specification
    parent = point.header
    base = point.header
    state = point.state
    ancestors = point.ancestors
    provider = point.chain.provider(NativeCryptographyProvider.shared)
    gasBudget = gasCap
  }

  /// The blocks with what their calls did.
  mutating func json() throws(RPCError) -> JSON {
    var results: [JSON] = []
    // What a header inherits from the one before, simulated or not.
    var last = base
    for block in try request.completed(after: base) {
      let header = header(of: block, after: last)
      last = header
      results.append(try run(block, header))
    }
    return .array(results)
  }

  private func header(
    of block: SimulationRequest.Block, after last: BlockHeader
  ) -> BlockHeader {
    var header = BlockHeader(
      parentHash: parent.hash, feeRecipient: block.feeRecipient ?? last.feeRecipient,
      number: block.number?.lowUInt64 ?? 0, gasLimit: block.gasLimit ?? last.gasLimit,
      timestamp: block.timestamp ?? 0)
    header.prevRandao = block.prevRandao ?? .zero
    header.difficulty = block.difficulty ?? last.difficulty
    if isMerged(header) { header.difficulty = block.difficulty ?? .zero }
    let fork = specification.fork(of: header)
    if fork >= .london {
      header.baseFee =
        block.baseFee
        ?? (request.validates
          ? nextBaseFee(
            parent: parent, specification: specification, timestamp: header.timestamp) : .zero)
    }
    if fork >= .cancun {
      let isParentOfCancun = specification.fork(of: parent) >= .cancun
      header.excessBlobGas =
        isParentOfCancun
        ? nextExcessBlobGas(
          parent: parent, timestamp: header.timestamp, specification: specification) : 0
      header.blobGasUsed = 0
      header.parentBeaconBlockRoot = block.beaconRoot ?? .zero
    }
    return header
  }

  /// Whether a simulated block has proof of stake: since the base has, or by its number or time.
  private func isMerged(_ header: BlockHeader) -> Bool {
    let forks = specification.forks
    guard forks.terminalTotalDifficulty != nil else { return false }
    if base.difficulty.isZero || forks.terminalTotalDifficulty == .zero { return true }
    if let time = forks.shanghaiTime, header.timestamp >= time { return true }
    if let number = forks.mergeNetsplitBlock { return header.number >= number }
    return false
  }

  private mutating func run(
    _ block: SimulationRequest.Block, _ header: BlockHeader
  ) throws(RPCError) -> JSON {
    try block.state.checkPrecompiles(
      specification.fork(of: header), specification.rollupFork(at: header.timestamp))
    var simulation: BlockSimulation
    do throws(ExecutionStop) {
      simulation = try BlockSimulation(
        specification: specification, header: header, parent: parent, state: state,
        overrides: block.state, blobBaseFee: block.blobBaseFee, ancestorHashes: ancestors,
        provider: provider)
    } catch {
      throw .stopped(error)
    }
    let tracer = TransferTracer(tracesTransfers: request.tracesTransfers)
    var calls: [SimulatedCall] = []
    for (index, arguments) in block.calls.enumerated() {
      calls.append(try run(arguments, at: index, header, &simulation, tracer))
    }
    let outcome: BlockOutcome
    do throws(ExecutionStop) {
      outcome = try simulation.finish(withdrawals: block.withdrawals)
    } catch {
      throw .stopped(error)
    }
    parent = outcome.block.header
    state = outcome.state
    let hash = parent.hash
    ancestors = RecentHashes(
      first: max(ancestors.first, parent.number - UInt64(ancestors.hashes.count)),
      hashes: ancestors.hashes + [hash])
    return json(outcome, hash, calls)
  }

  private mutating func run(
    _ given: TransactionArguments, at index: Int, _ header: BlockHeader,
    _ simulation: inout BlockSimulation, _ tracer: TransferTracer
  ) throws(RPCError) -> SimulatedCall {
    let sender = given.from ?? .zero
    var arguments = given
    if arguments.nonce == nil {
      arguments.nonce = try readingState { () throws(StateMiss) in
        try simulation.nonce(of: sender)
      }
    }
    let remaining = simulation.gasLeft
    let asked = arguments.gasLimit ?? remaining
    guard asked <= remaining else {
      throw RPCError(
        code: -38015,
        message: "block gas limit reached: remaining: \(remaining), required: \(asked)")
    }
    arguments.gasLimit = min(asked, gasBudget)
    try arguments.checkChain(specification)
    let transaction = arguments.simulatedTransaction(
      specification, hasBaseFee: header.baseFee != nil)
    do throws(ExecutionFailure) {
      let outcome = try simulation.run(
        transaction, sender: sender, validates: request.validates, tracer: tracer)
      guard outcome.gasUsed <= gasBudget else {
        throw .refused(.gasLimitAboveCap(limit: outcome.gasUsed, cap: gasBudget))
      }
      gasBudget -= outcome.gasUsed
      return SimulatedCall(
        transaction: transaction, hash: transaction.hash, index: index, outcome: outcome,
        logs: tracer.takeLogs(), isCapped: asked > transaction.gasLimit)
    } catch {
      throw RPCError(simulating: error, gasLimit: transaction.gasLimit)
    }
  }

  private func json(_ outcome: BlockOutcome, _ hash: Hash, _ calls: [SimulatedCall]) -> JSON {
    let transactions = zip(calls, outcome.senders).map { call, sender in
      request.isFull
        ? EthereumJSON.simulatedTransaction(
          call.transaction, hash: call.hash, sender: sender, index: call.index,
          header: outcome.block.header, blockHash: hash)
        : JSON.data(call.hash)
    }
    return EthereumJSON.simulatedBlock(
      outcome.block, hash: hash, transactions: transactions,
      calls: calls.map { $0.json(outcome.block.header, hash) })
  }
}

/// A call with what it did.
private struct SimulatedCall {
  var transaction: Transaction
  var hash: Hash
  var index: Int
  var outcome: TransactionOutcome
  var logs: [TransferTracer.Entry]
  var isCapped: Bool

  func json(_ header: BlockHeader, _ blockHash: Hash) -> JSON {
    var json = JSONObject()
    let hasSucceeded = outcome.status == .success
    json["returnData"] = .data(hasSucceeded ? outcome.output : [])
    json["logs"] = .array(logs.map { self.json($0, header, blockHash) })
    json["gasUsed"] = .quantity(outcome.gasUsed)
    json["maxUsedGas"] = .quantity(outcome.gasUsedBeforeRefund)
    json["status"] = .quantity(hasSucceeded ? 1 : 0 as UInt64)
    switch outcome.status {
    case .success: break
    case .revert:
      let error = RPCError.reverted(outcome.output)
      json["error"] = [
        "message": .string(error.message), "code": .integer(error.code),
        "data": error.data ?? "0x",
      ]
    case .halt(let halt):
      let cap = isCapped ? " (gas limit was capped by the RPC server's global gas cap)" : ""
      json["error"] = [
        "message": .string(halt.message(outcome.haltDetail) + cap), "code": -32015,
      ]
    }
    return .object(json)
  }

  private func json(
    _ entry: TransferTracer.Entry, _ header: BlockHeader, _ blockHash: Hash
  ) -> JSON {
    [
      "address": .data(entry.log.address),
      "topics": .array(entry.log.topics.map { .data($0) }), "data": .data(entry.log.data),
      "blockNumber": .quantity(header.number), "transactionHash": .data(hash),
      "transactionIndex": EthereumJSON.index(index), "blockHash": .data(blockHash),
      "blockTimestamp": .quantity(header.timestamp),
      "logIndex": EthereumJSON.index(entry.index), "removed": false,
    ]
  }
}

extension TransactionArguments {
  /// The call as an unsigned transaction of the kind that geth takes it for.
  fileprivate func simulatedTransaction(
    _ specification: ChainSpecification, hasBaseFee: Bool
  ) -> Transaction {
    var transaction = Transaction(
      to: to, chainID: chainID ?? specification.chainID, nonce: nonce ?? 0,
      maxFeePerGas: gasPrice ?? maxFeePerGas ?? .zero,
      maxPriorityFeePerGas: gasPrice ?? maxPriorityFeePerGas ?? .zero, gasLimit: gasLimit ?? 0,
      value: value ?? .zero, data: data ?? [], accessList: accessList ?? [])
    if gasPrice != nil || !hasBaseFee {
      transaction.kind = .legacy
      // Nobody has signed it, so it names no chain.
      transaction.chainID = nil
    } else if let authorizations {
      transaction.kind = .setCode
      transaction.authorizations = authorizations
    } else if let blobHashes {
      transaction.kind = .blob
      transaction.blobHashes = blobHashes
      transaction.maxFeePerBlobGas = maxFeePerBlobGas ?? .zero
    }
    return transaction
  }
}

extension RPCError {
  /// Why a simulated call could not begin, with the codes of the execution API.
  fileprivate init(simulating failure: ExecutionFailure, gasLimit: UInt64) {
    guard case .refused(let refusal) = failure else {
      if case .stopped(let stop) = failure { self = .stopped(stop) } else { self = .refused("") }
      return
    }
    let code =
      switch refusal {
      case .nonceTooLow: -38010
      case .nonceTooHigh: -38011
      case .feeCapBelowBaseFee: -38012
      case .intrinsicGasTooLow: -38013
      case .insufficientFunds, .insufficientFundsForTransfer: -38014
      case .senderNotExternallyOwned: -38024
      case .initCodeTooLarge: -38025
      case .tipAboveFeeCap: -32602
      default: -32603
      }
    self.init(
      code: code, message: "err: \(refusal.callMessage) (supplied gas \(gasLimit))")
  }
}
