import HTTP
import JSON
import Ledger
import Primitives

extension EthereumService {
  /// `anvil_dumpState`, `anvil_loadState` and their older names.
  var stateFileMethods: [String: RPCMethod] {
    let dump = working(1) { [self] (_) throws(RPCError) in
      let compressed = Gzip.compress(try AnvilStateDump(node, layer: layer).bytes(), level: 6)
      guard !compressed.isEmpty else { throw .internalFailure("memory is short") }
      return .data(compressed)
    }
    let load = asynchronous(1) { [self] (parameters) async throws(RPCError) in
      let given = try parameters.required(0).data()
      let document = try await calls.run { () throws(RPCError) in
        try AnvilState.read(given)
      }
      try await perform(.loadState(layer, document))
      return true
    }
    return [
      "anvil_dumpState": dump, "hardhat_dumpState": dump, "anvil_loadState": load,
      "hardhat_loadState": load,
    ]
  }
}
