import Cryptography
import Derivation
import EVM
import Execution
import JSON
import Ledger
import Node
import Primitives
import Views

/// Which block a selector means.
enum ResolvedBlock: Hashable, Sendable {
  /// The block of this number on the chain.
  case sealed(UInt64)
  /// The block that would be sealed now.
  case pending
  /// None that is known.
  case unknown
}

extension EthereumService {
  /// The block that a selector means.
  ///
  /// A chain that one node seals is settled at once, so `safe` and `finalized` are the head; but L1
  /// under a rollup can be reorganised, and the rollup is as safe as what L1 says of it.
  func resolve(_ selector: BlockSelector, on chain: Chain) throws(RPCError) -> ResolvedBlock {
    switch selector {
    case .number(let number): number <= chain.number ? .sealed(number) : .unknown
    case .earliest: .sealed(0)
    case .latest: .sealed(chain.number)
    case .safe: .sealed(safeNumber(chain))
    case .finalized: .sealed(finalizedNumber(chain))
    case .pending: .pending
    case .hash(let hash, _): try resolve(hash, on: chain)
    }
  }

  private func safeNumber(_ chain: Chain) -> UInt64 {
    guard let rollup = node.world.rollup else { return chain.number }
    let number = layer == .one ? rollup.l1Safe?.number : rollup.safe.reference.number
    return min(number ?? 0, chain.number)
  }

  private func finalizedNumber(_ chain: Chain) -> UInt64 {
    guard let rollup = node.world.rollup else { return chain.number }
    let number = layer == .one ? rollup.l1Finalized?.number : rollup.finalized.number
    return min(number ?? 0, chain.number)
  }

  private func resolve(_ hash: Hash, on chain: Chain) throws(RPCError) -> ResolvedBlock {
    if let recent = chain.recent.last(where: { $0.hash == hash }) {
      return .sealed(recent.header.number)
    }
    // All blocks are at hand, and it is none of them.
    if chain.recent[0].header.number == 0 { return .unknown }
    let block = try reading { (views) throws(ViewsError) in try views.block(layer, hash: hash) }
    return block.map { .sealed($0.header.number) } ?? .unknown
  }

  /// What the state of a selector's block, by default the latest, is read from.
  ///
  /// - Throws: geth's errors: `header not found`, and a missing trie node where the views do not
  ///   have a state.
  func point(_ value: RPCValue?) throws(RPCError) -> ExecutionPoint {
    let selector = try value?.block() ?? .latest
    return try point(selector, on: try chain())
  }

  /// What the state of a selector's block is read from.
  func point(_ selector: BlockSelector, on chain: Chain) throws(RPCError) -> ExecutionPoint {
    switch try resolve(selector, on: chain) {
    case .unknown: throw .refused("header not found")
    case .pending: return try pendingPoint(on: chain)
    case .sealed(let number):
      guard let block = chain.block(number) else { return try pastPoint(number, on: chain) }
      return ExecutionPoint(
        chain: chain, header: block.header, state: block.state,
        ancestors: ancestors(of: number, on: chain))
    }
  }

  /// A block that is no longer in memory, from the views.
  private func pastPoint(_ number: UInt64, on chain: Chain) throws(RPCError) -> ExecutionPoint {
    let (block, hashes) = try reading { (views) throws(ViewsError) in
      (
        try views.block(layer, number: number),
        try views.blockHashes(layer, from: number - min(number, 256), through: number)
      )
    }
    guard let block, let state = try pastState(number) else {
      throw .refused("missing trie node: the historical state of block \(number) is not available")
    }
    return ExecutionPoint(
      chain: chain, header: block.header, state: state,
      ancestors: RecentHashes(first: number - min(number, 256), hashes: hashes))
  }

  private func pastState(_ number: UInt64) throws(RPCError) -> State? {
    do throws(ViewsError) {
      return try node.states.state(layer, number: number)
    } catch {
      throw .internalFailure(error.message)
    }
  }

  /// The state after a block, whether it is in memory or in the views.
  func state(after number: UInt64, on chain: Chain) throws(RPCError) -> State {
    if let block = chain.block(number) { return block.state }
    guard let state = try pastState(number) else {
      throw .refused("missing trie node: the historical state of block \(number) is not available")
    }
    return state
  }

  /// The hashes that BLOCKHASH can ask for in a block, its own among them.
  private func ancestors(of number: UInt64, on chain: Chain) -> RecentHashes {
    if number == chain.number { return chain.ancestorHashes }
    let oldest = chain.recent[0].header.number
    let first = max(oldest, number >= 256 ? number - 256 : 0)
    let hashes = chain.recent[Int(first - oldest)...Int(number - oldest)].map(\.hash)
    return RecentHashes(first: first, hashes: hashes)
  }

  /// The block that would be sealed now, and the state after it.
  private func pendingPoint(on chain: Chain) throws(RPCError) -> ExecutionPoint {
    let inputs = pendingInputs(on: chain)
    var header = nextHeader(
      specification: chain.specification, parent: chain.head.header, inputs: inputs)
    var state = chain.head.state
    if !chain.readyTransactions().isEmpty || !inputs.withdrawals.isEmpty {
      let pending = try pendingBlock(on: chain)
      header = pending.block.header
      state = pending.state
    }
    return ExecutionPoint(
      chain: chain, header: header, state: state, ancestors: chain.ancestorHashes)
  }

  /// The block that would be sealed now.
  func pendingBlock(on chain: Chain) throws(RPCError) -> BlockOutcome {
    do throws(ExecutionStop) {
      return try pendingBlocks.block(
        on: chain, inputs: pendingInputs(on: chain),
        deposits: layer == .two ? node.world.nextRollupBlock?.deposits ?? [] : [],
        order: transactionOrder)
    } catch {
      throw .refused(BlockRejection.undecided(error).message)
    }
  }

  private func pendingInputs(on chain: Chain) -> BlockInputs {
    if layer == .two, let next = node.world.nextRollupBlock { return next.inputs }
    let parent = chain.head
    let controls = chain.controls
    let now = controls.time(at: node.configuration.clock() / 1000)
    return BlockInputs(
      timestamp: chain.nextTimestamp(usually: max(now, parent.header.timestamp + 1)),
      feeRecipient: controls.feeRecipient ?? feeRecipient,
      prevRandao: controls.nextPrevRandao
        ?? Keccak256.hash(parent.hash.bytes + parent.header.prevRandao.bytes),
      gasLimit: controls.gasLimit ?? parent.header.gasLimit, extraData: controls.extraData,
      withdrawals: controls.nextWithdrawals, baseFeeOverride: controls.nextBaseFee)
  }

  /// Which transactions come first in the blocks that this node seals.
  var transactionOrder: TransactionOrder {
    node.configuration.sequencers.first { $0.layer == layer }?.order ?? .fees
  }

  /// Who gets the fees of the blocks that this node seals.
  var feeRecipient: Address {
    node.configuration.sequencers.first { $0.layer == layer }?.feeRecipient ?? .zero
  }
}

extension RPCError {
  /// A part of a state is not here.
  static func missing(_ miss: StateMiss) -> RPCError {
    .refused(BlockRejection.undecided(.miss(miss)).message)
  }
}

/// Reads a state.
func readingState<Result>(
  _ body: () throws(StateMiss) -> Result
) throws(RPCError) -> Result {
  do throws(StateMiss) { return try body() } catch { throw .missing(error) }
}
