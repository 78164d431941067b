import Derivation
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives

/// Somebody who has nothing but L1's blocks as the network brings them, and derives L2 from them.
struct SimulatedFollower {
  private(set) var world: World
  /// Blocks that came before the one that they follow.
  private var waiting: [OutsideL1Block] = []

  /// - Throws: `Refusal` or `Misfit` where the beginning is none.
  init(_ plan: SimulationPlan, content: ContentStore) throws {
    world = World(provider: NativeCryptographyProvider.shared, content: content)
    let declaration = GenesisDeclaration(
      documents: [.init(layer: .two, json: plan.beginning.layerTwo)],
      settler: DevelopmentRole.settler.key.address)
    var document = plan.beginning.rollup
    if plan.mistake == .otherInbox { document.configuration.batchInbox = .zero }
    let rollup = RollupDeclaration(document: document.json.serialized())
    for command in [Command.declareGenesis(declaration), .declareRollup(rollup)] {
      for event in try world.decide(command).events { _ = try world.apply(event) }
    }
  }

  /// Takes in a block, and those that waited for it.
  ///
  /// - Throws: `Misfit` for an event that was decided and does not fit.
  mutating func take(_ block: OutsideL1Block) throws(Misfit) {
    waiting.append(block)
    var isGoingOn = true
    while isGoingOn {
      isGoingOn = false
      for index in waiting.indices {
        guard let decision = try? world.decide(.receiveL1Block(waiting[index])) else { continue }
        waiting.remove(at: index)
        for event in decision.events { _ = try world.apply(event) }
        isGoingOn = true
        break
      }
    }
    if waiting.count > 64 { waiting.removeFirst(waiting.count - 64) }
  }

  /// Forgets the blocks that came before the one that they follow.
  mutating func forgetWaiting() { waiting = [] }

  /// The blocks of L1 that the follower does not have, from the last common one on.
  func missing(from node: World, _ blocks: [Hash: OutsideL1Block]) -> [OutsideL1Block] {
    guard let one = node.layerOne else { return [] }
    var found: [OutsideL1Block] = []
    var number = one.number
    while let block = one.block(number) {
      if world.rollup?.epoch(number)?.reference.hash == block.hash { break }
      if let block = blocks[block.hash] { found.append(block) }
      if number == 0 { break }
      number -= 1
    }
    return found.reversed()
  }
}
