import EVM
import Execution
import JSON
import Ledger
import Node
import Primitives
import Views

/// What the Ethereum methods share: the node, one layer of it, and what they keep for callers.
final class EthereumService: Sendable {
  let node: Node
  let layer: Layer
  let limits: EthereumLimits
  let pendingBlocks = PendingBlocks()
  let filters: FilterRegistry
  let calls: WorkGate
  /// What calls run in; another than the writer's.
  let workspaces = WorkspaceStock()
  let senders = SenderGates()
  let quickCalls = QuickCalls()
  let remoteWorker = SerialWorker()

  init(node: Node, layer: Layer, limits: EthereumLimits) {
    self.node = node
    self.layer = layer
    self.limits = limits
    filters = FilterRegistry(limits: limits)
    calls = WorkGate(
      concurrent: limits.concurrentCalls ?? WorkGate.processorsButOne,
      waiting: limits.waitingCalls)
  }

  /// The layer's chain in the published world.
  func chain() throws(RPCError) -> Chain {
    guard let chain = node.chain(layer) else {
      throw .refused(Refusal.layerNotStarted(layer).message)
    }
    return chain
  }

  /// Reads the views.
  func reading<Result>(
    _ body: (borrowing ViewSnapshot) throws(ViewsError) -> Result
  ) throws(RPCError) -> Result {
    do throws(ViewsError) {
      return try node.views.read(body)
    } catch {
      throw .internalFailure(error.message)
    }
  }
}

extension EthereumService {
  /// A method that takes microseconds and at most so many parameters.
  func immediate(
    _ most: Int, _ run: @escaping @Sendable (RPCParameters) throws(RPCError) -> JSON
  ) -> RPCMethod {
    .immediate { (parameters) throws(RPCError) in
      try parameters.limit(to: most)
      return try run(parameters)
    }
  }

  /// A method that reads the views, and takes at most so many parameters.
  func reading(
    _ most: Int, _ run: @escaping @Sendable (RPCParameters) throws(RPCError) -> JSON
  ) -> RPCMethod {
    .asynchronous { (parameters) throws(RPCError) in
      try parameters.limit(to: most)
      return try run(parameters)
    }
  }

  /// A method that may take a processor's whole time for a while, and so waits for its turn.
  func working(
    _ most: Int, _ run: @escaping @Sendable (RPCParameters) throws(RPCError) -> JSON
  ) -> RPCMethod {
    .asynchronous { [calls] (parameters) async throws(RPCError) in
      try parameters.limit(to: most)
      return try await calls.run { () throws(RPCError) in try run(parameters) }
    }
  }

  /// A method that waits for others, and takes at most so many parameters.
  func asynchronous(
    _ most: Int, _ run: @escaping @Sendable (RPCParameters) async throws(RPCError) -> JSON
  ) -> RPCMethod {
    .asynchronous { (parameters) async throws(RPCError) in
      try parameters.limit(to: most)
      return try await run(parameters)
    }
  }
}
