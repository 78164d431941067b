import Contracts
import Derivation
import EVM
import Execution
import Primitives

/// Claims output roots on L1, and sees the claims through.
///
/// A policy: its memory is what L1's contracts say, so a crash loses nothing and nothing is claimed
/// twice. One transaction at a time is under way.
public struct Proposer: Sendable {
  /// The address that signs, the only one whose claims the game takes.
  public var address: Address
  /// The L2 blocks between one claim and the next.
  public var intervalInBlocks: UInt64
  /// Whether only what follows from final L1 blocks is claimed.
  public var waitsForFinality: Bool

  /// Games that are looked at, newest first, for one that waits to be resolved or closed.
  private static let gameLimit: UInt64 = 64

  /// Makes a proposer.
  public init(address: Address, intervalInBlocks: UInt64 = 30, waitsForFinality: Bool = false) {
    self.address = address
    self.intervalInBlocks = intervalInBlocks
    self.waitsForFinality = waitsForFinality
  }

  /// The transactions to L1 that are due, unsigned.
  public func due(_ world: World) -> [Transaction] {
    guard let l1 = world.layerOne, let rollup = world.rollup,
      !l1.isSending(address),
      let anchor = try? world.read(AnchorStateRegistryContract.anchor, on: .one),
      let count = try? world.read(DisputeGameFactoryContract.gameCount, on: .one)
    else { return [] }
    var transactions = settlements(world, l1, anchor: anchor, count: count)
    let target = waitsForFinality ? rollup.finalized : rollup.safe.reference
    var last = anchor.blockNumber
    if count > 0, let game = game(world, at: count - 1) { last = max(last, game.blockNumber) }
    if target.number >= last + intervalInBlocks, let root = world.outputRoot(at: target.number),
      let bond = try? world.read(DisputeGameFactoryContract.bond(), on: .one)
    {
      transactions.append(
        transaction(
          l1, to: DisputeGameFactoryContract.address, value: bond,
          DisputeGameFactoryContract.propose(root.hash, blockNumber: target.number)))
    }
    let account = (try? l1.head.state.account(address)) ?? nil
    for index in transactions.indices {
      transactions[index].nonce = (account?.nonce ?? 0) + UInt64(index)
    }
    return transactions
  }

  private func game(
    _ world: World, at index: UInt64
  ) -> (contract: DisputeGameContract, blockNumber: UInt64, listed: ListedGame)? {
    guard let listed = try? world.read(DisputeGameFactoryContract.game(at: index), on: .one)
    else { return nil }
    let contract = DisputeGameContract(listed.address)
    guard let number = try? world.read(contract.blockNumber, on: .one) else { return nil }
    return (contract, number, listed)
  }

  /// Resolves the games whose delay is over, and closes those that are final.
  private func settlements(
    _ world: World, _ l1: Chain, anchor: AnchorRoot, count: UInt64
  ) -> [Transaction] {
    var found: [Transaction] = []
    // A block that holds these is later than the head by a slot.
    let now = l1.head.header.timestamp
    let finality =
      (try? world.read(AnchorStateRegistryContract.finalityDelay, on: .one)) ?? .max
    var index = count
    while index > 0, count - index < Proposer.gameLimit {
      index -= 1
      guard let game = game(world, at: index), game.blockNumber > anchor.blockNumber else { break }
      guard game.listed.gameType == DisputeGameFactoryContract.proposalGameType,
        let status = try? world.read(game.contract.status, on: .one)
      else { continue }
      switch status {
      case .inProgress:
        guard let delay = try? world.read(game.contract.delay, on: .one),
          now >= game.listed.createdAt &+ delay
        else { continue }
        found.append(transaction(l1, to: game.contract.address, DisputeGameContract.resolve))
      case .defenderWins:
        guard let resolvedAt = try? world.read(game.contract.resolvedAt, on: .one),
          now - min(now, resolvedAt) > finality
        else { continue }
        found.append(
          transaction(
            l1, to: game.contract.address, DisputeGameContract.claimCredit(address)))
      case .challengerWins: continue
      }
    }
    return found.reversed()
  }

  private func transaction(
    _ l1: Chain, to: Address, value: UInt256 = .zero, _ data: Bytes
  ) -> Transaction {
    Transaction(
      to: to, chainID: l1.specification.chainID, nonce: 0,
      maxFeePerGas: l1.baseFeeOfNextBlock &* 10 &+ Proposer.tip,
      maxPriorityFeePerGas: Proposer.tip, gasLimit: Proposer.gasLimit, value: value, data: data)
  }

  /// More than a game's creation takes.
  private static let gasLimit: UInt64 = 1_000_000
  /// Priority fee, in wei.
  private static var tip: UInt256 { 1_000_000_000 }
}

extension World {
  /// What a proposer claims of an L2 block that is at hand; nil for one that is not.
  public func outputRoot(at number: UInt64) -> OutputRoot? {
    layerTwo?.block(number).flatMap { OutputRoot(of: $0.header, hash: $0.hash) }
  }
}

extension OutputRoot {
  /// What a proposer claims of a block with this header, since Isthmus; nil before.
  public init?(of header: BlockHeader, hash: Hash) {
    guard let storageRoot = header.withdrawalsRoot else { return nil }
    self.init(
      stateRoot: header.stateRoot, messagePasserStorageRoot: storageRoot, blockHash: hash)
  }
}
