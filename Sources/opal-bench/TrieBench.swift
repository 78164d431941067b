import Cryptography
import EVM
import Execution
import Primitives

/// The root of a state after a block, beside the Keccak calls that it must make.
///
/// The peer is our own Keccak-256 of exactly what must be hashed: the changed addresses and slots,
/// and every node on the way from them to the root. The blocks change accounts and slots at random;
/// one in a thousand accounts is a contract, each with a thousand slots.
struct TrieBench {
  private static let slotCount = 1_000

  func run(_ report: inout Report) {
    for accounts in report.isFull ? [10_000, 100_000, 1_000_000] : [1_000_000] {
      let name = "\(accounts / 1_000),000 accounts"
      let contracts = max(1, accounts / 1_000)
      let atFirst = Memory.resident
      var state = State()
      Self.add(to: &state, count: accounts) { index in
        AccountChange(address: Self.address(index), account: Self.fields(index, round: 0))
      }
      let before = Memory.resident
      Self.add(to: &state, count: contracts) { index in
        AccountChange(
          address: Self.contract(index), account: Self.fields(index, round: 0),
          storage: (0..<Self.slotCount).map { Self.slot($0, of: index, round: 0) }.sorted())
      }
      let after = Memory.resident
      report.add(
        "memory of \(name)", ours: Double(before - atFirst) / Double(accounts), unit: "B each")
      report.add(
        "memory of \(contracts * Self.slotCount) slots",
        ours: Double(after - before) / Double(contracts * Self.slotCount), unit: "B each")
      for (touched, slots) in [(2, 0), (10, 50), (1_000, 5_000)] {
        let title = "root of \(name), \(touched) + \(slots) slots"
        guard report.wants(title) else { continue }
        update(state, of: accounts, contracts, touched: touched, slots: slots, title, &report)
      }
    }
  }

  /// Applies diffs, ours and the bare hashing in turns.
  private func update(
    _ state: State, of accounts: Int, _ contracts: Int, touched: Int, slots: Int,
    _ title: String, _ report: inout Report
  ) {
    var ours: [Double] = []
    var bare: [Double] = []
    var count = 0
    for round in 1...11 {
      let diff = Self.diff(
        accounts: accounts, contracts: contracts, touched: touched, slots: slots, round: round)
      var changed = state
      ours.append(
        Report.seconds(runs: 1) {
          // All is in memory, so nothing can be missing.
          try? changed.apply(diff)
        })
      if changed.root == state.root { report.fail("the root has not changed") }
      let inputs = Self.mustHash(diff, in: changed)
      count = inputs.count
      var sum: UInt64 = 0
      bare.append(
        Report.seconds(runs: 1) {
          for input in inputs { sum &+= Keccak256.hash(input).word0 }
        })
      if sum == 0 { report.fail("hashes of nothing") }
    }
    report.add(
      title, ours: Report.median(ours) * 1e3,
      peer: (name: "its Keccak", value: Report.median(bare) * 1e3), unit: "ms",
      note: "\(count) hashes")
  }

  /// What must be hashed to arrive at `state` by `diff`, each node once.
  private static func mustHash(_ diff: StateDiff, in state: State) -> [Bytes] {
    var inputs: [Bytes] = []
    var nodes: Set<Bytes> = []
    for change in diff.accounts {
      inputs.append(change.address.bytes)
      inputs += change.storage.map { Hash($0.slot).bytes }
      guard
        let proof = try? state.accountProof(change.address, slots: change.storage.map(\.slot))
      else { continue }
      nodes.formUnion(proof.nodes)
      for slot in proof.storage { nodes.formUnion(slot.nodes) }
    }
    return inputs + nodes.shuffled()
  }
}

// MARK: What the state holds

extension TrieBench {
  /// Adds accounts, so many at a time that what is abandoned on the way does not count.
  private static func add(
    to state: inout State, count: Int, _ change: (Int) -> AccountChange
  ) {
    for start in stride(from: 0, to: count, by: 50_000) {
      let changes = (start..<min(start + 50_000, count)).map(change)
      try? state.apply(StateDiff(accounts: changes.sorted { $0.address < $1.address }))
    }
  }

  /// A block's changes: half of the accounts are contracts if there are slots to write.
  private static func diff(
    accounts: Int, contracts: Int, touched: Int, slots: Int, round: Int
  ) -> StateDiff {
    let written = slots == 0 ? 0 : min(touched / 2, contracts)
    var changes: [AccountChange] = []
    for index in picks(written, below: contracts, round) {
      let each = slots / written
      changes.append(
        AccountChange(
          address: contract(index), account: fields(index, round: round),
          storage: picks(each, below: slotCount, round + index)
            .map { slot($0, of: index, round: round) }.sorted()))
    }
    for index in picks(touched - written, below: accounts, round) {
      changes.append(AccountChange(address: address(index), account: fields(index, round: round)))
    }
    return StateDiff(accounts: changes.sorted { $0.address < $1.address })
  }

  /// Different numbers below a bound, evenly spread.
  private static func picks(_ count: Int, below bound: Int, _ seed: Int) -> [Int] {
    guard count > 0 else { return [] }
    let step = max(1, bound / count)
    return (0..<min(count, bound)).map { ($0 * step + Int(random(seed, $0) % UInt64(step))) }
  }

  private static func address(_ index: Int) -> Address {
    Address(suffixOf: Keccak256.hash(UInt256(UInt64(index))))
  }

  private static func contract(_ index: Int) -> Address {
    Address(suffixOf: Keccak256.hash(UInt256(UInt64(index) | 1 << 40)))
  }

  private static func fields(_ index: Int, round: Int) -> AccountChange.Fields {
    AccountChange.Fields(
      nonce: UInt64(round), balance: UInt256(random(index, round)) &* UInt256(1_000_000),
      codeHash: Keccak256.empty)
  }

  private static func slot(_ slot: Int, of index: Int, round: Int) -> AccountChange.Slot {
    // As a mapping of addresses to balances has them.
    AccountChange.Slot(
      slot: UInt256(Keccak256.hash(UInt256(UInt64(slot)), UInt256(UInt64(index)))),
      value: UInt256(random(slot &+ 1, round &+ index) | 1))
  }

  /// A number that two others determine (splitmix64).
  private static func random(_ left: Int, _ right: Int) -> UInt64 {
    var state = UInt64(bitPattern: Int64(left)) &* 0x9e37_79b9_7f4a_7c15
    state = (state ^ UInt64(bitPattern: Int64(right))) &+ 0x9e37_79b9_7f4a_7c15
    state = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    state = (state ^ (state >> 27)) &* 0x94d0_49bb_1331_11eb
    return state ^ (state >> 31)
  }
}

extension AccountChange.Slot: Comparable {
  /// Whether the slot stands before the other.
  public static func < (left: Self, right: Self) -> Bool { left.slot < right.slot }
}
