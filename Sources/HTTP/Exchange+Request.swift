import CMicrohttpd
import Synchronization

extension Exchange {
  /// What the library is to do next.
  enum Step {
    case goOn
    case close
  }

  /// So much more than the limit is read and dropped, so that the client hears why.
  private static let droppedBodyFactor = 4

  /// The head has arrived; a refusal here is answered at once, and the connection then closed.
  func receiveHead(method: String, headers: HTTPHeaders, handle: ConnectionHandle) -> Step {
    connection.allow(seconds: service.configuration.bodyTimeoutInSeconds)
    let refusal = refusalOfHead(headers)
    let isImmediate = state.withLock { state in
      state.request.method = method
      state.request.headers = headers
      state.handle = handle
      state.phase = .body
      state.refusal = refusal?.refusal
      return refusal?.isImmediate ?? false
    }
    guard isImmediate, let refusal else { return .goOn }
    refuse(refusal.refusal)
    return settle()
  }

  /// What is wrong with a head that the library took.
  private func refusalOfHead(
    _ headers: HTTPHeaders
  ) -> (refusal: Refusal, isImmediate: Bool)? {
    let lengths = headers.fields.filter { $0.name == "content-length" }
    let encodings = headers.fields.filter { $0.name == "transfer-encoding" }
    if let encoding = encodings.first {
      // Where a proxy in front and we disagree on where a request ends, another can be smuggled.
      if !lengths.isEmpty || encodings.count > 1 {
        return (Refusal(status: 400, message: "the length of the body is stated twice"), true)
      }
      if encoding.value.lowercased() != "chunked" {
        return (Refusal(status: 501, message: "unknown transfer encoding"), true)
      }
    }
    if lengths.count > 1 {
      return (Refusal(status: 400, message: "the length of the body is stated twice"), true)
    }
    let limit = service.configuration.maximumBodySizeInBytes
    guard let length = lengths.first, Int(length.value).map({ $0 > limit }) ?? true else {
      return nil
    }
    let isFar = Int(length.value).map { $0 / Self.droppedBodyFactor > limit } ?? true
    return (tooLarge, isFar || headers["expect"] != nil)
  }

  private var tooLarge: Refusal {
    let limit = service.configuration.maximumBodySizeInBytes
    return Refusal(status: 413, message: "request body larger than the limit of \(limit) bytes")
  }

  /// A part of the body has arrived.
  func receiveBody(_ part: UnsafeRawBufferPointer) -> Step {
    let limit = service.configuration.maximumBodySizeInBytes
    return state.withLock { state in
      state.bodySizeInBytes += part.count
      let isReserved = service.reserve(bodySizeInBytes: part.count)
      if !isReserved { state.bodySizeInBytes -= part.count }
      if state.refusal != nil {
        state.droppedSizeInBytes += part.count
        return state.droppedSizeInBytes / Self.droppedBodyFactor > limit ? .close : .goOn
      }
      if state.request.body.count + part.count > limit {
        state.refusal = tooLarge
      } else if !isReserved {
        state.refusal = Refusal(status: 503, message: "too many request bodies at a time")
      } else {
        unsafe state.request.body.append(contentsOf: part)
        return .goOn
      }
      state.request.body = []
      return .goOn
    }
  }

  /// The request has arrived whole: the handler's turn.
  func receiveEnd() -> Step {
    connection.allowAnyTime()
    let (request, refusal) = state.withLock { state in
      state.phase = .answering
      let taken = (state.request, state.refusal)
      state.request.body = []
      return taken
    }
    service.add(self)
    if let refusal {
      refuse(refusal)
    } else if service.isStopping.load(ordering: .acquiring) {
      refuse(Refusal(status: 503, message: "the server is stopping"))
    } else {
      service.handler(request, HTTPResponder(self))
    }
    return settle()
  }

  /// Sends the answer if there is one, and else puts the connection to sleep until there is.
  func settle() -> Step {
    state.withLock { state in
      state.phase = .answering
      guard let handle = state.handle else { return .close }
      guard let answer = state.answer else {
        state.isSuspended = true
        unsafe MHD_suspend_connection(handle.pointer)
        return .goOn
      }
      if state.isQueued { return .goOn }
      state.isQueued = true
      return queue(answer, including: state.included, on: handle) ? .goOn : .close
    }
  }

  /// Larger bodies are read piece by piece as they are sent: to copy one at once would keep all
  /// other connections waiting.
  private static let copiedSizeInBytes = 128 << 10

  private func queue(
    _ answer: Answer, including included: HTTPHeaders, on handle: ConnectionHandle
  ) -> Bool {
    let response: OpaquePointer?
    let status: Int
    let fields: HTTPHeaders
    switch answer {
    case .whole(let code, let headers, let body) where body.count > Self.copiedSizeInBytes:
      let reference = unsafe Unmanaged.passRetained(LargeBody(body)).toOpaque()
      unsafe response = MHD_create_response_from_callback(
        UInt64(body.count), 64 << 10, readLargeBody, reference, releaseLargeBody)
      if unsafe response == nil { unsafe releaseLargeBody(reference) }
      (status, fields) = (code, headers)
    case .whole(let code, let headers, let body):
      unsafe response = body.withUnsafeBytes { bytes in
        unsafe MHD_create_response_from_buffer(
          bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress),
          .RESPMEM_MUST_COPY)
      }
      (status, fields) = (code, headers)
    case .stream(let code, let headers):
      let reference = unsafe Unmanaged.passRetained(self).toOpaque()
      unsafe response = opal_http_stream(
        16 << 10, readStream, reference, releaseExchange)
      if unsafe response == nil { unsafe releaseExchange(reference) }
      (status, fields) = (code, headers)
    case .upgrade(let headers, _):
      // The context of the request, which outlives the upgrade, keeps the exchange.
      unsafe response = MHD_create_response_for_upgrade(
        receiveUpgrade, Unmanaged.passUnretained(self).toOpaque())
      (status, fields) = (101, headers)
    }
    guard let response = unsafe response else { return false }
    defer { unsafe MHD_destroy_response(response) }
    for field in fields.fields + included.fields {
      unsafe MHD_add_response_header(response, field.name, field.value)
    }
    return unsafe MHD_queue_response(handle.pointer, UInt32(status), response) == MHD_Result.YES
  }
}
