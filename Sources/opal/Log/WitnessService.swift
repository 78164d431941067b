import HTTP
import Node
import Primitives
import TransparencyLog

/// `opal log witness` and `opal log submit`: who cosigns, and who asks for it.
struct WitnessService {
  private let arguments: Arguments

  init(_ arguments: Arguments) { self.arguments = arguments }

  /// Cosigns for as long as nobody stops it.
  func run() throws(Failure) {
    Signals.block()
    let logs = try arguments.values("--log").map { (text) throws(Failure) in
      try TrustedKeys.key(text)
    }
    guard !logs.isEmpty else { throw .usage("opal log witness needs --log: the key of a log") }
    let path = try arguments.value("--datadir") ?? ".opal/witness"
    let name = try arguments.value("--name") ?? "opal.witness/local"
    let store = try Failure.ofNode { () throws(NodeError) in
      try WitnessStore(path: path, name: name, logs: logs)
    }
    let port = UInt16(try arguments.number("--port", in: 0...65_535) ?? 8099)
    do throws(HTTPServerError) {
      let server = try HTTPServer(
        configuration: HTTPConfiguration(port: port), handler: Self.handler(store))
      Terminal.say("witness key     \(store.key.text)")
      Terminal.say("Listening on 127.0.0.1:\(server.port)")
      Signals.wait()
      server.stop()
    } catch {
      throw .failed(error.description)
    }
  }

  private static func handler(
    _ store: WitnessStore
  ) -> @Sendable (HTTPRequest, HTTPResponder) -> Void {
    { request, responder in
      guard request.path == "/add-checkpoint" else {
        responder.respond(status: 404)
        return
      }
      guard request.method == "POST" else {
        responder.respond(status: 405, headers: ["allow": "POST"])
        return
      }
      // What is cosigned is synced first, which takes longer than the server's thread may wait.
      Task.detached {
        let answer = store.add(request.body, time: NodeConfiguration.systemClock() / 1000)
        responder.respond(
          status: answer.status, headers: ["content-type": answer.contentType],
          body: answer.body)
      }
    }
  }

  /// Has a witness cosign the log's checkpoint, and prints it with the cosignature.
  static func submit(_ arguments: Arguments) throws(Failure) {
    guard let url = try arguments.value("--witness") else {
      throw .usage("opal log submit needs --witness: the URL of one")
    }
    let source = try AnySource(arguments)
    let keys = try TrustedKeys.read(arguments, source)
    let cosigned = try WitnessRequest(
      url: url, witnesses: keys.filter { $0.kind == .cosignature }, keys: keys
    ).cosigned(source)
    if try arguments.value("--url") == nil, try arguments.value("--from-tiles") == nil {
      let directory = DataDirectory(path: try arguments.value("--datadir") ?? ".opal/demo")
      try Failure.ofNode { () throws(NodeError) in
        try Cosignatures(path: directory.cosigned).keep(cosigned)
      }
    }
    Terminal.write(String(decoding: cosigned.bytes, as: UTF8.self))
  }
}
