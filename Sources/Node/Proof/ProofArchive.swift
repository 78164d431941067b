import Cryptography
import Derivation
import EVM
import EventLog
import Execution
import FaultProof
import Ledger
import Primitives
import Trie

/// What a data directory's log holds of both chains: enough to run the fault-proof program.
///
/// It is made by replaying the log, so nothing in it is taken on trust.
public final class ProofArchive: ProofHost {
  /// A block of either layer.
  struct ArchivedBlock: Sendable {
    var header: BlockHeader
    var transactions: [Bytes]
    var receipts: [Bytes]
    var state: State?
  }

  /// The rollup's configuration.
  public let configuration: RollupConfiguration
  private let blocks: [Hash: ArchivedBlock]
  /// The hashes of each layer's chain by number.
  private let chains: [Layer: [UInt64: Hash]]
  private let contents: [Hash: Hash]
  private let store: ContentStore

  /// Replays a directory's log.
  ///
  /// - Throws: ``NodeError`` when the log cannot be read or replayed, or holds no rollup.
  public init(
    directory: DataDirectory, progress: (ReplayProgress) -> Void = { _ in }
  ) throws(NodeError) {
    guard directory.holdsLog else { throw .noLog(path: directory.path) }
    store = ContentStore(reading: directory.content)
    var collection = Collection()
    do throws(EventLogError) {
      let log = try EventLog(path: directory.log, mode: .readOnly)
      var replay = Replay(lastSequence: log.count, content: store)
      var cursor = try log.rows()
      while let row = try cursor.nextRow() {
        do throws(NodeError) {
          let (event, consequences) = try replay.apply(row)
          collection.take(event, consequences)
        } catch {
          collection.failure = error
          break
        }
        if row.sequence % 256 == 0 { progress(replay.progress) }
      }
      collection.configuration = replay.world.rollup?.configuration
    } catch {
      throw .log("\(error)")
    }
    if let failure = collection.failure { throw failure }
    guard let configuration = collection.configuration else {
      throw .refused("\(directory.path) holds no rollup: there is nothing to prove")
    }
    self.configuration = configuration
    blocks = collection.blocks
    chains = collection.chains
    contents = collection.contents
  }

  /// The latest block's number of a layer.
  public func headNumber(_ layer: Layer) -> UInt64? { chains[layer]?.keys.max() }

  /// The hash of a layer's block.
  public func hash(_ layer: Layer, _ number: UInt64) -> Hash? { chains[layer]?[number] }

  /// The output of an L2 block; nil for one that is not there.
  public func output(_ number: UInt64) -> OutputRoot? {
    guard let hash = hash(.two, number), let block = blocks[hash] else { return nil }
    if configuration.isActive(.isthmus, at: block.header.timestamp) {
      return OutputRoot(of: block.header, hash: hash)
    }
    guard let root = try? block.state?.storageTrie(Predeploys.messagePasser).root else {
      return nil
    }
    return OutputRoot(
      stateRoot: block.header.stateRoot, messagePasserStorageRoot: root, blockHash: hash)
  }

  /// Puts the preimages that a hint speaks of into a set.
  public func prepare(_ hint: PreimageHint, into set: inout PreimageSet) {
    switch hint {
    case .l1Header(let hash), .l2Header(let hash):
      if let block = blocks[hash] { set.insert(block.header.encoded) }
    case .l1Transactions(let hash), .l2Transactions(let hash):
      if let block = blocks[hash] { insertTrie(block.transactions, into: &set) }
    case .l1Receipts(let hash):
      if let block = blocks[hash] { insertTrie(block.receipts, into: &set) }
    case .l2Output(let root):
      for number in chains[.two, default: [:]].keys {
        guard let output = output(number), output.hash == root else { continue }
        set.insert(
          Hash.zero.bytes + output.stateRoot.bytes + output.messagePasserStorageRoot.bytes
            + output.blockHash.bytes)
        // Blocks are executed on top of this one: its state is asked for node by node.
        blocks[output.blockHash]?.state?.visitNodes { _, encoding in
          set.insert(encoding)
          return true
        }
        return
      }
    case .l2StateNode: break
    case .l2Code(let hash):
      for number in chains[.two, default: [:]].values {
        guard let code = try? blocks[number]?.state?.code(hash) else { continue }
        set.insert(code)
        return
      }
    case .l1Blob(let versionedHash, _, _): insertBlob(versionedHash, into: &set)
    case .l2Input(let commitment):
      guard let commitment = try? AltDACommitment.decode(commitment[...]),
        let data = contents[commitment.contentName].flatMap({ store.content(of: $0) })
      else { return }
      set.insert(data)
    case .configuration: set.insert(configuration.encoded)
    }
  }

  private func insertTrie(_ items: [Bytes], into set: inout PreimageSet) {
    MerklePatriciaTrie.ordered(items).visitNodes { _, encoding in
      set.insert(encoding)
      return true
    }
  }

  private func insertBlob(_ versionedHash: Hash, into set: inout PreimageSet) {
    guard let bytes = contents[versionedHash].flatMap({ store.content(of: $0) }),
      let sidecar = BlobSidecar(content: bytes)
    else { return }
    set[.sha256(SHA256.hash(sidecar.commitment))] = sidecar.commitment
    for (index, key) in PreimageKey.blobElements(of: sidecar.commitment).enumerated() {
      set[key] = Bytes(sidecar.blob[32 * index..<32 * (index + 1)])
    }
    set.insert(
      PreimageSet.BlobProof(commitment: sidecar.commitment, proof: sidecar.proof))
  }
}

/// What a replay gathers.
private struct Collection {
  var blocks: [Hash: ProofArchive.ArchivedBlock] = [:]
  var chains: [Layer: [UInt64: Hash]] = [:]
  var contents: [Hash: Hash] = [:]
  var configuration: RollupConfiguration?
  var failure: NodeError?

  mutating func take(_ event: Event, _ consequences: [Consequence]) {
    switch event {
    case .carrierAccepted(let carrier): add(carrier.content)
    case .outsideL1BlockReceived(let outside):
      add(outside.content)
      add(outside)
    default: break
    }
    for consequence in consequences {
      switch consequence {
      case .started(let layer, let genesis):
        add(layer, genesis.block(), receipts: [], state: genesis.state())
      case .extended(let layer, let outcome):
        add(layer, outcome.block, receipts: outcome.receipts, state: outcome.state)
      case .reset(let layer, let number, _):
        chains[layer]?.keys.filter { $0 > number }.forEach { chains[layer]?[$0] = nil }
      default: break
      }
    }
  }

  /// An L1 block that another node gave: its state is not known, and not needed.
  private mutating func add(_ outside: OutsideL1Block) {
    guard let block = try? Block.decode(outside.encoded) else { return }
    let hash = block.hash
    chains[.one, default: [:]][block.header.number] = hash
    blocks[hash] = ProofArchive.ArchivedBlock(
      header: block.header, transactions: block.transactions.map(\.encoded),
      receipts: outside.receipts, state: nil)
  }

  private mutating func add(_ references: [ContentReference]) {
    for reference in references where contents[reference.name] == nil {
      contents[reference.name] = reference.content
    }
  }

  private mutating func add(_ layer: Layer, _ block: Block, receipts: [Receipt], state: State) {
    let hash = block.hash
    chains[layer, default: [:]][block.header.number] = hash
    blocks[hash] = ProofArchive.ArchivedBlock(
      header: block.header, transactions: block.transactions.map(\.encoded),
      receipts: receipts.map(\.consensusForm), state: layer == .two ? state : nil)
  }
}
