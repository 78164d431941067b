import Cryptography
import EVM
import Execution
import Ledger
import NativeCryptography
import Primitives
import Testing

/// Commands, events and what follows from them.
@Suite struct WorldTests {
  @Test("the development chain starts with both layers and the test accounts' money")
  func genesis() throws {
    let driver = try Driver()
    #expect(driver.world.sequence == 1)
    #expect(driver.world.layerOne?.number == 0)
    #expect(driver.world.layerTwo?.specification.chainID == 31337)
    let money = try driver.balance(of: Development.key(0).address)
    #expect(money == UInt256(10_000) * UInt256(1_000_000_000_000_000_000))
  }

  @Test("a transfer is accepted, sealed and paid, and leaves the pool")
  func transfer() throws {
    var driver = try Driver()
    try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(nonce: 0)))
    #expect(driver.world.layerTwo?.pool.count == 1)
    try driver.settle(now: 1_700_000_000)
    #expect(driver.world.layerTwo?.pool.count == 0)
    #expect(driver.world.layerTwo?.number == 1)
    #expect(driver.world.layerTwo?.head.header.timestamp == 1_700_000_000)
    #expect(try driver.balance(of: Address(UInt256(0xabc))) == 1)
  }

  @Test("a replay arrives at every commitment, with blocks executed anew")
  func replay() throws {
    var driver = try Driver()
    for nonce in 0..<20 as Range<UInt64> {
      let sender = UInt32(nonce % 3)
      try driver.submit(
        .submitTransaction(.two, encoded: Driver.transfer(from: sender, nonce: nonce / 3)))
      if nonce % 4 == 3 { try driver.settle(now: 1_700_000_000 + nonce) }
    }
    try driver.settle(now: 1_700_001_000)
    var again = World(provider: NativeCryptographyProvider.shared)
    for (event, commitment) in driver.log {
      let read = try Event.decode(kind: event.kind.rawValue, payload: event.payload)
      #expect(try again.apply(read).commitment == commitment)
    }
    #expect(again.layerTwo?.head.hash == driver.world.layerTwo?.head.hash)
  }

  @Test("a chain of larger contracts takes them, in its pool and in a replay")
  func largeContracts() throws {
    var declaration = try Development.declaration()
    let document = try #require(declaration.documents.firstIndex { $0.layer == .two })
    var json = String(decoding: declaration.documents[document].json, as: UTF8.self)
    json = json.replacing(#""chainId":"#, with: #""contractSizeLimit": 150000, "chainId":"#)
    declaration.documents[document].json = Bytes(json.utf8)
    var driver = try Driver(declaration)
    #expect(driver.world.layerTwo?.specification.codeSizeLimit == 150_000)
    // Gives back 100,000 bytes of zeros, and is longer than other pools take.
    let code: Bytes =
      [0x62, 0x01, 0x86, 0xa0, 0x60, 0x00, 0xf3] + Bytes(repeating: 0, count: 150_000)
    let key = Development.key(0)
    let unsigned = Transaction(
      to: nil, chainID: 31_337, nonce: 0, maxFeePerGas: 10_000_000_000, maxPriorityFeePerGas: 1,
      gasLimit: 25_000_000, value: 0, data: code)
    let deployment = unsigned.signed(with: key.sign(unsigned.signingHash)).encoded
    #expect(throws: Refusal.self) {
      var other = try Driver()
      try other.submit(.submitTransaction(.two, encoded: deployment))
    }
    try driver.submit(.submitTransaction(.two, encoded: deployment))
    try driver.settle(now: 1_700_000_000)
    let contract = Address.contract(createdBy: key.address, nonce: 0)
    for world in [driver.world, try driver.replayed()] {
      let state = try #require(world.layerTwo?.head.state)
      #expect(
        try state.account(contract)?.codeHash == Keccak256.hash(Bytes(repeating: 0, count: 100_000))
      )
    }
  }

  @Test("a refused command leaves no trace")
  func refusals() throws {
    var driver = try Driver()
    let before = driver.world.commitment
    let hostile: [(Bytes, Refusal)] = [
      ([], .malformedTransaction("typed transaction too short")),
      (
        Driver.transfer(nonce: 0, chainID: 1),
        .transaction(.wrongChainID(expected: 31337, got: 1))
      ),
      (
        Driver.transfer(nonce: 0, gasLimit: 20_999),
        .transaction(.intrinsicGasTooLow(have: 20_999, need: 21_000))
      ),
      (
        Driver.transfer(nonce: 0, maxFee: 5, tip: 1),
        .transaction(
          .feeCapBelowBaseFee(
            sender: Development.key(0).address, cap: 5, baseFee: UInt256(875_000_000)))
      ),
      (
        Bytes(repeating: 0, count: Limits.pooledTransactionSizeInBytes + 1),
        .transactionTooLarge(
          sizeInBytes: Limits.pooledTransactionSizeInBytes + 1,
          limitInBytes: Limits.pooledTransactionSizeInBytes)
      ),
    ]
    for (encoded, refusal) in hostile {
      #expect(throws: refusal) {
        try driver.submit(.submitTransaction(.two, encoded: encoded))
      }
    }
    #expect(throws: Refusal.genesisAlreadyDeclared) {
      try driver.submit(.declareGenesis(Development.declaration()))
    }
    #expect(driver.world.commitment == before)
    #expect(driver.log.count == 1)
  }

  @Test("a known, a spent and an underpriced nonce are refused, a bumped one replaces")
  func replacement() throws {
    var driver = try Driver()
    let first = Driver.transfer(nonce: 0, maxFee: 10_000_000_000, tip: 100)
    try driver.submit(.submitTransaction(.two, encoded: first))
    #expect(throws: Refusal.alreadyKnown) {
      try driver.submit(.submitTransaction(.two, encoded: first))
    }
    #expect(throws: Refusal.replacementUnderpriced) {
      try driver.submit(
        .submitTransaction(
          .two, encoded: Driver.transfer(nonce: 0, maxFee: 10_999_999_999, tip: 110)))
    }
    try driver.submit(
      .submitTransaction(
        .two, encoded: Driver.transfer(nonce: 0, maxFee: 11_000_000_000, tip: 110)))
    #expect(driver.world.layerTwo?.pool.count == 1)
    try driver.settle(now: 1_700_000_000)
    #expect(throws: Refusal.transaction(.nonceTooLow(expected: 1, got: 0))) {
      try driver.submit(.submitTransaction(.two, encoded: first))
    }
  }

  @Test("what stands behind a gap in nonces waits for the gap to be filled")
  func nonceGap() throws {
    var driver = try Driver()
    try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(nonce: 1)))
    try driver.settle(now: 1_700_000_000)
    #expect(driver.world.layerTwo?.number == 0)
    try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(nonce: 0)))
    try driver.settle(now: 1_700_000_000)
    #expect(driver.world.layerTwo?.pool.count == 0)
    #expect(try driver.balance(of: Address(UInt256(0xabc))) == 2)
  }

  @Test("the best paying comes first, and nobody's nonces are turned round")
  func order() throws {
    var driver = try Driver()
    let tips: [(sender: UInt32, nonce: UInt64, tip: UInt64)] = [
      (0, 0, 5), (0, 1, 500), (1, 0, 50), (2, 0, 1), (1, 1, 50),
    ]
    for (sender, nonce, tip) in tips {
      try driver.submit(
        .submitTransaction(.two, encoded: Driver.transfer(from: sender, nonce: nonce, tip: tip)))
    }
    let ready = driver.world.layerTwo?.readyTransactions() ?? []
    let order = ready.map { pooled -> String in
      let sender = (0..<3).first { Development.key($0).address == pooled.sender } ?? 9
      return "\(sender).\(pooled.transaction.nonce)"
    }
    #expect(order == ["1.0", "1.1", "0.0", "0.1", "2.0"])
  }

  @Test("a transaction may call the pairing precompile")
  func pairing() throws {
    var driver = try Driver()
    let encoded = Driver.transfer(
      nonce: 0, to: Address(UInt256(8)), value: 0, gasLimit: 100_000)
    try driver.submit(.submitTransaction(.two, encoded: encoded))
    try driver.settle(now: 1_700_000_000)
    #expect(driver.world.layerTwo?.number == 1)
    #expect(driver.world.layerTwo?.pool.count == 0)
  }

  @Test("a block's time must be above its parent's")
  func timestamps() throws {
    var driver = try Driver()
    let request = SealingRequest(
      layer: .two, timestamp: 100, feeRecipient: .zero, prevRandao: .zero, allowsEmpty: true)
    try driver.submit(.sealBlock(request))
    #expect(throws: Refusal.timestampNotAboveParent(timestamp: 100, parent: 100)) {
      try driver.submit(.sealBlock(request))
    }
  }

  @Test("an event that the world could not have decided stops the replay")
  func misfits() throws {
    let driver = try Driver()
    let strangers: [(Event, Misfit)] = [
      (
        .blockSealed(
          BlockSealing(
            layer: .two, timestamp: 5, feeRecipient: .zero, prevRandao: .zero, order: [.zero])),
        .transactionNotPooled(.two, .zero)
      ),
      (.genesisDeclared(try Development.declaration()), .genesisOutOfPlace),
      (
        .transactionDropped(TransactionDrop(layer: .one, hash: .zero, reason: "")),
        .transactionNotPooled(.one, .zero)
      ),
    ]
    for (event, misfit) in strangers {
      var world = driver.world
      #expect(throws: misfit) { try world.apply(event) }
    }
    var empty = World(provider: NativeCryptographyProvider.shared)
    #expect(throws: Misfit.genesisOutOfPlace) {
      try empty.apply(.transactionAccepted(TransactionAcceptance(layer: .two, encoded: [])))
    }
  }
}
