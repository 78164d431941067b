import Ledger
import SQLite

/// What users, operators and L1 do between two steps.
extension Simulation {
  mutating func act() {
    let world = witness.world
    var command: Command?
    switch chance.next(below: 60) {
    case 0..<14: command = users.transfer(world, .two, &chance)
    case 14..<18: command = users.transfer(world, .one, &chance)
    case 18..<23: command = users.deposit(world, &chance)
    case 23..<32: command = users.use(world, &chance)
    case 32..<34: command = users.meddle(world, &chance)
    case 34: command = users.garbage(world, &chance)
    case 35: command = reorganisation(world)
    case 36:
      if let change = layer?.fail(&chance) { tell(change) }
      acknowledged = max(acknowledged, layer?.acknowledged ?? 0)
    case 37: resynchronise()
    case 38 where chance.next(below: 8) == 0:
      command = .setSequencing(isActive: world.rollup?.isSequencing == false)
    case 39 where chance.next(below: 4) == 0 && life != nil: end("at a kill")
    case 40..<43 where plan.mistake == .vanishingEther: command = users.vanish(world, &chance)
    default: break
    }
    if let command { network.send(.command(command), at: clock.milliseconds, &chance) }
  }

  private mutating func reorganisation(_ world: World) -> Command? {
    guard let one = world.layerOne else { return nil }
    let depth = 1 + chance.next(below: 8)
    guard one.number > depth + 2, let position = try? one.position(depth: depth) else {
      return nil
    }
    tell("L1 takes \(depth) blocks back")
    report.reorganisations += 1
    let forgets = chance.next(below: 3) == 0
    return .resetHead(
      HeadReset(layer: .one, position: position, parts: forgets ? [.chain, .pool] : .chain))
  }

  private mutating func resynchronise() {
    for block in follower.missing(from: witness.world, witness.layerOneBlocks) {
      network.send(.block(block), at: clock.milliseconds, &chance)
    }
  }
}
