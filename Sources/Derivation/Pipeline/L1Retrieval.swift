import Cryptography
import EVM
import Execution
import Primitives

/// The stage that finds the batcher's data in an L1 block.
struct L1Retrieval: Sendable {
  /// Something that the batcher posted.
  enum Item: Sendable {
    case data(Bytes)
    case blob(BlobRequest)
    case commitment(AltDACommitment)
  }

  /// An item, and the transaction that holds it.
  struct Entry: Sendable {
    var item: Item
    var transactionHash: Hash
  }

  var block: L1BlockReference?
  var entries: [Entry] = []
  private(set) var next = 0
  private var drops: [(rule: DropRule, transactionHash: Hash)] = []
  private var isAltDA = false
  /// The transaction whose data were given last.
  var transactionHash: Hash?

  init() {}

  /// What the batcher posted in `block`.
  init(
    _ block: L1Block, configuration: RollupConfiguration, batcher: Address,
    provider: any CryptographyProvider
  ) {
    self.block = block.reference
    isAltDA = configuration.altDA != nil
    let hasBlobs = configuration.isActive(.ecotone, at: block.header.timestamp)
    var blobIndex = 0
    // Each type is told of once a block.
    for (index, unknown) in block.unknownTransactions.enumerated()
    where !block.unknownTransactions[..<index].contains(where: { $0.type == unknown.type }) {
      drops.append((.unknownTransactionType(unknown.type), unknown.hash))
    }
    for transaction in block.transactions {
      let firstBlob = blobIndex
      blobIndex += transaction.blobHashes.count
      guard transaction.to == configuration.batchInbox else { continue }
      if let rule = refusal(of: transaction, batcher: batcher, provider: provider) {
        drops.append((rule, transaction.hash))
        continue
      }
      let hash = transaction.hash
      if hasBlobs, transaction.kind == .blob {
        for (offset, versionedHash) in transaction.blobHashes.enumerated() {
          let request = BlobRequest(index: firstBlob + offset, versionedHash: versionedHash)
          entries.append(Entry(item: .blob(request), transactionHash: hash))
        }
      } else {
        if let entry = entry(transaction.data, hash) { entries.append(entry) }
      }
    }
  }

  private func refusal(
    of transaction: Transaction, batcher: Address, provider: any CryptographyProvider
  ) -> DropRule? {
    if transaction.kind == .setCode { return .wrongTransactionType }
    do throws(TransactionError) {
      return try transaction.sender(provider) == batcher ? nil : .wrongSender
    } catch {
      return .wrongSender
    }
  }

  /// What the batcher's data are: frames, or a commitment to frames that are elsewhere; nil for what
  /// is to be one and is none.
  ///
  /// Data out of a blob count as those of an input do.
  private mutating func entry(_ data: Bytes, _ hash: Hash) -> Entry? {
    guard isAltDA, data.first == AltDACommitment.version else {
      return Entry(item: .data(data), transactionHash: hash)
    }
    do throws(AltDACommitmentError) {
      let commitment = try AltDACommitment.decode(data[1...])
      return Entry(item: .commitment(commitment), transactionHash: hash)
    } catch {
      drops.append((.malformedCommitment(error), hash))
      return nil
    }
  }

  mutating func takeDrops() -> [(rule: DropRule, transactionHash: Hash)] {
    defer { drops = [] }
    return drops
  }

  /// The next item, or what it lacks.
  mutating func nextData() throws(StageStop) -> Bytes {
    guard let block, next < entries.count else { throw .endOfData }
    transactionHash = entries[next].transactionHash
    switch entries[next].item {
    case .data(let data):
      next += 1
      return data
    case .blob: throw .needs(.blobs(missingBlobs, of: block))
    case .commitment(let commitment): throw .needs(.altDAInput(commitment, of: block))
    }
  }

  /// The blobs from here up to the next item that is none.
  private var missingBlobs: [BlobRequest] {
    var requests: [BlobRequest] = []
    for entry in entries[next...] {
      guard case .blob(let request) = entry.item else { break }
      requests.append(request)
    }
    return requests
  }

  /// Puts the blobs' data in their places; those that hold none are dropped.
  mutating func fill(blobs: [Bytes]) {
    let count = missingBlobs.count
    precondition(blobs.count == count, "as many blobs are supplied as were asked for")
    var filled: [Entry] = []
    for (offset, blob) in blobs.enumerated() {
      let hash = entries[next + offset].transactionHash
      do throws(BlobDataError) {
        if let entry = entry(try BlobData.decode(blob), hash) { filled.append(entry) }
      } catch {
        drops.append((.malformedBlob(error), hash))
      }
    }
    entries.replaceSubrange(next..<next + count, with: filled)
  }

  /// Puts what a commitment stands for in its place, or drops it.
  mutating func fill(input: AltDAInput) {
    guard next < entries.count, case .commitment(let commitment) = entries[next].item else {
      return
    }
    if let rule = rule(against: input, for: commitment) {
      drops.append((rule, entries[next].transactionHash))
      next += 1
    } else if case .data(let data) = input {
      entries[next].item = .data(data)
    }
  }

  private func rule(against input: AltDAInput, for commitment: AltDACommitment) -> DropRule? {
    switch input {
    case .refused: return .refusedCommitment
    case .dropped(let refusal): return .refusedCertificate(refusal)
    case .data(let data):
      guard commitment.commits(to: data) ?? true else { return .refusedCommitment }
      if case .keccak256 = commitment, data.count > AltDACommitment.inputLimitInBytes {
        return .oversizedInput
      }
      return nil
    }
  }
}

extension DerivationPipeline {
  /// Hands over the blobs that were asked for, as many and in their order.
  ///
  /// Who hands them over has checked each against its versioned hash.
  public mutating func supply(blobs: [Bytes]) {
    retrieval.fill(blobs: blobs)
    noteRetrievalDrops()
  }

  /// Hands over what the commitment that was asked for stands for.
  ///
  /// Data that a Keccak-256 commitment is not of count as refused; those of a generic commitment
  /// the caller has checked.
  public mutating func supply(input: AltDAInput) {
    retrieval.fill(input: input)
    noteRetrievalDrops()
  }

  private mutating func noteRetrievalDrops() {
    for drop in retrieval.takeDrops() {
      note(.retrieval, drop.rule, transactionHash: drop.transactionHash)
    }
  }
}
