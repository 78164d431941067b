import EVM
import Execution
import Primitives
import Testing

/// Chains whose contracts may be larger or smaller than Ethereum's.
@Suite struct CodeSizeTests {
  /// A development chain with another bound, or Ethereum's.
  private static func chain(limit: Int? = nil) -> DevelopmentChain {
    var rules = DevelopmentChain().specification
    if let limit { rules.codeSizeLimit = limit }
    return DevelopmentChain(specification: rules)
  }

  /// Init code that gives back so many bytes of zeros as code.
  private static func deployment(ofSize size: Int, padding: Int = 0) -> Bytes {
    let size = UInt32(size)
    return [
      0x62, UInt8(truncatingIfNeeded: size >> 16), UInt8(truncatingIfNeeded: size >> 8),
      UInt8(truncatingIfNeeded: size), 0x60, 0x00, 0xf3,
    ] + Bytes(repeating: 0, count: padding)
  }

  private static func succeeds(_ size: Int, limit: Int? = nil) throws -> Bool {
    let chain = chain(limit: limit)
    let outcome = try chain.build([
      chain.transfer(to: nil, value: 0, gasLimit: 25_000_000, data: deployment(ofSize: size))
    ])
    return try #require(outcome.receipts.first).succeeded
  }

  @Test("a contract may have 24,576 bytes, and as many as a chain's rules say")
  func code() throws {
    #expect(try Self.succeeds(24_576))
    #expect(try !Self.succeeds(24_577))
    #expect(try Self.succeeds(100_000, limit: 100_000))
    #expect(try !Self.succeeds(100_001, limit: 100_000))
    #expect(try Self.succeeds(100_001, limit: Int(Int32.max)))
    #expect(try Self.succeeds(10, limit: 10))
    #expect(try !Self.succeeds(11, limit: 10))
  }

  @Test("init code may be twice as long, in a transaction")
  func initCode() throws {
    func refusal(_ length: Int, limit: Int?) throws -> TransactionRefusal? {
      let chain = Self.chain(limit: limit)
      let data = Self.deployment(ofSize: 1, padding: length - 7)
      let outcome = try chain.build([
        chain.transfer(to: nil, value: 0, gasLimit: 25_000_000, data: data)
      ])
      return outcome.skipped.first?.refusal
    }
    #expect(try refusal(49_152, limit: nil) == nil)
    #expect(
      try refusal(49_153, limit: nil) == .initCodeTooLarge(sizeInBytes: 49_153, limit: 49_152))
    #expect(try refusal(200_000, limit: 100_000) == nil)
    #expect(
      try refusal(200_001, limit: 100_000)
        == .initCodeTooLarge(sizeInBytes: 200_001, limit: 200_000))
    #expect(try refusal(20, limit: 10) == nil)
    #expect(try refusal(21, limit: 10) == .initCodeTooLarge(sizeInBytes: 21, limit: 20))
  }

  @Test("and in a contract that makes another")
  func creation() throws {
    // CREATE over so many bytes of memory, and reverts where that gives no address.
    func succeeds(_ size: UInt32, limit: Int?) throws -> Bool {
      let chain = Self.chain(limit: limit)
      let maker: Bytes =
        [0x62] + Bytes([16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) })
        + [0x60, 0x00, 0x60, 0x00, 0xf0, 0x60, 0x11, 0x57, 0x60, 0x00, 0x60, 0x00, 0xfd, 0x5b]
      let outcome = try chain.build([
        chain.transfer(to: nil, value: 0, gasLimit: 25_000_000, data: maker)
      ])
      return try #require(outcome.receipts.first).succeeded
    }
    #expect(try succeeds(49_152, limit: nil))
    #expect(try !succeeds(49_153, limit: nil))
    #expect(try succeeds(200_000, limit: 100_000))
    #expect(try !succeeds(200_001, limit: 100_000))
  }
}
