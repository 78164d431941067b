import EVM
import Execution
import Primitives

/// Why an L2 block says nothing of where it was derived from.
public enum L2BlockError: Error, Hashable, Sendable {
  /// Its first transaction is not the deposit of L1 attributes.
  case noL1Attributes
  /// The block has the genesis' number and is another block.
  case otherGenesis
  /// Its extra data say nothing of the base fee.
  case malformedExtraData
}

/// An L2 block on which the next one can be built: where it stands, and what configures its chain.
///
/// Both are read from the block itself, so nothing else must be kept of what came before.
public struct L2Head: Hashable, Sendable {
  /// Where the block stands.
  public var reference: L2BlockReference
  /// The system configuration as of its L1 origin.
  public var systemConfiguration: SystemConfiguration

  /// A head of these parts.
  public init(reference: L2BlockReference, systemConfiguration: SystemConfiguration) {
    self.reference = reference
    self.systemConfiguration = systemConfiguration
  }

  /// The genesis block.
  public init(genesisOf configuration: RollupConfiguration, parentHash: Hash = .zero) {
    let genesis = configuration.genesis
    self.init(
      reference: L2BlockReference(
        hash: genesis.l2.hash, number: genesis.l2.number, parentHash: parentHash,
        timestamp: genesis.l2Time, l1Origin: genesis.l1, sequenceNumber: 0),
      systemConfiguration: genesis.systemConfiguration)
  }

  /// What `block` says of itself in its L1 attributes and its header.
  ///
  /// - Throws: `L2BlockError`.
  public init(_ block: Block, configuration: RollupConfiguration) throws(L2BlockError) {
    try self.init(
      header: block.header, firstTransaction: block.transactions.first,
      configuration: configuration)
  }

  /// What a block with this header and first transaction says of itself.
  ///
  /// - Throws: `L2BlockError`.
  public init(
    header: BlockHeader, hash: Hash? = nil, firstTransaction: Transaction?,
    configuration: RollupConfiguration
  ) throws(L2BlockError) {
    let hash = hash ?? header.hash
    if header.number == configuration.genesis.l2.number {
      guard hash == configuration.genesis.l2.hash else { throw .otherGenesis }
      self.init(genesisOf: configuration, parentHash: header.parentHash)
      return
    }
    guard let firstTransaction, firstTransaction.kind == .deposit,
      let attributes = L1Attributes(input: firstTransaction.data)
    else { throw .noL1Attributes }
    let reference = L2BlockReference(
      hash: hash, number: header.number, parentHash: header.parentHash,
      timestamp: header.timestamp,
      l1Origin: BlockIdentifier(hash: attributes.hash, number: attributes.number),
      sequenceNumber: attributes.sequenceNumber)
    let isBedrock = attributes.format == .bedrock
    var system = SystemConfiguration(
      batcher: Address(suffixOf: attributes.batcherHash), overhead: attributes.overhead,
      scalar: isBedrock
        ? Hash(attributes.scalar)
        : SystemConfiguration.ecotoneScalar(
          baseFeeScalar: attributes.baseFeeScalar,
          blobBaseFeeScalar: attributes.blobBaseFeeScalar),
      gasLimit: header.gasLimit)
    system.operatorFeeScalar = attributes.operatorFeeScalar
    system.operatorFeeConstant = attributes.operatorFeeConstant
    system.daFootprintGasScalar = attributes.daFootprintGasScalar
    let fork = configuration.schedule.fork(at: header.timestamp)
    if fork >= .holocene {
      guard let extra = RollupExtraData(header.extraData, fork: fork) else {
        throw .malformedExtraData
      }
      system.changeDenominator = extra.changeDenominator
      system.elasticity = extra.elasticity
      system.lowestBaseFee = extra.lowestBaseFee ?? 0
    }
    self.init(reference: reference, systemConfiguration: system)
  }
}
