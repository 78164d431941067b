import HTTP
import Testing

/// The cases of the Autobahn test suite, in our own words, against the decoder alone.
@Suite("WebSocket frames")
struct WebSocketDecoderTests {
  private typealias Event = WebSocketDecoder.Event

  private func decode(
    _ bytes: [UInt8], portion: Int = .max, limit: Int = 1 << 20
  ) -> (events: [Event], code: UInt16?) {
    var decoder = WebSocketDecoder(sender: .client, maximumMessageSizeInBytes: limit)
    var events: [Event] = []
    var rest = bytes[...]
    do throws(WebSocketDecoder.Violation) {
      repeat {
        decoder.append(rest.prefix(portion))
        rest = rest.dropFirst(portion)
        while let event = try decoder.next() { events.append(event) }
      } while !rest.isEmpty
    } catch {
      return (events, error.code)
    }
    return (events, nil)
  }

  private func frame(
    _ opcode: WebSocketOpcode, _ payload: [UInt8], isFinal: Bool = true
  ) -> [UInt8] {
    WebSocketFrame.encode(opcode, payload, isFinal: isFinal, mask: 0x37fa_213d)
  }

  @Test("the examples of RFC 6455, 5.7, are read and written")
  func examples() {
    let hello = [UInt8]("Hello".utf8)
    #expect(WebSocketFrame.encode(.text, hello) == [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f])
    #expect(
      frame(.text, hello)
        == [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58])
    #expect(decode(frame(.text, hello)).events == [.text(hello)])
    let parts =
      frame(.text, [0x48, 0x65, 0x6c], isFinal: false) + frame(.continuation, [0x6c, 0x6f])
    #expect(decode(parts).events == [.text(hello)])
    #expect(decode(frame(.ping, hello)).events == [.ping(hello)])
    #expect(
      WebSocketFrame.encode(.binary, [UInt8](repeating: 0, count: 256)).prefix(4)
        == [0x82, 0x7e, 0x01, 0x00])
    #expect(
      WebSocketFrame.encode(.binary, [UInt8](repeating: 0, count: 65_536)).prefix(10)
        == [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0])
  }

  @Test("messages of every size of length arrive, in whatever portions", arguments: [1, 3, .max])
  func sizes(portion: Int) {
    for size in [0, 1, 125, 126, 127, 128, 65_535, 65_536] where portion > 1 || size < 1_000 {
      let payload = (0..<size).map { UInt8($0 % 128) }
      #expect(decode(frame(.text, payload), portion: portion).events == [.text(payload)])
      #expect(decode(frame(.binary, payload), portion: portion).events == [.binary(payload)])
    }
  }

  @Test("control frames come amid the parts of a message")
  func interleaved() {
    let bytes =
      frame(.binary, [1], isFinal: false) + frame(.ping, [9])
      + frame(.continuation, [], isFinal: false)
      + frame(.pong, []) + frame(.continuation, [2])
    for portion in [1, 2, 5, .max] {
      #expect(decode(bytes, portion: portion).events == [.ping([9]), .pong([]), .binary([1, 2])])
    }
  }

  static let broken: [(name: String, bytes: [UInt8])] = [
    ("a reserved bit", [0xc1, 0x80, 0, 0, 0, 0]), ("another", [0xa1, 0x80, 0, 0, 0, 0]),
    ("the third", [0x91, 0x80, 0, 0, 0, 0]), ("opcode 3", [0x83, 0x80, 0, 0, 0, 0]),
    ("opcode 7", [0x87, 0x80, 0, 0, 0, 0]), ("opcode 11", [0x8b, 0x80, 0, 0, 0, 0]),
    ("opcode 15", [0x8f, 0x80, 0, 0, 0, 0]), ("no mask", [0x81, 0x00]),
    ("a ping in parts", [0x09, 0x80, 0, 0, 0, 0]),
    ("a ping of 126 bytes", [0x89, 0xfe, 0, 126, 0, 0, 0, 0]),
    ("a continuation of nothing", [0x80, 0x80, 0, 0, 0, 0]),
    ("a message within another", [0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0]),
    ("a length too long", [0x82, 0xfe, 0, 125, 0, 0, 0, 0]),
    ("a length far too long", [0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0]),
    ("a length of 64 bits", [0x82, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ("a close of one byte", [0x88, 0x81, 0, 0, 0, 0, 3]),
  ]

  @Test("what the protocol forbids ends the connection with 1002", arguments: broken)
  func violations(_ name: String, _ bytes: [UInt8]) {
    for portion in [1, .max] {
      #expect(decode(bytes, portion: portion) == ([], 1002), "\(name)")
    }
  }

  @Test("close codes are those that may be sent")
  func closing() {
    func close(_ code: UInt16, _ reason: [UInt8] = []) -> (events: [Event], code: UInt16?) {
      decode(frame(.close, [UInt8(code >> 8), UInt8(code & 0xff)] + reason))
    }
    #expect(decode(frame(.close, [])).events == [.close(code: nil, reason: [])])
    for code: UInt16 in [1000, 1001, 1002, 1003, 1007, 1011, 3000, 3999, 4000, 4999] {
      #expect(close(code, [0x6f, 0x6b]).events == [.close(code: code, reason: [0x6f, 0x6b])])
    }
    for code: UInt16 in [0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535] {
      #expect(close(code).code == 1002, "\(code)")
    }
    #expect(close(1000, [0xff]).code == 1007)
  }

  static let text: [(bytes: [UInt8], isValid: Bool)] = [
    ([0xce, 0xba, 0xe1, 0xbd, 0xb9, 0xcf, 0x83], true), ([0xf0, 0x9f, 0x98, 0x80], true),
    ([0xf4, 0x8f, 0xbf, 0xbf], true), ([0xed, 0x9f, 0xbf], true), ([0xee, 0x80, 0x80], true),
    ([0xef, 0xbf, 0xbf], true), ([0x00], true), ([0xc0, 0xaf], false), ([0xc1, 0x80], false),
    ([0xe0, 0x9f, 0xbf], false), ([0xed, 0xa0, 0x80], false), ([0xf0, 0x8f, 0xbf, 0xbf], false),
    ([0xf4, 0x90, 0x80, 0x80], false), ([0xf5, 0x80, 0x80, 0x80], false), ([0x80], false),
    ([0xce], false), ([0xe1, 0xbd], false), ([0xce, 0x41], false), ([0xfe], false),
  ]

  @Test("text is UTF-8, whatever frames and portions it comes in", arguments: text)
  func unicode(_ bytes: [UInt8], _ isValid: Bool) {
    for cut in 0...bytes.count {
      let parts =
        frame(.text, [UInt8](bytes[..<cut]), isFinal: false)
        + frame(.continuation, [UInt8](bytes[cut...]))
      for portion in [1, 7, .max] {
        let result = decode(parts, portion: portion)
        #expect(result.code == (isValid ? nil : 1007))
        #expect(result.events == (isValid ? [.text(bytes)] : []))
      }
      #expect(decode(frame(.binary, bytes)).events == [.binary(bytes)])
    }
  }

  @Test("the limit holds for a message whole or in parts, before its bytes have come")
  func limits() {
    let exact = [UInt8](repeating: 1, count: 1000)
    #expect(decode(frame(.binary, exact), limit: 1000).events == [.binary(exact)])
    #expect(decode(frame(.binary, exact + [1]), limit: 1000) == ([], 1009))
    #expect(
      decode([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]).code == 1009)
    let parts = frame(.binary, exact, isFinal: false) + frame(.continuation, [1])
    #expect(decode(parts, limit: 1000) == ([], 1009))
  }

  @Test("bytes at random, and valid ones altered, never do worse than a violation")
  func fuzzed() {
    var random = SystemRandomNumberGenerator()
    let valid =
      frame(.text, [0x61, 0xce, 0xba], isFinal: false) + frame(.ping, [1, 2])
      + frame(.continuation, [UInt8](repeating: 0x62, count: 300)) + frame(.close, [3, 0xe8])
    for round in 0..<20_000 {
      var bytes = valid
      if round % 4 == 0 {
        bytes = (0..<Int.random(in: 0..<64, using: &random)).map { _ in .random(in: .min ... .max) }
      } else {
        for _ in 0...round % 3 {
          bytes[Int.random(in: 0..<bytes.count)] = .random(in: .min ... .max)
        }
      }
      let whole = decode(bytes)
      let dripped = decode(bytes, portion: 1)
      #expect(whole.events == dripped.events && whole.code == dripped.code)
    }
  }
}

@Suite("JSON texts in a stream")
struct JSONStreamDecoderTests {
  private func decode(_ text: String, portion: Int, limit: Int = 1000) -> ([String], Bool) {
    var decoder = JSONStreamDecoder(maximumMessageSizeInBytes: limit)
    var texts: [String] = []
    var rest = [UInt8](text.utf8)[...]
    do {
      while !rest.isEmpty {
        decoder.append(rest.prefix(portion))
        rest = rest.dropFirst(portion)
        while let text = try decoder.next() { texts.append(String(decoding: text, as: UTF8.self)) }
      }
    } catch {
      return (texts, false)
    }
    return (texts, true)
  }

  @Test(
    "texts are told apart by their brackets, wherever the portions end", arguments: [1, 4, 999])
  func texts(portion: Int) {
    let parts = [#"{"a":"}\"]{","b":[1,{}]}"#, "[]", #"["\\"]"#, "{\"x\n\":1}"]
    #expect(decode(parts.joined(), portion: portion) == (parts, true))
    #expect(decode(parts.joined(separator: " \r\n\t"), portion: portion) == (parts, true))
    #expect(decode("{\"a\":", portion: portion) == ([], true))
  }

  @Test("what is no text, or too large a one, ends the stream")
  func violations() {
    for text in ["1", "x{}", "}", "]", "\"a\"", "\u{0}"] {
      #expect(decode(text, portion: 1) == ([], false))
    }
    #expect(decode("{} x", portion: 1) == (["{}"], false))
    let long = "[" + String(repeating: "1", count: 998) + "]"
    #expect(decode(long, portion: 64) == ([long], true))
    #expect(decode("[" + String(repeating: "1", count: 1000), portion: 64) == ([], false))
    #expect(decode(String(repeating: "[", count: 5000), portion: 64) == ([], false))
  }
}
