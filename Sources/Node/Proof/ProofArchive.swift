import Blobs
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
  /// The rollup's configuration.
  public let configuration: RollupConfiguration
  private let chains: ArchivedChains
  private let store: ContentStore
  private let points: PayloadPoints

  /// An archive of chains that a replay gave.
  init(_ chains: ArchivedChains, configuration: RollupConfiguration, store: ContentStore) {
    self.chains = chains
    self.configuration = configuration
    self.store = store
    points = .development
  }

  /// Replays a directory's log.
  ///
  /// `points` are those of the DA layer, if there is one.
  ///
  /// - Throws: ``NodeError`` when the log cannot be read or replayed, or holds no rollup.
  public init(
    directory: DataDirectory, points: PayloadPoints = .development,
    progress: (ReplayProgress) -> Void = { _ in }
  ) throws(NodeError) {
    guard directory.holdsLog else { throw .noLog(path: directory.path) }
    store = ContentStore(reading: directory.content)
    self.points = points
    var chains = ArchivedChains()
    var failure: NodeError?
    var configuration: RollupConfiguration?
    do throws(EventLogError) {
      let log = try EventLog(path: directory.log, mode: .readOnly)
      var replay = Replay(lastSequence: log.count, content: store)
      var cursor = try log.rows()
      while let row = try cursor.nextRow() {
        do throws(NodeError) {
          let (event, consequences) = try replay.apply(row)
          chains.take(event, consequences)
        } catch {
          failure = error
          break
        }
        if row.sequence % 256 == 0 { progress(replay.progress) }
      }
      configuration = replay.world.rollup?.configuration
    } catch {
      throw .log("\(error)")
    }
    if let failure { throw failure }
    guard let configuration else {
      throw .refused("\(directory.path) holds no rollup: there is nothing to prove")
    }
    self.configuration = configuration
    self.chains = chains
  }

  /// The latest block's number of a layer.
  public func headNumber(_ layer: Layer) -> UInt64? { chains.hashes[layer]?.keys.max() }

  /// The hash of a layer's block.
  public func hash(_ layer: Layer, _ number: UInt64) -> Hash? { chains.hash(layer, number) }

  /// The output of an L2 block; nil for one that is not there.
  public func output(_ number: UInt64) -> OutputRoot? {
    guard let hash = hash(.two, number), let block = chains.blocks[hash] else { return nil }
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
      if let block = chains.blocks[hash] { set.insert(block.header.encoded) }
    case .l1Transactions(let hash), .l2Transactions(let hash):
      if let block = chains.blocks[hash] { insertTrie(block.encodedTransactions, into: &set) }
    case .l1Receipts(let hash):
      if let block = chains.blocks[hash] { insertTrie(block.encodedReceipts, into: &set) }
    case .l1State(let hash):
      if let state = chains.blocks[hash]?.state { insertState(state, into: &set) }
      if let witness = content(L1Witness.name(ofBlock: hash)).flatMap({ L1Witness(content: $0) }) {
        for part in witness.parts { set.insert(part) }
      }
    case .l1Code(let hash): insertCode(hash, .one, into: &set)
    case .l2Output(let root): insertOutput(root, into: &set)
    case .l2StateNode: break
    case .l2Code(let hash): insertCode(hash, .two, into: &set)
    case .l1Blob(let versionedHash, _, _): insertBlob(versionedHash, into: &set)
    case .l2Input(let commitment): insertInput(commitment, into: &set)
    case .configuration: set.insert(configuration.encoded)
    }
  }

  private func insertOutput(_ root: Hash, into set: inout PreimageSet) {
    for number in chains.hashes[.two, default: [:]].keys {
      guard let output = output(number), output.hash == root else { continue }
      set.insert(
        Hash.zero.bytes + output.stateRoot.bytes + output.messagePasserStorageRoot.bytes
          + output.blockHash.bytes)
      // Blocks are executed on top of this one: its state is asked for node by node.
      if let state = chains.blocks[output.blockHash]?.state { insertState(state, into: &set) }
      return
    }
  }

  /// Puts in what is not there yet: below a node that is, all is.
  private func insertState(_ state: State, into set: inout PreimageSet) {
    state.visitNodes { hash, encoding in
      let key = PreimageKey.keccak256(hash)
      guard set[key] == nil else { return false }
      set[key] = encoding
      return true
    }
  }

  private func insertCode(_ hash: Hash, _ layer: Layer, into set: inout PreimageSet) {
    for block in chains.hashes[layer, default: [:]].values {
      guard let code = try? chains.blocks[block]?.state?.code(hash) else { continue }
      set.insert(code)
      return
    }
  }

  private func insertTrie(_ items: [Bytes], into set: inout PreimageSet) {
    MerklePatriciaTrie.ordered(items).visitNodes { hash, encoding in
      set[.keccak256(hash)] = encoding
      return true
    }
  }

  private func content(_ name: Hash) -> Bytes? {
    chains.contents[name].flatMap { store.content(of: $0) }
  }

  private func insertBlob(_ versionedHash: Hash, into set: inout PreimageSet) {
    guard let bytes = content(versionedHash), let sidecar = BlobSidecar(content: bytes) else {
      return
    }
    set[.sha256(SHA256.hash(sidecar.commitment))] = sidecar.commitment
    for (index, key) in PreimageKey.blobElements(of: sidecar.commitment).enumerated() {
      set[key] = Bytes(sidecar.blob[32 * index..<32 * (index + 1)])
    }
    set.insert(
      PreimageSet.BlobProof(commitment: sidecar.commitment, proof: sidecar.proof))
  }

  /// Data behind a Keccak-256, or a DA layer's payload with an opening of its commitment.
  private func insertInput(_ encoded: Bytes, into set: inout PreimageSet) {
    guard let commitment = try? AltDACommitment.decode(encoded[...]) else { return }
    guard case .generic = commitment else {
      if let data = content(commitment.contentName) { set.insert(data) }
      return
    }
    guard let certificate = try? Certificate(genericCommitment: encoded[...]),
      let length = Int(exactly: certificate.commitment.length),
      let payload = encodedPayload(of: commitment, elementCount: length),
      let powers = points.first(length),
      let proof = PayloadProof.make(
        encodedPayload: payload, commitment: certificate.commitment.commitment, powers1: powers)
    else { return }
    set[.generic(Keccak256.hash(encoded))] = PayloadPreimage.bytes(
      proof: proof, encodedPayload: payload)
  }

  /// The encoded payload of a certificate: of the payload, or as it came where it is none.
  private func encodedPayload(of commitment: AltDACommitment, elementCount: Int) -> Bytes? {
    if let data = content(commitment.contentName) {
      return PayloadCodec.encode(data, elementCount: elementCount)
    }
    return content(ContentReference.encodedPayloadName(of: commitment))
  }
}
