import Cryptography
import Execution
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives
import RPC

/// The options by which a node takes a state over at its start, and leaves one at its end.
enum StateOptions {
  static let all: [Command.Option] = [
    .init("--load-state", value: "FILE", help: "begin with a state that was dumped"),
    .init(
      "--dump-state", value: "FILE", help: "dump the state at the end; X.opal keeps all history"),
    .init("--state", value: "FILE", help: "load this file if it is there, dump to it at the end"),
    .init("--state-interval", "-s", value: "SECONDS", help: "dump so often meanwhile"),
    .init("--config-out", value: "FILE", help: "write accounts, keys and chain there as JSON"),
    .init("--json", help: "say what the banner says as one line of JSON"),
  ]

  /// Unpacks a state of our own form, before the node opens its directory.
  ///
  /// Returns a dump in anvil's form that is to be loaded once the node runs.
  static func prepare(
    _ directory: DataDirectory, _ arguments: Arguments
  ) throws(Failure) -> StateDocument? {
    guard let path = try source(arguments) else { return nil }
    let bytes = try Home.readFile(path)
    guard bytes.starts(with: StateArchive.magic) else {
      do throws(RPCError) {
        return try AnvilState.read(bytes)
      } catch {
        throw .failed("\(path): \(error.message)")
      }
    }
    do throws(NodeError) {
      try StateArchive.unpack(bytes, from: path, into: directory)
    } catch {
      throw .failed(error.message)
    }
    return nil
  }

  private static func source(_ arguments: Arguments) throws(Failure) -> String? {
    if let path = try arguments.value("--load-state") { return path }
    guard let path = try arguments.value("--state"), Files.exists(path) else { return nil }
    return path
  }

  /// Where the state goes at the end, if anywhere.
  static func target(_ arguments: Arguments) throws(Failure) -> String? {
    if let path = try arguments.value("--dump-state") { return path }
    return try arguments.value("--state")
  }

  /// Whether a file is to have our own form.
  static func isOwn(_ path: String) -> Bool { path.hasSuffix(".opal") }

  /// Takes a state over.
  static func load(_ document: StateDocument, into node: Node) throws(Failure) {
    do throws(WriteFailure) {
      _ = try node.submit(.loadState(.two, document))
    } catch {
      throw .failed("the state cannot be loaded: \(error.message)")
    }
  }

  /// Writes a running node's state in anvil's form.
  static func dump(_ node: Node, to path: String) throws(Failure) {
    let bytes: Bytes
    do throws(RPCError) {
      bytes = try AnvilStateDump(node).bytes()
    } catch {
      throw .failed("the state cannot be dumped: \(error.message)")
    }
    do throws(NodeError) {
      try Files.write(bytes, to: path)
    } catch {
      throw .failed(error.message)
    }
  }

  /// What a program needs to begin: anvil's names.
  static func description(_ node: Node, mnemonic: String, path: String) -> JSON {
    let chain = node.world.layerTwo
    let accounts = node.wallet.accounts
    return [
      "available_accounts": .array(accounts.map { .string($0.checksummed) }),
      "private_keys": .array(
        accounts.compactMap { node.wallet.key(of: $0).map { .data($0.bytes) } }),
      "wallet": ["derivation_path": .string(path), "mnemonic": .string(mnemonic)],
      "base_fee": .string((chain?.baseFeeOfNextBlock ?? .zero).decimalString),
      "gas_price": .string((chain?.baseFeeOfNextBlock ?? .zero).decimalString),
      "gas_limit": .string("\(chain?.head.header.gasLimit ?? 0)"),
      "genesis_timestamp": .string("\(chain?.genesisTimestamp ?? 0)"),
      "chain_id": .integer(chain?.specification.chainID ?? 0),
      "block_number": .integer(chain?.number ?? 0),
      "fork_block_number": chain?.forkNumber.map { .integer($0) } ?? .null,
    ]
  }
}
