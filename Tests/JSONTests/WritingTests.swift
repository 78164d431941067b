import JSON
import Primitives
import Testing

@Suite("Writing JSON")
struct WritingTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test("the writer sets commas and colons, nested and empty containers included")
  func containers() {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("empty")
    writer.beginArray()
    writer.endArray()
    writer.key("list")
    writer.beginArray()
    writer.integer(-1)
    writer.beginObject()
    writer.endObject()
    writer.bool(true)
    writer.null()
    writer.endArray()
    writer.key("raw")
    writer.serialized([0x31])
    writer.key("last")
    writer.value([1, "two", [nil]])
    writer.endObject()
    #expect(
      text(writer.bytes)
        == #"{"empty":[],"list":[-1,{},true,null],"raw":1,"last":[1,"two",[null]]}"#)
  }

  @Test("strings are escaped as far as JSON needs it and no further")
  func strings() throws {
    let value = "a\"b\\c\n\r\t\u{1}\u{1f}\u{7f}/é😀\u{2028}"
    let written = JSON.string(value).serialized()
    #expect(text(written) == "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u001f\u{7f}/é😀\u{2028}\"")
    #expect(try JSON.parse(written).string == value)
  }

  @Test("quantities have no leading zeros and data has all its digits")
  func quantities() {
    var writer = JSONWriter()
    writer.beginArray()
    for value: UInt64 in [0, 1, 15, 16, 255, 0x1000, .max] { writer.quantity(value) }
    for value: [UInt8] in [[], [0, 0], [0, 0x0a], [0x10, 0], [0, 0xff, 0x01]] {
      writer.quantity(bigEndian: value)
    }
    for value: [UInt8] in [[], [0, 0xab]] { writer.data(value) }
    writer.endArray()
    #expect(
      text(writer.bytes)
        == #"["0x0","0x1","0xf","0x10","0xff","0x1000","0xffffffffffffffff","#
        + #""0x0","0x0","0xa","0x1000","0xff01","0x","0x00ab"]"#)
  }

  @Test("a number, hash or address is the same text as a value and from the writer")
  func ethereumValues() throws {
    let numbers: [UInt256] = [0, 1, 255, UInt256(UInt64.max), UInt256(UInt64.max) + 1, .max]
    for number in numbers {
      var writer = JSONWriter()
      writer.quantity(number)
      #expect(writer.bytes == JSON.quantity(number).serialized())
      #expect(try JSON.parse(writer.bytes).string.flatMap { UInt256(hexadecimal: $0) } == number)
      #expect(
        number.asUInt64.map { JSON.quantity($0) } ?? JSON.quantity(number) == .quantity(number))
    }
    let hash = Hash(UInt256.max - 5)
    let address = Address(UInt256(0xab))
    var writer = JSONWriter()
    writer.beginArray()
    writer.data(hash)
    writer.data(address)
    writer.data([1, 2])
    writer.endArray()
    let list: JSON = [.data(hash), .data(address), .data([1, 2])]
    #expect(writer.bytes == list.serialized())
    #expect(list[1] == .string("0x" + String(repeating: "0", count: 38) + "ab"))
  }

  @Test("for people there is one member a line")
  func people() {
    let json: JSON = ["a": [1, [], [:]], "b": nil]
    #expect(
      text(json.serializedForPeople())
        == "{\n  \"a\": [\n    1,\n    [],\n    {}\n  ],\n  \"b\": null\n}")
  }

  @Test("doubles come back as they were, and what JSON cannot say is null")
  func doubles() throws {
    for value in [0.1, -0.0, 1e300, .leastNonzeroMagnitude, 1e16, 123_456_789.5] {
      #expect(try JSON.parse(JSON.double(value).serialized()).double == value)
    }
    #expect(JSON.double(.infinity) == .null)
    #expect(JSON.double(.nan) == .null)
    #expect(JSONNumber(text: "01") == nil)
    #expect(JSONNumber(text: " 1") == nil)
    #expect(JSONNumber(text: "\"1\"") == nil)
    #expect(JSONNumber(text: "-1.5e3")?.double == -1500)
  }

  @Test("a value nested very deep is written without taking stack")
  func depth() throws {
    let depth = 5_000
    let text =
      [UInt8](repeating: 0x5b, count: depth) + [UInt8](repeating: 0x5d, count: depth)
    let json = try JSON.parse(text, limits: JSONLimits(depth: depth))
    #expect(json.serialized() == text)
  }
}
