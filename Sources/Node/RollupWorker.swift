import Cryptography
import Derivation
import Execution
import Ledger
import Primitives

/// The services' work between the policies, which decide, and the log: compressing, dispersing,
/// proving blobs, signing.
struct RollupWorker {
  private let services: RollupServices
  private let wallet: Wallet
  private let preparer: PostingPreparer
  /// What the proposer saw when it last found nothing due.
  private var idleAt: (l1: Hash, safe: Hash)?
  private var mirror = MirrorWorker()
  private var preparation: Preparation?

  init(services: RollupServices, wallet: Wallet, content: ContentStore) {
    self.services = services
    self.wallet = wallet
    preparer = PostingPreparer(
      content: content, disperse: services.disperse,
      trustedSetupPath: services.trustedSetupPath)
  }

  /// The commands that are due.
  mutating func duties(_ world: World) -> Result<[Command], DutyFailure> {
    var commands: [Command] = []
    do throws(DutyFailure) {
      if let batcher = services.batcher {
        for posting in try postings(batcher, world) {
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
  var isWaiting: Bool { preparation != nil }

  /// More bytes of transactions than this are compressed beside the writer, on whatever way they go.
  private static let prepareAtOnceLimitInBytes = 32_768

  /// What is to go to L1 now.
  ///
  /// What takes its time, which is a DA layer's answer, proofs of blobs and compression of much, is
  /// made ready on a thread of its own, so that the writer makes blocks meanwhile.
  private mutating func postings(
    _ batcher: Batcher, _ world: World
  ) throws(DutyFailure) -> [PreparedPosting] {
    if let preparation {
      guard let result = preparation.result else { return [] }
      self.preparation = nil
      let prepared = try result.get()
      // Meanwhile L1 may have said something else; then it is tried again from there.
      if preparation.isDue(batcher.blocksDue(world)) {
        let transactions = batcher.renewed(prepared.map(\.transaction), world)
        return zip(prepared, transactions).map { posting, transaction in
          var posting = posting
          posting.transaction = transaction
          return posting
        }
      }
    }
    let blocks = batcher.blocksDue(world)
    guard !blocks.isEmpty else { return [] }
    let isQuick =
      batcher.carrier != .blobs && batcher.carrier != .layer
      && Batcher.batchSize(of: blocks) <= Self.prepareAtOnceLimitInBytes
    if isQuick { return try preparer.prepare(batcher, world) }
    let begun = Preparation(of: blocks, preparer, batcher, world)
    preparation = begun
    if let queue = services.preparations { queue.add(begun) } else { begun.start() }
    return []
  }

  private func command(
    _ posting: PreparedPosting, by address: Address
  ) throws(DutyFailure) -> Command {
    guard let signed = wallet.sign(posting.transaction, by: address) else {
      throw DutyFailure(message: "the batcher's key is not held")
    }
    let network = NetworkTransaction(encoded: signed.encoded, sidecars: posting.sidecars)
    return .postBatch(network, content: posting.content.map { [$0] } ?? [])
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
