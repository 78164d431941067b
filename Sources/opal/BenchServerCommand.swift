import Glibc
import HTTP

/// `opal bench-server`: the server library alone, for comparison.
let benchServerCommand = Command(
  name: "bench-server", summary: "answer every request with a constant, to measure the server by",
  details: """
    The same server as a node's, with nothing behind it: what tools/bench rpc compares with.
    """,
  example: "opal bench-server --port 8555",
  options: [.init("--port", "-p", value: "N", help: "listen on this port (8555)")]
) { arguments throws(Failure) in
  try arguments.expectOperands(0...0)
  Signals.block()
  let port = try arguments.number("--port", in: 0...65_535) ?? 8555
  let body = [UInt8](#"{"jsonrpc":"2.0","id":1,"result":"0x1"}"#.utf8)
  do throws(HTTPServerError) {
    let configuration = HTTPConfiguration(port: UInt16(port))
    let server = try HTTPServer(configuration: configuration) { _, responder in
      responder.respond(
        status: 200, headers: ["content-type": "application/json"], body: body)
    }
    Terminal.say("Listening on 127.0.0.1:\(server.port)")
    Signals.wait()
    server.stop()
  } catch {
    throw .failed(error.description)
  }
  return 0
}

/// The signals by which a person or the system ends a process.
enum Signals {
  private static func set() -> sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in [SIGINT, SIGTERM] { unsafe sigaddset(&set, signal) }
    return set
  }

  /// Keeps them from ending the process; to be called before any thread starts.
  static func block() {
    var set = set()
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Sleeps until one comes, or the time is over: then false.
  static func wait(seconds: UInt64) -> Bool {
    var set = set()
    var limit = timespec(tv_sec: Int(clamping: seconds), tv_nsec: 0)
    return unsafe sigtimedwait(&set, nil, &limit) > 0
  }

  /// Sleeps until one comes.
  static func wait() {
    var set = set()
    var received: Int32 = 0
    unsafe sigwait(&set, &received)
  }
}
