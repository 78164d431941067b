import Cryptography
import EVM
import Execution
import Ledger
import NativeCryptography
import Primitives
import Testing

/// What a development chain's operator asks for is in the log: a restart knows it again.
@Suite struct OperatorTests {
  private static let someone = Address(UInt256(0x50de))

  private func snapshot(_ driver: inout Driver) throws -> UInt64 {
    try driver.submit(.ask(OperatorChange(layer: .two, act: .snapshot(number: 0))))
    return try #require(driver.world.layerTwo?.operatorState.lastSnapshot)
  }

  @Test("snapshots and impersonation come back with a replay; going back uses a snapshot up")
  func replay() throws {
    var driver = try Driver()
    #expect(try snapshot(&driver) == 1)
    #expect(try snapshot(&driver) == 2)
    try driver.submit(
      .ask(OperatorChange(layer: .two, act: .impersonate(Self.someone, isOn: true))))
    let again = try #require(try driver.replayed().layerTwo)
    #expect(again.operatorState.impersonates(Self.someone))
    #expect(again.operatorState == driver.world.layerTwo?.operatorState)
    let position = try #require(again.operatorState.snapshots[2])
    try driver.submit(.resetHead(HeadReset(layer: .two, position: position)))
    #expect(driver.world.layerTwo?.operatorState.snapshots.keys.sorted() == [1])
    #expect(try snapshot(&driver) == 3, "numbers are not given twice")
    #expect(try driver.replayed().commitment == driver.world.commitment)
  }

  @Test("a change that changes nothing is no event")
  func idle() throws {
    var driver = try Driver()
    let before = driver.log.count
    try driver.submit(.ask(OperatorChange(layer: .two, act: .setLogging(isOn: true))))
    #expect(driver.log.count == before)
  }

  @Test("a signature that is taken for an account's is so for contracts")
  func trustedSignature() throws {
    var driver = try Driver()
    let signature = Signature(r: 5, s: 6, yParity: true)
    let bytes = signature.r.bigEndianBytes + signature.s.bigEndianBytes + [28]
    try driver.submit(
      .ask(
        OperatorChange(
          layer: .two,
          act: .trustSignature(OperatorState.name(ofSignature: bytes), Self.someone))))
    let chain = try #require(driver.world.layerTwo)
    let provider = chain.provider(NativeCryptographyProvider.shared)
    #expect(provider.recoverAddress(messageHash: .zero, signature: signature) == Self.someone)
    #expect(
      provider.recoverAddress(
        messageHash: .zero, signature: Signature(r: 5, s: 6, yParity: false)) != Self.someone)
  }

  // MARK: Loading

  @Test("a loaded state with blocks goes on from the last of them, and a replay does it again")
  func loading() throws {
    var driver = try Driver()
    try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(nonce: 0)))
    let document = Self.document
    let content = Kept(document.encoded)
    driver.world = try driver.replayed(content)
    try driver.submit(.loadState(.two, document))
    let chain = try #require(driver.world.layerTwo)
    #expect(chain.number == 8)
    #expect(chain.pool.count == 0, "what waited belongs to another chain")
    #expect(try chain.head.state.account(Self.someone)?.nonce == 9)
    #expect(try chain.head.state.storage(Self.someone, 1) == 2)
    #expect(try chain.ancestorHashes.blockHash(7) == document.blocks[0].block.hash)
    #expect(try chain.ancestorHashes.blockHash(1) == .zero)
    try driver.submit(.submitTransaction(.two, encoded: Driver.transfer(nonce: 0)))
    try driver.settle(now: 1_800_000_000)
    #expect(driver.world.layerTwo?.number == 9)
    #expect(driver.world.layerTwo?.head.header.parentHash == document.blocks[1].block.hash)
    #expect(try driver.replayed(content).commitment == driver.world.commitment)
  }

  @Test("a document is its bytes, and cut off it is none")
  func encoding() {
    let bytes = Self.document.encoded
    #expect(StateDocument(encoded: bytes) == Self.document)
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(StateDocument(encoded: Bytes(bytes[..<count])) == nil)
    }
    var gap = Self.document
    gap.blocks.remove(at: 0)
    gap.blocks.append(gap.blocks[0])
    #expect(StateDocument(encoded: gap.encoded) == nil)
    var twice = Self.document
    twice.accounts.append(twice.accounts[0])
    #expect(StateDocument(encoded: twice.encoded) == nil)
  }

  private static let document: StateDocument = {
    let headers = (7...8).map { number in
      var header = BlockHeader(
        parentHash: .zero, feeRecipient: .zero, number: UInt64(number), gasLimit: 30_000_000,
        timestamp: 1_700_000_000 + UInt64(number))
      header.baseFee = 1_000_000_000
      header.withdrawalsRoot = Block.withdrawalsRoot([])
      header.blobGasUsed = 0
      header.excessBlobGas = 0
      header.parentBeaconBlockRoot = .zero
      return header
    }
    return StateDocument(
      accounts: [
        .init(
          address: someone, nonce: 9, balance: 77, code: [0x00],
          slots: [.init(slot: 1, value: 2)])
      ],
      blocks: headers.map {
        .init(
          block: Block(header: $0, transactions: [], withdrawals: []), receipts: [],
          senders: [])
      })
  }()
}

/// A content store with one content.
private final class Kept: ContentSource {
  private let bytes: Bytes
  init(_ bytes: Bytes) { self.bytes = bytes }
  func content(of hash: Hash) -> Bytes? { hash == Keccak256.hash(bytes) ? bytes : nil }
}
