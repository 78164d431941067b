import Cryptography
import Derivation
import Execution
import Ledger
import NativeCryptography
import Pairings
import Primitives
import Synchronization

/// What a node does for a rollup besides making its blocks.
public struct RollupServices: Sendable {
  /// How the second layer settles on the first; nil where the log says so already.
  public var document: RollupDocument
  /// Posts batches; nil for a node that does not.
  public var batcher: Batcher?
  /// Claims output roots; nil for a node that does not.
  public var proposer: Proposer?
  /// Brings a payload to a DA layer, and gives the commitment that goes to L1 behind a byte 1.
  ///
  /// Nil where the layer does not take it now. It may take its time.
  public var disperse: (@Sendable (Bytes) -> Bytes?)?
  /// Whether ``disperse`` is called by the writer itself, which then waits for it: for a node whose
  /// time is simulated.
  public var dispersesAtOnce = false
  /// Where the trusted setup of blobs is: `kzg_trusted_setup.txt`.
  public var trustedSetupPath: String?

  /// Makes the services.
  public init(
    document: RollupDocument, batcher: Batcher? = nil, proposer: Proposer? = nil,
    trustedSetupPath: String? = nil
  ) {
    self.document = document
    self.batcher = batcher
    self.proposer = proposer
    self.trustedSetupPath = trustedSetupPath
  }
}

/// The services' work between the policies, which decide, and the log: signing, proving blobs.
struct RollupWorker {
  private let services: RollupServices
  private let wallet: Wallet
  private var setup: KZGSetup?
  /// What the proposer saw when it last found nothing due.
  private var idleAt: (l1: Hash, safe: Hash)?
  private var mirror = MirrorWorker()
  private var dispersal: Dispersal?

  init(services: RollupServices, wallet: Wallet) {
    self.services = services
    self.wallet = wallet
  }

  /// The commands that are due.
  mutating func duties(_ world: World) -> Result<[Command], DutyFailure> {
    var commands: [Command] = []
    do throws(DutyFailure) {
      if let batcher = services.batcher, batcher.carrier == .layer {
        for posting in dispersed(batcher, world) {
          commands.append(try command(posting, by: batcher.address))
        }
      } else if let batcher = services.batcher {
        for posting in batcher.due(world, compress: ChannelCompressor.compress) {
          commands.append(try command(posting, by: batcher.address))
        }
      }
    } catch {
      return .failure(error)
    }
    commands += proposals(world)
    commands += mirror.duties(world, wallet)
    return .success(commands)
  }

  /// Whether something is under way that nobody will tell of.
  var isWaiting: Bool { dispersal != nil }

  /// What is to go to L1 once the DA layer has it: a thread of its own brings it there.
  private mutating func dispersed(_ batcher: Batcher, _ world: World) -> [Batcher.Posting] {
    guard let safe = world.rollup?.safe.reference.hash else { return [] }
    if let dispersal {
      guard let postings = dispersal.result else { return [] }
      self.dispersal = nil
      // Meanwhile L1 may have said something else; then it is tried again from there.
      let fresh = batcher.due(world, compress: { bytes, _ in bytes })
      guard dispersal.safe == safe, let nonce = fresh.first?.transaction.nonce else { return [] }
      return postings.enumerated().map { index, posting in
        var posting = posting
        posting.transaction.nonce = nonce + UInt64(index)
        return posting
      }
    }
    let postings = batcher.due(world, compress: ChannelCompressor.compress)
    guard !postings.isEmpty, let disperse = services.disperse else { return postings }
    if services.dispersesAtOnce {
      return postings.map { Dispersal.dispersed($0, by: disperse) }
    }
    dispersal = Dispersal(postings, safe: safe, disperse: disperse)
    return []
  }

  /// Why a duty could not be made a command.
  struct DutyFailure: Error {
    var message: String
  }

  private mutating func command(
    _ posting: Batcher.Posting, by address: Address
  ) throws(DutyFailure) -> Command {
    var transaction = posting.transaction
    let sidecars = try posting.blobs.map { (blob) throws(DutyFailure) in try sidecar(of: blob) }
    transaction.blobHashes = sidecars.map(\.versionedHash)
    guard let signed = wallet.sign(transaction, by: address) else {
      throw DutyFailure(message: "the batcher's key is not held")
    }
    let network = NetworkTransaction(encoded: signed.encoded, sidecars: sidecars)
    return .submitTransaction(
      .one, encoded: network.networkEncoded, content: posting.content.map { [$0] } ?? [])
  }

  /// A blob with its commitment and proof.
  private mutating func sidecar(of blob: Bytes) throws(DutyFailure) -> BlobSidecar {
    let setup = try loadedSetup()
    guard let polynomial = try? BlobPolynomial(blob) else {
      throw DutyFailure(message: "what was to be posted is no blob")
    }
    let commitment = polynomial.commitment(setup)
    guard let proof = polynomial.proof(commitment: commitment, setup),
      let sidecar = BlobSidecar(blob: blob, commitment: commitment, proof: proof)
    else { throw DutyFailure(message: "a blob could not be proved") }
    return sidecar
  }

  private mutating func loadedSetup() throws(DutyFailure) -> KZGSetup {
    if let setup { return setup }
    guard let path = services.trustedSetupPath else {
      throw DutyFailure(message: "blobs need the trusted setup, and none was named")
    }
    do throws(NodeError) {
      let text = String(decoding: try Files.read(path), as: UTF8.self)
      let points = text.split(separator: "\n").dropFirst(2).prefix(4096).compactMap {
        Hexadecimal.decode(String($0))
      }
      guard let setup = try? KZGSetup(lagrange: points) else {
        throw .file(path: path, reason: "is no trusted setup")
      }
      self.setup = setup
      return setup
    } catch {
      throw DutyFailure(message: error.message)
    }
  }

  /// The proposer's transactions; it is asked only when something has changed for it.
  private mutating func proposals(_ world: World) -> [Command] {
    guard let proposer = services.proposer, let l1 = world.layerOne, let rollup = world.rollup
    else { return [] }
    let seen = (l1: l1.head.hash, safe: rollup.safe.reference.hash)
    if let idleAt, idleAt == seen { return [] }
    let due = proposer.due(world)
    idleAt = due.isEmpty ? seen : nil
    return due.compactMap { transaction in
      wallet.sign(transaction, by: proposer.address).map {
        .submitTransaction(.one, encoded: $0.encoded)
      }
    }
  }
}

/// Payloads on their way to a DA layer.
private final class Dispersal: Sendable {
  /// The safe head to which the payloads are the next.
  let safe: Hash
  private let outcome = Mutex<[Batcher.Posting]?>(nil)

  init(
    _ postings: [Batcher.Posting], safe: Hash, disperse: @escaping @Sendable (Bytes) -> Bytes?
  ) {
    self.safe = safe
    _ = Worker { [self] in
      let done = postings.map { Dispersal.dispersed($0, by: disperse) }
      outcome.withLock { $0 = done }
    }
  }

  /// What goes to L1 of a posting: the layer's commitment, or the frames where it is down.
  static func dispersed(
    _ posting: Batcher.Posting, by disperse: (Bytes) -> Bytes?
  ) -> Batcher.Posting {
    guard let payload = posting.content, let commitment = disperse(payload) else {
      return Batcher.Posting(transaction: posting.transaction)
    }
    return Batcher.Posting(
      transaction: Batcher.transaction(
        posting.transaction, with: [AltDACommitment.version] + commitment), content: payload)
  }

  /// What goes to L1, once everything is there.
  var result: [Batcher.Posting]? { outcome.withLock { $0 } }
}
