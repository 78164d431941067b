import Derivation
import EVM
import Execution
import NativeCryptography
import Primitives

/// Somebody who derives a chain from a test L1, and executes nothing.
struct TestFollower {
  let configuration: RollupConfiguration
  private(set) var pipeline: DerivationPipeline
  private(set) var blocks: [Block] = []
  private(set) var heads: [L2Head]
  private(set) var drops: [DroppedInput] = []
  private(set) var resets = 0
  private(set) var history = SafeHeadHistory()
  /// Blocks with such a transaction are refused by the engine.
  var poison: Bytes?

  init(configuration: RollupConfiguration) {
    self.configuration = configuration
    heads = [L2Head(genesisOf: configuration)]
    pipeline = DerivationPipeline(
      configuration: configuration, start: PipelineStart(genesisOf: configuration),
      provider: NativeCryptographyProvider.shared)
  }

  /// Derives as far as `l1` goes; begins again where it was reorganised.
  mutating func follow(_ l1: TestL1) throws {
    while true {
      do {
        try derive(l1)
        drops += pipeline.takeDrops()
        return
      } catch let error as DerivationError {
        guard case .reset = error else { throw error }
        drops += pipeline.takeDrops()
        resets += 1
        if resets > 50 { throw error }
        try reset(l1)
      }
    }
  }

  private mutating func derive(_ l1: TestL1) throws {
    // A block that no longer is L1's tells of the reorganisation.
    if let origin = pipeline.origin, l1.block(origin.number)?.hash != origin.hash {
      throw DerivationError.reset(
        .l1Reorganised(from: origin.identifier, to: l1.head.reference))
    }
    while true {
      switch try pipeline.step() {
      case .attributes(let attributes): try take(attributes)
      case .needs(.l1Block(let number)):
        guard let block = l1.block(number) else { return }
        try pipeline.supply(l1Block: block)
      case .needs(.l2Block(let number)):
        guard let block = blocks.first(where: { $0.header.number == number }) else { return }
        try pipeline.supply(l2Block: block)
      case .needs(.blobs(let requests, _)):
        pipeline.supply(blobs: requests.map { _ in [] })
      case .needs(.altDAInput): pipeline.supply(input: .refused)
      }
    }
  }

  private mutating func take(_ attributes: DerivedAttributes) throws {
    var attributes = attributes
    let isPoisoned = attributes.payload.transactions.contains { $0 == poison }
    if isPoisoned || testBlock(attributes.payload, parent: attributes.parent) == nil {
      guard let replacement = try pipeline.reject() else { return }
      attributes = replacement
    }
    guard let block = testBlock(attributes.payload, parent: attributes.parent) else { return }
    let head = try L2Head(block, configuration: configuration)
    pipeline.accept(head)
    blocks.append(block)
    heads.append(head)
    history.record(head.reference, derivedFrom: attributes.derivedFrom)
  }

  private mutating func reset(_ l1: TestL1) throws {
    let heads = self.heads
    func l2(_ number: UInt64) throws(SyncStartMiss) -> L2Head {
      guard let head = heads.first(where: { $0.reference.number == number }) else {
        throw .l2Block(number: number)
      }
      return head
    }
    let last = heads[heads.count - 1].reference
    let found = try SyncStart.heads(
      from: RollupHeads(unsafe: last, safe: last, finalized: heads[0].reference),
      configuration: configuration,
      l1Block: { number in
        if let block = l1.block(number) { return .found(block.reference) }
        return .beyondHead
      }, l2Block: l2)
    self.heads.removeAll { $0.reference.number > found.safe.number }
    blocks.removeAll { $0.header.number > found.safe.number }
    let start = try SyncStart.pipelineStart(
      safeHead: try l2(found.safe.number), configuration: configuration, l2Block: l2)
    pipeline = DerivationPipeline(
      configuration: configuration, start: start, provider: NativeCryptographyProvider.shared)
  }
}
