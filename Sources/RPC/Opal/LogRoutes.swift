import EventLog
import HTTP
import JSON
import Ledger
import Node
import Primitives
import TransparencyLog

/// The log as anybody can follow it: C2SP's tlog-tiles over HTTP.
///
///     GET /checkpoint                      the signed tree head of all events
///     GET /tile/…                          hashes and entries, also of partial tiles
///     GET /payload/<index>                 a payload that its entry has by hash alone
///     GET /log.vkey                        the key that signs, for whoever trusts this server
public func logRoutes(node: Node) -> [HTTPRouter.Route] {
  [
    HTTPRouter.Route("GET", "/checkpoint") { _, responder in
      serveCheckpoint(node, responder) { checkpoint in node.publish(checkpoint).bytes }
    },
    HTTPRouter.Route("GET", "/log.vkey") { _, responder in
      serveCheckpoint(node, responder) { checkpoint in
        let key = node.identity.verifier(origin: checkpoint.origin)
        return Bytes(((key?.text ?? "") + "\n").utf8)
      }
    },
    HTTPRouter.Route("GET", "/tile/", servesBelow: true) { request, responder in
      serveResource(node, request, responder)
    },
    HTTPRouter.Route("GET", "/payload/", servesBelow: true) { request, responder in
      serveResource(node, request, responder)
    },
  ]
}

/// Answers with what becomes of a checkpoint over all events, which is signed now if it is not yet.
private func serveCheckpoint(
  _ node: Node, _ responder: HTTPResponder, _ body: @escaping @Sendable (Checkpoint) -> Bytes
) {
  node.checkpoint { result in
    switch result {
    case .success(let checkpoint):
      responder.respond(
        status: 200,
        headers: ["content-type": "text/plain; charset=utf-8", "cache-control": "no-cache"],
        body: body(checkpoint))
    case .failure(let failure):
      responder.respond(status: 503, json: ["error": .string(failure.message)])
    }
  }
}

/// Answers with a resource, which never changes once it is there.
private func serveResource(_ node: Node, _ request: HTTPRequest, _ responder: HTTPResponder) {
  let name = String(request.path.dropFirst())
  let isCompressed = request.headers["accept-encoding"]?.lowercased().contains("gzip") ?? false
  Task {
    do throws(EventLogError) {
      let resource = try node.log.read { (log) throws(EventLogError) in
        try LogResources.resource(name, of: log)
      }
      guard let resource else {
        responder.respond(status: 404, json: ["error": "the log has no such resource"])
        return
      }
      var headers: HTTPHeaders = [
        "content-type": "application/octet-stream",
        "cache-control": "public, max-age=31536000, immutable",
      ]
      // Hashes do not compress; entries do.
      let compressed =
        isCompressed && (name.hasPrefix("tile/entries/") || name.hasPrefix("payload/"))
          && resource.count > 4_096
        ? Gzip.compress(resource) : []
      guard !compressed.isEmpty else {
        responder.respond(status: 200, headers: headers, body: resource)
        return
      }
      headers.append("content-encoding", "gzip")
      headers.append("vary", "accept-encoding")
      responder.respond(status: 200, headers: headers, body: compressed)
    } catch {
      responder.respond(status: 500, json: ["error": .string("\(error)")])
    }
  }
}
