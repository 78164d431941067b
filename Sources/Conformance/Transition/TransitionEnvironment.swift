import EVM
import Execution
import JSON
import Primitives

/// The surroundings of a block as the transition tool's `env` names them.
///
/// Source: go-ethereum, cmd/evm/README.md.
struct TransitionEnvironment {
  /// The block's header, as far as it does not follow from the transactions.
  var header: BlockHeader
  /// Hashes of blocks before it; nil where `env` has no such list.
  var blockHashes: [UInt64: Hash]?
  /// Blocks beside the chain: who made them, and how many generations ago.
  var ommers: [(address: Address, age: UInt64)] = []
  /// Ether that comes from the beacon chain.
  var withdrawals: [Withdrawal]?
  /// The base fee of `env`, also where the rules know none, or the one that follows.
  private(set) var baseFee: UInt256?

  private let specification: ChainSpecification
  private let fields: Fixture

  init(_ fields: Fixture, _ specification: ChainSpecification) throws(TransitionError) {
    self.fields = fields
    self.specification = specification
    header = BlockHeader(
      parentHash: .zero, feeRecipient: .zero, number: 0, gasLimit: 0, timestamp: 0)
    try reading("env") { () throws(FixtureError) in try readBlock() }
    try setProof()
    let fork = specification.fork(of: header)
    baseFee = try number("currentBaseFee")
    if fork >= .london { try setBaseFee() }
    if fork >= .shanghai, withdrawals == nil {
      throw TransitionError(
        .configuration, "Shanghai config but missing 'withdrawals' in env section")
    }
    if fork >= .cancun { try setBlobs(fork) }
  }

  private mutating func readBlock() throws(FixtureError) {
    header.feeRecipient = try fields.field("currentCoinbase").address()
    header.gasLimit = try fields.field("currentGasLimit").uint64()
    header.number = try fields.field("currentNumber").uint64()
    header.timestamp = try fields.field("currentTimestamp").uint64()
    if let list = fields.optional("blockHashes") {
      var hashes: [UInt64: Hash] = [:]
      for (name, hash) in try list.members() {
        hashes[try Fixture(.string(name)).uint64()] = try hash.hash()
      }
      blockHashes = hashes
      if header.number > 0 { header.parentHash = hashes[header.number - 1] ?? .zero }
    }
    for ommer in try fields.optional("ommers")?.elements() ?? [] {
      ommers.append((try ommer.field("address").address(), try ommer.field("delta").uint64()))
    }
    if let list = fields.optional("withdrawals") {
      withdrawals = try list.elements().map { entry throws(FixtureError) -> Withdrawal in
        Withdrawal(
          index: try entry.field("index").uint64(),
          validatorIndex: try entry.field("validatorIndex").uint64(),
          address: try entry.field("address").address(),
          amountInGwei: try entry.field("amount").uint64())
      }
    }
  }

  /// A number of `env`, or nil where it has none.
  private func number(_ name: String) throws(TransitionError) -> UInt256? {
    try reading("env") { () throws(FixtureError) in try fields.optional(name)?.uint256() }
  }

  /// A number of at most 64 bits, or nil where `env` has none.
  private func smallNumber(_ name: String) throws(TransitionError) -> UInt64? {
    try reading("env") { () throws(FixtureError) in try fields.optional(name)?.uint64() }
  }

  // MARK: What follows from the parent where it is not said

  /// The difficulty before Paris, and the randomness since.
  private mutating func setProof() throws(TransitionError) {
    let difficulty = try number("currentDifficulty")
    let random = try number("currentRandom")
    if specification.forks.terminalTotalDifficulty == .zero {
      guard let random else {
        throw TransitionError(
          .configuration, "post-merge requires currentRandom to be defined in env")
      }
      guard difficulty?.isZero ?? true else {
        throw TransitionError(
          .configuration, "post-merge difficulty must be zero (or omitted) in env")
      }
      header.prevRandao = Hash(random)
      return
    }
    if let random { header.prevRandao = Hash(random) }
    if let difficulty {
      header.difficulty = difficulty
    } else {
      header.difficulty = try nextDifficulty()
    }
  }

  private func nextDifficulty() throws(TransitionError) -> UInt256 {
    guard let before = try number("parentDifficulty") else {
      throw TransitionError(
        .configuration,
        "currentDifficulty was not provided, and cannot be calculated due to missing "
          + "parentDifficulty")
    }
    guard header.number > 0 else {
      throw TransitionError(
        .configuration, "currentDifficulty needs to be provided for block number 0")
    }
    let parentTime = try smallNumber("parentTimestamp") ?? 0
    guard header.timestamp > parentTime else {
      throw TransitionError(
        .configuration,
        "currentDifficulty cannot be calculated -- currentTime (\(header.timestamp)) needs to be "
          + "after parent time (\(parentTime))")
    }
    var parent = parent(timestamp: parentTime)
    parent.difficulty = before
    let ommersHash = try reading("env") { () throws(FixtureError) in
      try fields.optional("parentUncleHash")?.hash()
    }
    if let ommersHash, ommersHash != .zero { parent.ommersHash = ommersHash }
    let difficulty = Execution.nextDifficulty(
      parent: parent, timestamp: header.timestamp, specification: specification)
    guard let difficulty else {
      throw TransitionError(.configuration, "the difficulty would have more than 256 bits")
    }
    return difficulty
  }

  private mutating func setBaseFee() throws(TransitionError) {
    if let baseFee {
      header.baseFee = baseFee
      return
    }
    guard let before = try number("parentBaseFee"), header.number > 0 else {
      throw TransitionError(
        .configuration, "EIP-1559 config but missing 'parentBaseFee' in env section")
    }
    var parent = parent(timestamp: try smallNumber("parentTimestamp") ?? header.timestamp)
    parent.gasUsed = try smallNumber("parentGasUsed") ?? 0
    parent.gasLimit = try smallNumber("parentGasLimit") ?? 0
    let fork = specification.fork(
      number: parent.number, timestamp: parent.timestamp, isMerged: header.difficulty.isZero)
    if fork >= .london { parent.baseFee = before }
    baseFee = nextBaseFee(parent: parent, specification: specification)
    header.baseFee = baseFee
  }

  private mutating func setBlobs(_ fork: Fork) throws(TransitionError) {
    let root = try reading("env") { () throws(FixtureError) in
      try fields.optional("parentBeaconBlockRoot")?.hash()
    }
    guard let root else {
      throw TransitionError(
        .configuration, "post-cancun env requires parentBeaconBlockRoot to be set")
    }
    header.parentBeaconBlockRoot = root
    if let excess = try smallNumber("currentExcessBlobGas") {
      header.excessBlobGas = excess
    } else if let excess = try smallNumber("parentExcessBlobGas"),
      let used = try smallNumber("parentBlobGasUsed")
    {
      let reserve = try number("parentBaseFee") ?? .zero
      header.excessBlobGas = specification.blobParameters(at: header.timestamp).nextExcess(
        parentExcess: excess, parentUsed: used, reserveBaseFee: fork >= .osaka ? reserve : nil)
    }
  }

  /// A header for what is computed from a parent's; `number` is not 0.
  private func parent(timestamp: UInt64) -> BlockHeader {
    BlockHeader(
      parentHash: .zero, feeRecipient: .zero, number: header.number - 1, gasLimit: 0,
      timestamp: timestamp)
  }
}

/// The hashes that `env` names.
final class NamedHashes: AncestorHashes {
  private let hashes: [UInt64: Hash]

  init(_ hashes: [UInt64: Hash]) { self.hashes = hashes }

  func blockHash(_ number: UInt64) throws(StateMiss) -> Hash {
    guard let hash = hashes[number] else { throw .blockHash(number) }
    return hash
  }
}
