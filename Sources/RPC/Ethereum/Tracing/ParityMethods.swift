import Cryptography
import EVM
import Execution
import JSON
import Ledger
import NativeCryptography
import Primitives
import Tracers
import Views

extension EthereumService {
  /// `trace_…`: calls as lists, as Parity began to show them.
  var parityMethods: [String: RPCMethod] {
    [
      "trace_block": working(1) { [self] (parameters) throws(RPCError) in
        let selector = try parameters.required(0).block()
        if try resolve(selector, on: try chain()) == .sealed(0) { return [] }
        return .array(try flatTraces(try tracedBlock(selector)).flatMap { $0 })
      },
      "trace_transaction": working(1) { [self] (parameters) throws(RPCError) in
        try flatTraces(ofTransaction: try parameters.required(0).hash()).map { .array($0) } ?? .null
      },
      "trace_get": working(2, traceGet),
      "trace_filter": working(1, traceFilter),
      "trace_call": working(5, traceCallFlat),
      "trace_callMany": working(2, traceCallMany),
      "trace_rawTransaction": working(2, traceRaw),
      "trace_transactionOpcodeGas": working(1) { [self] (parameters) throws(RPCError) in
        let (block, index) = try blockOfTransaction(try parameters.required(0).hash())
        return try opcodeGas(block, only: index).first ?? .null
      },
      "trace_blockOpcodeGas": working(1) { [self] (parameters) throws(RPCError) in
        let block = try tracedBlock(try parameters.required(0).block())
        return [
          "blockHash": .data(block.hash), "blockNumber": .integer(block.header.number),
          "transactions": .array(try opcodeGas(block)),
        ]
      },
      "trace_replayTransaction": working(2) { [self] (parameters) throws(RPCError) in
        let wanted = try parameters.required(1).parityParts()
        let (block, index) = try blockOfTransaction(try parameters.required(0).hash())
        return try replays(block, only: index, wanted).first ?? .null
      },
      "trace_replayBlockTransactions": working(2) { [self] (parameters) throws(RPCError) in
        let wanted = try parameters.required(1).parityParts()
        let block = try tracedBlock(try parameters.required(0).block())
        let results = try replays(block, only: nil, wanted)
        return .array(
          zip(block.hashes, results).map { hash, result in
            guard case .object(var members) = result else { return result }
            members["transactionHash"] = .data(hash)
            return .object(members)
          })
      },
    ]
  }

  /// What each kind of instruction used, of each transaction of a block or of one alone.
  private func opcodeGas(
    _ block: TracedBlock, only index: Int? = nil
  ) throws(RPCError) -> [JSON] {
    let tracers = try traces(block, only: index) { OpcodeGasTracer($0) }
    let hashes = index.map { [block.hashes[$0]] } ?? block.hashes
    return zip(hashes, tracers).map { hash, tracer in
      ["transactionHash": .data(hash), "opcodeGas": tracer.result()]
    }
  }

  /// The traces of each transaction of a block.
  func flatTraces(_ block: TracedBlock, only index: Int? = nil) throws(RPCError) -> [[JSON]] {
    try traces(block, only: index) { context in
      FlatCallTracer(context, convertsErrors: true, countsIntrinsicGas: false)
    }.map(\.traces)
  }

  private func flatTraces(ofTransaction hash: Hash) throws(RPCError) -> [JSON]? {
    let stored = try reading { (views) throws(ViewsError) in
      try views.transaction(layer, hash: hash)
    }
    guard let stored else { return nil }
    let block = try tracedBlock(stored.block.number, on: try chain())
    return try flatTraces(block, only: stored.index).first
  }

  /// `trace_get(transaction, [index, …])`: the trace at a place of the tree.
  private func traceGet(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let hash = try parameters.required(0).hash()
    var place: [JSON] = []
    for element in try parameters.required(1).elements() {
      place.append(.integer(try element.looseUInt64()))
    }
    let traces = try flatTraces(ofTransaction: hash)
    return traces?.first { $0["traceAddress"] == .array(place) } ?? .null
  }

  /// `trace_filter({fromBlock, toBlock, fromAddress, toAddress, after, count})`.
  private func traceFilter(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let filter = try parameters.required(0)
    let chain = try chain()
    let first = try bound(filter.optional("fromBlock"), usually: 0, on: chain)
    let last = try bound(filter.optional("toBlock"), usually: chain.number, on: chain)
    guard first <= last else { throw .invalidParameters("invalid block range params") }
    guard last - first < limits.tracedBlocks else {
      throw RPCError(
        code: -32005, message: "at most \(limits.tracedBlocks) blocks can be traced at once")
    }
    let senders = try filter.addresses("fromAddress")
    let recipients = try filter.addresses("toAddress")
    let isUnion = try filter.optional("mode")?.string() == "union"
    var skipped = try filter.optional("after")?.looseUInt64() ?? 0
    let count = try filter.optional("count")?.looseUInt64() ?? UInt64(limits.logs)
    var found: [JSON] = []
    for number in max(first, 1)...max(last, 1) where number <= last {
      for trace in try flatTraces(try tracedBlock(number, on: chain)).flatMap({ $0 }) {
        guard UInt64(found.count) < count else { return .array(found) }
        let isFrom = senders.isEmpty || senders.contains(trace["action"]?["from"] ?? .null)
        let isTo =
          recipients.isEmpty || recipients.contains(trace["action"]?["to"] ?? .null)
          || recipients.contains(trace["result"]?["address"] ?? .null)
        let hasBoth = !senders.isEmpty && !recipients.isEmpty
        guard isUnion && hasBoth ? isFrom || isTo : isFrom && isTo else { continue }
        if skipped > 0 {
          skipped -= 1
        } else {
          found.append(trace)
        }
      }
    }
    return .array(found)
  }

  private func bound(
    _ value: RPCValue?, usually usual: UInt64, on chain: Chain
  ) throws(RPCError) -> UInt64 {
    guard let value else { return usual }
    switch try resolve(try value.blockNumber(), on: chain) {
    case .sealed(let number): return number
    case .pending: return chain.number
    case .unknown: throw .refused("header not found")
    }
  }

  // MARK: Calls

  private func traceCallFlat(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let arguments = try parameters.required(0).transactionArguments()
    let wanted = try parameters.required(1).parityParts()
    var point = try point(parameters.optional(2))
    let overrides = try parameters.optional(3)?.stateOverride() ?? StateOverride()
    if let changes = parameters.optional(4) { try changes.override(&point) }
    try overrides.checkPrecompiles(on: point)
    return try replay(arguments.callRequest, at: point, overrides, wanted)
  }

  /// `trace_callMany([[call, parts], …], block?)`: each on the same state.
  private func traceCallMany(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let point = try point(parameters.optional(1))
    var results: [JSON] = []
    for pair in try parameters.required(0).elements() {
      let parts = try pair.elements()
      guard parts.count == 2 else { throw pair.error("want a call and what to trace of it") }
      guard results.count < limits.feeHistoryPercentiles else {
        throw pair.error("too many calls")
      }
      results.append(
        try replay(
          try parts[0].transactionArguments().callRequest, at: point, StateOverride(),
          try parts[1].parityParts()))
    }
    return .array(results)
  }

  private func traceRaw(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let encoded = try parameters.required(0).data()
    let wanted = try parameters.required(1).parityParts()
    let transaction: Transaction
    let sender: Address
    do throws(TransactionError) {
      transaction = try Transaction.decode(encoded)
      sender = try transaction.sender(NativeCryptographyProvider.shared)
    } catch {
      throw .refused(error.message)
    }
    let request = CallRequest(
      from: sender, to: transaction.to, gasLimit: transaction.gasLimit,
      maxFeePerGas: transaction.maxFeePerGas,
      maxPriorityFeePerGas: transaction.maxPriorityFeePerGas, value: transaction.value,
      data: transaction.data, accessList: transaction.accessList,
      authorizations: transaction.authorizations)
    return try replay(request, at: try point(nil), StateOverride(), wanted)
  }

  private func replay(
    _ request: CallRequest, at point: ExecutionPoint, _ overrides: StateOverride,
    _ wanted: ParityParts
  ) throws(RPCError) -> JSON {
    let watcher = ParityWatcher(context(of: request, at: point, TraceSettings()), wanted)
    _ = try run(request, at: point, overrides, watcher)
    return watcher.json(wanted)
  }

  private func replays(
    _ block: TracedBlock, only index: Int?, _ wanted: ParityParts
  ) throws(RPCError) -> [JSON] {
    try traces(block, only: index) { ParityWatcher($0, wanted) }.map { $0.json(wanted) }
  }
}

/// Which parts of a replay are asked for.
struct ParityParts {
  var hasTrace = false
  var hasStateDifference = false
  var hasMachineTrace = false
}

/// Watches a transaction for all parts of a replay.
private final class ParityWatcher: ResultTracer {
  private let calls: FlatCallTracer
  private let changes: PrestateTracer
  private let machine: VMTraceTracer?
  private let all: MuxTracer

  init(_ context: TraceContext, _ wanted: ParityParts) {
    calls = FlatCallTracer(context, convertsErrors: true, countsIntrinsicGas: false)
    var options = PrestateOptions()
    options.isDifference = true
    changes = PrestateTracer(context, options)
    machine = wanted.hasMachineTrace ? VMTraceTracer(context) : nil
    all = MuxTracer(
      [("calls", calls), ("changes", changes)] + (machine.map { [("machine", $0)] } ?? []))
  }

  func json(_ wanted: ParityParts) -> JSON {
    var json = JSONObject()
    json["output"] = .data(calls.output)
    json["stateDiff"] =
      wanted.hasStateDifference ? StateDifference.json(changes.result()) : .null
    json["trace"] = .array(wanted.hasTrace ? calls.traces.map(Self.bare) : [])
    json["vmTrace"] = machine?.result() ?? .null
    return .object(json)
  }

  /// A trace without where its transaction stands.
  private static func bare(_ trace: JSON) -> JSON {
    guard case .object(let members) = trace else { return trace }
    var kept = JSONObject()
    for (key, value) in members
    where !["blockHash", "blockNumber", "transactionHash", "transactionPosition"].contains(key) {
      kept[key] = value
    }
    return .object(kept)
  }

  func result() -> JSON { .null }
  var watchesSteps: Bool { true }
  var wantsAbort: Bool { all.wantsAbort }
  func enter(_ message: Message, depth: Int) { all.enter(message, depth: depth) }
  func exit(_ result: MessageResult, depth: Int) { all.exit(result, depth: depth) }
  func step(_ step: TraceStep) { all.step(step) }
  func stepDone(cost: UInt64) { all.stepDone(cost: cost) }
  func stepFailed(_ halt: Halt, cost: UInt64) { all.stepFailed(halt, cost: cost) }
  func selfDestruct(
    _ contract: Address, beneficiary: Address, balance: UInt256, depth: Int
  ) {
    all.selfDestruct(contract, beneficiary: beneficiary, balance: balance, depth: depth)
  }
  func transactionBegins(_ journal: Journal) { all.transactionBegins(journal) }
  func transactionEnds(_ journal: Journal) { all.transactionEnds(journal) }
  func finish(gasUsed: UInt64) { all.finish(gasUsed: gasUsed) }
}

/// Parity's form of what a transaction changed: `=` for nothing, `+` for what is new, `-` for what
/// is gone, `*` for what became something else.
private enum StateDifference {
  static func json(_ difference: JSON) -> JSON {
    let before = difference["pre"]?.object ?? JSONObject()
    let after = difference["post"]?.object ?? JSONObject()
    var json = JSONObject()
    for address in Set(before.keys + after.keys).sorted() {
      json[address] = account(before[address], after[address])
    }
    return .object(json)
  }

  private static func account(_ before: JSON?, _ after: JSON?) -> JSON {
    func field(_ name: String, _ none: JSON) -> JSON {
      let old = before?[name].map(text)
      let new = after?[name].map(text)
      if before == nil { return ["+": new ?? none] }
      if after == nil { return ["-": old ?? none] }
      guard let new, new != old ?? none else { return "=" }
      return ["*": ["from": old ?? none, "to": new]]
    }
    var storage = JSONObject()
    let slots = (before?["storage"]?.object?.keys ?? []) + (after?["storage"]?.object?.keys ?? [])
    let zero = JSON.data(Hash.zero)
    for slot in Set(slots).sorted() {
      let new = after?["storage"]?[slot] ?? zero
      storage[slot] =
        before == nil
        ? ["+": new] : ["*": ["from": before?["storage"]?[slot] ?? zero, "to": new]]
    }
    return [
      "balance": field("balance", "0x0"), "code": field("code", "0x"),
      "nonce": field("nonce", "0x0"), "storage": .object(storage),
    ]
  }

  /// A nonce as a quantity; the rest is one already.
  private static func text(_ json: JSON) -> JSON {
    json.uint64.map { .quantity($0) } ?? json
  }
}

extension RPCValue {
  /// What to trace: `trace`, `stateDiff`, `vmTrace`.
  fileprivate func parityParts() throws(RPCError) -> ParityParts {
    var parts = ParityParts()
    for element in try elements() {
      switch try element.string() {
      case "trace": parts.hasTrace = true
      case "stateDiff": parts.hasStateDifference = true
      case "vmTrace": parts.hasMachineTrace = true
      default: throw element.error("want trace, stateDiff or vmTrace")
      }
    }
    return parts
  }

  /// A list of addresses, as JSON has them; empty where there is none.
  fileprivate func addresses(_ name: String) throws(RPCError) -> [JSON] {
    guard let value = try optional(name) else { return [] }
    var list: [JSON] = []
    for element in try value.elements() { list.append(.data(try element.address())) }
    return list
  }
}
