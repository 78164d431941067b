import Conformance
import Glibc
import HTTP
import JSON
import Node
import Primitives
import RPC

/// `opal rpctest`: runs the execution API's own tests against a node over HTTP.
let rpcTestCommand = Command(
  name: "rpctest", summary: "run the execution API's tests against a node over HTTP",
  operands: "PATH",
  details: """
    PATH is a folder, or an archive of one, laid out as execution-apis/tests: genesis.json,
    chain.rlp and a folder of .io files for each method. The chain is imported into a log of its
    own and served on a free port of this machine; each request line is sent, and its answer
    compared. Of a case that says speconly, answers need only have the same shape; of errors the
    code must match. Exit code 1 if a case fails, or if none was run.
    """,
  example: "opal rpctest ../shared/vectors/rpc-compat",
  options: [
    .init("--only", value: "TEXT", help: "only cases whose path has this text"),
    .init("--verbose", "-v", help: "each case that passed, too"),
  ]
) { arguments throws(Failure) in
  try arguments.expectOperands(1...1)
  var folder = FixtureFolder(endings: [".io", "genesis.json", "chain.rlp"])
  defer { folder.close() }
  do throws(FixtureError) {
    try folder.add(arguments.operands[0])
  } catch {
    throw .failed(error.description)
  }
  let session = try RPCTestSession(folder.files)
  defer { session.stop() }
  let only = try arguments.value("--only") ?? ""
  var tally = Tally()
  for file in folder.files where file.path.hasSuffix(".io") && file.name.contains(only) {
    let verdict = session.run(file)
    tally.add(verdict)
    if let line = RPCTestSession.line(file, verdict, isVerbose: arguments.has("--verbose")) {
      Terminal.say(line)
    }
  }
  if tally.passed + tally.failed == 0 { Terminal.complain("no case was run") }
  Terminal.say(tally.text)
  return tally.isGood ? 0 : 1
}

/// A node that serves an imported chain, and what is sent to it.
private struct RPCTestSession {
  private let directory: String
  private let node: Node
  private let server: NodeServer

  init(_ files: [FixtureFile]) throws(Failure) {
    guard let genesis = files.first(where: { $0.path.hasSuffix("/genesis.json") }),
      let chain = files.first(where: { $0.path.hasSuffix("/chain.rlp") })
    else { throw .failed("there is no genesis.json with a chain.rlp") }
    let home = try Home.find()
    do throws(NodeError) {
      directory = try Files.makeTemporaryDirectory()
    } catch {
      throw .failed(error.message)
    }
    var configuration = try home.importConfiguration(
      directory: DataDirectory(path: directory), genesis: try home.read(genesis.path))
    configuration.isDurable = false
    do throws(NodeError) {
      _ = try ChainImport(configuration).run(try Files.read(chain.path))
      node = try Node(configuration)
    } catch {
      Files.removeTemporaryDirectory(directory)
      throw .failed(error.message)
    }
    let payers = try home.payers(configuration.directory)
    do throws(HTTPServerError) {
      server = try NodeServer(
        .init(
          http: HTTPConfiguration(host: "127.0.0.1", port: 0),
          access: AccessPolicy(host: "127.0.0.1")),
        node: node, engine: nil, models: nil, payers: payers)
    } catch {
      node.stop()
      throw .failed(error.description)
    }
  }

  /// Sends a case's requests; passed, or the first difference.
  func run(_ file: FixtureFile) -> Verdict {
    let exchange: RPCExchange
    do throws(NodeError) {
      let text = try Files.read(file.path)
      do throws(FixtureError) {
        exchange = try RPCExchange(text)
      } catch {
        return .failed(Difference("file", expected: "a case", got: error.description))
      }
    } catch {
      return .failed(Difference("file", expected: "a case", got: error.message))
    }
    for round in exchange.rounds {
      guard let body = LoopbackClient.post(round.request, to: server.port) else {
        return .failed(Difference("HTTP", expected: "an answer", got: "none"))
      }
      let verdict = exchange.judge(round, body)
      if verdict != .passed { return verdict }
    }
    return .passed
  }

  func stop() {
    server.stop()
    node.stop()
    Files.removeTemporaryDirectory(directory)
  }

  static func line(_ file: FixtureFile, _ verdict: Verdict, isVerbose: Bool) -> String? {
    let name = file.name.split(separator: "/").suffix(2).joined(separator: "/")
    switch verdict {
    case .passed: return isVerbose ? "passed \(name)" : nil
    case .skipped(let reason): return "skipped \(name): \(reason)"
    case .failed(let difference):
      return "FAILED \(name): \(difference.field): expected \(difference.expected.prefix(400)), "
        + "got \(difference.got.prefix(400))"
    }
  }
}

/// Sends requests to a server of this process.
private enum LoopbackClient {
  /// The body of the answer to a POST; nil if there is none.
  static func post(_ body: [UInt8], to port: UInt16) -> [UInt8]? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let connected = unsafe withUnsafeBytes(of: &address) { bytes in
      unsafe connect(
        descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        socklen_t(bytes.count))
    }
    let head =
      "POST / HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Type: application/json\r\n"
      + "Connection: close\r\nContent-Length: \(body.count)\r\n\r\n"
    guard connected == 0, send([UInt8](head.utf8) + body, on: descriptor) else { return nil }
    let answer = receive(on: descriptor)
    let end: [UInt8] = [0x0d, 0x0a, 0x0d, 0x0a]
    guard answer.starts(with: "HTTP/1.1 200".utf8),
      let split = answer.indices.first(where: { answer[$0...].starts(with: end) })
    else { return nil }
    return [UInt8](answer[(split + 4)...])
  }

  private static func send(_ bytes: [UInt8], on descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  private static func receive(on descriptor: Int32) -> [UInt8] {
    var received: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
      }
      guard count > 0 else { return received }
      received += chunk[..<count]
    }
  }
}
