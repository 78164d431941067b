import JSON
import Ledger
import Node
import Primitives

/// How much the Ethereum methods do for one caller.
public struct EthereumLimits: Sendable {
  /// The most gas of a simulated call, as with geth.
  public var callGas: UInt64 = 50_000_000

  /// The tip that the node suggests, in wei: 1 gwei, as anvil does.
  public var suggestedTip: UInt256 = 1_000_000_000

  /// The gas price that the node suggests on a chain without a base fee, in wei.
  public var priceBeforeBaseFees: UInt256 = 1_000_000_000

  /// Takes what simulated calls say to the console.
  public var console: @Sendable (String) -> Void = { _ in }

  /// How long a simulated call may take.
  public var callTimeoutInMilliseconds: UInt64 = 5_000

  /// Simulations and searches that run at the same time; nil for all processors but one.
  public var concurrentCalls: Int?

  /// Simulations and searches that wait for their turn; further ones are refused.
  public var waitingCalls = 1_024

  /// Logs in one answer.
  public var logs = 20_000

  /// Addresses of one log filter, and topics at each of its positions.
  public var logFilterEntries = 1_000

  /// Blocks of one fee history.
  public var feeHistoryBlocks: UInt64 = 1_024

  /// Percentiles of one fee history.
  public var feeHistoryPercentiles = 100

  /// Storage slots of one proof.
  public var proofSlots = 1_024

  /// Accounts of one list of a state's accounts.
  public var listedAccounts: UInt64 = 256

  /// Blocks that one `trace_filter` runs again.
  public var tracedBlocks: UInt64 = 1_024

  /// Blocks that one request to mine closes.
  public var minedBlocks: UInt64 = 100_000

  /// Filters that are kept for their owners.
  public var filters = 1_024

  /// How long a filter is kept that nobody asks for.
  public var filterLifetimeInMilliseconds: UInt64 = 300_000

  /// New blocks or transactions that one poll of a filter tells of.
  public var filterChanges = 20_000

  /// The usual limits.
  public init() {}
}

/// The methods of Ethereum's JSON-RPC interface over one layer of a node, by name.
///
/// Names, parameters, answers and errors are geth's. Methods that only look at the newest states
/// are immediate; those that execute code, read the views or write are asynchronous.
public func ethereumMethods(
  node: Node, layer: Layer = .two, limits: EthereumLimits = EthereumLimits()
) -> [String: RPCMethod] {
  let service = EthereumService(node: node, layer: layer, limits: limits)
  let groups = [
    service.nodeMethods, service.feeMethods, service.stateMethods, service.blockMethods,
    service.transactionMethods, service.callMethods, service.sendingMethods,
    service.signingMethods, service.logMethods, service.filterMethods, service.debugMethods,
    service.debugTraceMethods, service.accessListMethods, service.simulationMethods,
    service.furtherMethods, service.developmentMethods, service.parityMethods,
    service.otterscanMethods,
    service.databaseMethods, service.bundleMethods, service.stateFileMethods,
    service.furtherControls, service.forkControls, service.keyMethods, service.poolMethods,
    service.chainConfigurationMethods, service.testingMethods,
  ]
  var methods: [String: RPCMethod] = groups.reduce(into: [:]) { methods, group in
    methods.merge(group) { first, _ in first }
  }
  methods = service.withQuickCalls(service.withForkedReads(methods))
  var modules = JSONObject()
  for name in Set(methods.keys.map { $0.prefix { $0 != "_" } }).union(["rpc"]).sorted() {
    modules[String(name)] = "1.0"
  }
  let answer = JSON.object(modules)
  methods["rpc_modules"] = .immediate { _ in answer }
  return methods
}

/// What web3_clientVersion answers.
///
/// hardhat's network helpers and OpenZeppelin's plugins ask a node's name before they use the
/// controls of development chains, and know two: hardhat's own and anvil.
public let ethereumClientVersion = "anvil/v1.5.0 (compatible; \(opalVersion))"

/// The name and version of this program, and what it runs on.
public let opalVersion: String = {
  #if arch(x86_64)
    let machine = "x86_64"
  #elseif arch(arm64)
    let machine = "arm64"
  #else
    let machine = "unknown"
  #endif
  return "Opal/v0.1.0/linux-\(machine)/swift6.3"
}()
