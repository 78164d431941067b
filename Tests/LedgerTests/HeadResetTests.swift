import Cryptography
import EVM
import Execution
import Ledger
import NativeCryptography
import Primitives
import Testing

/// A head that goes back: a reorganisation, or a revert.
@Suite struct HeadResetTests {
  /// Three blocks of one transfer each, and one transfer that waits.
  private func driver() throws -> Driver {
    var driver = try Driver()
    for nonce in UInt64(0)..<3 {
      try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(nonce: nonce)))
      try driver.settle(now: 1_700_000_000 + nonce)
    }
    try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(nonce: 7)))
    return driver
  }

  @Test("a revert gives the chain and the pool that were there, and a replay does too")
  func revert() throws {
    var driver = try driver()
    let then = driver.world
    try driver.submit(
      .submitTransaction(.two, encoded: Driver.transfer(from: 1, nonce: 0, value: 5)))
    try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(nonce: 3)))
    try driver.settle(now: 1_700_000_100)
    try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(from: 2, nonce: 4)))
    #expect(driver.world.layerTwo?.number == 4)
    driver.consequences = []
    try driver.submit(.resetHead(HeadReset(layer: .two, position: then.sequence)))
    #expect(driver.world.componentRoots == then.componentRoots)
    #expect(driver.world.commitment != then.commitment)
    #expect(driver.world.layerTwo?.pool.all == then.layerTwo?.pool.all)
    #expect(try driver.balance(of: Address(UInt256(0xabc))) == 3)
    guard case .reset(.two, number: 3, _) = driver.consequences.first else {
      Issue.record("the head's way back is a consequence")
      return
    }
    try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(nonce: 3)))
    try driver.settle(now: 1_700_000_100)
    #expect(driver.world.layerTwo?.number == 4)
    #expect(try driver.replayed().componentRoots == driver.world.componentRoots)
  }

  @Test("a reorganisation keeps the pool, and takes in what stood in the abandoned blocks")
  func reorganisation() throws {
    var driver = try driver()
    let position = try #require(try driver.world.layerTwo?.position(depth: 2))
    let abandoned = driver.world.layerTwo?.head.hash
    try driver.submit(
      .resetHead(HeadReset(layer: .two, position: position, parts: .chain)))
    #expect(driver.world.layerTwo?.number == 1)
    #expect(driver.world.layerTwo?.pool.all.map(\.transaction.nonce) == [1, 2, 7])
    #expect(try driver.balance(of: Address(UInt256(0xabc))) == 1)
    try driver.settle(now: 1_700_000_200)
    #expect(driver.world.layerTwo?.number == 2)
    #expect(driver.world.layerTwo?.head.hash != abandoned)
    #expect(try driver.balance(of: Address(UInt256(0xabc))) == 3)
    #expect(try driver.replayed().componentRoots == driver.world.componentRoots)
  }

  @Test("resets in turn, with and without the pool, lead to where each says")
  func inTurn() throws {
    var driver = try Driver()
    var worlds: [UInt64: World] = [:]
    var open: [UInt64] = []
    var nonces: [UInt32: UInt64] = [:]
    for step in UInt64(1)...60 {
      let sender = UInt32(step * 7 % 11 % 4)
      let account = try driver.world.layerTwo?.head.state.account(Development.key(sender).address)
      nonces[sender] = driver.world.layerTwo?.pool.nextNonce(
        sender: Development.key(sender).address, from: account?.nonce ?? 0)
      try driver.submit(
        .submitTransaction(
          .two, encoded: Driver.transfer(from: sender, nonce: nonces[sender] ?? 0)))
      if step % 3 == 0 { try driver.settle(now: 1_700_000_000 + step) }
      if step % 7 == 0 {
        open.append(driver.world.sequence)
        worlds[driver.world.sequence] = driver.world
      }
      if step % 13 == 0, let position = open.popLast() {
        try driver.submit(.resetHead(HeadReset(layer: .two, position: position)))
        #expect(driver.world.componentRoots == worlds[position]?.componentRoots)
        #expect(driver.world.layerTwo?.pool.all == worlds[position]?.layerTwo?.pool.all)
      }
    }
    #expect(try driver.replayed().componentRoots == driver.world.componentRoots)
  }

  @Test("what has not happened, was abandoned or is forgotten is refused by name")
  func refusals() throws {
    var driver = try driver()
    let last = driver.world.sequence
    try driver.submit(.resetHead(HeadReset(layer: .two, position: 2)))
    let refused: [(UInt64, ResetRefusal)] = [
      (last + 5, .notYet(position: last + 5, last: last + 1)),
      (last - 1, .abandoned(position: last - 1, by: last + 1)),
      (0, .forgotten(position: 0, oldest: 1)),
    ]
    for (position, refusal) in refused {
      #expect(throws: Refusal.reset(refusal)) {
        try driver.submit(.resetHead(HeadReset(layer: .two, position: position)))
      }
      var world = driver.world
      #expect(throws: Misfit.reset(.two, refusal)) {
        try world.apply(.headReset(HeadReset(layer: .two, position: position)))
      }
    }
    #expect(throws: ResetRefusal.tooDeep(depth: 9, number: 0)) {
      try driver.world.layerTwo?.position(depth: 9)
    }
  }

  @Test("a chain goes back as far as its states are at hand, and further to what is remembered")
  func depth() throws {
    var driver = try Driver()
    let someone = Address(UInt256(0x50de))
    func give(_ amount: UInt256) -> Command {
      .editAccounts(
        AccountEdit(layer: .two, changes: [.init(address: someone, balance: amount)]))
    }
    var taken: World?
    for number in UInt64(1)...UInt64(Limits.recentBlockCount * 2 + 10) {
      try driver.submit(
        .sealBlock(
          SealingRequest(
            layer: .two, timestamp: 1_700_000_000 + number, feeRecipient: .zero,
            prevRandao: .zero, allowsEmpty: true)))
      guard number == 300 else { continue }
      var controls = ChainControls()
      controls.gasLimit = 20_000_000
      try driver.submit(.changeControls(ControlChange(layer: .two, controls: controls)))
      try driver.submit(give(7))
      try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(nonce: 9)))
      try driver.submit(.ask(OperatorChange(layer: .two, act: .snapshot(number: 0))))
      taken = driver.world
      try driver.submit(give(8))
      controls.gasLimit = 10_000_000
      try driver.submit(.changeControls(ControlChange(layer: .two, controls: controls)))
    }
    let oldest = try #require(driver.world.layerTwo?.recent.first?.sequence)
    #expect(throws: Refusal.reset(.forgotten(position: 3, oldest: oldest))) {
      try driver.submit(.resetHead(HeadReset(layer: .two, position: 3)))
    }
    let then = try #require(taken)
    let last = driver.world
    try driver.submit(.resetHead(HeadReset(layer: .two, position: oldest)))
    #expect(driver.world.layerTwo?.recent.count == 1)
    driver.world = last
    driver.log.removeLast()
    try driver.submit(.resetHead(HeadReset(layer: .two, position: then.sequence)))
    let chain = try #require(driver.world.layerTwo)
    #expect(chain.head.hash == then.layerTwo?.head.hash)
    #expect(chain.head.state.root == then.layerTwo?.head.state.root)
    #expect(try driver.balance(of: someone) == 7)
    #expect(chain.pool.all == then.layerTwo?.pool.all)
    #expect(chain.controls == then.layerTwo?.controls)
    for number in [UInt64(45), 46, 299, 300] {
      let now = try chain.ancestorHashes.blockHash(number)
      #expect(try now == then.layerTwo?.ancestorHashes.blockHash(number))
    }
    try driver.submit(.resetHead(HeadReset(layer: .two, position: chain.firstPosition)))
    #expect(driver.world.layerTwo?.number == 0)
    #expect(try driver.balance(of: someone) == 0)
    #expect(driver.world.layerTwo?.controls == ChainControls())
    #expect(driver.world.layerTwo?.pool.count == 0)
    try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(nonce: 0)))
    try driver.settle(now: 1_700_000_000)
    #expect(try driver.replayed().commitment == driver.world.commitment)
  }

  @Test("a chain whose blocks use much gas keeps fewer at hand, but all that code may ask for")
  func heavyBlocks() throws {
    var driver = try Driver()
    let gasLimit: UInt64 = 15_000_000
    for nonce in 0..<UInt64(Limits.leastRecentBlockCount + 80) {
      // Code that begins with no instruction uses all that it is given.
      let unsigned = Transaction(
        to: nil, chainID: 31_337, nonce: nonce, maxFeePerGas: 10_000_000_000,
        maxPriorityFeePerGas: 1, gasLimit: gasLimit, data: [0xfe])
      let signed = unsigned.signed(with: Development.key(0).sign(unsigned.signingHash))
      try driver.submit(.submitTransaction(.two, encoded: signed.encoded))
      try driver.settle(now: 1_700_000_000 + nonce)
    }
    let recent = try #require(driver.world.layerTwo?.recent)
    #expect(recent.last?.header.gasUsed == gasLimit)
    #expect(gasLimit * UInt64(Limits.leastRecentBlockCount) > Limits.recentGas)
    #expect(recent.count >= Limits.leastRecentBlockCount)
    #expect(recent.count < Limits.leastRecentBlockCount + 64)
    #expect(driver.world.layerTwo?.ancestorHashes.count == 256)
    #expect(try driver.replayed().layerTwo?.recent.count == recent.count)
  }
}
