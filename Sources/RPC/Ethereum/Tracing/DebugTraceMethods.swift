import EVM
import Execution
import JSON
import Ledger
import NativeCryptography
import Primitives
import Tracers
import Views

extension EthereumService {
  /// `debug_trace…`: transactions run again under a tracer.
  var debugTraceMethods: [String: RPCMethod] {
    [
      "debug_traceTransaction": working(2, traceTransaction),
      "debug_traceBlockByNumber": working(2) { [self] (parameters) throws(RPCError) in
        let block = try tracedBlock(try parameters.required(0).blockNumber())
        return try trace(block, parameters.optional(1))
      },
      "debug_traceBlockByHash": working(2) { [self] (parameters) throws(RPCError) in
        let hash = try parameters.required(0).hash()
        let block = try tracedBlock(.hash(hash, requireCanonical: false))
        return try trace(block, parameters.optional(1))
      },
      "debug_traceBlock": working(2) { [self] (parameters) throws(RPCError) in
        try trace(
          try foreignBlock(try parameters.required(0).data()), parameters.optional(1))
      },
      "debug_traceCall": working(3, traceCall),
      "debug_intermediateRoots": working(2, intermediateRoots),
    ]
  }

  private func trace(_ block: TracedBlock, _ value: RPCValue?) throws(RPCError) -> JSON {
    let results = try traces(block, try value?.traceSettings() ?? TraceSettings())
    return .array(
      zip(block.hashes, results).map { ["txHash": .data($0), "result": $1] })
  }

  private func traceTransaction(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let hash = try parameters.required(0).hash()
    let settings = try parameters.optional(1)?.traceSettings() ?? TraceSettings()
    let (block, index) = try blockOfTransaction(hash)
    return try traces(block, only: index, settings).first ?? .null
  }

  /// The block in which a transaction stands, and its index there.
  func blockOfTransaction(_ hash: Hash) throws(RPCError) -> (TracedBlock, Int) {
    let stored = try reading { (views) throws(ViewsError) in
      try views.transaction(layer, hash: hash)
    }
    guard let stored else { throw .refused("transaction not found") }
    return (try tracedBlock(stored.block.number, on: try chain()), stored.index)
  }

  /// A block of this chain in its encoding; its parent must be at hand.
  private func foreignBlock(_ encoded: Bytes) throws(RPCError) -> TracedBlock {
    let block: Block
    do throws(BlockError) {
      block = try Block.decode(encoded)
    } catch {
      let reason =
        switch error {
        case .malformed(let malformed): "rlp: \(malformed)"
        case .transaction(let index, let fault): "transaction \(index): \(fault.message)"
        }
      throw .refused("could not decode block: \(reason)")
    }
    guard block.header.number > 0 else { throw .refused("genesis is not traceable") }
    let chain = try chain()
    guard
      case .sealed(let number) = try resolve(
        .hash(block.header.parentHash, requireCanonical: false), on: chain)
    else {
      throw .refused("block \(block.header.parentHash.hexadecimal) not found")
    }
    let parent = try point(.number(number), on: chain)
    let allowsHighS = chain.specification.fork(of: block.header) < .homestead
    var candidates: [Candidate] = []
    for transaction in block.transactions {
      do throws(TransactionError) {
        let sender = try transaction.sender(
          NativeCryptographyProvider.shared, allowsHighS: allowsHighS)
        candidates.append(Candidate(transaction: transaction, sender: sender))
      } catch {
        throw .refused("tracing failed: " + error.message)
      }
    }
    return TracedBlock(
      specification: chain.specification, header: block.header, hash: block.hash,
      parent: parent.header, state: parent.state, ancestors: parent.ancestors,
      candidates: candidates, hashes: block.transactions.map(\.hash),
      provider: chain.provider(NativeCryptographyProvider.shared))
  }

  /// The roots of the state after each transaction of a block.
  private func intermediateRoots(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let hash = try parameters.required(0).hash()
    let block = try tracedBlock(.hash(hash, requireCanonical: false))
    var replay = try block.replay()
    var roots: [JSON] = []
    for candidate in block.candidates {
      do throws(ExecutionFailure) {
        _ = try replay.run(candidate)
      } catch {
        throw RPCError(tracing: error)
      }
      do throws(ExecutionStop) {
        roots.append(.data(try replay.state().root))
      } catch {
        throw .stopped(error)
      }
    }
    return .array(roots)
  }

  /// `debug_traceCall(call, block?, settings?)`, whose settings may override state and block.
  private func traceCall(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let arguments = try parameters.required(0).transactionArguments()
    let selector = try parameters.optional(1)?.block() ?? .latest
    if selector == .pending { throw .refused("tracing on top of pending is not supported") }
    let value = parameters.optional(2)
    let settings = try value?.traceSettings() ?? TraceSettings()
    let overrides = try value?.optional("stateOverrides")?.stateOverride() ?? StateOverride()
    var point = try point(selector, on: try chain())
    if let index = try value?.optional("txIndex")?.uint64() {
      point.state = try state(after: index, of: point)
    }
    if let changes = try value?.optional("blockOverrides") {
      try changes.override(&point)
    }
    try arguments.checkChain(point.chain.specification)
    try overrides.checkPrecompiles(on: point)
    return try trace(arguments.callRequest, at: point, overrides, settings)
  }

  /// The state before the transaction at an index of a point's block.
  private func state(after index: UInt64, of point: ExecutionPoint) throws(RPCError) -> State {
    let block = try tracedBlock(point.header.number, on: point.chain)
    guard index < UInt64(block.candidates.count) else {
      throw .refused("transaction index \(index) out of range for block \(block.hash.hexadecimal)")
    }
    var replay = try block.replay()
    for candidate in block.candidates.prefix(Int(index)) {
      do throws(ExecutionFailure) {
        _ = try replay.run(candidate)
      } catch {
        throw RPCError(tracing: error)
      }
    }
    do throws(ExecutionStop) { return try replay.state() } catch { throw .stopped(error) }
  }

  /// What a tracer finds in a call.
  func trace(
    _ call: CallRequest, at point: ExecutionPoint, _ overrides: StateOverride,
    _ settings: TraceSettings
  ) throws(RPCError) -> JSON {
    let tracer = settings.selection.tracer(context(of: call, at: point, settings))
    _ = try run(call, at: point, overrides, tracer)
    return tracer.result()
  }

  /// What a tracer knows of a call before it begins.
  func context(
    of call: CallRequest, at point: ExecutionPoint, _ settings: TraceSettings
  ) -> TraceContext {
    let gasLimit = min(call.gasLimit ?? limits.callGas, limits.callGas)
    var context = TraceContext(
      specification: point.chain.specification, header: point.header,
      transaction: Transaction(
        to: call.to, chainID: point.chain.specification.chainID, nonce: 0, maxFeePerGas: .zero,
        maxPriorityFeePerGas: .zero, gasLimit: gasLimit, value: call.value, data: call.data),
      sender: call.from)
    context.authorities = call.authorizations.compactMap {
      $0.authority(NativeCryptographyProvider.shared)
    }
    context.isLate = settings.deadline()
    return context
  }

  /// Runs a call under a tracer, which then knows what it used.
  func run(
    _ call: CallRequest, at point: ExecutionPoint, _ overrides: StateOverride,
    _ tracer: any ResultTracer
  ) throws(RPCError) -> CallOutcome {
    do throws(SimulationError) {
      let outcome = try point.simulate(call, overrides, limits: limits, tracer: tracer)
      tracer.finish(gasUsed: outcome.gasUsed)
      return outcome
    } catch {
      switch error {
      case .stopped(let stop): throw .stopped(stop)
      case .refused(let refusal, _): throw .refused("tracing failed: " + refusal.callMessage)
      default: throw RPCError(error)
      }
    }
  }
}
