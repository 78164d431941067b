import Cryptography
import EVM
import NativeCryptography
import Primitives
import Testing

@Suite struct PrecompileTests {
  /// A message to a precompiled contract.
  private func run(
    _ number: UInt32, _ input: Bytes, _ fork: Fork = .osaka, gas: UInt64 = 1_000_000
  ) throws -> MessageResult {
    let world = World(fork)
    let machine = Machine(
      fork: fork, block: world.block,
      transaction: TransactionEnvironment(origin: World.sender), journal: world.journal,
      provider: NativeCryptographyProvider.shared)
    return try machine.run(
      .call(from: World.sender, to: Address(0, 0, number), input: input, gasLimit: gas))
  }

  private func bytes(_ text: String) throws -> Bytes { try #require(Hexadecimal.decode(text)) }

  @Test("identity, SHA-256 and RIPEMD-160 give what they should at their prices")
  func hashes() throws {
    let identity = try run(4, [1, 2, 3])
    #expect(identity.output == [1, 2, 3])
    #expect(identity.gasLeft == 1_000_000 - 18)
    let sha = try run(2, [])
    #expect(
      sha.output
        == (try bytes("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")))
    #expect(sha.gasLeft == 1_000_000 - 60)
    let ripemd = try run(3, [])
    #expect(
      ripemd.output
        == Bytes(repeating: 0, count: 12)
        + (try bytes("9c1185a5c5e9fc54612808977ee8f548b2258d31")))
    #expect(ripemd.gasLeft == 1_000_000 - 600)
  }

  @Test("ECRECOVER finds the signer, and gives nothing for what is no signature")
  func recovery() throws {
    let hash = try bytes("456e9aea5e197a1f1af7a3e85a3212fa4049a3ba34c2289b4c860fc0b0c64ef3")
    let v = UInt256(28).bigEndianBytes
    let r = try bytes("9242685bf161793cc25603c231bc2f568eb630ea16aa137d2664ac8038825608")
    let s = try bytes("4f8ae3bd7535248d0bd448298cc2e2071e56992d0774dc340c368ae950852ada")
    let good = try run(1, hash + v + r + s)
    #expect(
      Hexadecimal.encode(good.output)
        == "0000000000000000000000007156526fbd7a3c72969b54f64e42c10fbb768c8a")
    #expect(good.gasLeft == 1_000_000 - 3000)
    #expect(try run(1, hash + UInt256(29).bigEndianBytes + r + s).output.isEmpty)
    #expect(try run(1, []).output.isEmpty)
    #expect(try run(1, [], gas: 2999).status == .halt(.outOfGas))
  }

  @Test("a modular power costs by the fork's formula")
  func modularPower() throws {
    // 3 ** (2 ** 256 - 2 ** 32 - 978) mod (2 ** 256 - 2 ** 32 - 977), of EIP-198.
    let lengths =
      UInt256(1).bigEndianBytes + UInt256(32).bigEndianBytes + UInt256(32).bigEndianBytes
    let exponent = try bytes(String(repeating: "f", count: 55) + "efffffc2e")
    let modulus = try bytes(String(repeating: "f", count: 55) + "efffffc2f")
    let input = lengths + [3] + exponent + modulus
    for (fork, cost) in [(Fork.byzantium, 13_056), (.berlin, 1360), (.osaka, 4080)] {
      let result = try run(5, input, fork)
      #expect(UInt256(bigEndian: result.output) == 1)
      #expect(result.gasLeft == UInt64(1_000_000 - cost), "\(fork)")
    }
    let nothing = try run(5, [], .berlin)
    #expect(nothing.output.isEmpty)
    #expect(nothing.gasLeft == 1_000_000 - 200)
    #expect(try run(5, [], .osaka).gasLeft == 1_000_000 - 500)
    #expect(try run(5, [], .byzantium).gasLeft == 1_000_000)
  }

  @Test("a modular power of absurd lengths is out of gas or refused")
  func absurdLengths() throws {
    for length in [UInt256.max, UInt256(1) << 64, UInt256(1) << 32, 1025] {
      for position in 0..<3 {
        var lengths: [UInt256] = [1, 1, 1]
        lengths[position] = length
        let input = lengths.flatMap(\.bigEndianBytes) + [2, 2]
        #expect(try run(5, input, .osaka).status == .halt(.precompileFailure))
        if length > 1025 { #expect(try run(5, input, .berlin).status == .halt(.outOfGas)) }
      }
    }
    // An exponent of any length is free if base and modulus have none (EIP-2565).
    let free = [0, UInt256.max, 0].flatMap(\.bigEndianBytes)
    #expect(try run(5, free, .berlin).gasLeft == 1_000_000 - 200)
  }

  @Test("BLAKE2b F gives EIP-152's vector, and refuses what is malformed")
  func blake2() throws {
    let state = """
      48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5\
      d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b
      """
    let message = "616263" + String(repeating: "0", count: 250)
    let counter = "0300000000000000" + "0000000000000000"
    let input = try bytes("0000000c" + state + message + counter + "01")
    let result = try run(9, input)
    #expect(
      Hexadecimal.encode(result.output) == """
        ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1\
        7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923
        """)
    #expect(result.gasLeft == 1_000_000 - 12)
    #expect(try run(9, Bytes(input.dropLast())).status == .halt(.precompileFailure))
    #expect(try run(9, input.dropLast() + [2]).status == .halt(.precompileFailure))
    #expect(try run(9, input, gas: 11).status == .halt(.outOfGas))
  }

  @Test("before its fork a precompiled contract is an empty account, and past them all too")
  func arrivals() throws {
    let arrivals: [(ClosedRange<UInt32>, Fork)] = [
      (5...8, .byzantium), (9...9, .istanbul), (0x0a...0x0a, .cancun), (0x0b...0x11, .prague),
      (0x100...0x100, .osaka),
    ]
    for (numbers, arrival) in arrivals {
      for number in numbers {
        for fork in Fork.allCases where fork < arrival {
          #expect(try run(number, [1], fork).gasLeft == 1_000_000)
        }
        #expect(try run(number, [1], arrival).gasLeft < 1_000_000)
      }
    }
    #expect(try run(0x12, []).gasLeft == 1_000_000)
    #expect(try run(0, []).gasLeft == 1_000_000)
  }

  @Test("a failed precompiled contract takes its gas and pushes zero; it is always warm")
  func insideCalls() throws {
    let failing = callWord(Address(0, 0, 9), gas: 5000)
    let (status, used, _) = try outcome(failing)
    #expect(status == .success)
    #expect(used == 21 + 3 + 100 + 5000)
    #expect(try word(failing) == 0)
    #expect(try outcome(callWord(Address(0, 0, 4))).used == 21 + 3 + 100 + 15)
  }
}
