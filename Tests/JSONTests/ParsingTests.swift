import JSON
import Testing

@Suite("Reading JSON")
struct ParsingTests {
  @Test("a document keeps the order of members and the text of numbers")
  func order() throws {
    let json = try JSON.parse(#" { "z" : 1.50 , "a" : [ true , null , -0 , 1E+2 ] } "#)
    #expect(json.object?.keys == ["z", "a"])
    #expect(json["z"]?.number?.text == "1.50")
    #expect(json["a"]?[3]?.double == 100)
    #expect(json["a"]?[2]?.int == 0)
    #expect(json["a"]?[4] == nil)
    #expect(json["b"] == nil)
    #expect(
      String(decoding: json.serialized(), as: UTF8.self) == #"{"z":1.50,"a":[true,null,-0,1E+2]}"#)
  }

  @Test("integers are exact at the edges of their types and absent beyond")
  func integers() throws {
    let json = try JSON.parse(
      "[18446744073709551615,18446744073709551616,-9223372036854775808,1.0,1e2,-1,9007199254740993]"
    )
    #expect(json[0]?.uint64 == .max)
    #expect(json[1]?.uint64 == nil)
    #expect(json[2]?.int64 == .min)
    #expect(json[3]?.int == nil)
    #expect(json[4]?.int64 == nil)
    #expect(json[5]?.uint64 == nil)
    #expect(json[6]?.int64 == 9_007_199_254_740_993)
    #expect(try JSON.parse("1e999").double == nil)
  }

  @Test("escapes and surrogate pairs become the characters they stand for")
  func escapes() throws {
    let json = try JSON.parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\uD83D\uDE00é\u0000""#)
    #expect(json.string == "\"\\/\u{8}\u{c}\n\r\tAé😀é\0")
  }

  static let refused: [(String, JSONError.Reason, Int)] = [
    ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("[", .unexpectedEnd, 1),
    ("[1,", .unexpectedEnd, 3), ("{\"a\"", .unexpectedEnd, 4), ("\"abc", .unexpectedEnd, 4),
    ("\"\\", .unexpectedEnd, 2), ("\"\\u12", .unexpectedEnd, 5), ("tru", .unexpectedEnd, 3),
    ("-", .unexpectedEnd, 1), ("1.", .unexpectedEnd, 2), ("1e+", .unexpectedEnd, 3),
    ("[1,]", .unexpectedByte(0x5d), 3), ("{,}", .unexpectedByte(0x2c), 1),
    ("[1 2]", .unexpectedByte(0x32), 3), ("{\"a\" 1}", .unexpectedByte(0x31), 5),
    ("{1:2}", .unexpectedByte(0x31), 1), ("[1}", .unexpectedByte(0x7d), 2),
    ("trux", .unexpectedByte(0x78), 3), ("'a'", .unexpectedByte(0x27), 0),
    ("NaN", .unexpectedByte(0x4e), 0), ("+1", .unexpectedByte(0x2b), 0),
    ("\u{feff}1", .unexpectedByte(0xef), 0), ("/**/1", .unexpectedByte(0x2f), 0),
    ("1 2", .trailingByte(0x32), 2), ("{}x", .trailingByte(0x78), 2),
    ("[]]", .trailingByte(0x5d), 2), ("01", .malformedNumber, 0), ("-01", .malformedNumber, 0),
    ("1.e1", .malformedNumber, 2), (".5", .unexpectedByte(0x2e), 0), ("1ex", .malformedNumber, 2),
    ("-x", .malformedNumber, 1), ("\"\\x\"", .malformedEscape, 1),
    ("\"\\u12g4\"", .malformedEscape, 1), ("\"a\\ud800\"", .loneSurrogate, 2),
    ("\"\\udc00\\ud800\"", .loneSurrogate, 1), ("\"\\ud800\\ud800\"", .loneSurrogate, 1),
    ("\"a\nb\"", .controlCharacter(0x0a), 2), ("\"\\n\t\"", .controlCharacter(0x09), 3),
    ("{\"a\":1,\"b\":2,\"a\":3}", .duplicateKey("a"), 13),
    ("{\"a\":1,\"\\u0061\":3}", .duplicateKey("a"), 7),
  ]

  @Test("what is no JSON is refused with the reason and the byte", arguments: refused)
  func refusal(text: String, reason: JSONError.Reason, offset: Int) {
    #expect(throws: JSONError(reason: reason, offset: offset)) { try JSON.parse(text) }
  }

  @Test("strings that are not UTF-8 are refused at the first wrong byte")
  func malformedUTF8() {
    for (bytes, offset) in [
      ([0x22, 0x61, 0xff, 0x22], 2), ([0x22, 0xc0, 0x80, 0x22], 1),
      ([0x22, 0xc3, 0xa9, 0xed, 0xa0, 0x80, 0x22], 3), ([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], 1),
      ([0x22, 0xe2, 0x82, 0x22], 1), ([0x22, 0x5c, 0x6e, 0x80, 0x22], 3),
    ] as [([UInt8], Int)] {
      #expect(throws: JSONError(reason: .malformedUTF8, offset: offset)) { try JSON.parse(bytes) }
    }
  }

  @Test("keys that differ in bytes are different, whatever Unicode says about them")
  func canonicalEquivalence() throws {
    let json = try JSON.parse("{\"\u{e9}\":1,\"e\u{301}\":2}")
    #expect(json["\u{e9}"] == 1)
    #expect(json["e\u{301}"] == 2)
    #expect(JSON.string("\u{e9}") != JSON.string("e\u{301}"))
  }

  @Test("limits on depth, size and values hold exactly, and depth takes no stack")
  func limits() throws {
    func nested(_ depth: Int) -> [UInt8] {
      [UInt8](repeating: 0x5b, count: depth) + [UInt8](repeating: 0x5d, count: depth)
    }
    _ = try JSON.parse(nested(256))
    #expect(throws: JSONError(reason: .tooDeep(limit: 256), offset: 256)) {
      try JSON.parse(nested(257))
    }
    #expect(throws: JSONError(reason: .tooDeep(limit: 256), offset: 256)) {
      try JSON.parse([UInt8](repeating: 0x5b, count: 1_000_000))
    }
    _ = try JSON.parse("[1,2]", limits: JSONLimits(sizeInBytes: 5, valueCount: 3))
    #expect(throws: JSONError(reason: .tooLarge(limitInBytes: 4), offset: 0)) {
      try JSON.parse("[1,2]", limits: JSONLimits(sizeInBytes: 4))
    }
    #expect(throws: JSONError(reason: .tooManyValues(limit: 2), offset: 3)) {
      try JSON.parse("[1,2]", limits: JSONLimits(valueCount: 2))
    }
  }

  @Test("an error says what and where in one sentence")
  func description() {
    #expect(
      JSONError(reason: .unexpectedByte(0x7d), offset: 9).description == "unexpected '}' at byte 9")
    #expect(
      JSONError(reason: .controlCharacter(0x0a), offset: 2).description
        == "unescaped byte 0x0a in a string at byte 2")
    #expect(JSONError(reason: .tooDeep(limit: 3), offset: 1).message == "nesting deeper than 3")
  }

  @Test("a large object finds, replaces, adds and removes members, and refuses a repeated key")
  func largeObject() throws {
    let text = (0..<5_000).map { "\"key\($0)\":\($0)" }.joined(separator: ",")
    guard var object = try JSON.parse("{\(text)}").object else {
      Issue.record("no object")
      return
    }
    for place: Int in 0..<5_000 where object["key\(place)"] != JSON.integer(place) {
      Issue.record("key\(place) is lost")
    }
    #expect(object["key5000"] == nil)
    object["key7"] = nil
    object["key8"] = "eight"
    object["new"] = []
    #expect(object.count == 5_000)
    #expect(object["key7"] == nil)
    #expect(object["key8"]?.string == "eight")
    #expect(object.keys.last == "new")
    #expect(throws: JSONError.self) { try JSON.parse("{\(text),\"key77\":0}") }
  }
}
