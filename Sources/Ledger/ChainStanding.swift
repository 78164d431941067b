import Execution
import Primitives

/// What a chain knows of itself beside its blocks and its pool, which most blocks leave as it is.
///
/// The properties of `Chain` with these names say what they are.
struct ChainStanding: Sendable {
  var specification: ChainSpecification
  var genesisChainID: UInt64
  var controls = ChainControls()
  var formerControls = Window<(sequence: UInt64, before: ChainControls)>()
  var operatorState = OperatorState()
  var forkNumber: UInt64?
  var isReplaced = false
  var foreignAncestors: [Hash] = []
  var beginning: Anchor
  var anchors: [UInt64: Anchor] = [:]
  var controlsRoot = Hash.zero
  var abandoned: [Range<UInt64>] = []

  init(specification: ChainSpecification, beginning: Anchor) {
    self.specification = specification
    genesisChainID = specification.chainID
    self.beginning = beginning
  }
}

extension Chain {
  /// The rules of the chain.
  public internal(set) var specification: ChainSpecification {
    _read { yield standing.specification }
    _modify { yield &standing.specification }
  }

  /// The chain's number at its genesis.
  var genesisChainID: UInt64 {
    _read { yield standing.genesisChainID }
    _modify { yield &standing.genesisChainID }
  }

  /// How the operator has the next blocks made.
  public internal(set) var controls: ChainControls {
    _read { yield standing.controls }
    _modify { yield &standing.controls }
  }

  /// The events that changed the controls, each with the controls before it.
  var formerControls: Window<(sequence: UInt64, before: ChainControls)> {
    _read { yield standing.formerControls }
    _modify { yield &standing.formerControls }
  }

  /// What the operator asked for beside the next blocks.
  public internal(set) var operatorState: OperatorState {
    _read { yield standing.operatorState }
    _modify { yield &standing.operatorState }
  }

  /// The number of the other chain's block that it goes on from, if it does; then not all of the
  /// state is at hand.
  public internal(set) var forkNumber: UInt64? {
    _read { yield standing.forkNumber }
    _modify { yield &standing.forkNumber }
  }

  /// Whether it took over blocks that were not executed here.
  public internal(set) var isReplaced: Bool {
    _read { yield standing.isReplaced }
    _modify { yield &standing.isReplaced }
  }

  /// The hashes of blocks before the first of `recent`, oldest first: of those that were not executed
  /// here, or that were forgotten before the chain went back.
  var foreignAncestors: [Hash] {
    _read { yield standing.foreignAncestors }
    _modify { yield &standing.foreignAncestors }
  }

  /// How it stood at its beginning.
  var beginning: Anchor {
    _read { yield standing.beginning }
    _modify { yield &standing.beginning }
  }

  /// How it stood when its snapshots were taken, by the events.
  var anchors: [UInt64: Anchor] {
    _read { yield standing.anchors }
    _modify { yield &standing.anchors }
  }

  /// The chain of the operator's changes; zero before the first.
  var controlsRoot: Hash {
    _read { yield standing.controlsRoot }
    _modify { yield &standing.controlsRoot }
  }

  /// The stretches of the log, both ends excluded, whose blocks of this chain were abandoned.
  var abandoned: [Range<UInt64>] {
    _read { yield standing.abandoned }
    _modify { yield &standing.abandoned }
  }
}
