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
    let (checkpoint, answer) = try ask(source, keys, url)
    guard answer.status == 200 else {
      throw .failed("\(url) does not cosign: status \(answer.status)")
    }
    var cosigned = checkpoint
    try Failure.of { () throws(TransparencyError) in
      for line in answer.body.split(separator: 0x0a) {
        cosigned.append(try SignedNote.signature(line))
      }
      let witnesses = keys.filter { $0.kind == .cosignature }
      if !witnesses.isEmpty { _ = try cosigned.note.verify(anyOf: witnesses) }
    }
    if try arguments.value("--url") == nil, try arguments.value("--from-tiles") == nil {
      let directory = DataDirectory(path: try arguments.value("--datadir") ?? ".opal/demo")
      let kept = cosigned
      try Failure.ofNode { () throws(NodeError) in
        try Cosignatures(path: directory.cosigned).keep(kept)
      }
    }
    Terminal.write(String(decoding: cosigned.bytes, as: UTF8.self))
  }

  /// Asks without knowing what the witness cosigned last, which it says; then with the proof.
  private static func ask(
    _ source: AnySource, _ keys: [VerifierKey], _ url: String
  ) throws(Failure) -> (SignedTreeHead, (status: Int, body: [UInt8])) {
    let client: HTTPClient
    do throws(HTTPClientError) {
      client = try HTTPClient(address: url)
    } catch {
      throw .usage("--witness: \(error.message)")
    }
    let (checkpoint, tree) = try Failure.of { () throws(TransparencyError) in
      let checkpoint = try PublicLogCheck.checkpoint(source, keys: keys).checkpoint
      let head = checkpoint.head
      return (checkpoint, try TileTree(size: head.size, root: head.root, source: source))
    }
    let answer = try post(
      CheckpointSubmission(oldSize: 0, proof: [], checkpoint: checkpoint), client)
    guard answer.status == 409 else { return (checkpoint, answer) }
    let text = String(decoding: answer.body, as: UTF8.self).filter { !$0.isWhitespace }
    guard let old = UInt64(text), old > 0, old <= checkpoint.head.size else {
      throw .failed(
        "\(url) has cosigned '\(text.prefix(30))' events, not fewer than there are here")
    }
    var reader = tree
    let proof = try Failure.of { () throws(TransparencyError) in
      old == tree.size ? [] : try reader.consistencyProof(oldSize: old)
    }
    return (
      checkpoint,
      try post(
        CheckpointSubmission(oldSize: old, proof: proof, checkpoint: checkpoint), client)
    )
  }

  private static func post(
    _ submission: CheckpointSubmission, _ client: HTTPClient
  ) throws(Failure) -> (status: Int, body: [UInt8]) {
    do throws(HTTPClientError) {
      return try client.exchange(
        "POST", "/add-checkpoint", contentType: "text/plain", submission.bytes)
    } catch {
      throw .failed("the witness: \(error.message)")
    }
  }
}
