import Cryptography
import EVM
import Primitives
import Testing

@Suite struct CreationTests {
  private func deploy(
    _ initCode: Bytes, _ fork: Fork = .osaka, gas: UInt64 = 10_000_000
  ) throws -> (World, MessageResult, Address) {
    let world = World(fork)
    let address = Address.contract(createdBy: World.sender, nonce: 1)
    let message = Message.creation(
      from: World.sender, at: address, value: 5, initCode: initCode, gasLimit: gas)
    return (world, try world.machine().run(message), address)
  }

  @Test("addresses of contracts are those of the main chain and of EIP-1014")
  func addresses() throws {
    let creator = try #require(Address(hexadecimal: "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"))
    #expect(
      Address.contract(createdBy: creator, nonce: 0).hexadecimal
        == "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d")
    #expect(
      Address.contract(createdBy: creator, nonce: 1).hexadecimal
        == "0x343c43a37d37dff08ae8c4a11544c718abb4fcf8")
    let zero = Address.contract(
      createdBy: .zero, salt: 0, initCodeHash: Keccak256.hash([0x00] as Bytes))
    #expect(zero.hexadecimal == "0x4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38")
  }

  @Test("a creation stores its code, pays for it, and starts at nonce 1 from EIP-158 on")
  func creation() throws {
    for fork in [Fork.frontier, .spuriousDragon, .osaka] {
      let (world, result, address) = try deploy(deploying([1, 2, 3]), fork)
      #expect(result.status == .success)
      #expect(result.createdAddress == address)
      #expect(try world.journal.code(address) == [1, 2, 3])
      #expect(try world.journal.nonce(address) == (fork == .frontier ? 0 : 1))
      #expect(try world.journal.balance(address) == 5)
      #expect(world.journal.isCreated(address))
      let change = world.journal.diff().accounts.first { $0.address == address }
      #expect(change?.newCode == [1, 2, 3])
    }
  }

  @Test("code too large, code that begins with 0xEF, and code not paid for are refused")
  func refusedCode() throws {
    #expect(
      try deploy(deploying(Bytes(repeating: 0, count: 24_577))).1.status
        == .halt(.codeSizeExceeded))
    #expect(try deploy(deploying(Bytes(repeating: 0, count: 24_576))).1.status == .success)
    #expect(try deploy(deploying([0xef])).1.status == .halt(.invalidCode))
    #expect(try deploy(deploying([0xef]), .berlin).1.status == .success)
    let poor = try deploy(deploying([1, 2, 3]), .homestead, gas: 500)
    #expect(poor.1.status == .halt(.codeStoreOutOfGas))
    #expect(poor.1.createdAddress == nil)
    let frontier = try deploy(deploying([1, 2, 3]), .frontier, gas: 500)
    #expect(frontier.1.status == .success)
    #expect(try frontier.0.journal.code(frontier.2).isEmpty)
    #expect(frontier.1.gasLeft > 400)
  }

  @Test("a creation where somebody is already takes the gas and changes nothing")
  func collisions() throws {
    let address = Address.contract(createdBy: World.sender, nonce: 1)
    for occupied in 0..<3 {
      let world = World()
      world.state.add(
        address, nonce: occupied == 0 ? 1 : 0, code: occupied == 1 ? [1] : [],
        storage: occupied == 2 ? [1: 1] : [:])
      let message = Message.creation(
        from: World.sender, at: address, initCode: [], gasLimit: 1000)
      let result = try world.machine().run(message)
      #expect(result.status == .halt(.addressCollision))
      #expect(result.gasLeft == 0)
    }
    let funded = World()
    funded.state.add(address, balance: 7)
    let message = Message.creation(
      from: World.sender, at: address, value: 5, initCode: [], gasLimit: 1000)
    #expect(try funded.machine().run(message).status == .success)
    #expect(try funded.journal.balance(address) == 12)
  }

  @Test("CREATE and CREATE2 put the address on the stack and raise the creator's nonce")
  func inside() throws {
    let initCode = deploying([0x00])
    let place = store(initCode)
    let size = UInt256(initCode.count)
    let plain = World(.osaka, (place + push(size) + push(0) + push(0) + .create).returningTop)
    #expect(
      UInt256(bigEndian: try plain.call().output)
        == UInt256(Address.contract(createdBy: World.contract, nonce: 1)))
    #expect(try plain.journal.nonce(World.contract) == 2)
    let salted = push(77) + push(size) + push(0) + push(0) + .create2
    let expected = Address.contract(
      createdBy: World.contract, salt: 77, initCodeHash: Keccak256.hash(initCode))
    #expect(try word(place + salted) == UInt256(expected))
    // The second time there is a contract already.
    #expect(try word(place + salted + .pop + salted) == 0)
  }

  @Test("init code costs by the word and has a largest size from Shanghai on")
  func initCodeLimits() throws {
    let tooLarge = push(49_153) + push(0) + push(0) + .create
    #expect(try outcome(tooLarge, .shanghai).status == .halt(.initCodeSizeExceeded))
    #expect(try outcome(tooLarge, .paris).status == .success)
    let words = push(64) + push(0) + push(0) + .create
    #expect(
      try outcome(words, .shanghai).used - outcome(words, .paris).used == 4)
  }

  @Test("the output of a reverted creation is return data, that of a good one is not")
  func returnData() throws {
    let reverting = store((push(0) + push(0) + .mstore + push(7) + push(0) + .revert).bytes)
    let create = push(32) + push(0) + push(0) + .create + .pop + .returndatasize
    #expect(try word(reverting + create) == 7)
    let initCode = deploying([0x00])
    let succeeding = push(UInt256(initCode.count)) + push(0) + push(0) + .create
    #expect(try word(store(initCode) + succeeding + .pop + .returndatasize) == 0)
  }
}

@Suite struct SelfDestructTests {
  private func destroyed(
    _ fork: Fork, _ beneficiary: Address = World.beneficiary
  ) throws -> (World, MessageResult) {
    let world = World(fork, push(beneficiary) + .selfdestruct)
    let result = try world.call()
    #expect(result.status == .success)
    return (world, result)
  }

  @Test("a contract that destroys itself is gone at the end, until Cancun")
  func removal() throws {
    for fork in [Fork.frontier, .london, .shanghai] {
      let (world, result) = try destroyed(fork)
      #expect(result.refund == (fork < .london ? 24_000 : 0))
      #expect(world.journal.destroyed == [World.contract])
      #expect(try world.journal.account(World.contract) != nil)
      _ = world.journal.endTransaction()
      #expect(try world.journal.account(World.contract) == nil)
      #expect(try world.journal.balance(World.beneficiary) == 500)
      let diff = world.journal.diff()
      #expect(diff.accounts.contains(AccountChange(address: World.contract, account: nil)))
    }
    let (world, _) = try destroyed(.cancun)
    _ = world.journal.endTransaction()
    #expect(try world.journal.account(World.contract)?.balance == 0)
    #expect(try world.journal.balance(World.beneficiary) == 500)
  }

  @Test("a contract that names itself burns its balance, unless it stays")
  func ownBeneficiary() throws {
    let (old, _) = try destroyed(.shanghai, World.contract)
    #expect(try old.journal.balance(World.contract) == 0)
    let (new, _) = try destroyed(.cancun, World.contract)
    #expect(try new.journal.balance(World.contract) == 500)
  }

  @Test("from Cancun on only what was created in the same transaction is removed")
  func createdTogether() throws {
    let world = World(.cancun)
    let address = Address.contract(createdBy: World.sender, nonce: 1)
    let initCode = push(World.beneficiary) + .selfdestruct
    let message = Message.creation(
      from: World.sender, at: address, value: 5, initCode: initCode.bytes, gasLimit: 100_000)
    #expect(try world.machine().run(message).status == .success)
    _ = world.journal.endTransaction()
    #expect(try world.journal.account(address) == nil)
    #expect(try world.journal.balance(World.beneficiary) == 5)
  }

  @Test("giving away costs more if the beneficiary is cold or not there")
  func prices() throws {
    #expect(try outcome(push(World.beneficiary) + .selfdestruct, .homestead).used == 3)
    let dragon = try outcome(push(World.beneficiary) + .selfdestruct, .spuriousDragon)
    #expect(dragon.used == 3 + 5000 + 25_000)
    let osaka = try outcome(push(World.beneficiary) + .selfdestruct, .osaka)
    #expect(osaka.used == 3 + 5000 + 2600 + 25_000)
    #expect(try outcome(push(World.sender) + .selfdestruct, .osaka).used == 3 + 5000 + 2600)
  }

  @Test("a destroyed contract's storage does not come back with its address")
  func storageIsGone() throws {
    let world = World(.shanghai)
    let program = push(World.beneficiary) + .selfdestruct
    world.state.add(World.contract, nonce: 1, code: program.bytes, storage: [1: 9, 2: 8])
    #expect(try world.journal.storage(World.contract, 1) == 9)
    _ = try world.call()
    _ = world.journal.endTransaction()
    world.journal.beginTransaction()
    try world.journal.setBalance(1, of: World.contract)
    #expect(try world.journal.storage(World.contract, 1) == 0)
    #expect(try world.journal.storage(World.contract, 2) == 0)
    try world.journal.setStorage(World.contract, 3, 4)
    let change = try #require(
      world.journal.diff().accounts.first { $0.address == World.contract })
    #expect(change.storageCleared)
    #expect(change.storage == [AccountChange.Slot(slot: 3, value: 4)])
  }
}
