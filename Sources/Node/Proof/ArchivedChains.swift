import Derivation
import EVM
import Execution
import Ledger
import Primitives

/// Both chains as a replay gave them: what a proof may ask of them.
struct ArchivedChains: Sendable {
  /// A block of either layer.
  struct ArchivedBlock: Sendable {
    var header: BlockHeader
    var transactions: [Transaction]
    /// An L1 block's receipts; those of L2 nobody asks for.
    var receipts: [Receipt] = []
    /// The same, where another node gave them.
    var outsideReceipts: [Bytes] = []
    /// An L1 block's transactions, where another node gave them: of whatever kind.
    var outsideTransactions: [Bytes] = []
    var state: State?

    var encodedTransactions: [Bytes] {
      outsideTransactions.isEmpty ? transactions.map(\.encoded) : outsideTransactions
    }

    var encodedReceipts: [Bytes] {
      outsideReceipts.isEmpty ? receipts.map(\.consensusForm) : outsideReceipts
    }
  }

  /// Blocks by their hashes, abandoned ones too.
  private(set) var blocks: [Hash: ArchivedBlock] = [:]
  /// The hashes of each layer's chain by number.
  private(set) var hashes: [Layer: [UInt64: Hash]] = [:]
  /// Where large bytes are, by L1's names for them.
  private(set) var contents: [Hash: Hash] = [:]
  /// Only the states of L2 blocks whose number this divides are kept for good; nil for all.
  private let stateInterval: UInt64?
  /// Whether L1's states are kept.
  private let keepsL1States: Bool

  /// Chains without blocks.
  init(stateInterval: UInt64? = nil, keepsL1States: Bool = true) {
    self.stateInterval = stateInterval
    self.keepsL1States = keepsL1States
  }

  /// States of L2 blocks are kept for so many blocks at least, which exceeds what L1 may take back.
  static let recentStateCount: UInt64 = 2_048

  /// The hash of a layer's block.
  func hash(_ layer: Layer, _ number: UInt64) -> Hash? { hashes[layer]?[number] }

  /// The block of a layer's chain.
  func block(_ layer: Layer, _ number: UInt64) -> ArchivedBlock? {
    hash(layer, number).flatMap { blocks[$0] }
  }

  /// Takes in an event and what followed from it.
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
        hashes[layer]?.keys.filter { $0 > number }.forEach { hashes[layer]?[$0] = nil }
      default: break
      }
    }
  }

  /// An L1 block that another node gave: its state is not known.
  private mutating func add(_ outside: OutsideL1Block) {
    guard let block = try? EncodedBlock.decode(outside.encoded) else { return }
    let hash = block.header.hash
    hashes[.one, default: [:]][block.header.number] = hash
    blocks[hash] = ArchivedBlock(
      header: block.header, transactions: [], outsideReceipts: outside.receipts,
      outsideTransactions: block.transactions)
  }

  private mutating func add(_ references: [ContentReference]) {
    for reference in references where contents[reference.name] == nil {
      contents[reference.name] = reference.content
    }
  }

  private mutating func add(_ layer: Layer, _ block: Block, receipts: [Receipt], state: State) {
    let hash = block.hash
    let number = block.header.number
    hashes[layer, default: [:]][number] = hash
    blocks[hash] = ArchivedBlock(
      header: block.header, transactions: block.transactions,
      receipts: layer == .one ? receipts : [],
      state: layer == .two || keepsL1States ? state : nil)
    guard layer == .two, let stateInterval, number >= Self.recentStateCount else { return }
    let old = number - Self.recentStateCount
    if old % stateInterval != 0, let hash = hashes[.two]?[old] { blocks[hash]?.state = nil }
  }
}
