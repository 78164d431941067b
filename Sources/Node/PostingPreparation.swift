import Derivation
import Execution
import Ledger
import Pairings
import Primitives
import Synchronization

/// Why a duty could not be made a command.
struct DutyFailure: Error {
  var message: String
}

/// What goes to L1, but for the signature.
struct PreparedPosting: Sendable {
  var transaction: Transaction
  /// What the commitment in it stands for.
  var content: Bytes?
  /// Its blobs, proved.
  var sidecars: [BlobSidecar] = []
}

/// Makes what the batcher finds due ready for L1: compresses it, brings it to a DA layer, or proves
/// its blobs; what goes beside the transactions it keeps.
final class PostingPreparer: Sendable {
  private let content: ContentStore
  private let disperse: (@Sendable (Bytes) -> Bytes?)?
  private let trustedSetupPath: String?
  private let setup = Mutex<KZGSetup?>(nil)

  init(
    content: ContentStore, disperse: (@Sendable (Bytes) -> Bytes?)?, trustedSetupPath: String?
  ) {
    self.content = content
    self.disperse = disperse
    self.trustedSetupPath = trustedSetupPath
  }

  /// What is due in a world; it may take its time.
  func prepare(_ batcher: Batcher, _ world: World) throws(DutyFailure) -> [PreparedPosting] {
    var prepared: [PreparedPosting] = []
    for posting in batcher.due(world, compress: ChannelCompressor.compress) {
      let next = batcher.carrier == .layer ? dispersed(posting) : try proved(posting)
      try keep(next)
      prepared.append(next)
    }
    return prepared
  }

  /// Keeps what goes beside a transaction, before anybody is told of it.
  private func keep(_ posting: PreparedPosting) throws(DutyFailure) {
    do throws(NodeError) {
      for sidecar in posting.sidecars { try content.keep(sidecar.content) }
      if let bytes = posting.content { try content.keep(bytes) }
    } catch {
      throw DutyFailure(message: error.message)
    }
  }

  /// What goes to L1 of a posting: the layer's commitment, or the frames where it is down.
  private func dispersed(_ posting: Batcher.Posting) -> PreparedPosting {
    guard let payload = posting.content, let commitment = disperse?(payload) else {
      return PreparedPosting(transaction: posting.transaction)
    }
    return PreparedPosting(
      transaction: Batcher.transaction(
        posting.transaction, with: [AltDACommitment.version] + commitment), content: payload)
  }

  /// A posting with its blobs' commitments and proofs.
  private func proved(_ posting: Batcher.Posting) throws(DutyFailure) -> PreparedPosting {
    var prepared = PreparedPosting(transaction: posting.transaction, content: posting.content)
    for blob in posting.blobs { prepared.sidecars.append(try sidecar(of: blob)) }
    prepared.transaction.blobHashes = prepared.sidecars.map(\.versionedHash)
    return prepared
  }

  private func sidecar(of blob: Bytes) throws(DutyFailure) -> BlobSidecar {
    let setup = try loadedSetup()
    guard let polynomial = try? BlobPolynomial(blob) else {
      throw DutyFailure(message: "what was to be posted is no blob")
    }
    let commitment = polynomial.commitment(setup)
    guard let proof = polynomial.proof(commitment: commitment, setup),
      let sidecar = BlobSidecar(blob: blob, commitment: commitment, proof: proof),
      sidecar.isProven
    else { throw DutyFailure(message: "a blob could not be proved") }
    return sidecar
  }

  private func loadedSetup() throws(DutyFailure) -> KZGSetup {
    if let setup = setup.withLock({ $0 }) { return setup }
    guard let path = trustedSetupPath else {
      throw DutyFailure(message: "blobs need the trusted setup, and none was named")
    }
    do throws(NodeError) {
      let text = String(decoding: try Files.read(path), as: UTF8.self)
      let points = text.split(separator: "\n").dropFirst(2).prefix(4096).compactMap {
        Hexadecimal.decode(String($0))
      }
      guard let loaded = try? KZGSetup(lagrange: points) else {
        throw .file(path: path, reason: "is no trusted setup")
      }
      setup.withLock { $0 = loaded }
      return loaded
    } catch {
      throw DutyFailure(message: error.message)
    }
  }
}

/// Postings that wait for whoever makes them ready, in a node without threads.
public final class PreparationQueue: Sendable {
  private let waiting = Mutex<[Preparation]>([])

  /// An empty queue.
  public init() {}

  func add(_ preparation: Preparation) { waiting.withLock { $0.append(preparation) } }

  /// Makes ready what waits, in the course of which a DA layer may ask the node for something; false
  /// if nothing waited.
  public func run() -> Bool {
    let taken = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    for preparation in taken { preparation.run() }
    return !taken.isEmpty
  }
}

/// Postings that are being made ready beside the writer.
final class Preparation: Sendable {
  /// The first and the last of the L2 blocks in them.
  private let ends: [L2BlockReference]
  private let work: @Sendable () -> Result<[PreparedPosting], DutyFailure>
  private let outcome = Mutex<Result<[PreparedPosting], DutyFailure>?>(nil)

  init(
    of blocks: ArraySlice<RollupBlock>, _ preparer: PostingPreparer, _ batcher: Batcher,
    _ world: World
  ) {
    ends = [blocks.first, blocks.last].compactMap { $0?.reference }
    work = { Result { () throws(DutyFailure) in try preparer.prepare(batcher, world) } }
  }

  /// Does the work on a thread of its own, which gives way to whoever makes blocks.
  func start() {
    _ = Worker { [self] in
      Worker.giveWay()
      run()
    }
  }

  /// Does the work, however long it takes.
  func run() {
    let done = work()
    outcome.withLock { $0 = done }
  }

  /// Whether it begins with the first of these blocks, and all its blocks are among them.
  func isDue(_ blocks: ArraySlice<RollupBlock>) -> Bool {
    blocks.first?.reference == ends.first
      && blocks.contains { $0.reference == ends.last }
  }

  /// What goes to L1, once everything is there.
  var result: Result<[PreparedPosting], DutyFailure>? { outcome.withLock { $0 } }
}
