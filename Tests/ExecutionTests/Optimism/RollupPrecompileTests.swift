import EVM
import Execution
import Primitives
import Testing

@Suite("An OP chain's precompiled contracts") struct RollupPrecompileTests {
  typealias Chain = RollupChain

  private func word(_ chain: Chain, _ contract: Address, input: Bytes = []) throws -> UInt256 {
    let outcome = try chain.build([
      Chain.deposit(to: contract, data: input, gasLimit: 29_000_000)
    ])
    return try outcome.state.storage(contract, 0)
  }

  @Test("P-256 is there from Fjord on, for 3450 gas, and warm")
  func p256() throws {
    let before = try word(Chain(.all(upTo: .ecotone)), Chain.verifier)
    let since = try word(Chain(.all(upTo: .fjord)), Chain.verifier)
    // A cold account costs 2600 and a warm one 100; what is around the call costs the same.
    #expect(since + 2_600 == before + 3_450 + 100)
  }

  @Test("BN254's pairing takes no long input since Granite, and shorter since Jovian")
  func pairing() throws {
    func answer(_ fork: RollupFork, _ size: UInt64) throws -> UInt256 {
      try word(Chain(.all(upTo: fork)), Chain.pairer, input: UInt256(size).bigEndianBytes)
    }
    #expect(try answer(.fjord, 192 * 587) == 1)
    #expect(try answer(.granite, 192 * 586) == 1)
    #expect(try answer(.granite, 192 * 587) == 0)
    #expect(try answer(.jovian, 192 * 427) == 1)
    #expect(try answer(.jovian, 192 * 428) == 0)
  }

  /// The limits of the specification, in pairs: since Isthmus, and since Jovian.
  @Test(
    "BLS12-381's sums and pairing take no long input since Isthmus, and shorter since Jovian",
    arguments: [
      (Chain.sumG1, 160 as UInt64, 3211 as UInt64, 1806 as UInt64),
      (Chain.sumG2, 288, 1696, 968), (Chain.longPairer, 384, 612, 408),
    ])
  func longInputs(_ contract: Address, size: UInt64, atFirst: UInt64, since: UInt64) throws {
    func answer(_ fork: RollupFork, _ count: UInt64) throws -> UInt256 {
      try word(
        Chain(.all(upTo: fork)), contract, input: UInt256(count * size).bigEndianBytes)
    }
    // Zeros are points at infinity, whose sum and pairing are quick.
    #expect(try answer(.isthmus, atFirst) == 1)
    #expect(try answer(.isthmus, atFirst + 1) == 0)
    #expect(try answer(.jovian, since) == 1)
    #expect(try answer(.jovian, since + 1) == 0)
    // Before Isthmus nobody is there, and an account without code takes everything.
    #expect(try answer(.holocene, atFirst + 1) == 1)
  }
}
