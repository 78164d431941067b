import Glibc
import HTTP
import JSON
import Node
import Primitives
import RPC

/// The options that say how a node is served, and to whom; anvil's names where it has them.
enum ServerOptions {
  static let all: [Command.Option] = [
    .init(
      "--host", value: "ADDRESS,…",
      help: "listen on these addresses; may be repeated (ANVIL_IP_ADDR, 127.0.0.1)"),
    .init("--port", "-p", value: "N", help: "listen on this port; 0 takes any (8545)"),
    .init(
      "--ipc", value: "PATH", leftOut: "/tmp/anvil.ipc",
      help: "serve JSON-RPC on a local socket too (/tmp/anvil.ipc)"),
    .init("--allow-origin", value: "ORIGIN", help: "a web page that may ask; * for all"),
    .init("--no-cors", help: "pages of other origins may not even look"),
    .init("--no-request-size-limit", help: "take requests of up to 2 GiB"),
    .init("--allow-host", value: "NAME", help: "a further name that the node answers to"),
    .init("--jwt-secret", value: "FILE", help: "ask for tokens under the secret in this file"),
    .init("--tls-cert", value: "FILE", help: "serve over TLS with this certificate (PEM)"),
    .init("--tls-key", value: "FILE", help: "the certificate's private key (PEM)"),
    .init("--max-body", value: "BYTES", help: "refuse larger requests (33554432)"),
    .init("--max-batch", value: "N", help: "refuse batches of more requests (1000)"),
    .init("--max-response", value: "BYTES", help: "break off larger batches (25000000)"),
    .init("--max-requests", value: "N", help: "requests at a time (4096)"),
    .init("--max-connections", value: "N", help: "connections at a time (1024)"),
    .init("--artifacts", value: "DIR", help: "name custom errors by these compilers' artifacts"),
    .init(
      "--request-timeout", value: "SECONDS", help: "answer -32002 to reads that take longer (30)"),
    .init("--call-timeout", value: "SECONDS", help: "end calls that take longer (5)"),
  ]

  /// The options that say what the node suggests to pay.
  static let fees: [Command.Option] = [
    .init(
      "--disable-min-priority-fee", "--no-priority-fee",
      help: "no tip; 1 gwei is suggested without this"),
    .init("--gas-price", value: "WEI", help: "before London: the gas price (1000000000)"),
  ]

  /// What the options come to.
  static func configuration(_ arguments: Arguments) throws(Failure) -> NodeServer.Configuration {
    let hosts = try hosts(arguments)
    let port = try arguments.number("--port", in: 0...65_535) ?? 8545
    var http = HTTPConfiguration(host: hosts[0], port: UInt16(port))
    http.furtherHosts = Array(hosts.dropFirst())
    http.tls = try identity(arguments)
    if let size = try arguments.number("--max-body", in: 1...1 << 31) {
      http.maximumBodySizeInBytes = Int(size)
      http.messages.maximumMessageSizeInBytes = Int(size)
    }
    if arguments.has("--no-request-size-limit") {
      http.maximumBodySizeInBytes = 1 << 31
      http.messages.maximumMessageSizeInBytes = 1 << 31
    }
    if let count = try arguments.number("--max-connections", in: 1...100_000) {
      http.maximumConnectionCount = Int(count)
    }
    let origins = arguments.values("--allow-origin")
    var access = AccessPolicy(
      host: hosts[0],
      origins: origins.contains("*") ? .all : origins.isEmpty ? .local : .listed(origins),
      hostNames: hosts.dropFirst() + arguments.values("--allow-host"))
    if arguments.has("--no-cors") {
      guard origins.isEmpty else { throw .usage("--no-cors and --allow-origin exclude each other") }
      access.origins = .none
    }
    access.tokens = try tokens(arguments)
    var configuration = NodeServer.Configuration(http: http, access: access)
    configuration.requests.decompressedSizeInBytes = http.maximumBodySizeInBytes
    if arguments.has("--no-request-size-limit") {
      configuration.requests.json = JSONLimits(
        depth: 128, sizeInBytes: http.maximumBodySizeInBytes, valueCount: 1 << 26)
    }
    if let count = try arguments.number("--max-batch", in: 1...1_000_000) {
      configuration.requests.batchCount = Int(count)
    }
    if let size = try arguments.number("--max-response", in: 1...1 << 31) {
      configuration.requests.responseSizeInBytes = Int(size)
    }
    if let count = try arguments.number("--max-requests", in: 1...1_000_000) {
      configuration.requests.concurrentRequests = Int(count)
    }
    if let seconds = try arguments.number("--request-timeout", in: 1...86_400) {
      configuration.requests.requestTimeoutInMilliseconds = 1000 * seconds
    }
    if let seconds = try arguments.number("--call-timeout", in: 1...86_400) {
      configuration.ethereum.callTimeoutInMilliseconds = 1000 * seconds
    }
    if let path = try arguments.value("--artifacts") {
      configuration.artifacts = try Artifacts.read(path)
    }
    let isSilent = arguments.has("--quiet") || arguments.has("--disable-console-log")
    if !isSilent { configuration.ethereum.console = { Terminal.offer($0) } }
    if let price = try arguments.number("--gas-price") {
      configuration.ethereum.priceBeforeBaseFees = UInt256(price)
    }
    if arguments.has("--disable-min-priority-fee") { configuration.ethereum.suggestedTip = .zero }
    configuration.localSocketPath = try arguments.value("--ipc")
    return configuration
  }

  /// The addresses to listen on, of which there is one at least.
  private static func hosts(_ arguments: Arguments) throws(Failure) -> [String] {
    let usual = unsafe getenv("ANVIL_IP_ADDR").map { unsafe [String(cString: $0)] }
    let given = arguments.has("--host") ? arguments.values("--host") : usual ?? ["127.0.0.1"]
    var hosts: [String] = []
    for text in given {
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        let host = String(part.drop { $0 == " " })
        guard !host.isEmpty else { throw .usage("--host is '\(text)', with an address left out") }
        if !hosts.contains(host) { hosts.append(host) }
      }
    }
    guard hosts.count <= 16 else { throw .usage("--host has \(hosts.count) addresses; 16 at most") }
    return hosts
  }

  private static func identity(_ arguments: Arguments) throws(Failure) -> TLSIdentity? {
    switch (try arguments.value("--tls-cert"), try arguments.value("--tls-key")) {
    case (nil, nil): return nil
    case (let certificate?, let key?):
      return TLSIdentity(certificate: try text(certificate), key: try text(key))
    default: throw .usage("--tls-cert and --tls-key belong together")
    }
  }

  /// The secret is in hexadecimal, as geth and its kin write it.
  private static func tokens(_ arguments: Arguments) throws(Failure) -> JSONWebToken? {
    guard let path = try arguments.value("--jwt-secret") else { return nil }
    let digits = try text(path).filter { !$0.isWhitespace }
    guard let secret = Hexadecimal.decode(digits), let tokens = JSONWebToken(secret: secret) else {
      throw .usage("\(path) has no secret of 32 bytes in hexadecimal")
    }
    return tokens
  }

  private static func text(_ path: String) throws(Failure) -> String {
    do throws(NodeError) {
      return String(decoding: try Files.read(path, limitInBytes: 1 << 20), as: UTF8.self)
    } catch {
      throw .failed(error.message)
    }
  }
}
