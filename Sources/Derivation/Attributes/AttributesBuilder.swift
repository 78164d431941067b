import EVM
import Execution
import Primitives

/// Why no block with that L1 origin can follow that parent: derivation must begin again lower.
public enum AttributesError: Error, Hashable, Sendable {
  /// The origin is neither the parent's nor the block after it.
  case originDoesNotFollow(parent: BlockIdentifier, origin: BlockIdentifier)
  /// The block would be older than its origin.
  case beforeOrigin(timestamp: UInt64, originTimestamp: UInt64)
}

extension RollupConfiguration {
  /// The next block's inputs: L1 attributes, deposits, upgrades, and then `transactions`.
  ///
  /// A sequencer calls it with what waits in its pool, or with none and lets the pool follow;
  /// derivation calls it with a batch's transactions.
  ///
  /// Source: the OP Stack specification, derivation, building payload attributes.
  ///
  /// - Throws: `AttributesError`.
  public func payloadAttributes(
    parent: L2Head, epoch: L1Epoch, transactions: [Bytes] = [], excludesPool: Bool = true
  ) throws(AttributesError) -> PayloadAttributes {
    let before = parent.reference
    let origin = epoch.reference
    let isFirst = before.l1Origin.number != origin.number
    let follows =
      isFirst
      ? before.l1Origin.hash == origin.parentHash : before.l1Origin.hash == origin.hash
    guard follows else {
      throw .originDoesNotFollow(parent: before.l1Origin, origin: origin.identifier)
    }
    let timestamp = before.timestamp &+ blockTime
    guard timestamp >= origin.timestamp else {
      throw .beforeOrigin(timestamp: timestamp, originTimestamp: origin.timestamp)
    }
    let system = systemConfiguration(after: parent, in: epoch)
    let attributes = l1Attributes(
      of: epoch, systemConfiguration: system,
      sequenceNumber: isFirst ? 0 : before.sequenceNumber &+ 1, timestamp: timestamp)
    var encoded = [attributesDeposit(attributes, timestamp: timestamp).encoded]
    if isFirst { encoded += epoch.deposits }
    let upgrades = upgradeTransactions(at: timestamp)
    encoded += upgrades
    encoded += transactions
    let isHolocene = isActive(.holocene, at: timestamp)
    let isJovian = isActive(.jovian, at: timestamp)
    let isEcotone = isActive(.ecotone, at: timestamp)
    return PayloadAttributes(
      inputs: BlockInputs(
        timestamp: timestamp, feeRecipient: Predeploys.sequencerFeeVault,
        prevRandao: epoch.prevRandao, gasLimit: system.gasLimit,
        extraData: extraData(system, at: timestamp),
        parentBeaconBlockRoot: isEcotone ? epoch.parentBeaconBlockRoot : .zero),
      hasBeaconRoot: isEcotone, transactions: encoded,
      excludesPool: excludesPool || !upgrades.isEmpty,
      baseFeeParameters: isHolocene ? baseFeeParameters(system, at: timestamp) : nil,
      lowestBaseFee: isJovian ? system.lowestBaseFee : nil)
  }

  /// The system configuration of the block after `parent` whose origin is `epoch`.
  public func systemConfiguration(after parent: L2Head, in epoch: L1Epoch) -> SystemConfiguration {
    var system = parent.systemConfiguration
    guard parent.reference.l1Origin.number != epoch.reference.number else { return system }
    let isEcotone = isActive(.ecotone, at: epoch.reference.timestamp)
    for update in epoch.configurationUpdates { system.apply(update, isEcotone: isEcotone) }
    return system
  }

  /// The eight bytes of denominator and elasticity; zeros in Holocene's first block.
  private func baseFeeParameters(_ system: SystemConfiguration, at timestamp: UInt64) -> Bytes {
    if isActivationBlock(of: .holocene, at: timestamp) { return Bytes(repeating: 0, count: 8) }
    return system.encodedBaseFeeParameters
  }

  /// The extra data that such a block has; none before Holocene.
  private func extraData(_ system: SystemConfiguration, at timestamp: UInt64) -> Bytes {
    let fork = schedule.fork(at: timestamp)
    let extra = RollupExtraData(
      parameters: baseFeeParameters(system, at: timestamp),
      lowestBaseFee: fork >= .jovian ? system.lowestBaseFee : nil,
      defaults: baseFeeParameters, fork: fork)
    return extra?.encoded ?? []
  }
}
