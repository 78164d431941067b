import Execution
import JSON
import Ledger
import Node
import Primitives
import Synchronization

extension EthereumService {
  /// Reads that a chain which goes on from another answers by asking the other node: of blocks up
  /// to the one that it goes on from.
  ///
  /// The value is the place of the parameter that names a block.
  private static let byBlock: [String: Int] = [
    "eth_getBalance": 1, "eth_getCode": 1, "eth_getStorageAt": 2, "eth_getTransactionCount": 1,
    "eth_getProof": 2, "eth_call": 1, "eth_estimateGas": 1, "eth_createAccessList": 1,
    "eth_getStorageValues": 1, "eth_getAccount": 1, "debug_traceCall": 1,
  ]

  /// The same of what stands in blocks, also in the one that the chain goes on from.
  private static let byContent: [String: Int] = [
    "eth_getBlockByNumber": 0, "eth_getHeaderByNumber": 0, "eth_getBlockReceipts": 0,
    "eth_getBlockTransactionCountByNumber": 0, "eth_getUncleCountByBlockNumber": 0,
    "eth_getTransactionByBlockNumberAndIndex": 0, "eth_getRawTransactionByBlockNumberAndIndex": 0,
    "eth_getBlockByHash": 0, "eth_getHeaderByHash": 0, "eth_getBlockTransactionCountByHash": 0,
    "eth_getTransactionByBlockHashAndIndex": 0, "eth_getRawTransactionByBlockHashAndIndex": 0,
    "debug_traceBlockByNumber": 0, "debug_traceBlockByHash": 0, "trace_block": 0,
    "debug_getRawBlock": 0, "debug_getRawHeader": 0, "debug_getRawReceipts": 0,
    "erigon_getHeaderByNumber": 0, "ots_getBlockDetails": 0,
  ]

  /// Reads by a hash, which are asked of the other node where nothing is known here.
  private static let byHash: Set<String> = [
    "eth_getTransactionByHash", "eth_getTransactionReceipt", "eth_getRawTransactionByHash",
    "eth_getBlockByHash", "eth_getHeaderByHash", "eth_getBlockTransactionCountByHash",
    "debug_traceTransaction", "trace_transaction", "debug_getRawTransaction",
    "eth_getTransactionByBlockHashAndIndex",
  ]

  /// The methods, of which those that read the past ask the other node where the chain has one.
  func withForkedReads(_ methods: [String: RPCMethod]) -> [String: RPCMethod] {
    var wrapped = methods
    let names = Set(Self.byBlock.keys).union(Self.byContent.keys).union(Self.byHash)
      .union(["eth_getLogs"])
    for name in names {
      switch methods[name] {
      case .immediate(let run):
        wrapped[name] = .deferred { [self] (parameters, complete) throws(RPCError) in
          guard try chain().isForked else { return complete(.success(try run(parameters))) }
          Task {
            complete(
              await result { () async throws(RPCError) in
                try await forked(name, parameters) { (parameters) async throws(RPCError) in
                  // What is missing of the state is fetched, which takes its time.
                  try await calls.run { () throws(RPCError) in try run(parameters) }
                }
              })
          }
        }
      case .asynchronous(let run):
        wrapped[name] = .asynchronous { [self] (parameters) async throws(RPCError) in
          guard try chain().isForked else { return try await run(parameters) }
          return try await forked(name, parameters, run)
        }
      default: break
      }
    }
    return wrapped
  }

  private func result(
    _ body: () async throws(RPCError) -> JSON
  ) async -> Result<JSON, RPCError> {
    do throws(RPCError) { return .success(try await body()) } catch { return .failure(error) }
  }

  private func forked(
    _ name: String, _ parameters: RPCParameters,
    _ run: @Sendable (RPCParameters) async throws(RPCError) -> JSON
  ) async throws(RPCError) -> JSON {
    let chain = try chain()
    guard let fork = chain.forkNumber, node.fork.remote != nil else {
      return try await run(parameters)
    }
    if name == "eth_getLogs" { return try await forkedLogs(parameters, fork, chain, run) }
    if let older = try older(name, parameters, fork, chain) {
      return try await askRemote(name, older)
    }
    guard Self.byHash.contains(name) else { return try await run(parameters) }
    do throws(RPCError) {
      let own = try await run(parameters)
      if own != .null { return own }
    } catch {
      guard error.message == "transaction not found" || error.message.hasSuffix(" not found")
      else { throw error }
    }
    // What waits here is in no block of the other chain's.
    if case .string(let text)? = parameters.values.first, let hash = Hash(hexadecimal: text),
      chain.pool[hash] != nil
    {
      return .null
    }
    return try await askRemote(name, parameters.values)
  }

  /// The parameters with the block by its number, where that is one of the other chain's.
  private func older(
    _ name: String, _ parameters: RPCParameters, _ fork: UInt64, _ chain: Chain
  ) throws(RPCError) -> [JSON]? {
    let isContent = Self.byContent[name] != nil
    guard let place = Self.byContent[name] ?? Self.byBlock[name],
      let value = parameters.optional(place)
    else { return nil }
    let selector = try value.block()
    guard case .sealed(let number) = try resolve(selector, on: chain),
      number < fork || isContent && number == fork
    else { return nil }
    if case .hash = selector { return parameters.values }
    var values = parameters.values
    values[place] = .quantity(number)
    return values
  }

  /// Logs of both chains.
  private func forkedLogs(
    _ parameters: RPCParameters, _ fork: UInt64, _ chain: Chain,
    _ run: @Sendable (RPCParameters) async throws(RPCError) -> JSON
  ) async throws(RPCError) -> JSON {
    let filter = try parameters.required(0)
    guard case .object(var members) = filter.json, try filter.optional("blockHash") == nil,
      let from = try filter.optional("fromBlock")?.blockNumber(),
      case .sealed(let first) = try resolve(from, on: chain), first <= fork
    else { return try await run(parameters) }
    let to = try filter.optional("toBlock")?.blockNumber() ?? .latest
    var last = chain.number
    if case .sealed(let number) = try resolve(to, on: chain) { last = number }
    members["fromBlock"] = .quantity(first)
    members["toBlock"] = .quantity(min(last, fork))
    let older = try await askRemote("eth_getLogs", [.object(members)])
    guard last > fork else { return older }
    members["fromBlock"] = .quantity(fork + 1)
    members["toBlock"] = .quantity(last)
    let newer = try await run(RPCParameters([.object(members)]))
    return .array((older.array ?? []) + (newer.array ?? []))
  }

  /// Asks the other node, on a thread that may wait.
  func askRemote(_ method: String, _ parameters: [JSON]) async throws(RPCError) -> JSON {
    guard let remote = node.fork.remote else { throw .refused("there is no other node to ask") }
    let answer = await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<JSON, RemoteFailure>, Never>) in
      remoteWorker.enqueue {
        continuation.resume(
          returning: Result { () throws(RemoteFailure) in
            try remote.ask(method, parameters)
          })
      }
    }
    do throws(RemoteFailure) { return try answer.get() } catch { throw RPCError(error) }
  }
}
