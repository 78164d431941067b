import EVM
import Primitives
import Testing

/// What journals and machines that share a workspace know of each other: nothing.
@Suite struct WorkspaceTests {
  @Test(
    "a journal that takes over the tables of another knows nothing of it",
    arguments: [1, 30, 70, 3000, 40_000])
  func takeover(count: Int) throws {
    let workspace = Workspace()
    let state = TestState()
    let owner = Address(7, 7, 7)
    state.add(owner, nonce: 1, balance: 5, storage: [3: 4])
    var chance = Chance(UInt64(count))
    for round in 0..<3 {
      let journal = Journal(reader: state, fork: .osaka, workspace: workspace)
      journal.beginTransaction()
      #expect(try journal.storage(owner, 3) == 4, "round \(round)")
      #expect(try journal.storage(owner, 99) == 0)
      #expect(try journal.account(Address(1, 2, 3)) == nil)
      #expect(journal.refund == 0 && journal.logs.isEmpty)
      for _ in 0..<count {
        let slot = UInt256(chance.next()) &* 1_000_003
        try journal.setStorage(owner, slot, 9)
        #expect(try journal.storage(owner, slot) == 9)
        if count < 40_000 { try journal.setNonce(1, of: Address(1, chance.next(), 1)) }
      }
      try journal.setStorage(owner, 99, 1)
      try journal.setNonce(8, of: Address(1, 2, 3))
      journal.addRefund(100)
      journal.addLog(Log(address: owner, topics: [], data: []))
    }
    let last = Journal(reader: state, fork: .osaka, workspace: workspace)
    last.beginTransaction()
    #expect(last.diff().accounts.isEmpty)
  }

  @Test("journals side by side on a workspace have tables of their own")
  func sideBySide() throws {
    let workspace = Workspace()
    let state = TestState()
    let first = Journal(reader: state, fork: .osaka, workspace: workspace)
    let second = Journal(reader: state, fork: .osaka, workspace: workspace)
    try first.setBalance(1, of: Address(1, 1, 1))
    try second.setBalance(2, of: Address(1, 1, 1))
    #expect(try first.balance(Address(1, 1, 1)) == 1)
    #expect(try second.balance(Address(1, 1, 1)) == 2)
  }

  @Test("code that ran by one fork's rules runs by another's in the same workspace")
  func forks() throws {
    let workspace = Workspace()
    let state = TestState()
    let (sender, contract) = (Address(1, 0, 1), Address(2, 0, 2))
    state.add(sender, nonce: 1, balance: 1)
    state.add(contract, nonce: 1, balance: 0, code: (Program.push0 + .stop).bytes)
    for fork in [Fork.london, .shanghai, .london, .osaka, .shanghai] {
      let journal = Journal(reader: state, fork: fork, workspace: workspace)
      journal.beginTransaction()
      let machine = Machine(
        fork: fork, block: BlockEnvironment(), transaction: TransactionEnvironment(origin: sender),
        journal: journal, provider: TestProvider.shared)
      let result = try machine.run(.call(from: sender, to: contract, gasLimit: 1000))
      #expect(
        result.status == (fork >= .shanghai ? .success : .halt(.undefinedInstruction)))
    }
  }

  @Test("kept code takes no more memory than it may, and all of it runs", arguments: [1, 600])
  func codeLimit(size: Int) throws {
    let limit = 64 << 10
    let workspace = Workspace(codeLimitInBytes: limit)
    let state = TestState()
    let sender = Address(1, 0, 1)
    state.add(sender, nonce: 1, balance: 1)
    let count = 300
    for index in 0..<count {
      // It stops at once; a number at its end makes it one of its own.
      let number = [UInt8(index >> 8), UInt8(index & 255)]
      let code = Bytes(repeating: 0, count: 1 + size) + number
      state.add(Address(2, 0, UInt32(index)), nonce: 1, balance: 0, code: code)
    }
    var most = 0
    for index in 0..<2 * count {
      let journal = Journal(reader: state, fork: .osaka, workspace: workspace)
      journal.beginTransaction()
      let machine = Machine(
        fork: .osaka, block: BlockEnvironment(),
        transaction: TransactionEnvironment(origin: sender), journal: journal,
        provider: TestProvider.shared)
      let contract = Address(2, 0, UInt32(index % count))
      let result = try machine.run(.call(from: sender, to: contract, gasLimit: 1000))
      #expect(result.status == .success)
      most = max(most, workspace.keptCodeSizeInBytes)
    }
    #expect(most > limit / 2 && most <= limit)
  }

  @Test("reverting takes back what happened since, and no more", arguments: 1...20)
  func revert(seed: UInt64) throws {
    let state = TestState()
    let journal = Journal(reader: state, fork: .osaka)
    journal.beginTransaction()
    var chance = Chance(seed)
    var model: [UInt256: UInt256] = [:]
    var saved: [(Journal.Checkpoint, [UInt256: UInt256], Int64, Int)] = []
    let owner = Address(5, 5, 5)
    for _ in 0..<400 {
      switch chance.below(6) {
      case 0: saved.append((journal.checkpoint(), model, journal.refund, journal.logs.count))
      case 1:
        guard let (checkpoint, before, refund, logs) = saved.popLast() else { continue }
        journal.revert(to: checkpoint)
        model = before
        #expect(journal.refund == refund && journal.logs.count == logs)
      case 2: journal.addRefund(Int64(chance.below(100)))
      case 3: journal.addLog(Log(address: owner, topics: [], data: chance.bytes(3)))
      default:
        let (slot, word) = (chance.word(50), chance.word(1000))
        try journal.setStorage(owner, slot, word)
        model[slot] = word
      }
    }
    for slot in 0..<50 {
      let known = model[UInt256(UInt64(slot))] ?? 0
      #expect(try journal.storage(owner, UInt256(UInt64(slot))) == known)
    }
  }
}
