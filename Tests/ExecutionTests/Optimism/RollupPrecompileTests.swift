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
}
