import Primitives

/// Precompiled contracts that a simulation has taken away or put somewhere else.
///
/// Accounts that are warm from the start stay the same: only what runs changes.
struct MovedPrecompiles {
  /// Addresses whose precompiled contract does not run any more.
  private var removed: [Address] = []
  /// Addresses that run a precompiled contract which was at another one.
  private var placed: [(address: Address, entry: PrecompileTable.Entry)] = []

  /// What runs at an address; `usual` is what runs there on a real chain.
  func entry(at address: Address, usual: PrecompileTable.Entry?) -> PrecompileTable.Entry? {
    if let moved = placed.last(where: { $0.address == address }) { return moved.entry }
    return removed.contains(address) ? nil : usual
  }

  mutating func remove(_ address: Address) {
    placed.removeAll { $0.address == address }
    removed.append(address)
  }

  mutating func place(_ entry: PrecompileTable.Entry, at address: Address) {
    placed.removeAll { $0.address == address }
    placed.append((address, entry))
  }
}

extension Journal {
  /// Whether a precompiled contract may run at an address; false, and quickly, for nearly all.
  @inline(__always)
  func mayRunPrecompile(at address: Address) -> Bool {
    if case .some = movedPrecompiles { return true }
    return PrecompileTable.mayBe(address)
  }

  /// The precompiled contract that runs at an address.
  func precompile(at address: Address) -> PrecompileTable.Entry? {
    let usual = PrecompileTable.entry(at: address, in: fork, rollup)
    guard let movedPrecompiles else { return usual }
    return movedPrecompiles.entry(at: address, usual: usual)
  }

  /// Whether a precompiled contract runs at an address.
  public func runsPrecompile(at address: Address) -> Bool { precompile(at: address) != nil }

  /// Takes the precompiled contract at an address away, so that the account's own code runs.
  public func removePrecompile(at address: Address) {
    guard runsPrecompile(at: address) else { return }
    var moved = movedPrecompiles ?? MovedPrecompiles()
    moved.remove(address)
    movedPrecompiles = moved
  }

  /// Has another address run the precompiled contract that runs at this one too.
  public func copyPrecompile(from source: Address, to target: Address) {
    guard let entry = precompile(at: source) else { return }
    var moved = movedPrecompiles ?? MovedPrecompiles()
    moved.place(entry, at: target)
    movedPrecompiles = moved
  }

  /// The addresses of the fork's precompiled contracts, ascending.
  public static func precompiles(of fork: Fork, rollup: RollupFork? = nil) -> [Address] {
    var addresses: [Address] = []
    for number in UInt32(1)...0x100 {
      let address = Address(0, 0, number)
      if PrecompileTable.entry(at: address, in: fork, rollup) != nil { addresses.append(address) }
    }
    return addresses
  }
}
