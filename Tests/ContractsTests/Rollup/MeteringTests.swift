import Contracts
import EVM
import Execution
import Primitives
import Testing

/// The market for deposits' gas as the specification has it, in rational numbers where it can.
private struct Market {
  var baseFee: UInt256 = 1_000_000_000
  var bought: UInt64 = 0
  var number: UInt64 = 0

  static let limit: UInt64 = 20_000_000
  static let target: UInt64 = 2_000_000
  static let lowest: UInt256 = 1_000_000_000

  /// The price in block `now`, before anything is bought there.
  mutating func advance(to now: UInt64) {
    guard now > number else { return }
    if bought >= Self.target {
      baseFee = baseFee &+ baseFee &* UInt256(bought - Self.target) / UInt256(Self.target * 8)
    } else {
      baseFee = baseFee &- baseFee &* UInt256(Self.target - bought) / UInt256(Self.target * 8)
    }
    baseFee = max(baseFee, Self.lowest)
    // (7/8)ⁿ, with as much of the product as fits.
    for _ in 0..<min(now - number - 1, 200) { baseFee = baseFee &* 7 / 8 }
    baseFee = max(baseFee, Self.lowest)
    bought = 0
    number = now
  }
}

@Suite struct MeteringTests {
  /// Buys gas in a block whose own base fee says what that costs; a high one, next to nothing.
  private func deposit(
    _ chain: RollupChain, gas: UInt64, baseFee: UInt256 = 1_000_000_000_000_000_000
  ) throws -> RollupChain.Outcome {
    try chain.run(
      from: Parts.alice, to: PortalContract.address,
      input: PortalContract.deposit(to: Parts.bob, value: 0, gasLimit: gas, data: []),
      gasLimit: 30_000_000, baseFee: baseFee)
  }

  @Test("the price follows demand as the specification says, over blocks with and without deposits")
  func price() throws {
    let chain = try RollupChain(layer: 1)
    var market = Market()
    var numbers = SeededNumbers(state: 11)
    for round in 0..<40 {
      chain.number += round % 5 == 4 ? numbers.next(below: 6) : numbers.next(below: 2)
      let gas = 21_000 + numbers.next(below: 19_900_000)
      let outcome = try deposit(chain, gas: gas)
      market.advance(to: chain.number)
      if market.bought + gas > Market.limit {
        #expect(RollupChain.reason(outcome.output) == "OutOfGas")
        continue
      }
      market.bought += gas
      let found = try chain.read(PortalContract.market)
      #expect(found.boughtGas == market.bought && found.blockNumber == chain.number)
      // Each empty block rounds down here, and all of them once there.
      let difference =
        found.baseFee > market.baseFee
        ? found.baseFee &- market.baseFee : market.baseFee &- found.baseFee
      #expect(difference <= 8, "\(found.baseFee) \(market.baseFee)")
      market.baseFee = found.baseFee
    }
  }

  @Test("what deposits do not use of the gas that their price comes to is burnt")
  func burns() throws {
    let chain = try RollupChain(layer: 1)
    // Demand at its most, for some blocks.
    for _ in 0..<4 {
      chain.number += 1
      _ = try deposit(chain, gas: 20_000_000)
    }
    chain.number += 1
    let before = try chain.read(PortalContract.market)
    let outcome = try deposit(chain, gas: 100_000, baseFee: 1_000_000_000)
    let market = try chain.read(PortalContract.market)
    #expect(market.baseFee > before.baseFee)
    let cost = try #require((UInt256(100_000) &* market.baseFee / 1_000_000_000).asUInt64)
    #expect(cost > 300_000)
    // The loop that burns may overshoot, and the call itself costs a little beside.
    #expect(outcome.gasUsed >= cost && outcome.gasUsed < cost + 10_000)
  }

  @Test("the block's limit holds for all its deposits together")
  func limit() throws {
    let chain = try RollupChain(layer: 1)
    #expect(try deposit(chain, gas: 15_000_000).status == .success)
    #expect(try RollupChain.reason(deposit(chain, gas: 5_000_001).output) == "OutOfGas")
    #expect(try deposit(chain, gas: 5_000_000).status == .success)
    chain.number += 1
    #expect(try deposit(chain, gas: 20_000_000).status == .success)
    chain.number += 1_000_000
    #expect(try deposit(chain, gas: 21_000).status == .success)
    #expect(try chain.read(PortalContract.market).baseFee == 1_000_000_000)
  }
}
