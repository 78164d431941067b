import Glibc
import HTTP
import JSON

/// A client of a local socket: JSON texts out, lines in.
///
/// It never blocks: the server in the same process needs the threads that tests run on.
final class LineClient {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var identifier = 0
  /// What came that answers no request.
  private(set) var notifications: [JSON] = []

  init(path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) {
      unsafe $0.copyBytes(from: [UInt8](path.utf8))
    }
    let isConnected = unsafe withUnsafeBytes(of: &address) { bytes in
      unsafe connect(
        descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        socklen_t(bytes.count)) == 0
    }
    guard isConnected else { throw Missing("connection to \(path)") }
  }

  deinit { close(descriptor) }

  /// The whole reply to a request.
  func reply(_ method: String, _ parameters: JSON...) async throws -> JSON {
    identifier += 1
    let request: JSON = [
      "jsonrpc": "2.0", "id": .integer(identifier), "method": .string(method),
      "params": .array(parameters),
    ]
    let bytes = request.serialized()
    guard unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      throw Missing("connection")
    }
    while true {
      let line = try await line()
      if line["id"]?.int == identifier { return line }
      notifications.append(line)
    }
  }

  /// The result of a request that must succeed.
  func ask(_ method: String, _ parameters: JSON...) async throws -> JSON {
    let reply: JSON =
      switch parameters.count {
      case 0: try await reply(method)
      case 1: try await reply(method, parameters[0])
      default: try await reply(method, parameters[0], parameters[1])
      }
    guard let result = reply["result"] else { throw Missing("result of \(method)") }
    return result
  }

  /// Subscribes, and returns the subscription's name.
  func subscribe(_ topic: JSON, _ option: JSON? = nil) async throws -> String {
    let name =
      if let option { try await ask("eth_subscribe", topic, option) } else {
        try await ask("eth_subscribe", topic)
      }
    guard let name = name.string else { throw Missing("name of a subscription") }
    return name
  }

  /// What a subscription is told next.
  func next(_ name: String) async throws -> JSON {
    while true {
      if let index = notifications.firstIndex(where: {
        $0["params"]?["subscription"]?.string == name
      }) {
        let notification = notifications.remove(at: index)
        guard notification["method"] == "eth_subscription",
          let result = notification["params"]?["result"]
        else { throw Missing("result of a notification") }
        return result
      }
      notifications.append(try await line())
    }
  }

  private func line() async throws -> JSON {
    var waits = 0
    while true {
      if let end = buffer.firstIndex(of: 0x0a) {
        let line = [UInt8](buffer[..<end])
        buffer.removeFirst(end + 1)
        return try JSON.parse(line)
      }
      var isAtEnd = false
      let part = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { part, count in
        let received = unsafe recv(
          descriptor, part.baseAddress, part.count, Int32(MSG_DONTWAIT))
        isAtEnd = received == 0 || received < 0 && errno != EAGAIN
        count = Swift.max(0, received)
      }
      if isAtEnd || waits > 60_000 { throw Missing("more from the node") }
      if part.isEmpty {
        waits += 1
        try await Task.sleep(for: .milliseconds(1))
      }
      buffer += part
    }
  }
}
