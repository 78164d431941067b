import CMicrohttpd
import Glibc

/// A socket that listens, its address resolved and its real port known.
struct ListeningSocket {
  let descriptor: Int32
  let port: UInt16

  /// - Throws: `HTTPServerError`, and leaves no socket behind.
  init(host: String, port: UInt16) throws(HTTPServerError) {
    var hints = unsafe addrinfo()
    unsafe hints.ai_flags = AI_PASSIVE
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, String(port), &hints, &found) == 0, let first = unsafe found
    else { throw .unknownHost(host) }
    defer { unsafe freeaddrinfo(first) }

    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = unsafe socket(first.pointee.ai_family, type, 0)
    guard descriptor >= 0 else { throw Self.failure(host, port) }
    var yes: Int32 = 1
    unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard unsafe bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0,
      listen(descriptor, SOMAXCONN) == 0
    else {
      let failure = Self.failure(host, port)
      close(descriptor)
      throw failure
    }
    self.descriptor = descriptor
    self.port = Self.localPort(of: descriptor) ?? port
  }

  private static func failure(_ host: String, _ port: UInt16) -> HTTPServerError {
    let number = errno
    if number == EADDRINUSE { return .addressInUse(host: host, port: port) }
    let reason = unsafe String(cString: strerror(number))
    return .cannotListen(host: host, port: port, reason: reason)
  }

  private static func localPort(of descriptor: Int32) -> UInt16? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
      unsafe getsockname(
        descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
    }
    guard status == 0 else { return nil }
    // The port stands at the same place in both families, in network order.
    return unsafe withUnsafeBytes(of: &storage) {
      unsafe UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    }
  }
}

/// An address in digits, with its port: `127.0.0.1:8545`, `[::1]:8545`.
func numericAddress(_ address: UnsafePointer<sockaddr>) -> String {
  let family = unsafe Int32(address.pointee.sa_family)
  let isSixth = family == AF_INET6
  let size = isSixth ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
  let bytes = unsafe UnsafeRawBufferPointer(start: address, count: size)
  let port = unsafe UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
  let text = unsafe [CChar](unsafeUninitializedCapacity: Int(INET6_ADDRSTRLEN)) { text, count in
    // Behind family and port; in the sixth version there is also the flow.
    let place = unsafe bytes.baseAddress.map { unsafe $0 + (isSixth ? 8 : 4) }
    let end = unsafe inet_ntop(family, place, text.baseAddress, socklen_t(text.count))
    count = unsafe end == nil ? 0 : text.firstIndex(of: 0) ?? 0
  }
  let digits = String(decoding: text.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  return isSixth ? "[\(digits)]:\(port)" : "\(digits):\(port)"
}
