import Execution
import JSON
import Ledger
import Node
import Primitives

extension EthereumService {
  /// `anvil_setRpcUrl(url)`: asks another node of the same chain from now on.
  var forkControls: [String: RPCMethod] {
    [
      "anvil_setRpcUrl": asynchronous(1) { [self] (parameters) async throws(RPCError) in
        let url = try parameters.required(0).string()
        guard let number = try chain().forkNumber else {
          throw .refused("the chain goes on from no other")
        }
        let root = try await root(ofBlock: number, at: try remote(at: url))
        node.fork.use(try remote(at: url), number: number, root: root)
        return .null
      }
    ]
  }

  private func remote(at url: String) throws(RPCError) -> any RemoteChain {
    guard let connect = node.configuration.connect else {
      throw .refused("this node cannot reach others")
    }
    return connect(url)
  }

  private func root(
    ofBlock number: UInt64, at remote: any RemoteChain
  ) async throws(RPCError) -> Hash {
    let block = try remote.answer("eth_getBlockByNumber", [.quantity(number), false])
    guard case .object = block.json else {
      throw .refused("\(remote.url) has no block \(number)")
    }
    return try block.required("stateRoot").hash()
  }

  /// Goes on from a block of another chain: `{jsonRpcUrl?, blockNumber?}`.
  func fork(from options: RPCValue) async throws(RPCError) {
    var other = node.fork.remote
    if let url = try options.optional("jsonRpcUrl", or: "json_rpc_url")?.string() {
      other = try remote(at: url)
    }
    guard let other else {
      throw .refused("forking: no jsonRpcUrl, and the node was started without --fork-url")
    }
    let number = try options.optional("blockNumber", or: "block_number")?.looseUInt64()
    let fork = try ChainFork(of: other, at: number.flatMap { Int64(exactly: $0) }, layer: layer)
    guard let header = try? BlockHeader.decode(fork.header) else { return }
    node.fork.use(other, number: header.number, root: header.stateRoot)
    try await perform(.fork(fork))
    try await perform(
      .editAccounts(
        AccountEdit.funding(node.wallet.accounts, amount: Self.usualFunds, layer: layer)))
    node.fork.complete(SystemContracts.called)
  }

  /// What the accounts of a development chain have at its beginning: 10,000 ether, in wei.
  private static var usualFunds: UInt256 {
    UInt256(10_000) &* UInt256(1_000_000_000_000_000_000)
  }
}

extension AccountEdit {
  /// Gives each of some accounts an amount in wei.
  public static func funding(
    _ accounts: [Address], amount: UInt256, layer: Layer = .two
  ) -> AccountEdit {
    AccountEdit(
      layer: layer,
      changes: Set(accounts).sorted().map { .init(address: $0, balance: amount) })
  }
}
