import Execution
import JSON
import Primitives

extension ChainSpecification {
  /// The rules of an OP chain as op-node's configuration, or the superchain registry, writes them.
  ///
  /// Regolith holds from the first block unless it is named: the chains listed there began later.
  init(rollup chainID: Fixture, times: Fixture, fees: Fixture) throws(FixtureError) {
    var schedule = RollupSchedule()
    schedule.regolithTime = try times.optional("regolith_time")?.uint64() ?? 0
    schedule.canyonTime = try times.optional("canyon_time")?.uint64()
    schedule.ecotoneTime = try times.optional("ecotone_time")?.uint64()
    schedule.fjordTime = try times.optional("fjord_time")?.uint64()
    schedule.graniteTime = try times.optional("granite_time")?.uint64()
    schedule.holoceneTime = try times.optional("holocene_time")?.uint64()
    schedule.isthmusTime = try times.optional("isthmus_time")?.uint64()
    schedule.jovianTime = try times.optional("jovian_time")?.uint64()
    func fee(_ names: String...) throws(FixtureError) -> UInt64? {
      for name in names {
        guard let field = fees.optional(name) else { continue }
        let value = try field.uint64()
        if value == 0 { throw field.fault("is 0") }
        return value
      }
      return nil
    }
    let before = try fee("eip1559_denominator", "eip1559Denominator")
    let since = try fee("eip1559_denominator_canyon", "eip1559DenominatorCanyon")
    let elasticity = try fee("eip1559_elasticity", "eip1559Elasticity")
    schedule.changeDenominatorBeforeCanyon = before ?? 50
    self.init(
      chainID: try chainID.uint64(), rollup: schedule,
      baseFeeParameters: BaseFeeParameters(
        elasticity: elasticity ?? 6, changeDenominator: since ?? before ?? 250))
  }
}

extension BlockHeader {
  /// A header as JSON-RPC writes it.
  init(rpc fields: Fixture) throws(FixtureError) {
    self.init(
      parentHash: try fields.field("parentHash").hash(),
      feeRecipient: try fields.field("miner").address(),
      number: try fields.field("number").uint64(), gasLimit: try fields.field("gasLimit").uint64(),
      timestamp: try fields.field("timestamp").uint64())
    ommersHash = try fields.field("sha3Uncles").hash()
    stateRoot = try fields.field("stateRoot").hash()
    transactionsRoot = try fields.field("transactionsRoot").hash()
    receiptsRoot = try fields.field("receiptsRoot").hash()
    guard let filter = Bloom(checking: try fields.field("logsBloom").bytes()) else {
      throw fields.fault("its bloom has not 256 bytes")
    }
    bloom = filter
    difficulty = try fields.optional("difficulty")?.uint256() ?? .zero
    gasUsed = try fields.field("gasUsed").uint64()
    extraData = try fields.field("extraData").bytes()
    prevRandao = try fields.field("mixHash").hash()
    nonce = try fields.field("nonce").uint64()
    baseFee = try fields.optional("baseFeePerGas")?.uint256()
    withdrawalsRoot = try fields.optional("withdrawalsRoot")?.hash()
    blobGasUsed = try fields.optional("blobGasUsed")?.uint64()
    excessBlobGas = try fields.optional("excessBlobGas")?.uint64()
    parentBeaconBlockRoot = try fields.optional("parentBeaconBlockRoot")?.hash()
    requestsHash = try fields.optional("requestsHash")?.hash()
  }
}
