import EVM
import Execution
import JSON
import Primitives

/// What `eth_simulateV1` is asked for.
struct SimulationRequest {
  /// A block with calls; what is nil follows from the block before.
  struct Block {
    var number: UInt256?
    var timestamp: UInt64?
    var gasLimit: UInt64?
    var feeRecipient: Address?
    var prevRandao: Hash?
    var baseFee: UInt256?
    var blobBaseFee: UInt256?
    var difficulty: UInt256?
    var beaconRoot: Hash?
    var withdrawals: [Withdrawal] = []
    var state = StateOverride()
    var calls: [TransactionArguments] = []
  }

  var blocks: [Block] = []
  var tracesTransfers = false
  var validates = false
  var isFull = false

  /// Blocks of one request, those in gaps among them.
  static let blockLimit: UInt64 = 256
  /// Calls of one block, and of all.
  static let callLimit = (perBlock: 5_000, inTotal: 10_000)
  /// Seconds between blocks that name no time.
  static let timeStep: UInt64 = 12

  /// The request with every number and time, and with the empty blocks in gaps.
  ///
  /// - Throws: geth's errors -38020, -38021 and -38026.
  func completed(after base: BlockHeader) throws(RPCError) -> [Block] {
    var list: [Block] = []
    var number = UInt256(base.number)
    var time = base.timestamp
    for given in blocks {
      var block = given
      let own = block.number ?? number.addingClamped(.one)
      guard own > number else {
        throw RPCError(
          code: -38020,
          message: "block numbers must be in order: \(own.lowUInt64) <= \(number.decimalString)")
      }
      guard own &- UInt256(base.number) <= UInt256(Self.blockLimit) else {
        throw RPCError(code: -38026, message: "too many blocks")
      }
      while number &+ .one < own {
        number = number &+ .one
        time = time.addingClamped(Self.timeStep)
        list.append(Block(number: number, timestamp: time))
      }
      number = own
      let ownTime = block.timestamp ?? time.addingClamped(Self.timeStep)
      guard ownTime > time else {
        throw RPCError(
          code: -38021, message: "block timestamps must be in order: \(ownTime) <= \(time)")
      }
      time = ownTime
      block.number = own
      block.timestamp = ownTime
      list.append(block)
    }
    return list
  }
}

extension UInt64 {
  /// The sum, or the greatest number where it does not fit.
  func addingClamped(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}

extension RPCValue {
  /// The first parameter of `eth_simulateV1`.
  func simulationRequest() throws(RPCError) -> SimulationRequest {
    var request = SimulationRequest()
    request.tracesTransfers = try optional("traceTransfers")?.bool() ?? false
    request.validates = try optional("validation")?.bool() ?? false
    request.isFull = try optional("returnFullTransactions")?.bool() ?? false
    let blocks = try optional("blockStateCalls")?.elements() ?? []
    if blocks.isEmpty { throw .invalidParameters("empty input") }
    guard UInt64(blocks.count) <= SimulationRequest.blockLimit else {
      throw RPCError(code: -38026, message: "too many blocks")
    }
    var calls = 0
    for element in blocks {
      let block = try element.simulatedBlock()
      calls += block.calls.count
      guard block.calls.count <= SimulationRequest.callLimit.perBlock,
        calls <= SimulationRequest.callLimit.inTotal
      else { throw RPCError(code: -38026, message: "too many calls") }
      request.blocks.append(block)
    }
    return request
  }

  private func simulatedBlock() throws(RPCError) -> SimulationRequest.Block {
    var block = SimulationRequest.Block()
    if let changes = try optional("blockOverrides") {
      block.number = try changes.optional("number")?.quantity()
      block.timestamp = try changes.optional("time")?.uint64()
      block.gasLimit = try changes.optional("gasLimit")?.uint64()
      block.feeRecipient = try changes.optional("feeRecipient")?.address()
      block.prevRandao = try changes.optional("prevRandao")?.hash()
      block.baseFee = try changes.optional("baseFeePerGas")?.quantity()
      block.blobBaseFee = try changes.optional("blobBaseFee")?.quantity()
      block.difficulty = try changes.optional("difficulty")?.quantity()
      block.beaconRoot = try changes.optional("beaconRoot")?.hash()
      block.withdrawals = try changes.optional("withdrawals")?.withdrawals() ?? []
    }
    block.state = try optional("stateOverrides")?.stateOverride() ?? StateOverride()
    for call in try optional("calls")?.elements() ?? [] {
      block.calls.append(try call.transactionArguments())
    }
    return block
  }
}
