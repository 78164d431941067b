import Cryptography
import EVM
import Primitives
import Testing

@Suite struct InstructionTests {
  @Test("a push at the end of the code reads zeros")
  func truncatedPush() throws {
    #expect(try outcome(Program([0x7f, 1, 2])).status == .success)
    #expect(try outcome(Program([0x7f, 1, 2])).used == 3)
  }

  @Test("pushes of every width put their bytes in place")
  func pushes() throws {
    for width in 1...32 {
      let digits = (1...width).map { UInt8($0) }
      let program = Program([0x5f + UInt8(width)] + digits)
      #expect(try word(program) == UInt256(bigEndian: digits))
    }
  }

  @Test("a jump goes to a JUMPDEST and to nothing else")
  func jumps() throws {
    let landing = push(4) + .jump + .invalid + .jumpdest + push(9)
    #expect(try word(landing) == 9)
    #expect(try outcome(push(3) + .jump + .stop).status == .halt(.invalidJump))
    #expect(try outcome(push(.max) + .jump + .stop).status == .halt(.invalidJump))
    // A JUMPDEST inside a push is data.
    let hidden = push(4) + .jump + push(0x5b) + .stop
    #expect(try outcome(hidden).status == .halt(.invalidJump))
    // A jump that is not taken may name anything.
    #expect(try outcome(push(0) + push(.max) + .jumpi).status == .success)
    #expect(try outcome(push(1) + push(.max) + .jumpi).status == .halt(.invalidJump))
  }

  @Test("memory grows by words, and costs more the larger it is")
  func memory() throws {
    #expect(try word(push(1) + push(1) + .mstore + .msize) == 64)
    #expect(try outcome(push(0) + .mload).used == 3 + 3 + 3)
    // 1024 words: 3 * 1024 + 1024² / 512.
    #expect(try outcome(push(1023 * 32) + .mload).used == 6 + 3072 + 2048)
    #expect(try outcome(push(UInt256(1) << 32) + .mload, gas: 1 << 62).status == .halt(.outOfGas))
    #expect(try outcome(push(.max) + .mload, gas: 1 << 62).status == .halt(.outOfGas))
    // A range without bytes may lie anywhere.
    #expect(try outcome(push(0) + push(.max) + .return).status == .success)
  }

  @Test("gas is exact up to what a signed word holds")
  func largestGas() throws {
    let limit = UInt64(Int.max)
    let output = try World(.osaka, Program([0x5a]).returningTop).call(gas: limit).output
    #expect(UInt256(bigEndian: output) == UInt256(limit - 2))
  }

  @Test("MCOPY copies ranges that overlap, and grows memory for source and destination")
  func memoryCopy() throws {
    let fill = push(0x0102_0304) + push(0) + .mstore
    let copied = fill + push(31) + push(1) + push(0) + .mcopy + push(0) + .mload
    #expect(try word(copied) == UInt256(0x0102_0304) << 8 | 4)
    #expect(try word(push(1) + push(64) + push(0) + .mcopy + .msize) == 96)
    #expect(try word(push(0) + push(.max) + push(0) + .mcopy + .msize) == 0)
  }

  @Test("call data beyond the end are zeros")
  func callData() throws {
    let input: Bytes = [1, 2, 3]
    let first = UInt256(bigEndian: input + Bytes(repeating: 0, count: 29))
    #expect(try word(push(0) + .calldataload, input: input) == first)
    #expect(try word(push(2) + .calldataload, input: input) == UInt256(3) << 248)
    #expect(try word(push(3) + .calldataload, input: input) == 0)
    #expect(try word(push(.max) + .calldataload, input: input) == 0)
    #expect(try word(.calldatasize, input: input) == 3)
  }

  @Test("return data beyond the end halt")
  func returnData() throws {
    let beyond = push(1) + push(0) + push(0) + .returndatacopy
    #expect(try outcome(beyond).status == .halt(.returnDataOutOfBounds))
    let offset = push(0) + push(1) + push(0) + .returndatacopy
    #expect(try outcome(offset).status == .halt(.returnDataOutOfBounds))
    #expect(try outcome(push(0) + push(0) + push(0) + .returndatacopy).status == .success)
  }

  @Test("BLOCKHASH knows 256 blocks")
  func blockHashes() throws {
    #expect(try word(push(999) + .blockhash) == 1999)
    #expect(try word(push(744) + .blockhash) == 1744)
    for number in [1000, 1001, 743, 0] as [UInt256] {
      #expect(try word(push(number) + .blockhash) == 0)
    }
    #expect(try word(push(.max) + .blockhash) == 0)
  }

  @Test("PREVRANDAO took the place of DIFFICULTY with Paris")
  func randomness() throws {
    #expect(try word(.prevrandao, .london) == 77)
    #expect(try word(.prevrandao, .paris) == 88)
  }

  @Test("BLOBHASH gives zero beyond the blobs")
  func blobHashes() throws {
    #expect(try word(push(0) + .blobhash) == 5)
    #expect(try word(push(1) + .blobhash) == 0)
    #expect(try word(push(.max) + .blobhash) == 0)
  }

  @Test("EXP costs by the bytes of the exponent, more from Spurious Dragon on")
  func exponentPrice() throws {
    #expect(try outcome(push(0) + push(2) + .exp).used == 16)
    #expect(try outcome(push(0x0100) + push(2) + .exp).used == 16 + 100)
    #expect(try outcome(push(0x0100) + push(2) + .exp, .homestead).used == 16 + 20)
    #expect(try outcome(push(.max) + push(2) + .exp).used == 16 + 1600)
  }

  @Test("CLZ counts the leading zeros")
  func leadingZeros() throws {
    #expect(try word(push(0) + .clz) == 256)
    #expect(try word(push(1) + .clz) == 255)
    #expect(try word(push(.max) + .clz) == 0)
  }

  @Test("a log keeps its topics and data, and costs by both")
  func logs() throws {
    let world = World(.osaka, push(0xab) + push(0) + .mstore8 + push(7) + push(2) + push(0) + .log1)
    let result = try world.call()
    // Two pushes, a byte, a word of memory; three pushes, two words of log, two bytes.
    let used: UInt64 = 6 + 3 + 3 + 9 + 750 + 16
    #expect(1_000_000 - result.gasLeft == used)
    let expected = Log(address: World.contract, topics: [Hash(7)], data: [0xab, 0])
    #expect(world.journal.logs == [expected])
    #expect(world.journal.endTransaction() == [expected])
    #expect(world.journal.logs.isEmpty)
  }

  @Test("a stack word is addressed from the top by every DUP and SWAP")
  func duplicatesAndSwaps() throws {
    var filled = Program([])
    for number in 1...17 { filled = filled + push(UInt256(number)) }
    for depth in 1...16 {
      #expect(try word(filled + Program([0x7f + UInt8(depth)])) == UInt256(18 - depth))
      #expect(try word(filled + Program([0x8f + UInt8(depth)])) == UInt256(17 - depth))
    }
  }
}
