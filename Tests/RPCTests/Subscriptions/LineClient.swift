import Glibc
import HTTP
import JSON

/// A client of a local socket: JSON texts out, lines in.
final class LineClient {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var identifier = 0
  /// What came that answers no request.
  private(set) var notifications: [JSON] = []

  init(path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var timeout = timeval(tv_sec: 20, tv_usec: 0)
    unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
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
  func reply(_ method: String, _ parameters: JSON...) throws -> JSON {
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
      let line = try line()
      if line["id"]?.int == identifier { return line }
      notifications.append(line)
    }
  }

  /// The result of a request that must succeed.
  func ask(_ method: String, _ parameters: JSON...) throws -> JSON {
    let reply: JSON =
      switch parameters.count {
      case 0: try reply(method)
      case 1: try reply(method, parameters[0])
      default: try reply(method, parameters[0], parameters[1])
      }
    guard let result = reply["result"] else { throw Missing("result of \(method)") }
    return result
  }

  /// Subscribes, and returns the subscription's name.
  func subscribe(_ topic: JSON, _ option: JSON? = nil) throws -> String {
    let name = try option.map { try ask("eth_subscribe", topic, $0) } ?? ask("eth_subscribe", topic)
    guard let name = name.string else { throw Missing("name of a subscription") }
    return name
  }

  /// What a subscription is told next.
  func next(_ name: String) throws -> JSON {
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
      notifications.append(try line())
    }
  }

  private func line() throws -> JSON {
    while true {
      if let end = buffer.firstIndex(of: 0x0a) {
        let line = [UInt8](buffer[..<end])
        buffer.removeFirst(end + 1)
        return try JSON.parse(line)
      }
      let part = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { part, count in
        count = unsafe Swift.max(0, recv(descriptor, part.baseAddress, part.count, 0))
      }
      if part.isEmpty { throw Missing("more from the node") }
      buffer += part
    }
  }
}
