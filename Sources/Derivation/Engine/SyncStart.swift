import EVM
import Execution
import Primitives

/// What the search for a start could not read.
public enum SyncStartMiss: Error, Hashable, Sendable {
  /// The L1 block of this number, which L1's chain has.
  case l1Block(number: UInt64)
  /// The L2 block of this number on the chain below the unsafe head.
  case l2Block(number: UInt64)
}

/// An L1 block as the search for a start sees it.
public enum L1Lookup: Hashable, Sendable {
  /// It is there.
  case found(L1BlockReference)
  /// L1's chain does not reach so far.
  case beyondHead
}

/// Why no start exists.
public enum SyncStartError: Error, Hashable, Sendable {
  /// Something could not be read; read it and search again.
  case missing(SyncStartMiss)
  /// A final L2 block does not follow from this L1 chain.
  case finalizedReorganised(L2BlockReference)
  /// The L2 chain's genesis belongs to another L1 chain.
  case wrongChain(BlockIdentifier)
}

/// Where derivation begins, at a node's start and after L1 was reorganised.
///
/// Source: the OP Stack specification, derivation, finding the sync starting point.
public enum SyncStart {
  /// The heads that hold under the current L1 chain.
  ///
  /// The unsafe head goes back to the last block whose origin and all origins before it are L1's;
  /// the safe head a sequencing window and a channel's timeout below that, but never below the
  /// finalised head.
  ///
  /// `l1Block` looks L1 blocks up by number and `l2Block` blocks of the chain below the unsafe
  /// head.
  ///
  /// - Throws: `SyncStartError`.
  public static func heads(
    from heads: RollupHeads, configuration: RollupConfiguration,
    l1Block: (UInt64) throws(SyncStartMiss) -> L1Lookup,
    l2Block: (UInt64) throws(SyncStartMiss) -> L2Head
  ) throws(SyncStartError) -> RollupHeads {
    var result = heads
    var unsafe: L2BlockReference?
    var highest: L2BlockReference?
    var block = heads.unsafe
    var known: (number: UInt64, lookup: L1Lookup)?
    while true {
      if known?.number != block.l1Origin.number {
        known = (
          block.l1Origin.number,
          try reading { () throws(SyncStartMiss) in
            try l1Block(block.l1Origin.number)
          }
        )
      }
      switch known?.lookup {
      case .found(let reference) where reference.hash == block.l1Origin.hash:
        if unsafe == nil { unsafe = block }
        if highest == nil { highest = block }
      case .beyondHead, nil:
        // L1 may just be late: what points beyond it is plausible.
        if unsafe == nil { unsafe = block }
        highest = nil
      case .found:
        unsafe = nil
        highest = nil
        if block.number <= configuration.genesis.l2.number { throw .wrongChain(block.l1Origin) }
        if block.number <= heads.finalized.number { throw .finalizedReorganised(block) }
      }
      if block.number <= max(heads.finalized.number, configuration.genesis.l2.number) {
        result.safe = block
        break
      }
      let isFarEnough =
        block.number <= heads.safe.number && block.sequenceNumber == 0
        && block.l1Origin.number &+ configuration.syncLookback
          < highest?.l1Origin.number ?? 0
      let number = block.number - 1
      block = try reading { () throws(SyncStartMiss) in try l2Block(number) }.reference
      if isFarEnough {
        result.safe = block
        break
      }
    }
    result.unsafe = unsafe ?? result.safe
    return result
  }

  /// Where a pipeline begins to read so that it can go on from `safeHead`.
  ///
  /// It goes back along L2 until the origins are a channel's timeout apart.
  ///
  /// - Throws: `SyncStartMiss` when an L2 block cannot be read.
  public static func pipelineStart(
    safeHead: L2Head, configuration: RollupConfiguration,
    l2Block: (UInt64) throws(SyncStartMiss) -> L2Head
  ) throws(SyncStartMiss) -> PipelineStart {
    let genesis = configuration.genesis
    let end = safeHead.reference.l1Origin.number
    var head = safeHead
    while head.reference.number > genesis.l2.number,
      head.reference.l1Origin.number > genesis.l1.number,
      head.reference.l1Origin.number &+ configuration.longestChannelTimeout > end
    {
      head = try l2Block(head.reference.number - 1)
    }
    return PipelineStart(
      l1Block: head.reference.l1Origin, systemConfiguration: head.systemConfiguration,
      safeHead: safeHead)
  }

  private static func reading<Value>(
    _ body: () throws(SyncStartMiss) -> Value
  ) throws(SyncStartError) -> Value {
    do throws(SyncStartMiss) { return try body() } catch { throw .missing(error) }
  }
}

extension RollupConfiguration {
  /// The longest that a channel may take, in L1 blocks, whenever it was.
  public var longestChannelTimeout: UInt64 {
    schedule.graniteTime == 0 ? channelTimeout(at: 0) : max(channelTimeoutBeforeGranite, 50)
  }

  /// How far back, in L1 blocks, what decides on the safe head may lie.
  var syncLookback: UInt64 {
    guard let altDA else { return sequencingWindowSize }
    return max(
      sequencingWindowSize, altDA.challengeWindow &+ altDA.resolveWindow)
  }
}
