import CMicrohttpd
import Synchronization

// The functions that libmicrohttpd calls, all on its one thread. They turn its pointers into
// objects and hold no logic of their own.

/// The request line has arrived: an exchange begins, which `finishRequest` ends.
func beginRequest(
  _ server: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ handle: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  guard let server = unsafe server, let target = unsafe target, let handle = unsafe handle,
    let context = unsafe opal_http_socket_context(handle)
  else { return nil }
  let service = unsafe Unmanaged<Service>.fromOpaque(server).takeUnretainedValue()
  let connection = unsafe Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
  let exchange = unsafe Exchange(
    service: service, connection: connection, target: String(cString: target))
  return unsafe Unmanaged.passRetained(exchange).toOpaque()
}

/// The request goes on: its head, then each part of its body, then its end, then whenever the
/// connection was woken up.
func continueRequest(
  _ server: UnsafeMutableRawPointer?, _ handle: OpaquePointer?, _ url: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?,
  _ part: UnsafePointer<CChar>?, _ partSize: UnsafeMutablePointer<Int>?,
  _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let reference = unsafe context?.pointee, let handle = unsafe handle,
    let method = unsafe method, let partSize = unsafe partSize
  else { return MHD_Result.NO }
  let exchange = unsafe Unmanaged<Exchange>.fromOpaque(reference).takeUnretainedValue()
  let step: Exchange.Step
  switch exchange.state.withLock({ $0.phase }) {
  case .head:
    step = unsafe exchange.receiveHead(
      method: String(cString: method), headers: headers(of: handle),
      handle: ConnectionHandle(pointer: handle))
  case .body where unsafe partSize.pointee > 0:
    step = unsafe exchange.receiveBody(
      UnsafeRawBufferPointer(start: part, count: partSize.pointee))
    unsafe partSize.pointee = 0
  case .body: step = exchange.receiveEnd()
  case .answering: step = exchange.settle()
  }
  return step == .goOn ? MHD_Result.YES : MHD_Result.NO
}

private func headers(of handle: OpaquePointer) -> HTTPHeaders {
  var headers = HTTPHeaders()
  headers.reserveCapacity(8)
  unsafe withUnsafeMutablePointer(to: &headers) { headers in
    _ = unsafe MHD_get_connection_values(
      handle, .HEADER_KIND,
      { headers, _, name, value in
        guard let headers = unsafe headers, let name = unsafe name else { return MHD_Result.YES }
        let text = unsafe value.map { unsafe String(cString: $0) } ?? ""
        unsafe headers.assumingMemoryBound(to: HTTPHeaders.self).pointee
          .append(String(cString: name).lowercased(), text)
        return MHD_Result.YES
      }, headers)
  }
  return headers
}

/// The request is over, answered or not.
func finishRequest(
  _ server: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
  _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ ending: MHD_RequestTerminationCode
) {
  guard let reference = unsafe context?.pointee else { return }
  unsafe context?.pointee = nil
  let exchange = unsafe Unmanaged<Exchange>.fromOpaque(reference).takeRetainedValue()
  exchange.close()
  exchange.service.remove(exchange)
  exchange.connection.allow(seconds: exchange.service.configuration.idleTimeoutInSeconds)
}

/// A client has connected, or its socket is about to be closed.
func noteConnection(
  _ server: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
  _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ event: MHD_ConnectionNotificationCode
) {
  guard let server = unsafe server, let handle = unsafe handle, let context = unsafe context
  else { return }
  let service = unsafe Unmanaged<Service>.fromOpaque(server).takeUnretainedValue()
  if event == .CONNECTION_NOTIFY_STARTED {
    let address = unsafe opal_http_peer(handle).map { unsafe numericAddress($0) } ?? ""
    let connection = unsafe Connection(
      descriptor: opal_http_socket(handle), remoteAddress: address)
    service.add(connection)
    unsafe context.pointee = Unmanaged.passRetained(connection).toOpaque()
  } else if let reference = unsafe context.pointee {
    unsafe context.pointee = nil
    service.remove(unsafe Unmanaged<Connection>.fromOpaque(reference).takeRetainedValue())
  }
}

/// The library has sent the answer to an upgrade, and leaves the socket to us.
func receiveUpgrade(
  _ exchange: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ context: UnsafeMutableRawPointer?, _ received: UnsafePointer<CChar>?, _ receivedSize: Int,
  _ socket: Int32, _ handle: OpaquePointer?
) {
  guard let exchange = unsafe exchange, let handle = unsafe handle else { return }
  let bytes = unsafe UnsafeRawBufferPointer(start: received, count: receivedSize)
  unsafe Unmanaged<Exchange>.fromOpaque(exchange).takeUnretainedValue()
    .upgrade(descriptor: socket, origin: .upgrade(handle), received: [UInt8](bytes))
}

/// The library has room for more of a stream.
func readStream(
  _ exchange: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?,
  _ size: Int
) -> Int {
  guard let exchange = unsafe exchange else { return -2 }
  return unsafe Unmanaged<Exchange>.fromOpaque(exchange).takeUnretainedValue()
    .read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size))
}

/// The library has let go of a streamed answer.
func releaseExchange(_ exchange: UnsafeMutableRawPointer?) {
  guard let exchange = unsafe exchange else { return }
  unsafe Unmanaged<Exchange>.fromOpaque(exchange).release()
}

/// A large body on its way to a client.
final class LargeBody: Sendable {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// The library has room for more of a large body.
func readLargeBody(
  _ body: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?,
  _ size: Int
) -> Int {
  guard let body = unsafe body, let buffer = unsafe buffer else { return -2 }
  let bytes = unsafe Unmanaged<LargeBody>.fromOpaque(body).takeUnretainedValue().bytes
  let count = min(size, bytes.count - Int(position))
  guard count > 0 else { return -1 }
  unsafe bytes.withUnsafeBytes { bytes in
    let part = unsafe UnsafeRawBufferPointer(
      rebasing: bytes[Int(position)..<Int(position) + count])
    unsafe UnsafeMutableRawBufferPointer(start: buffer, count: count).copyMemory(from: part)
  }
  return count
}

/// The library has let go of a large body.
func releaseLargeBody(_ body: UnsafeMutableRawPointer?) {
  guard let body = unsafe body else { return }
  unsafe Unmanaged<LargeBody>.fromOpaque(body).release()
}
