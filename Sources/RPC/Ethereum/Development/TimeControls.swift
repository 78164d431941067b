import Execution
import JSON
import Ledger
import Node
import Primitives
import Views

extension EthereumService {
  /// What shifts the chain's time, and closes blocks by hand.
  var timeControls: [(String, RPCMethod)] {
    let increase = asynchronous(1, increaseTime)
    let next = asynchronous(1) { [self] (parameters) async throws(RPCError) in
      try await setNextTimestamp(try parameters.required(0).looseUInt64())
      return .null
    }
    let step = changing(1) { (parameters, controls) throws(RPCError) in
      controls.timestampStep = try parameters.required(0).looseUInt64()
    }
    let noStep = asynchronous(0) { [self] (_) async throws(RPCError) in
      try await adjust { controls in
        defer { controls.timestampStep = nil }
        return .bool(controls.timestampStep != nil)
      }
    }
    let set = asynchronous(1, setTime)
    return [
      ("anvil_increaseTime", increase), ("evm_increaseTime", increase),
      ("anvil_setNextBlockTimestamp", next), ("evm_setNextBlockTimestamp", next),
      ("anvil_setBlockTimestampInterval", step), ("evm_setBlockTimestampInterval", step),
      ("anvil_removeBlockTimestampInterval", noStep), ("anvil_setTime", set),
      ("evm_setTime", set),
    ]
  }

  /// Shifts the chain's time on, and answers by how much it is ahead in all.
  private func increaseTime(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    let value = try parameters.required(0)
    let seconds = try value.looseUInt64()
    return try await adjust { (controls) throws(RPCError) in
      guard let shift = Int64(exactly: seconds),
        case let (sum, overflow) = controls.clockOffset.addingReportingOverflow(shift), !overflow
      else { throw value.error("too many seconds") }
      controls.clockOffset = sum
      return .integer(sum)
    }
  }

  /// Sets the chain's time, in seconds, or in milliseconds where only that makes sense.
  private func setTime(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    let value = try parameters.required(0)
    let given = try value.looseUInt64()
    let seconds = given > 100_000_000_000 ? given / 1000 : given
    let now = node.configuration.clock() / 1000
    guard let wanted = Int64(exactly: seconds), let current = Int64(exactly: now) else {
      throw value.error("the time does not fit 63 bits")
    }
    try await adjust { controls in controls.clockOffset = wanted - current }
    return .integer(wanted - current)
  }

  // MARK: Mining

  /// `evm_mine(timestamp? or {timestamp?, blocks?})`.
  func mineOne(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    _ = try await mine(parameters)
    return "0x0"
  }

  /// The same, and tells of the blocks.
  func mineDetailed(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    let numbers = try await mine(parameters)
    return .array(
      try numbers.map { (number) throws(RPCError) in
        try reading { (views) throws(ViewsError) in
          guard let block = try views.block(layer, number: number) else { return .null }
          return EthereumJSON.block(
            block, transactions: try views.transactions(layer, inBlock: number))
        }
      })
  }

  private func mine(_ parameters: RPCParameters) async throws(RPCError) -> [UInt64] {
    var timestamp: UInt64?
    var count: UInt64 = 1
    if let value = parameters.optional(0) {
      if case .object = value.json {
        timestamp = try value.optional("timestamp")?.looseUInt64()
        count = try value.optional("blocks")?.looseUInt64() ?? 1
      } else {
        timestamp = try value.looseUInt64()
      }
    }
    return try await mine(count, first: timestamp, step: nil)
  }

  /// `anvil_mine(blocks?, seconds between them?)`.
  func mineMany(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    let count = try parameters.optional(0)?.looseUInt64() ?? 1
    let step = try parameters.optional(1)?.looseUInt64()
    _ = try await mine(count, first: nil, step: step)
    return .null
  }

  /// Closes so many blocks; the chain's time goes on with those that are given times.
  private func mine(
    _ count: UInt64, first: UInt64?, step: UInt64?
  ) async throws(RPCError) -> [UInt64] {
    guard count <= limits.minedBlocks else {
      throw .invalidParameters("at most \(limits.minedBlocks) blocks can be mined at once")
    }
    var numbers: [UInt64] = []
    for index in 0..<count {
      if let first, index == 0 {
        try await setNextTimestamp(first)
      } else if let step, index > 0 {
        try await setNextTimestamp(
          try chain().head.header.timestamp.addingClamped(max(step, 1)))
      }
      try await seal()
      numbers.append(try chain().number)
    }
    return numbers
  }

  /// Has the next block's time be this, and the chain's time go on from there; a rollup's L1 goes on
  /// with the world's time.
  private func setNextTimestamp(_ timestamp: UInt64) async throws(RPCError) {
    let now = node.configuration.clock() / 1000
    try await adjust { controls in
      controls.nextTimestamp = timestamp
      if node.world.rollup == nil, let wanted = Int64(exactly: timestamp),
        let now = Int64(exactly: now)
      {
        controls.clockOffset = wanted - now
      }
    }
  }
}
