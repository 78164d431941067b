import EVM
import Primitives
import Testing

@Suite struct OpcodeTableTests {
  /// Instructions whose price depends on their operands even when these are all zero, or that
  /// do not end like others.
  private let special: Set<UInt8> = [
    0x51, 0x52, 0x53, 0x55, 0x56, 0x57, 0x54, 0x31, 0x3b, 0x3c, 0x3f, 0xf0, 0xf1, 0xf2, 0xf4, 0xf5,
    0xfa, 0xfe, 0xff,
  ]

  @Test("the loop charges what the table says", arguments: Fork.allCases)
  func prices(fork: Fork) throws {
    let table = OpcodeTable(fork)
    for byte in UInt8.min...UInt8.max where !special.contains(byte) {
      guard let entry = table.entry(byte) else { continue }
      let operands = push(0).repeated(Int(entry.inputs))
      let (status, used, _) = try outcome(operands + Program([byte]), fork)
      let expected = 3 * Int(entry.inputs) + entry.cost
      #expect(Int(used) == expected, "\(fork) \(entry.name)")
      #expect(status == (byte == 0xfd ? .revert : .success), "\(fork) \(entry.name)")
    }
  }

  @Test(
    "an instruction asks for its words, leaves its words, and knows the limit",
    arguments: Fork.allCases)
  func stackEffects(fork: Fork) throws {
    let table = OpcodeTable(fork)
    for byte in UInt8.min...UInt8.max where byte != 0xfe {
      guard let entry = table.entry(byte) else { continue }
      let inputs = Int(entry.inputs)
      let short = try outcome(push(0).repeated(max(0, inputs - 1)) + Program([byte]), fork)
      if inputs > 0 { #expect(short.status == .halt(.stackUnderflow), "\(entry.name)") }
      guard entry.outputs > entry.inputs else { continue }
      let full = try outcome(push(0).repeated(1024) + Program([byte]), fork)
      #expect(full.status == .halt(.stackOverflow), "\(entry.name)")
    }
  }

  @Test("a byte without an instruction halts, also one that a later fork will give a meaning")
  func undefined() throws {
    for fork in Fork.allCases {
      let table = OpcodeTable(fork)
      for byte in UInt8.min...UInt8.max where table.entry(byte) == nil {
        let result = try World(fork, push(0).repeated(8) + Program([byte])).call()
        #expect(result.status == .halt(.undefinedInstruction))
        #expect(result.haltDetail.opcode == byte)
        #expect(result.gasLeft == 0)
      }
    }
    let result = try World(.paris, .push0).call()
    let message = Halt.undefinedInstruction.message(result.haltDetail)
    #expect(message == "invalid opcode: opcode 0x5f not defined")
  }

  @Test("forks bring instructions in their order")
  func arrivals() {
    let arrivals: [(UInt8, Fork)] = [
      (0xf4, .homestead), (0xfd, .byzantium), (0x3d, .byzantium), (0xfa, .byzantium),
      (0x1b, .constantinople), (0xf5, .constantinople), (0x3f, .constantinople),
      (0x46, .istanbul), (0x47, .istanbul), (0x48, .london), (0x5f, .shanghai),
      (0x49, .cancun), (0x4a, .cancun), (0x5c, .cancun), (0x5e, .cancun), (0x1e, .osaka),
    ]
    for (byte, arrival) in arrivals {
      for fork in Fork.allCases {
        #expect((OpcodeTable(fork).entry(byte) != nil) == (fork >= arrival))
      }
    }
  }
}
