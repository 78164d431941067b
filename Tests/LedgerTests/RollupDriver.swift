import Contracts
import Cryptography
import Derivation
import EVM
import Execution
import Foundation
import JSON
import Ledger
import NativeCryptography
import Primitives
import Synchronization

/// Content that a test holds in memory.
final class MemoryContent: ContentSource {
  private let bytes = Mutex<[Hash: Bytes]>([:])

  func keep(_ content: Bytes) { bytes.withLock { $0[Keccak256.hash(content)] = content } }

  func content(of hash: Hash) -> Bytes? { bytes.withLock { $0[hash] } }
}

/// A rollup with its L1 in one world, without a node: the log, and the services' judgement.
struct RollupDriver {
  static let start: UInt64 = 1_800_000_000

  var world: World
  let content = MemoryContent()
  var log: [(event: Event, commitment: Hash)] = []
  var consequences: [Consequence] = []
  var now = RollupDriver.start
  var batcher: Batcher
  var proposer = Proposer(address: Development.key(15).address)

  /// Every L1 block that ever was, by its hash.
  var l1Blocks: [Hash: OutsideL1Block] = [:]
  let beginning: RollupBeginning

  init(change: (inout RollupDocument) -> Void = { _ in }) throws {
    world = World(provider: NativeCryptographyProvider.shared, content: content)
    batcher = Batcher(address: Development.key(14).address)
    beginning = try RollupBeginning(
      layerOne: try Development.genesis("rollup/l1"),
      layerTwo: try Development.genesis("rollup/l2"),
      rollup: try Development.genesis("rollup/rollup"), at: RollupDriver.start,
      startingRoot: (
        AnchorStateRegistryContract.address, AnchorStateRegistryContract.startingRootSlot
      ),
      change: change)
    try submit(
      .declareGenesis(
        GenesisDeclaration(
          documents: [
            .init(layer: .one, json: beginning.layerOne),
            .init(layer: .two, json: beginning.layerTwo),
          ], settler: Development.key(10).address)))
    try submit(
      .declareRollup(RollupDeclaration(document: beginning.rollup.json.serialized())))
  }

  var rollup: Rollup {
    guard let rollup = world.rollup else { preconditionFailure("a rollup was declared") }
    return rollup
  }

  mutating func submit(_ command: Command) throws {
    let decision = try world.decide(command)
    for (index, event) in decision.events.enumerated() {
      let hint = index == decision.events.count - 1 ? decision.hint : nil
      let application = try world.apply(event, hint: hint)
      log.append((event, application.commitment))
      consequences += application.consequences
      note(application.consequences)
    }
  }

  /// Keeps the L1 blocks for those who follow.
  private mutating func note(_ consequences: [Consequence]) {
    for consequence in consequences {
      switch consequence {
      case .started(.one, let genesis):
        let block = genesis.block()
        l1Blocks[block.hash] = OutsideL1Block(
          encoded: block.encoded, receipts: [], content: [])
      case .extended(.one, let outcome):
        let names = outcome.block.transactions.flatMap { transaction -> [Hash] in
          guard transaction.data.first == AltDACommitment.version,
            let commitment = try? AltDACommitment.decode(transaction.data[1...])
          else { return transaction.blobHashes }
          return transaction.blobHashes + [commitment.contentName]
        }
        l1Blocks[outcome.block.hash] = OutsideL1Block(
          encoded: outcome.block.encoded, receipts: outcome.receipts.map(\.encoded),
          content: names.compactMap { name in
            world.carried[name].map { ContentReference(name: name, content: $0) }
          })
      default: break
      }
    }
  }

  /// The next L1 block, a slot later.
  mutating func sealL1() throws {
    now = max(now, world.layerOne?.head.header.timestamp ?? 0) + 12
    if let command = Sequencer(layer: .one, mode: .everySlot(seconds: 12)).due(world, now: now) {
      try submit(command)
    }
  }

  /// L2's blocks up to the present.
  mutating func sealL2(confirmations: UInt64 = 0) throws {
    let sequencer = Sequencer(
      layer: .two, mode: .interval(seconds: 2), originConfirmations: confirmations)
    while let command = sequencer.due(world, now: now) { try submit(command) }
  }

  /// Posts what the batcher finds due; how many transactions that was.
  @discardableResult
  mutating func post() throws -> Int {
    let postings = batcher.due(world) { bytes, _ in RollupDriver.stored(bytes) }
    for posting in postings {
      if let bytes = posting.content { content.keep(bytes) }
      if !posting.blobs.isEmpty {
        try submit(posting.transaction, with: posting.blobs)
        continue
      }
      let unsigned = posting.transaction
      let signed = unsigned.signed(with: Development.key(14).sign(unsigned.signingHash))
      try submit(
        .submitTransaction(
          .one, encoded: signed.encoded, content: posting.content.map { [$0] } ?? []))
    }
    return postings.count
  }

  /// Posts blobs as a node does that has proved them; nobody here looks at a proof again.
  private mutating func submit(_ transaction: Transaction, with blobs: [Bytes]) throws {
    var sidecars: [BlobSidecar] = []
    for blob in blobs {
      let name = Keccak256.hash(blob).bytes
      guard
        let sidecar = BlobSidecar(
          blob: blob, commitment: name + name.prefix(16), proof: Bytes(repeating: 0, count: 48))
      else { preconditionFailure("a blob has its size") }
      content.keep(sidecar.content)
      sidecars.append(sidecar)
    }
    var unsigned = transaction
    unsigned.blobHashes = sidecars.map(\.versionedHash)
    let signed = unsigned.signed(with: Development.key(14).sign(unsigned.signingHash))
    try submit(
      .postBatch(NetworkTransaction(encoded: signed.encoded, sidecars: sidecars), content: []))
  }

  /// Submits what the proposer finds due.
  mutating func propose() throws {
    for unsigned in proposer.due(world) {
      let signed = unsigned.signed(with: Development.key(15).sign(unsigned.signingHash))
      try submit(.submitTransaction(.one, encoded: signed.encoded))
    }
  }

  /// A zlib stream that compresses nothing.
  static func stored(_ bytes: Bytes) -> Bytes {
    var stream: Bytes = [0x78, 0x01]
    var rest = bytes[...]
    repeat {
      let chunk = rest.prefix(65_535)
      rest = rest.dropFirst(65_535)
      let length = UInt16(chunk.count)
      stream.append(rest.isEmpty ? 1 : 0)
      stream += [UInt8(length & 0xff), UInt8(length >> 8)]
      stream += [UInt8(~length & 0xff), UInt8(~length >> 8)]
      stream += chunk
    } while !rest.isEmpty
    var low: UInt32 = 1
    var high: UInt32 = 0
    for byte in bytes {
      low = (low + UInt32(byte)) % 65_521
      high = (high + low) % 65_521
    }
    for shift in [8, 0] { stream.append(UInt8(high >> UInt32(shift) & 0xff)) }
    for shift in [8, 0] { stream.append(UInt8(low >> UInt32(shift) & 0xff)) }
    return stream
  }

  /// A signed transaction of one of the development accounts on a layer.
  func transaction(
    _ layer: Layer, from index: UInt32 = 0, to: Address? = Address(UInt256(0xabc)),
    value: UInt256 = 1, gasLimit: UInt64 = 21_000, data: Bytes = []
  ) throws -> Transaction {
    let key = Development.key(index)
    guard let chain = world[layer] else { preconditionFailure("both layers are there") }
    let account = try chain.head.state.account(key.address)
    let unsigned = Transaction(
      to: to, chainID: chain.specification.chainID,
      nonce: chain.pool.nextNonce(sender: key.address, from: account?.nonce ?? 0),
      maxFeePerGas: UInt256(20_000_000_000), maxPriorityFeePerGas: 1_000, gasLimit: gasLimit,
      value: value, data: data)
    return unsigned.signed(with: key.sign(unsigned.signingHash))
  }

  mutating func send(
    _ layer: Layer, from index: UInt32 = 0, to: Address? = Address(UInt256(0xabc)),
    value: UInt256 = 1, gasLimit: UInt64 = 21_000, data: Bytes = []
  ) throws {
    let signed = try transaction(
      layer, from: index, to: to, value: value, gasLimit: gasLimit, data: data)
    try submit(.submitTransaction(layer, encoded: signed.encoded))
  }

  /// Asks the portal for a transaction on L2 that brings ether there.
  mutating func deposit(from index: UInt32 = 0, to: Address, value: UInt256) throws {
    try send(
      .one, from: index, to: PortalContract.address, value: value, gasLimit: 1_000_000,
      data: PortalContract.deposit(to: to, value: value, gasLimit: 100_000, data: []))
  }

  func balance(_ layer: Layer, _ address: Address) throws -> UInt256 {
    try world[layer]?.head.state.account(address)?.balance ?? .zero
  }

  /// The world that the log leads to once more.
  func replayed() throws -> World {
    var again = World(provider: NativeCryptographyProvider.shared, content: content)
    for (event, commitment) in log {
      let read = try Event.decode(kind: event.kind.rawValue, payload: event.payload)
      guard try again.apply(read).commitment == commitment else {
        throw Divergence(sequence: again.sequence)
      }
    }
    return again
  }

  struct Divergence: Error { var sequence: UInt64 }
}

/// Somebody who has nothing but L1's blocks, and derives the second layer.
struct RollupFollower {
  var world: World
  var log: [(event: Event, commitment: Hash)] = []

  init(_ driver: RollupDriver) throws {
    world = World(provider: NativeCryptographyProvider.shared, content: driver.content)
    try submit(
      .declareGenesis(
        GenesisDeclaration(
          documents: [.init(layer: .two, json: driver.beginning.layerTwo)],
          settler: Development.key(10).address)))
    try submit(
      .declareRollup(RollupDeclaration(document: driver.beginning.rollup.json.serialized())))
  }

  mutating func submit(_ command: Command) throws {
    let decision = try world.decide(command)
    for event in decision.events {
      log.append((event, try world.apply(event, hint: nil).commitment))
    }
  }

  /// Takes in the L1 blocks that it does not know, from the last common one on.
  mutating func follow(_ driver: RollupDriver) throws {
    guard let l1 = driver.world.layerOne else { return }
    var missing: [OutsideL1Block] = []
    var number = l1.number
    while let block = l1.block(number) {
      if world.rollup?.epoch(number)?.reference.hash == block.hash { break }
      if let found = driver.l1Blocks[block.hash] { missing.append(found) }
      if number == 0 { break }
      number -= 1
    }
    for block in missing.reversed() { try submit(.receiveL1Block(block)) }
  }

  var rollup: Rollup {
    guard let rollup = world.rollup else { preconditionFailure("a rollup was declared") }
    return rollup
  }
}
