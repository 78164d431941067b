import Cryptography
import Derivation
import EVM
import Execution
import FaultProof
import NativeCryptography
import Primitives
import Trie

/// A small rollup whose blocks are executed, and everything that a proof may ask for.
struct TestRollup {
  let batcher: PrivateKey
  let users: [PrivateKey]
  let configuration: RollupConfiguration
  private(set) var l1: [L1Block] = []
  private(set) var l2: [Block] = []
  private(set) var states: [State] = []
  private(set) var heads: [L2Head] = []
  private var nonces: [UInt64] = [0, 0]
  private var batcherNonce: UInt64 = 0
  /// L1's state, the same after each block; nil where nothing is read of it.
  private let l1State: State?

  static let inbox = Address(0xff00_0000_0000_0000, 0, 0x42)
  static let portal = Address(0x1111_0000_0000_0000, 0, 0x01)

  init(
    batcher: PrivateKey, users: [PrivateKey], altDA: AltDAConfiguration? = nil,
    l1State: State? = nil
  ) {
    self.batcher = batcher
    self.l1State = l1State
    self.users = users
    let schedule = RollupSchedule.all(upTo: .isthmus)
    var genesis = Genesis(specification: ChainSpecification(chainID: 901, rollup: schedule))
    genesis.timestamp = 1_700_000_000
    genesis.gasLimit = 30_000_000
    genesis.baseFee = 7
    genesis.alloc = users.map { user in
      (user.address, GenesisAccount(balance: 1_000_000_000_000_000_000))
    }
    genesis.alloc.append(
      (Predeploys.messagePasser, GenesisAccount(nonce: 1, storage: [(slot: 3, value: 4)])))
    let block = genesis.block()
    let first = TestRollup.l1Block(parent: nil, l1State, [], [])
    configuration = RollupConfiguration(
      genesis: RollupGenesis(
        l1: first.reference.identifier,
        l2: BlockIdentifier(hash: block.hash, number: 0), l2Time: genesis.timestamp,
        systemConfiguration: SystemConfiguration(
          batcher: batcher.address,
          scalar: SystemConfiguration.ecotoneScalar(baseFeeScalar: 1, blobBaseFeeScalar: 2),
          gasLimit: 30_000_000)),
      sequencingWindowSize: 6, l1ChainID: 900, l2ChainID: 901, schedule: schedule, deltaTime: 0,
      batchInbox: Self.inbox, depositContract: Self.portal,
      systemConfigurationContract: Address(0, 0, 2), altDA: altDA)
    l1 = [first]
    l2 = [block]
    states = [genesis.state()]
    heads = [L2Head(genesisOf: configuration)]
  }

  private static func l1Block(
    parent: L1Block?, _ state: State?, _ transactions: [Transaction], _ receipts: [Receipt]
  ) -> L1Block {
    let number = parent.map { $0.header.number + 1 } ?? 10
    var header = BlockHeader(
      parentHash: parent?.hash ?? .zero, feeRecipient: .zero, number: number,
      gasLimit: 30_000_000, timestamp: 1_700_000_000 + 12 * (number - 10))
    header.baseFee = 1000
    if let state { header.stateRoot = state.root }
    header.withdrawalsRoot = .zero
    header.blobGasUsed = 0
    header.excessBlobGas = 0
    header.parentBeaconBlockRoot = .zero
    header.transactionsRoot = Block.transactionsRoot(transactions)
    header.receiptsRoot = Block.receiptsRoot(receipts)
    return L1Block(header: header, transactions: transactions, receipts: receipts)
  }

  mutating func sealL1(_ transactions: [Transaction] = [], deposits: [UInt64] = []) {
    let receipts = deposits.map { value in
      let opaque =
        UInt256(value).bigEndianBytes + UInt256(value).bigEndianBytes
        + UInt256(UInt64(100_000)).bigEndianBytes[24...] + [0]
      return Receipt(
        kind: .dynamicFee, outcome: .status(true), cumulativeGasUsed: 1,
        logs: [
          Log(
            address: Self.portal,
            topics: [
              Transaction.depositEvent, Hash(UInt256(UInt64(0xabc))),
              Hash(UInt256(UInt64(0xdef))), .zero,
            ], data: ABI.encode([.bytes(opaque)]))
        ])
    }
    l1.append(Self.l1Block(parent: l1.last, l1State, transactions, receipts))
  }

  /// A payment of a user's.
  mutating func payment(_ value: UInt64, by index: Int) -> Transaction {
    defer { nonces[index] += 1 }
    let transaction = Transaction(
      to: Address(0, 0, 0x77), chainID: 901, nonce: nonces[index], maxFeePerGas: 100,
      maxPriorityFeePerGas: 1, gasLimit: 30_000, value: UInt256(value))
    return transaction.signed(with: users[index].sign(transaction.signingHash))
  }

  /// The output of another block in place of `number`: well executed, but of these transactions.
  func alternative(
    to number: Int, _ change: (inout [Transaction]) -> Void
  ) throws -> Hash? {
    let header = l2[number].header
    var transactions = l2[number].transactions
    change(&transactions)
    let attributes = PayloadAttributes(
      inputs: BlockInputs(
        timestamp: header.timestamp, feeRecipient: header.feeRecipient,
        prevRandao: header.prevRandao, gasLimit: header.gasLimit, extraData: header.extraData,
        parentBeaconBlockRoot: header.parentBeaconBlockRoot ?? .zero),
      hasBeaconRoot: true, transactions: transactions.map(\.encoded), excludesPool: true)
    let result = try executePayload(
      attributes, specification: configuration.specification, parent: l2[number - 1].header,
      state: states[number - 1],
      ancestorHashes: RecentHashes(first: 0, hashes: l2.prefix(number).map(\.hash)),
      provider: NativeCryptographyProvider.shared)
    guard case .valid(let outcome) = result else { return nil }
    return Self.output(of: outcome.block, outcome.state).hash
  }

  /// A batcher transaction with blobs of these names.
  mutating func post(blobs hashes: [Hash]) -> Transaction {
    defer { batcherNonce += 1 }
    var transaction = Transaction(
      to: Self.inbox, chainID: 900, nonce: batcherNonce, maxFeePerGas: 1,
      maxPriorityFeePerGas: 1, gasLimit: 100_000)
    transaction.kind = .blob
    transaction.maxFeePerBlobGas = 1
    transaction.blobHashes = hashes
    return transaction.signed(with: batcher.sign(transaction.signingHash))
  }

  /// A batcher transaction.
  mutating func post(_ data: Bytes) -> Transaction {
    defer { batcherNonce += 1 }
    let transaction = Transaction(
      to: Self.inbox, chainID: 900, nonce: batcherNonce, maxFeePerGas: 1,
      maxPriorityFeePerGas: 1, gasLimit: 100_000, data: data)
    return transaction.signed(with: batcher.sign(transaction.signingHash))
  }

  /// The next block's attributes with these transactions.
  func attributes(_ transactions: [Transaction]) throws -> (PayloadAttributes, L1Epoch) {
    let head = heads[heads.count - 1]
    let time = head.reference.timestamp + 2
    let number = head.reference.l1Origin.number
    var origin = l1[Int(number - 10)]
    if Int(number - 10) + 1 < l1.count, l1[Int(number - 10) + 1].header.timestamp <= time {
      origin = l1[Int(number - 10) + 1]
    }
    let epoch = try L1Epoch(origin, configuration: configuration)
    return (
      try configuration.payloadAttributes(
        parent: head, epoch: epoch, transactions: transactions.map(\.encoded)), epoch
    )
  }

  /// The block that attributes make on top of the chain.
  func execute(_ attributes: PayloadAttributes) throws -> BlockOutcome? {
    let result = try executePayload(
      attributes, specification: configuration.specification, parent: l2[l2.count - 1].header,
      state: states[states.count - 1],
      ancestorHashes: RecentHashes(first: 0, hashes: l2.map(\.hash)),
      provider: NativeCryptographyProvider.shared)
    guard case .valid(let outcome) = result else { return nil }
    return outcome
  }

  /// Makes the next block, and its batch.
  mutating func build(_ transactions: [Transaction]) throws -> SingularBatch? {
    let (attributes, epoch) = try attributes(transactions)
    guard let outcome = try execute(attributes) else { return nil }
    let parent = heads[heads.count - 1].reference
    l2.append(outcome.block)
    states.append(outcome.state)
    heads.append(try L2Head(outcome.block, configuration: configuration))
    return SingularBatch(
      parentHash: parent.hash, epochNumber: epoch.reference.number,
      epochHash: epoch.reference.hash, timestamp: attributes.inputs.timestamp,
      transactions: transactions.map(\.encoded))
  }

  /// The output of the block `number`.
  func output(_ number: Int) -> OutputRoot { Self.output(of: l2[number], states[number]) }

  static func output(of block: Block, _ state: State) -> OutputRoot {
    OutputRoot(
      stateRoot: block.header.stateRoot,
      messagePasserStorageRoot: (try? state.storageTrie(Predeploys.messagePasser).root) ?? .zero,
      blockHash: block.hash)
  }

  /// Everything there is, as preimages.
  func everything(extra: [Bytes] = []) -> PreimageSet {
    var set = PreimageSet()
    func insert(_ items: [Bytes]) {
      MerklePatriciaTrie.ordered(items).visitNodes { _, encoding in
        set.insert(encoding)
        return true
      }
    }
    set.insert(configuration.encoded)
    l1State?.visitNodes { _, encoding in
      set.insert(encoding)
      return true
    }
    for block in l1 {
      set.insert(block.header.encoded)
      insert(block.transactions.map(\.encoded))
      insert(block.receipts.map(\.consensusForm))
    }
    for (index, block) in l2.enumerated() {
      set.insert(block.header.encoded)
      insert(block.transactions.map(\.encoded))
      let output = output(index)
      set.insert(
        Hash.zero.bytes + output.stateRoot.bytes + output.messagePasserStorageRoot.bytes
          + output.blockHash.bytes)
      states[index].visitNodes { _, encoding in
        set.insert(encoding)
        return true
      }
    }
    for bytes in extra { set.insert(bytes) }
    return set
  }

  /// What a dispute about `claim` for the block `number` starts from.
  func inputs(agreed: Int, claim: Hash, number: Int) -> BootInputs {
    BootInputs(
      l1Head: l1[l1.count - 1].hash, agreedOutputRoot: output(agreed).hash,
      claimedOutputRoot: claim, claimedBlockNumber: UInt64(number),
      configurationHash: Keccak256.hash(configuration.encoded))
  }
}

/// A zlib stream that stores its content, which is short, as it is.
func storedZlib(_ content: Bytes) -> Bytes {
  let size = content.count
  var stream: Bytes = [0x78, 0x01, 1]
  stream += [UInt8(size & 255), UInt8(size >> 8), UInt8(~size & 255), UInt8(~size >> 8 & 255)]
  var low: UInt32 = 1
  var high: UInt32 = 0
  for byte in content {
    low = (low + UInt32(byte)) % 65_521
    high = (high + low) % 65_521
  }
  stream += content
  for shift in [24, 16, 8, 0] { stream.append(UInt8((high << 16 | low) >> UInt32(shift) & 255)) }
  return stream
}
