import Client
import Cryptography
import Execution
import JSON
import Ledger
import Node
import Primitives
import RPC
import Synchronization
import Views

/// The options by which a chain goes on from another one; anvil's names.
enum ForkOptions {
  static let all: [Command.Option] = [
    .init("--fork-url", "--rpc-url", "-f", value: "URL", help: "go on from another node's chain"),
    .init("--fork-block-number", value: "N", help: "from this block; -N counts back (the latest)"),
    .init("--fork-chain-id", value: "N", help: "the chain's number from then on (the other's)"),
    .init("--fork-header", value: "NAME: VALUE", help: "a header that goes to the other node"),
    .init("--timeout", value: "MILLISECONDS", help: "how long the other node may take (45000)"),
    .init("--retries", value: "N", help: "how often it is asked again (5)"),
    .init("--cache-path", value: "DIR", help: "keep what it said here (~/.cache/opal)"),
    .init("--no-storage-caching", help: "keep nothing of it beyond this run"),
  ]

  /// Has a configuration reach other nodes, and keep what they say.
  static func prepare(
    _ configuration: inout NodeConfiguration, _ arguments: Arguments, isKept: Bool
  ) throws(Failure) {
    let headers = arguments.values("--fork-header")
    let timeout = Int(try arguments.number("--timeout", in: 1...3_600_000) ?? 45_000)
    let retries = Int(try arguments.number("--retries", in: 0...1_000) ?? 5)
    configuration.connect = { url in
      RemoteNode(
        RPCClient(url: url, headers: headers, timeoutInMilliseconds: timeout), retries: retries)
    }
    // Beside a log that is kept lies what its replay needs.
    guard !isKept, let folder = try folder(arguments) else { return }
    configuration.forkCachePath = folder + "/fork.cache"
  }

  /// Where what other nodes said is kept beyond this run; nil where it is not to be.
  private static func folder(_ arguments: Arguments) throws(Failure) -> String? {
    guard arguments.has("--fork-url"), !arguments.has("--no-storage-caching"),
      let folder = try arguments.value("--cache-path") ?? Home.cacheFolder
    else { return nil }
    do throws(NodeError) {
      try Files.makeDirectory(folder)
    } catch {
      throw .failed(error.message)
    }
    return folder
  }

  /// The header of the block that a chain goes on from, as its log has it.
  private static func header(_ number: UInt64, _ node: Node) -> BlockHeader? {
    if let recent = node.world.layerTwo?.block(number) { return recent.header }
    let stored = try? node.views.read { (views) throws(ViewsError) in
      try views.block(.two, number: number)
    }
    return stored?.header
  }

  /// The block to go on from, which is kept; where the other node cannot be reached, as it was kept.
  private static func beginning(
    _ remote: any RemoteChain, at number: Int64?, chainID: UInt64?, kept folder: String?
  ) throws(RPCError) -> ChainFork {
    var path: String?
    if let folder, let number, number >= 0 {
      let name = Keccak256.hash(Bytes("\(remote.url)@\(number)".utf8)).hexadecimal
      path = folder + "/fork-\(name.dropFirst(2).prefix(16)).json"
    }
    if let path, let bytes = try? Files.read(path), var kept = ChainFork(kept: bytes),
      (try? remote.ask("eth_chainId", [])) == nil
    {
      Terminal.complain("opal: \(remote.url) is not reached; going on with what is known of it")
      kept.chainID = chainID ?? kept.chainID
      return kept
    }
    var fork = try ChainFork(of: remote, at: number)
    if let path { try? Files.write(fork.kept.serialized(), to: path) }
    fork.chainID = chainID ?? fork.chainID
    return fork
  }

  /// Has a node's chain go on from the one that the options name, unless its log says that it
  /// already does.
  static func begin(_ node: Node, _ arguments: Arguments) throws(Failure) {
    guard let url = try arguments.value("--fork-url"), let connect = node.configuration.connect
    else { return }
    // As anvil has it, the block may stand behind the address.
    let parts = url.split(separator: "@", omittingEmptySubsequences: false)
    let behind = parts.count > 1 ? Int64(parts[parts.count - 1]) : nil
    let address = behind == nil ? url : parts.dropLast().joined(separator: "@")
    let remote = connect(address)
    var number = behind
    if let text = try arguments.value("--fork-block-number") {
      guard let given = Int64(text) else {
        throw .usage("--fork-block-number is '\(text)', no whole number")
      }
      number = given
    }
    do throws(RPCError) {
      if let former = node.world.layerTwo?.forkNumber {
        if let number, number >= 0, UInt64(number) != former {
          throw RPCError(
            code: 0,
            message: "the data directory's chain goes on from block \(former), not \(number)")
        }
        if let header = header(former, node) {
          return node.fork.use(remote, number: former, root: header.stateRoot)
        }
        let fork = try ChainFork(of: remote, at: Int64(exactly: former))
        return try use(remote, fork, node)
      }
      guard node.world.layerTwo?.number == 0, node.world.layerTwo?.operatorState.lastSnapshot == 0
      else {
        throw RPCError(code: 0, message: "the data directory's chain goes on from no other")
      }
      let chainID = try? arguments.number("--fork-chain-id")
      let fork = try beginning(
        remote, at: number, chainID: chainID, kept: try? folder(arguments))
      try use(remote, fork, node)
      let amount = (try? Amount.ether(arguments.value("--balance") ?? "10000", "--balance"))
      do throws(WriteFailure) {
        _ = try node.submit(.fork(fork))
        _ = try node.submit(
          .editAccounts(.funding(node.wallet.accounts, amount: amount ?? .zero)))
        node.fork.complete(SystemContracts.called)
      } catch {
        throw RPCError(
          code: 0, message: node.fork.failure.map { "\(error.message): \($0)" } ?? error.message)
      }
    } catch {
      throw .failed(error.message)
    }
  }

  private static func use(
    _ remote: any RemoteChain, _ fork: ChainFork, _ node: Node
  ) throws(RPCError) {
    guard let header = try? BlockHeader.decode(fork.header) else { return }
    node.fork.use(remote, number: header.number, root: header.stateRoot)
  }
}

extension ChainFork {
  /// What is written down of it beside what other nodes said of the state.
  fileprivate var kept: JSON {
    [
      "chainId": .quantity(chainID), "header": .data(header),
      "ancestors": .array(ancestors.map { .data($0) }),
    ]
  }

  /// Reads what was written down; nil where it is none.
  fileprivate init?(kept bytes: Bytes) {
    guard let json = try? JSON.parse(bytes),
      let number = json["chainId"]?.string.flatMap({ UInt256(hexadecimal: $0) })?.asUInt64,
      let header = json["header"]?.string.flatMap({ Hexadecimal.decode($0) }),
      let list = json["ancestors"]?.array
    else { return nil }
    let ancestors = list.compactMap { $0.string.flatMap { Hash(hexadecimal: $0) } }
    self.init(layer: .two, chainID: number, header: header, ancestors: ancestors)
  }
}

/// Another node, over libcurl.
private final class RemoteNode: RemoteChain {
  private let client: RPCClient
  private let retries: Int
  /// When the node was given up last, in monotonic milliseconds, and why.
  private let givenUp = Mutex<(time: UInt64, failure: RemoteFailure)?>(nil)

  /// So long, in milliseconds, nobody waits anew for a node that was given up.
  private static let pause: UInt64 = 2_000

  init(_ client: RPCClient, retries: Int) {
    self.client = client
    self.retries = retries
  }

  var url: String { client.url }

  func ask(_ method: String, _ parameters: [JSON]) throws(RemoteFailure) -> JSON {
    var attempts = 0
    if let last = givenUp.withLock({ $0 }) {
      guard Terminal.monotonicMilliseconds - last.time >= Self.pause else { throw last.failure }
      // Once more, and if that is in vain, not again for a while.
      attempts = retries
    }
    while true {
      do throws(RPCClientError) {
        let answer = try client.ask(method, parameters: parameters)
        givenUp.withLock { $0 = nil }
        return answer
      } catch {
        if case .refused(let code, let message, _) = error, code != -32005, code != 429 {
          throw RemoteFailure(message: message, code: code)
        }
        guard attempts < retries else {
          let failure = RemoteFailure(message: error.message)
          let isNew = givenUp.withLock { last in
            defer { last = (Terminal.monotonicMilliseconds, failure) }
            return last == nil
          }
          if isNew {
            Terminal.complain(
              "opal: the chain that this one was forked from is not reached: \(error.message)")
          }
          throw failure
        }
        attempts += 1
        Terminal.pause(milliseconds: min(1_000, 50 << attempts))
      }
    }
  }
}
