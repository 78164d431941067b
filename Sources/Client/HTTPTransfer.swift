import CCurl

/// Why nothing came back.
struct TransferFailure: Error {
  var reason: String
}

/// Posts over one connection, by libcurl.
@safe struct HTTPTransfer: ~Copyable, @unchecked Sendable {
  // Both are used under the lock of whoever holds this, and freed with it.
  private let handle: OpaquePointer?
  private let headers: UnsafeMutablePointer<curl_slist>?

  /// What has come of an answer.
  private final class Answer {
    let limitInBytes: Int
    var body: [UInt8] = []
    var isTooLarge = false

    init(limitInBytes: Int) { self.limitInBytes = limitInBytes }
  }

  /// The library is set up once, before its first use.
  private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  init(headers: [String]) {
    unsafe handle = Self.isReady ? OpaquePointer(curl_easy_init()) : nil
    var list: UnsafeMutablePointer<curl_slist>?
    for header in headers { unsafe list = curl_slist_append(list, header) }
    unsafe self.headers = list
  }

  deinit {
    if let handle = unsafe handle { unsafe curl_easy_cleanup(UnsafeMutableRawPointer(handle)) }
    unsafe curl_slist_free_all(headers)
  }

  /// Posts a body, and returns the status and the body of the answer.
  func post(
    _ body: [UInt8], to url: String, timeoutInMilliseconds: Int, limitInBytes: Int
  ) throws(TransferFailure) -> (status: Int, body: [UInt8]) {
    guard let handle = unsafe handle else { throw TransferFailure(reason: "libcurl fails") }
    let answer = Answer(limitInBytes: limitInBytes)
    var words = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE) + 1)
    var status = 0
    let code = unsafe body.withUnsafeBytes { bytes in
      unsafe opal_curl_post(
        UnsafeMutableRawPointer(handle), url, headers, bytes.baseAddress, bytes.count,
        { portion, size, count, context in
          guard let portion = unsafe portion, let context = unsafe context else { return 0 }
          let answer = unsafe Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue()
          guard answer.body.count + size * count <= answer.limitInBytes else {
            answer.isTooLarge = true
            return 0
          }
          unsafe answer.body.append(
            contentsOf: UnsafeRawBufferPointer(start: portion, count: size * count))
          return size * count
        }, Unmanaged.passUnretained(answer).toOpaque(), timeoutInMilliseconds, &words, &status)
    }
    if answer.isTooLarge {
      throw TransferFailure(reason: "the answer is larger than \(limitInBytes) bytes")
    }
    guard code == CURLE_OK else {
      let text = String(
        decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let general = unsafe String(cString: curl_easy_strerror(code))
      throw TransferFailure(reason: text.isEmpty ? general : text)
    }
    return (status, answer.body)
  }
}
