import Blobs
import EVM
import Execution
import Primitives

/// The one way in which a configuration is written as bytes, so that its hash names it.
///
/// An RLP list whose first item is the version; optional values are lists of none or one.
extension RollupConfiguration {
  private static let encodingVersion: UInt64 = 1

  /// The bytes.
  public var encoded: Bytes {
    RLPWriter.list { list in
      list.append(uint64: Self.encodingVersion)
      list.append(hash: genesis.l1.hash)
      list.append(uint64: genesis.l1.number)
      list.append(hash: genesis.l2.hash)
      list.append(uint64: genesis.l2.number)
      list.append(uint64: genesis.l2Time)
      genesis.systemConfiguration.append(to: &list)
      for number in [
        blockTime, maximumSequencerDrift, sequencingWindowSize, channelTimeoutBeforeGranite,
        l1ChainID, l2ChainID, baseFeeParameters.elasticity, baseFeeParameters.changeDenominator,
        schedule.changeDenominatorBeforeCanyon,
      ] { list.append(uint64: number) }
      for time in times { list.list { item in if let time { item.append(uint64: time) } } }
      list.append(address: batchInbox)
      list.append(address: depositContract)
      list.append(address: systemConfigurationContract)
      list.list { item in
        guard let altDA else { return }
        item.append(address: altDA.challengeContract)
        item.append(uint64: UInt64(altDA.commitmentKind.rawValue))
        item.append(uint64: altDA.challengeWindow)
        item.append(uint64: altDA.resolveWindow)
        guard let certificates = altDA.certificates else { return }
        item.append(address: certificates.verifier)
        item.append(uint64: certificates.recencyWindow)
        item.append(bytes: certificates.tau2.bytes)
      }
      list.list { items in
        for entry in l1BlobSchedule {
          items.append(uint64: entry.timestamp)
          items.append(uint64: entry.parameters.target)
          items.append(uint64: entry.parameters.maximum)
          items.append(uint64: entry.parameters.updateFraction)
        }
      }
    }
  }

  private var times: [UInt64?] {
    [
      schedule.regolithTime, schedule.canyonTime, deltaTime, schedule.ecotoneTime,
      schedule.fjordTime, schedule.graniteTime, schedule.holoceneTime, schedule.isthmusTime,
      schedule.jovianTime, pectraBlobScheduleTime,
    ]
  }

  /// The configuration that is written so; nil for other bytes.
  public init?(encoded: Bytes) {
    do throws(RLPError) {
      var reader = RLPReader(encoded)
      var fields = try reader.list()
      try reader.end()
      guard try fields.uint64() == Self.encodingVersion else { return nil }
      let l1 = BlockIdentifier(hash: try fields.hash(), number: try fields.uint64())
      let l2 = BlockIdentifier(hash: try fields.hash(), number: try fields.uint64())
      let genesis = RollupGenesis(
        l1: l1, l2: l2, l2Time: try fields.uint64(),
        systemConfiguration: try SystemConfiguration(from: &fields))
      var numbers: [UInt64] = []
      for _ in 0..<9 { numbers.append(try fields.uint64()) }
      var times: [UInt64?] = []
      for _ in 0..<10 {
        var item = try fields.list()
        times.append(item.isAtEnd ? nil : try item.uint64())
        try item.end()
      }
      guard numbers[0] > 0, numbers[6] > 0, numbers[7] > 0 else { return nil }
      self.init(
        genesis: genesis, blockTime: numbers[0], maximumSequencerDrift: numbers[1],
        sequencingWindowSize: numbers[2], channelTimeoutBeforeGranite: numbers[3],
        l1ChainID: numbers[4], l2ChainID: numbers[5],
        schedule: Self.schedule(times, changeDenominatorBeforeCanyon: numbers[8]),
        deltaTime: times[2], batchInbox: try fields.address(),
        depositContract: try fields.address(),
        systemConfigurationContract: try fields.address(),
        altDA: try AltDAConfiguration(from: &fields), l1BlobSchedule: try Self.blobs(&fields))
      baseFeeParameters = BaseFeeParameters(
        elasticity: numbers[6], changeDenominator: numbers[7])
      pectraBlobScheduleTime = times[9]
      try fields.end()
    } catch {
      return nil
    }
  }

  private static func schedule(
    _ times: [UInt64?], changeDenominatorBeforeCanyon: UInt64
  ) -> RollupSchedule {
    var schedule = RollupSchedule()
    schedule.regolithTime = times[0]
    schedule.canyonTime = times[1]
    schedule.ecotoneTime = times[3]
    schedule.fjordTime = times[4]
    schedule.graniteTime = times[5]
    schedule.holoceneTime = times[6]
    schedule.isthmusTime = times[7]
    schedule.jovianTime = times[8]
    schedule.changeDenominatorBeforeCanyon = changeDenominatorBeforeCanyon
    return schedule
  }

  private static func blobs(_ fields: inout RLPReader) throws(RLPError) -> [BlobScheduleEntry] {
    var items = try fields.list()
    var entries: [BlobScheduleEntry] = []
    while !items.isAtEnd {
      let timestamp = try items.uint64()
      let parameters = BlobParameters(
        target: try items.uint64(), maximum: try items.uint64(),
        updateFraction: try items.uint64())
      guard parameters.updateFraction > 0, parameters.maximum > 0 else { throw .wrongLength }
      entries.append(BlobScheduleEntry(timestamp: timestamp, parameters: parameters))
    }
    return entries
  }
}

extension AltDAConfiguration {
  /// The next item of `reader`: none, or a configuration; nil for none.
  fileprivate init?(from reader: inout RLPReader) throws(RLPError) {
    var fields = try reader.list()
    if fields.isAtEnd { return nil }
    let contract = try fields.address()
    guard let byte = UInt8(exactly: try fields.uint64()),
      let kind = CommitmentKind(rawValue: byte)
    else { throw .tooLarge }
    self.init(
      challengeContract: contract, commitmentKind: kind, challengeWindow: try fields.uint64(),
      resolveWindow: try fields.uint64())
    if !fields.isAtEnd {
      certificates = CertificateConfiguration(
        verifier: try fields.address(), recencyWindow: try fields.uint64(),
        tau2: try fields.words())
    }
    try fields.end()
  }
}

extension RLPReader {
  /// The numbers of a point of G2, which need not be those of one.
  fileprivate mutating func words() throws(RLPError) -> G2Words {
    guard let words = G2Words(bytes: try bytes()) else { throw .wrongLength }
    return words
  }
}

extension SystemConfiguration {
  fileprivate func append(to writer: inout RLPWriter) {
    writer.list { list in
      list.append(address: batcher)
      list.append(uint256: overhead)
      list.append(hash: scalar)
      list.append(uint64: gasLimit)
      list.append(uint64: UInt64(changeDenominator))
      list.append(uint64: UInt64(elasticity))
      list.append(uint64: UInt64(operatorFeeScalar))
      list.append(uint64: operatorFeeConstant)
      list.append(uint64: lowestBaseFee)
      list.append(uint64: UInt64(daFootprintGasScalar))
    }
  }

  fileprivate init(from reader: inout RLPReader) throws(RLPError) {
    var fields = try reader.list()
    func narrow(_ number: UInt64) throws(RLPError) -> UInt32 {
      guard let value = UInt32(exactly: number) else { throw .tooLarge }
      return value
    }
    self.init(
      batcher: try fields.address(), overhead: try fields.uint256(), scalar: try fields.hash(),
      gasLimit: try fields.uint64())
    changeDenominator = try narrow(try fields.uint64())
    elasticity = try narrow(try fields.uint64())
    operatorFeeScalar = try narrow(try fields.uint64())
    operatorFeeConstant = try fields.uint64()
    lowestBaseFee = try fields.uint64()
    guard let footprint = UInt16(exactly: try fields.uint64()) else { throw .tooLarge }
    daFootprintGasScalar = footprint
    try fields.end()
  }
}
