import Primitives
import Testing

@Suite("Text of numbers and bytes")
struct TextTests {
  @Test("numbers are written and read again, in both bases")
  func numbers() {
    var generator = CornerGenerator(seed: 10)
    var failures: [UInt256] = []
    for _ in 0..<2_000 {
      let value = generator.number()
      let holds =
        UInt256(hexadecimal: value.hexadecimal) == value
        && UInt256(decimal: value.decimalString) == value
      if !holds { failures.append(value) }
    }
    #expect(failures.isEmpty)
    #expect(UInt256.zero.hexadecimal == "0x0")
    #expect(UInt256(255).hexadecimal == "0xff")
    #expect(UInt256(0x1000).hexadecimal == "0x1000")
    #expect(UInt256.zero.decimalString == "0")
    let ten19 = UInt256(10).power(19)
    #expect(ten19.decimalString == "10000000000000000000")
    #expect((ten19 - 1).decimalString == "9999999999999999999")
    #expect(
      UInt256.max.decimalString
        == "115792089237316195423570985008687907853269984665640564039457584007913129639935")
  }

  @Test(
    "text that is no number is refused",
    arguments: [
      "", "0x", "0xg", "0x 1", "-1", "+1", "1_0", "0x1" + String(repeating: "0", count: 64),
    ])
  func notHexadecimal(text: String) {
    #expect(UInt256(hexadecimal: text) == nil)
  }

  @Test(
    "text that is no decimal is refused",
    arguments: [
      "", "0x1", "a", "-1", " 1",
      "115792089237316195423570985008687907853269984665640564039457584007913129639936",
      "1157920892373161954235709850086879078532699846656405640394575840079131296399350",
    ])
  func notDecimal(text: String) {
    #expect(UInt256(decimal: text) == nil)
  }

  @Test("bytes are written in lower case and read in either")
  func hexadecimal() {
    let bytes = Bytes(0...255)
    let text = Hexadecimal.encode(bytes)
    #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
    #expect(Hexadecimal.decode(text) == bytes)
    #expect(Hexadecimal.decode(text.uppercased()) == bytes)
    #expect(Hexadecimal.encodePrefixed(bytes) == "0x" + text)
    #expect(Hexadecimal.decode("0X" + text) == bytes)
    #expect(Hexadecimal.decode("") == [] && Hexadecimal.decode("0x") == [])
    for wrong in ["0", "0x0", "0g", "0x0g", "x0", "0x0x", "é", "00 "] {
      #expect(Hexadecimal.decode(wrong) == nil)
    }
  }

  @Test("addresses and hashes take exactly their number of bytes")
  func fixed() throws {
    let address = try #require(
      Address(hexadecimal: "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266"))
    #expect(address.hexadecimal == "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266")
    #expect(Address(address.bytes) == address)
    #expect(Address(UInt256(address)) == address)
    #expect(Address(UInt256(address) | UInt256.one << 160) == address)
    #expect(Address(checking: Bytes(repeating: 0, count: 19)) == nil)
    #expect(Address(checking: Bytes(repeating: 0, count: 21)) == nil)
    #expect(Hash(checking: Bytes(repeating: 0, count: 31)) == nil)
    #expect(Hash(checking: Bytes(repeating: 0, count: 33)) == nil)
    let hash = Hash(Bytes(0..<32))
    #expect(hash.bytes == Bytes(0..<32) && Hash(UInt256(hash)) == hash)
    #expect(Hash(hexadecimal: hash.hexadecimal) == hash)
    #expect(Address(suffixOf: hash).bytes == Bytes(12..<32))
    #expect(Address.zero.isZero && Hash.zero.isZero && !hash.isZero)
    #expect(Set([hash, hash, Hash.zero]).count == 2)
    #expect(Set([address, address, Address.zero]).count == 2)
  }
}
