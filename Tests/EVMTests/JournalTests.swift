import Cryptography
import EVM
import Primitives
import Testing

@Suite struct JournalTests {
  @Test("a diff names what changed, sorted, and nothing else")
  func diff() throws {
    let world = World()
    world.state.add(World.other, nonce: 1, code: [1], storage: [1: 1, 2: 2, 3: 3])
    let journal = world.journal
    try journal.setStorage(World.other, 3, 0)
    try journal.setStorage(World.other, 1, 5)
    try journal.setStorage(World.other, 2, 7)
    try journal.setStorage(World.other, 2, 2)
    try journal.addBalance(4, to: World.beneficiary)
    #expect(try journal.subtractBalance(1, from: World.sender))
    #expect(try !journal.subtractBalance(1_000_001, from: World.sender))
    _ = try journal.balance(World.contract)
    let diff = journal.diff()
    #expect(diff.accounts.map(\.address) == [World.sender, World.other, World.beneficiary])
    #expect(diff.accounts[0].account?.balance == 999_999)
    #expect(
      diff.accounts[1].storage == [
        AccountChange.Slot(slot: 1, value: 5), AccountChange.Slot(slot: 3, value: 0),
      ])
    #expect(diff.accounts[1].newCode == nil)
    #expect(diff.accounts[2].account == .init(nonce: 0, balance: 4, codeHash: Keccak256.empty))
  }

  @Test("each fact is asked for once")
  func questions() throws {
    let world = World()
    world.state.add(World.other, nonce: 1, code: [1, 2], storage: [1: 1])
    for _ in 0..<3 {
      _ = try world.journal.balance(World.other)
      _ = try world.journal.code(World.other)
      _ = try world.journal.storage(World.other, 1)
      _ = try world.journal.storage(World.other, 9)
      world.journal.beginTransaction()
    }
    #expect(world.state.questions == 4)
    world.journal.warm(World.beneficiary)
    world.journal.warm(World.beneficiary, 1)
    #expect(world.state.questions == 4)
  }

  @Test("touched empty accounts are removed from Spurious Dragon on")
  func clearing() throws {
    for (fork, stays) in [(Fork.tangerineWhistle, true), (.spuriousDragon, false)] {
      let world = World(fork)
      world.state.add(World.other)
      try world.journal.touch(World.other)
      _ = world.journal.endTransaction()
      #expect((try world.journal.account(World.other) != nil) == stays)
    }
    let untouched = World()
    untouched.state.add(World.other)
    _ = try untouched.journal.balance(World.other)
    #expect(untouched.journal.diff().accounts.isEmpty)
  }

  @Test("the touch of the RIPEMD-160 contract survives a revert, that of others does not")
  func ripemdQuirk() throws {
    let ripemd = Address(0, 0, 3)
    let world = World()
    world.state.add(ripemd)
    world.state.add(World.other)
    let checkpoint = world.journal.checkpoint()
    try world.journal.touch(ripemd)
    try world.journal.touch(World.other)
    world.journal.revert(to: checkpoint)
    let diff = world.journal.diff()
    #expect(diff.accounts == [AccountChange(address: ripemd, account: nil)])
  }

  @Test("code that is set is hashed, kept and undone")
  func code() throws {
    let world = World()
    let checkpoint = world.journal.checkpoint()
    try world.journal.setCode([1, 2, 3], of: World.contract)
    #expect(try world.journal.codeHash(World.contract) == Keccak256.hash([1, 2, 3] as Bytes))
    world.journal.revert(to: checkpoint)
    #expect(try world.journal.code(World.contract) == [0])
    #expect(world.journal.diff().accounts.isEmpty)
  }

  @Test("state overrides may empty a storage")
  func clearStorage() throws {
    let world = World()
    world.state.add(World.other, nonce: 1, storage: [1: 1, 2: 2])
    #expect(try world.journal.storage(World.other, 1) == 1)
    try world.journal.clearStorage(World.other)
    #expect(try world.journal.storage(World.other, 1) == 0)
    #expect(try world.journal.storage(World.other, 2) == 0)
    #expect(world.journal.diff().accounts.first?.storageCleared == true)
  }
}
