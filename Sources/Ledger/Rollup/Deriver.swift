import Cryptography
import Derivation
import Execution
import Primitives

/// Data that an event told of and the content store does not have.
struct ContentMiss: Error {
  var message: String
}

/// Derivation as the world holds it: L1 blocks go in, attributes of L2 blocks come out.
struct Deriver: Sendable {
  var pipeline: DerivationPipeline
  /// L1 blocks that the pipeline has not asked for yet, oldest first.
  var waiting: [L1Block] = []
  /// Why nothing can be derived any more.
  var failure: String?
  /// The L2 block for which the pipeline asked though there is none so old.
  var askedInVain: UInt64?

  init(configuration: RollupConfiguration, provider: any CryptographyProvider) {
    pipeline = DerivationPipeline(
      configuration: configuration, start: PipelineStart(genesisOf: configuration),
      provider: provider)
  }

  /// A pipeline that begins at an L1 block, with the blocks from there on.
  init(
    configuration: RollupConfiguration, start: PipelineStart, waiting: [L1Block],
    provider: any CryptographyProvider
  ) {
    pipeline = DerivationPipeline(
      configuration: configuration, start: start, provider: provider)
    self.waiting = waiting
  }

  /// Takes the next L1 block in.
  mutating func take(_ block: L1Block) { waiting.append(block) }

  /// The L1 block at which the pipeline stands.
  var origin: L1BlockReference? { pipeline.origin }

  /// Whose batcher transactions count from here on.
  var batcher: Address { pipeline.systemConfiguration.batcher }

  /// What was passed over since the last call.
  mutating func takeDrops() -> [DroppedInput] { pipeline.takeDrops() }

  /// The next block that L1 speaks of; nil where it says no more for now.
  mutating func next(_ sources: Sources) throws(ContentMiss) -> DerivedAttributes? {
    guard failure == nil else { return nil }
    while true {
      let step: DerivationStep
      do throws(DerivationError) {
        step = try pipeline.step()
      } catch {
        failure = "\(error)"
        return nil
      }
      switch step {
      case .attributes(let attributes): return attributes
      case .needs(let need):
        guard try supply(need, sources) else { return nil }
      }
    }
  }

  private mutating func supply(
    _ need: DerivationNeed, _ sources: Sources
  ) throws(ContentMiss) -> Bool {
    switch need {
    case .l1Block(let number):
      guard let block = waiting.first, block.header.number == number else { return false }
      waiting.removeFirst()
      return supply(block)
    case .blobs(let requests, _):
      var blobs: [Bytes] = []
      for request in requests {
        guard let bytes = try content(request.versionedHash, sources),
          let sidecar = BlobSidecar(content: bytes)
        else { return false }
        blobs.append(sidecar.blob)
      }
      pipeline.supply(blobs: blobs)
      return true
    case .altDAInput(let commitment, let block):
      if let refusal = try sources.refusal(of: commitment, in: block, pipeline.configuration) {
        pipeline.supply(input: .dropped(refusal))
        return true
      }
      if sources.carried[commitment.contentName] == ContentReference.refused {
        pipeline.supply(input: .refused)
        return true
      }
      guard let bytes = try content(commitment.contentName, sources) else { return false }
      pipeline.supply(input: .data(bytes))
      return true
    case .l2Block(let number):
      return try supply(l2Block: number, sources)
    }
  }

  /// Hands over an L2 block, or says how far back they go: a span that begins earlier is invalid.
  private mutating func supply(
    l2Block number: UInt64, _ sources: Sources
  ) throws(ContentMiss) -> Bool {
    if let block = sources.block(number) {
      guard block.body != nil else {
        throw ContentMiss(message: "the views do not have L2 block \(number)")
      }
      pipeline.supply(
        safeBlock: SafeBlock(reference: block.reference, transactions: block.sequenced))
      return true
    }
    guard let oldest = sources.oldest, askedInVain != number else {
      failure = "L2 block \(number), which a batch follows, is no longer at hand"
      return false
    }
    askedInVain = number
    pipeline.supply(oldestL2Block: oldest)
    return true
  }

  private mutating func supply(_ block: L1Block) -> Bool {
    do throws(DerivationError) {
      try pipeline.supply(l1Block: block)
      return true
    } catch {
      failure = "\(error)"
      return false
    }
  }

  /// What L1 names so; nil if no event has told of it.
  private func content(_ name: Hash, _ sources: Sources) throws(ContentMiss) -> Bytes? {
    guard let hash = sources.carried[name] else { return nil }
    guard let bytes = sources.content?.content(of: hash) else {
      throw ContentMiss(
        message: "the content store does not have \(hash.hexadecimal), of which L1 was told")
    }
    return bytes
  }

  /// The attributes became a block.
  mutating func accept(_ head: L2Head) { pipeline.accept(head) }

  /// The attributes could not be executed: what takes their place, if anything does.
  mutating func reject() -> DerivedAttributes? {
    do throws(DerivationError) {
      return try pipeline.reject()
    } catch {
      failure = "\(error)"
      return nil
    }
  }
}

extension AltDACommitment {
  /// The name under which what it stands for is announced.
  public var contentName: Hash {
    switch self {
    case .keccak256(let hash): hash
    case .generic: Keccak256.hash(encoded)
    }
  }
}
