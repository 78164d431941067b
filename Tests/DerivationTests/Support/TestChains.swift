import Cryptography
import Derivation
import EVM
import Execution
import NativeCryptography
import Primitives

/// An L1 chain in memory, and what is posted to it.
struct TestL1 {
  private(set) var blocks: [L1Block] = []
  let slotTime: UInt64 = 12
  var batcher: PrivateKey
  private var nonce: UInt64 = 0
  /// Makes blocks of a fork unlike those they replace.
  var salt: UInt64 = 0

  static let inbox = Address(0xff00_0000_0000_0000, 0, 0x42)
  static let portal = Address(0x1111_0000_0000_0000, 0, 0x01)
  static let system = Address(0x1111_0000_0000_0000, 0, 0x02)
  static let genesisTime: UInt64 = 1_700_000_000

  init(batcher: PrivateKey) {
    self.batcher = batcher
    seal()
  }

  var head: L1Block { blocks[blocks.count - 1] }

  /// A batcher transaction with these data.
  mutating func batch(_ data: Bytes, from key: PrivateKey? = nil) -> Transaction {
    defer { nonce += 1 }
    let transaction = Transaction(
      to: Self.inbox, chainID: 900, nonce: nonce, maxFeePerGas: 1, maxPriorityFeePerGas: 1,
      gasLimit: 100_000, data: data)
    return (key ?? batcher).sign(transaction)
  }

  /// A receipt with one deposit's log.
  static func deposit(_ value: UInt64) -> Receipt {
    var opaque = UInt256.zero.bigEndianBytes + UInt256(value).bigEndianBytes
    opaque += UInt256(UInt64(100_000)).bigEndianBytes[24...]
    opaque += [0] + UInt256(value).bigEndianBytes
    let sender = Hash(UInt256(UInt64(0xabc)))
    return Receipt(
      kind: .dynamicFee, outcome: .status(true), cumulativeGasUsed: 1,
      logs: [
        Log(
          address: portal, topics: [Transaction.depositEvent, sender, sender, .zero],
          data: ABI.encode([.bytes(opaque)]))
      ])
  }

  /// A receipt with one change of the system configuration.
  static func update(type: UInt64, _ words: UInt256...) -> Receipt {
    var data: Bytes = []
    for word in words { word.append(to: &data) }
    return Receipt(
      kind: .dynamicFee, outcome: .status(true), cumulativeGasUsed: 1,
      logs: [
        Log(
          address: system,
          topics: [SystemConfigurationUpdate.event, .zero, Hash(UInt256(type))],
          data: ABI.encode([.bytes(data)]))
      ])
  }

  /// Makes the next block.
  mutating func seal(_ transactions: [Transaction] = [], receipts: [Receipt] = []) {
    let parent = blocks.last
    let number = parent.map { $0.header.number + 1 } ?? 100
    var header = BlockHeader(
      parentHash: parent?.hash ?? .zero, feeRecipient: .zero, number: number,
      gasLimit: 30_000_000, timestamp: Self.genesisTime + (number - 100) * slotTime)
    header.baseFee = UInt256(1_000 + number)
    header.excessBlobGas = 0
    header.prevRandao = Keccak256.hash(UInt256(number).bigEndianBytes)
    header.parentBeaconBlockRoot = Hash(UInt256(salt))
    header.transactionsRoot = Block.transactionsRoot(transactions)
    header.receiptsRoot = Block.receiptsRoot(receipts)
    blocks.append(L1Block(header: header, transactions: transactions, receipts: receipts))
  }

  /// Takes the last blocks away; what follows is another chain.
  mutating func reorganize(depth: Int) {
    blocks.removeLast(depth)
    salt += 1
  }

  func block(_ number: UInt64) -> L1Block? { blocks.first { $0.header.number == number } }
}

extension PrivateKey {
  func sign(_ transaction: Transaction) -> Transaction {
    transaction.signed(with: sign(transaction.signingHash))
  }
}

/// The rules of a test rollup.
func testConfiguration(
  _ l1: TestL1, fork: RollupFork = .isthmus, window: UInt64 = 20, holoceneTime: UInt64? = nil
) -> RollupConfiguration {
  let genesis = l1.blocks[0]
  var schedule = RollupSchedule.all(upTo: fork)
  if let holoceneTime { schedule.holoceneTime = holoceneTime }
  return RollupConfiguration(
    genesis: RollupGenesis(
      l1: genesis.reference.identifier,
      l2: BlockIdentifier(hash: Keccak256.hash([7]), number: 0),
      l2Time: genesis.header.timestamp,
      systemConfiguration: SystemConfiguration(
        batcher: l1.batcher.address,
        scalar: SystemConfiguration.ecotoneScalar(baseFeeScalar: 1, blobBaseFeeScalar: 2),
        gasLimit: 30_000_000)),
    blockTime: 2, maximumSequencerDrift: 600, sequencingWindowSize: window,
    channelTimeoutBeforeGranite: 10, l1ChainID: 900, l2ChainID: 901, schedule: schedule,
    deltaTime: 0, batchInbox: TestL1.inbox, depositContract: TestL1.portal,
    systemConfigurationContract: TestL1.system)
}

/// A block made of attributes, as an engine that executes nothing makes it.
func testBlock(_ payload: PayloadAttributes, parent: L2BlockReference) -> Block? {
  var transactions: [Transaction] = []
  for encoded in payload.transactions {
    guard let transaction = try? Transaction.decode(encoded) else { return nil }
    transactions.append(transaction)
  }
  var header = BlockHeader(
    parentHash: parent.hash, feeRecipient: payload.inputs.feeRecipient,
    number: parent.number + 1, gasLimit: payload.inputs.gasLimit,
    timestamp: payload.inputs.timestamp)
  header.prevRandao = payload.inputs.prevRandao
  header.extraData = payload.inputs.extraData
  header.transactionsRoot = Block.transactionsRoot(transactions)
  header.parentBeaconBlockRoot =
    payload.hasBeaconRoot ? payload.inputs.parentBeaconBlockRoot : nil
  return Block(header: header, transactions: transactions, withdrawals: [])
}
