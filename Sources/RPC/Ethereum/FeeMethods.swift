import Execution
import JSON
import Ledger
import Primitives
import Views

extension EthereumService {
  /// What gas costs.
  var feeMethods: [String: RPCMethod] {
    [
      "eth_gasPrice": immediate(0) { [self] (_) throws(RPCError) in
        JSON.quantity(suggestedGasPrice(on: try chain()))
      },
      "eth_maxPriorityFeePerGas": immediate(0) { [self] _ in
        JSON.quantity(limits.suggestedTip)
      },
      "eth_baseFee": immediate(0) { [self] (_) throws(RPCError) in
        JSON.quantity(try chain().baseFeeOfNextBlock)
      },
      "eth_blobBaseFee": immediate(0) { [self] (_) throws(RPCError) in
        let chain = try chain()
        return JSON.quantity(chain.head.header.blobBaseFee(chain.specification))
      },
      "eth_feeHistory": working(3, feeHistory),
    ]
  }

  /// The price at which a transaction gets into the next block, in wei.
  func suggestedGasPrice(on chain: Chain) -> UInt256 {
    guard chain.head.header.baseFee != nil else {
      return max(limits.priceBeforeBaseFees, chain.operatorState.minimumGasPrice ?? .zero)
    }
    return chain.baseFeeOfNextBlock.addingClamped(limits.suggestedTip)
  }

  /// `eth_feeHistory(block count, newest block, percentiles?)`.
  private func feeHistory(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let asked = try parameters.required(0).looseQuantity()
    let selector = try parameters.required(1).blockNumber()
    let percentiles = try parameters.optional(2).map(percentiles) ?? []
    let chain = try chain()
    let newest: UInt64
    switch selector {
    case .number(let number):
      guard number <= chain.number else {
        throw .refused(
          "request beyond head block: requested \(number), head \(chain.number)")
      }
      newest = number
    case .earliest: newest = 0
    default: newest = chain.number
    }
    let count = min(asked.clampedUInt64, limits.feeHistoryBlocks, newest + 1)
    guard count > 0 else { return ["oldestBlock": "0x0", "gasUsedRatio": .null] }
    let history = FeeHistory(
      specification: chain.specification, percentiles: percentiles,
      blocks: try blocks(newest - (count - 1), through: newest, hasRewards: !percentiles.isEmpty))
    return history.json
  }

  private func percentiles(_ value: RPCValue) throws(RPCError) -> [Double] {
    let elements = try value.elements()
    guard elements.count <= limits.feeHistoryPercentiles else {
      throw .refused(
        "invalid reward percentile: over the query limit \(limits.feeHistoryPercentiles)")
    }
    var percentiles: [Double] = []
    for (index, element) in elements.enumerated() {
      guard let percentile = element.json.double else { throw element.error("not a number") }
      guard 0...100 ~= percentile else {
        throw .refused("invalid reward percentile: \(percentile)")
      }
      if let last = percentiles.last, last > percentile {
        throw .refused(
          "invalid reward percentile: #\(index - 1):\(last) > #\(index):\(percentile)")
      }
      percentiles.append(percentile)
    }
    return percentiles
  }

  private func blocks(
    _ first: UInt64, through last: UInt64, hasRewards: Bool
  ) throws(RPCError) -> [FeeHistory.Block] {
    try reading { (views) throws(ViewsError) in
      var blocks: [FeeHistory.Block] = []
      for number in first...last {
        guard let block = try views.block(layer, number: number) else { continue }
        let receipts = hasRewards ? try views.receipts(layer, inBlock: number) : []
        blocks.append(FeeHistory.Block(header: block.header, receipts: receipts))
      }
      return blocks
    }
  }
}

/// What gas cost in blocks that follow each other.
struct FeeHistory {
  struct Block {
    var header: BlockHeader
    var receipts: [StoredReceipt]
  }

  var specification: ChainSpecification
  var percentiles: [Double]
  var blocks: [Block]

  var json: JSON {
    guard let first = blocks.first, let last = blocks.last else {
      return ["oldestBlock": "0x0", "gasUsedRatio": .null]
    }
    var json = JSONObject()
    json["oldestBlock"] = JSON.quantity(first.header.number)
    if !percentiles.isEmpty { json["reward"] = .array(blocks.map(rewards)) }
    let next = nextHeader(
      specification: specification, parent: last.header,
      inputs: BlockInputs(timestamp: last.header.timestamp &+ 1, gasLimit: last.header.gasLimit))
    json["baseFeePerGas"] = .array(
      (blocks.map(\.header) + [next]).map { JSON.quantity($0.baseFee ?? .zero) })
    json["gasUsedRatio"] = .array(
      blocks.map { Self.ratio($0.header.gasUsed, of: $0.header.gasLimit) })
    json["baseFeePerBlobGas"] = .array(
      (blocks.map(\.header) + [next]).map { header in
        JSON.quantity(
          header.excessBlobGas == nil ? .zero : header.blobBaseFee(specification))
      })
    json["blobGasUsedRatio"] = .array(
      blocks.map { block in
        let most = specification.blobParameters(at: block.header.timestamp).maximumGas
        return Self.ratio(block.header.blobGasUsed ?? 0, of: most)
      })
    return .object(json)
  }

  /// The tips at the percentiles of a block's gas, of transactions ordered by tip.
  private func rewards(_ block: Block) -> JSON {
    let baseFee = block.header.baseFee ?? .zero
    let tips = block.receipts.map { stored in
      // A deposit pays nothing, and so less than the base fee.
      let price = max(stored.receipt.effectiveGasPrice, baseFee)
      return (tip: price - baseFee, gas: stored.receipt.gasUsed)
    }.sorted { $0.tip < $1.tip }
    guard let lowest = tips.first else {
      return .array(percentiles.map { _ in "0x0" })
    }
    var index = 0
    var sum = lowest.gas
    return .array(
      percentiles.map { percentile in
        let threshold = Double(block.header.gasUsed) * percentile / 100
        while Double(sum) < threshold.rounded(.down), index < tips.count - 1 {
          index += 1
          sum += tips[index].gas
        }
        return JSON.quantity(tips[index].tip)
      })
  }

  private static func ratio(_ part: UInt64, of whole: UInt64) -> JSON {
    guard part > 0, whole > 0 else { return 0 }
    return .double(Double(part) / Double(whole))
  }
}
