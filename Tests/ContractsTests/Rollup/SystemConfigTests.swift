import Contracts
import Cryptography
import EVM
import Execution
import Primitives
import Testing

@Suite struct SystemConfigTests {
  private let config = SystemConfigContract.address

  @Test("each part that is set is an event of its number, with its value as derivation reads it")
  func updates() throws {
    let chain = try RollupChain(layer: 1)
    let batcher = Parts.bob
    let scalar =
      UInt256(1).shiftedLeft(by: 248 as UInt64) &+ UInt256(6).shiftedLeft(by: 32 as UInt64)
      &+ UInt256(5)
    let updates: [(UInt64, Bytes, [UInt256])] = [
      (0, SystemConfigContract.setBatcher(batcher), [UInt256(batcher)]),
      (
        1, SystemConfigContract.setGasConfig(baseFeeScalar: 5, blobBaseFeeScalar: 6),
        [0, scalar]
      ),
      (1, SystemConfigContract.setLegacyGasConfig(overhead: 7, scalar: 8), [7, 8]),
      (2, SystemConfigContract.setGasLimit(30_000_000), [30_000_000]),
      (3, SystemConfigContract.setUnsafeBlockSigner(batcher), [UInt256(batcher)]),
      (
        4, SystemConfigContract.setBaseFeeParameters(denominator: 3, elasticity: 2),
        [UInt256(3).shiftedLeft(by: 32 as UInt64) &+ 2]
      ),
      (
        5, SystemConfigContract.setOperatorFee(scalar: 9, constant: 10),
        [UInt256(9).shiftedLeft(by: 64 as UInt64) &+ 10]
      ),
      (6, SystemConfigContract.setLowestBaseFee(11), [11]),
      (7, SystemConfigContract.setDataFootprintScalar(12), [12]),
    ]
    for (part, call, value) in updates {
      #expect(
        try chain.refusal(Parts.alice, config, call) == "Ownable: caller is not the owner")
      let outcome = try chain.send(Parts.owner, config, call)
      guard case .configurationUpdated(let event)? = outcome.events.first else {
        Issue.record("no event of part \(part)")
        continue
      }
      #expect(event.part == part && outcome.events.count == 1)
      #expect(event.value == value.flatMap { $0.bigEndianBytes })
      #expect(outcome.logs[0].topics.count == 3)
    }
    #expect(try chain.read(SystemConfigContract.gasLimit) == 30_000_000)
    #expect(try chain.read(SystemConfigContract.batcherHash) == Hash(UInt256(batcher)))
    #expect(
      try chain.state.storage(config, SystemConfigContract.unsafeBlockSignerSlot)
        == UInt256(batcher))
  }

  @Test("values out of bounds are refused")
  func bounds() throws {
    let chain = try RollupChain(layer: 1)
    let cases: [(Bytes, String?)] = [
      (SystemConfigContract.setGasLimit(20_999_999), "SystemConfig: gas limit too low"),
      (SystemConfigContract.setGasLimit(21_000_000), nil),
      (SystemConfigContract.setGasLimit(500_000_000), nil),
      (SystemConfigContract.setGasLimit(500_000_001), "SystemConfig: gas limit too high"),
      (
        SystemConfigContract.setBaseFeeParameters(denominator: 0, elasticity: 1),
        "SystemConfig: denominator must be >= 1."
      ),
      (
        SystemConfigContract.setBaseFeeParameters(denominator: 1, elasticity: 0),
        "SystemConfig: elasticity must be >= 1."
      ),
      (
        SystemConfigContract.setLegacyGasConfig(
          overhead: 0, scalar: UInt256(1).shiftedLeft(by: 248 as UInt64)),
        "SystemConfig: scalar exceeds max."
      ),
    ]
    for (call, reason) in cases { #expect(try chain.refusal(Parts.owner, config, call) == reason) }
  }

  @Test("the owner hands over, and the new one may set")
  func ownership() throws {
    let chain = try RollupChain(layer: 1)
    let transfer = ABI.call("transferOwnership(address)", [.address(Parts.bob)])
    try chain.send(Parts.owner, config, transfer)
    #expect(try chain.read(SystemConfigContract.owner) == Parts.bob)
    #expect(try chain.refusal(Parts.owner, config, transfer) != nil)
    #expect(
      try chain.refusal(Parts.bob, config, SystemConfigContract.setGasLimit(40_000_000)) == nil)
  }
}
