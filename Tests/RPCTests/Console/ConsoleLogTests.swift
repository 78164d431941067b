import Cryptography
import Primitives
import RPC
import Testing

@Suite("console.log")
struct ConsoleLogTests {
  @Test("the address spells its name")
  func address() {
    #expect(
      ConsoleLog.address.hexadecimal == "0x000000000000000000636f6e736f6c652e6c6f67")
  }

  static let lines: [(signature: String, values: [ABIValue], line: String)] = [
    ("log(string)", [.string("hello %s")], "hello %s"),
    ("log(uint256)", [.uint(UInt256(7))], "7"), ("log(uint)", [.uint(UInt256(7))], "7"),
    ("logInt(int256)", [.int(UInt256.zero &- UInt256(1))], "-1"), ("log()", [], ""),
    ("log(string,uint256)", [.string("a %d b"), .uint(UInt256(3))], "a 3 b"),
    ("log(string,uint256)", [.string("a"), .uint(UInt256(3))], "a 3"),
    (
      "log(string,string,bool,address)",
      [.string("100%% %s %x"), .string("s"), .bool(true), .address(.zero)],
      "100% s %x true 0x0000000000000000000000000000000000000000"
    ), ("logBytes4(bytes4)", [.fixedBytes([1, 2, 3, 4])], "0x01020304"),
    ("log(bool,string)", [.bool(false), .string("x")], "false x"),
  ]

  @Test("lines read as hardhat prints them", arguments: lines)
  func formats(_ signature: String, _ values: [ABIValue], _ line: String) {
    #expect(ConsoleLog.decode(ABI.call(signature, values)) == line)
  }

  @Test("what is no line is none")
  func foreign() {
    for input in [[], [1, 2, 3], [1, 2, 3, 4], Bytes(ABI.call("log(string)", []))] as [Bytes] {
      #expect(ConsoleLog.decode(input) == nil)
    }
  }
}
