import Contracts
import Cryptography
import Derivation
import EVM
import Execution
import Ledger
import NativeCryptography
import Primitives
import Testing

/// Blocks of another sequencer, which a follower takes before L1 says anything of them.
@Suite struct RollupPayloadTests {
  /// The L2 blocks that a driver made, by number; of an abandoned branch the later ones.
  private func blocks(_ driver: RollupDriver) -> [UInt64: Block] {
    var blocks: [UInt64: Block] = [:]
    for case .extended(.two, let outcome) in driver.consequences {
      blocks[outcome.block.header.number] = outcome.block
    }
    return blocks
  }

  /// A rollup of some blocks with deposits and transfers, of which L1 has the first slot's alone,
  /// and a follower that knows all of L1.
  ///
  /// The third is another sequencer that has all but the last slot's L2 blocks.
  private func running() throws -> (
    driver: RollupDriver, follower: RollupFollower, other: RollupDriver
  ) {
    var driver = try RollupDriver()
    var other = driver
    for slot in 0..<3 {
      try driver.deposit(to: Address(UInt256(0xd00d)), value: 7)
      try driver.sealL1()
      other = driver
      try driver.send(.two, value: UInt256(UInt64(slot) + 1))
      try driver.sealL2()
      if slot == 0 { try driver.post() }
    }
    var follower = try RollupFollower(driver)
    try follower.follow(driver)
    return (driver, follower, other)
  }

  @Test("a follower takes them on top of its head, and L1 says the same of them later")
  func ahead() throws {
    var (driver, follower, _) = try running()
    let safe = follower.rollup.safe.reference
    #expect(safe.number == 6)
    let all = blocks(driver)
    for number in 7...18 {
      let block = try #require(all[UInt64(number)])
      try follower.submit(.receivePayload(encoded: block.encoded))
      #expect(follower.rollup.unsafe.reference.hash == block.hash)
    }
    #expect(follower.rollup.unsafe.reference == driver.rollup.unsafe.reference)
    #expect(follower.rollup.safe.reference == safe)
    // What is known already leads to nothing.
    let count = follower.log.count
    for number in [3, 7, 18] {
      try follower.submit(.receivePayload(encoded: try #require(all[UInt64(number)]).encoded))
    }
    #expect(follower.log.count == count)
    try driver.post()
    try driver.sealL1()
    try follower.follow(driver)
    #expect(follower.rollup.safe.reference == driver.rollup.unsafe.reference)
    #expect(follower.world.layerTwo?.head.hash == driver.world.layerTwo?.head.hash)
    #expect(try replayed(follower, driver).commitment == follower.world.commitment)
  }

  /// The world that a follower's log leads to once more.
  private func replayed(_ follower: RollupFollower, _ driver: RollupDriver) throws -> World {
    var world = World(provider: NativeCryptographyProvider.shared, content: driver.content)
    for (event, commitment) in follower.log {
      let read = try Event.decode(kind: event.kind.rawValue, payload: event.payload)
      #expect(try world.apply(read).commitment == commitment)
    }
    return world
  }

  @Test("where L1 says something else, they give way")
  func contradicted() throws {
    var (driver, follower, other) = try running()
    try other.send(.two, value: 999)
    try other.sealL2()
    #expect(other.rollup.unsafe.reference.number == 18)
    #expect(other.rollup.unsafe.reference.hash != driver.rollup.unsafe.reference.hash)
    let (ours, theirs) = (blocks(driver), blocks(other))
    for number in 7...12 {
      try follower.submit(.receivePayload(encoded: try #require(ours[UInt64(number)]).encoded))
    }
    for number in 13...18 {
      try follower.submit(.receivePayload(encoded: try #require(theirs[UInt64(number)]).encoded))
    }
    #expect(follower.rollup.unsafe.reference == other.rollup.unsafe.reference)
    #expect(try balance(follower) == 999 + 1 + 2)
    try driver.post()
    try driver.sealL1()
    try follower.follow(driver)
    #expect(follower.rollup.safe.reference == driver.rollup.unsafe.reference)
    #expect(follower.rollup.unsafe.reference == driver.rollup.unsafe.reference)
    #expect(try balance(follower) == 1 + 2 + 3)
    // The branch that gave way is not taken back.
    let late = try #require(theirs[18])
    #expect(throws: Refusal.self) {
      try follower.submit(.receivePayload(encoded: late.encoded))
    }
    #expect(try replayed(follower, driver).commitment == follower.world.commitment)
  }

  private func balance(_ follower: RollupFollower) throws -> UInt256 {
    try follower.world.layerTwo?.head.state.account(Address(UInt256(0xabc)))?.balance ?? .zero
  }

  /// A block with a change, and with the roots of what it then holds.
  private func changed(_ block: Block, _ change: (inout Block) -> Void) -> Bytes {
    var other = block
    change(&other)
    other.header.transactionsRoot = Block.transactionsRoot(other.transactions)
    return other.encoded
  }

  @Test("none is taken that does not compute, does not follow, or is not what L1 asks for")
  func hostile() throws {
    var follower: RollupFollower
    let driver: RollupDriver
    (driver, follower, _) = try running()
    let all = blocks(driver)
    // The first of the epoch that brought a deposit.
    for number in 7...11 {
      try follower.submit(.receivePayload(encoded: try #require(all[UInt64(number)]).encoded))
    }
    let next = try #require(all[12])
    #expect(next.transactions.count(where: { $0.kind == .deposit }) == 2)
    let count = follower.log.count
    let changes: [(String, (inout Block) -> Void)] = [
      ("state root", { $0.header.stateRoot = .zero }),
      ("receipts root", { $0.header.receiptsRoot = .zero }),
      ("gas used", { $0.header.gasUsed += 1 }),
      ("bloom", { $0.header.bloom = Bloom(checking: Bytes(repeating: 1, count: 256)) ?? Bloom() }),
      ("parent", { $0.header.parentHash = .zero }),
      ("number", { $0.header.number += 1 }),
      ("number below", { $0.header.number -= 9 }),
      ("later", { $0.header.timestamp += 1 }),
      ("a block time later", { $0.header.timestamp += 2 }),
      ("earlier", { $0.header.timestamp -= 2 }),
      ("gas limit", { $0.header.gasLimit += 1 }),
      ("fee recipient", { $0.header.feeRecipient = .zero }),
      ("randomness", { $0.header.prevRandao = Hash(UInt256(1)) }),
      ("base fee", { $0.header.baseFee = 1 }),
      ("extra data", { $0.header.extraData = [] }),
      ("beacon root", { $0.header.parentBeaconBlockRoot = Hash(UInt256(3)) }),
      ("withdrawals root", { $0.header.withdrawalsRoot = .zero }),
      ("requests", { $0.header.requestsHash = .zero }),
      ("blob gas", { $0.header.excessBlobGas = 131_072 }),
      ("nothing", { $0.transactions = [] }),
      ("no attributes", { $0.transactions.removeFirst() }),
      ("no deposit", { $0.transactions.remove(at: 1) }),
      ("a deposit twice", { $0.transactions.insert($0.transactions[1], at: 1) }),
      ("a deposit at the end", { $0.transactions.append($0.transactions[1]) }),
      ("deposits swapped", { $0.transactions.swapAt(0, 1) }),
      (
        "another block's attributes",
        { $0.transactions[0] = all[7]?.transactions[0] ?? $0.transactions[0] }
      ),
      (
        "a withdrawal",
        {
          $0.withdrawals = [
            Withdrawal(index: 0, validatorIndex: 0, address: .zero, amountInGwei: 1)
          ]
        }
      ),
      ("an ommer", { $0.ommers = [$0.header] }),
    ]
    for (name, change) in changes {
      #expect(throws: Refusal.self, "\(name)") {
        try follower.submit(.receivePayload(encoded: changed(next, change)))
      }
    }
    let encoded = next.encoded
    for end in stride(from: 0, to: encoded.count, by: 13) {
      #expect(throws: Refusal.self) {
        try follower.submit(.receivePayload(encoded: Bytes(encoded[..<end])))
      }
    }
    for place in stride(from: 0, to: encoded.count, by: 11) {
      var other = encoded
      other[place] ^= 0x15
      #expect(throws: Refusal.self) { try follower.submit(.receivePayload(encoded: other)) }
    }
    let tooLong = Bytes(repeating: 0, count: Limits.outsideBlockSizeInBytes + 1)
    #expect(throws: Refusal.self) { try follower.submit(.receivePayload(encoded: tooLong)) }
    // One whose parent is yet to come.
    #expect(throws: Refusal.self) {
      try follower.submit(.receivePayload(encoded: try #require(all[14]).encoded))
    }
    #expect(follower.log.count == count)
    try follower.submit(.receivePayload(encoded: encoded))
    #expect(follower.rollup.unsafe.reference.hash == next.hash)
    // An event that no world of ours decided stops a replay, and nothing else.
    var forged = follower.world
    let bad = OutsideBlock(layer: .two, encoded: changed(next) { $0.header.stateRoot = .zero })
    #expect(throws: Misfit.self) { try forged.apply(.outsideBlockReceived(bad)) }
  }

  @Test("one whose L1 origin is yet to come is taken; one that names another L1 is not")
  func unknownOrigin() throws {
    var driver = try RollupDriver()
    var follower = try RollupFollower(driver)
    try follower.follow(driver)
    try driver.sealL1()
    try driver.sealL2()
    let all = blocks(driver)
    for number in 1...6 {
      try follower.submit(.receivePayload(encoded: try #require(all[UInt64(number)]).encoded))
    }
    #expect(follower.rollup.unsafe.reference.l1Origin.number == 1)
    #expect(follower.rollup.l1Head?.number == 0)
    try follower.follow(driver)
    try driver.post()
    try driver.sealL1()
    try follower.follow(driver)
    #expect(follower.rollup.safe.reference == driver.rollup.unsafe.reference)
    // L1 goes another way: what named the abandoned block no longer fits.
    let l1 = try #require(driver.world.layerOne)
    let reset = HeadReset(layer: .one, position: try l1.position(depth: 1), parts: [.chain, .pool])
    try driver.sealL2()
    let abandoned = try #require(blocks(driver)[12])
    try driver.submit(.resetHead(reset))
    try driver.send(.one, value: 3)
    try driver.sealL1()
    try follower.follow(driver)
    let head = follower.rollup.unsafe.reference
    for number in head.number + 1..<12 {
      let block = try #require(blocks(driver)[number])
      try? follower.submit(.receivePayload(encoded: block.encoded))
    }
    #expect(throws: Refusal.self) {
      try follower.submit(.receivePayload(encoded: abandoned.encoded))
    }
  }

  @Test("a sequencer takes them once it is stopped, and goes on from them")
  func stoppedSequencer() throws {
    var driver = try RollupDriver()
    try driver.sealL1()
    var other = driver
    try other.send(.two, value: 5)
    try other.sealL2()
    let all = blocks(other)
    let first = try #require(all[1])
    #expect(throws: Refusal.rollup(.sequencing)) {
      try driver.submit(.receivePayload(encoded: first.encoded))
    }
    try driver.submit(.setSequencing(isActive: false))
    for number in 1...4 {
      try driver.submit(.receivePayload(encoded: try #require(all[UInt64(number)]).encoded))
    }
    try driver.submit(.setSequencing(isActive: true))
    try driver.sealL2()
    #expect(driver.rollup.unsafe.reference.number == 6)
    #expect(driver.rollup.block(4)?.reference.hash == all[4]?.hash)
    #expect(try driver.balance(.two, Address(UInt256(0xabc))) == 5)
    try driver.post()
    try driver.sealL1()
    #expect(driver.rollup.safe.reference == driver.rollup.unsafe.reference)
    var follower = try RollupFollower(driver)
    try follower.follow(driver)
    #expect(follower.rollup.safe.reference == driver.rollup.safe.reference)
    #expect(try driver.replayed().commitment == driver.world.commitment)
  }

  @Test(
    "so far ahead of what L1 says as a sequencer may be, and not farther; never on a plain chain")
  func limits() throws {
    var driver = try RollupDriver()
    var follower = try RollupFollower(driver)
    try follower.follow(driver)
    driver.now += 2 * (Limits.unsafeBlockCount + 5)
    try driver.sealL2()
    let all = blocks(driver)
    #expect(all.count == Int(Limits.unsafeBlockCount))
    for number in 1...Limits.unsafeBlockCount {
      try follower.submit(.receivePayload(encoded: try #require(all[number]).encoded))
    }
    #expect(follower.rollup.unsafe.reference == driver.rollup.unsafe.reference)
    var plain = World(provider: NativeCryptographyProvider.shared)
    let declaration = GenesisDeclaration(
      documents: [.init(layer: .two, json: try Development.genesis("dev"))], settler: .zero)
    for event in try plain.decide(.declareGenesis(declaration)).events {
      _ = try plain.apply(event)
    }
    for command in [Command.receivePayload(encoded: [0xc0]), .resetDerivation] {
      #expect(throws: Refusal.rollup(.none)) { try plain.decide(command) }
    }
  }
}
