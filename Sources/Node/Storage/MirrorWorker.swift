import DataAvailability
import Execution
import Ledger
import NativeCryptography
import Primitives

/// Signs what the mirror of the DA layer's registry wants to have on L1.
struct MirrorWorker {
  /// What was seen when nothing was due last; until it changes, nothing will be.
  private var idleAt: (l1: Hash, changeCount: UInt64)?

  /// The commands that are due.
  mutating func duties(_ world: World, _ wallet: Wallet) -> [Command] {
    guard let l1 = world.layerOne, let storage = world.storage else { return [] }
    let seen = (l1: l1.head.hash, changeCount: storage.state.registry.changeCount)
    if let idleAt, idleAt == seen { return [] }
    let owner = DevelopmentRole.systemOwner.key.address
    let due = RegistryMirror(owner: owner).due(world)
    idleAt = due.isEmpty ? seen : nil
    return due.compactMap { transaction in
      wallet.sign(transaction, by: owner).map {
        .submitTransaction(.one, encoded: $0.encoded)
      }
    }
  }
}
