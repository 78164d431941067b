import Derivation
import JSON
import Ledger
import Primitives

/// What op-node's methods answer with, in its JSON form.
enum RollupJSON {
  /// An L1 block; zeros where there is none.
  static func block(_ block: L1BlockReference?) -> JSON {
    [
      "hash": .string((block?.hash ?? .zero).hexadecimal), "number": .integer(block?.number ?? 0),
      "parentHash": .string((block?.parentHash ?? .zero).hexadecimal),
      "timestamp": .integer(block?.timestamp ?? 0),
    ]
  }

  /// An L2 block with its L1 origin.
  static func block(_ block: L2BlockReference) -> JSON {
    [
      "hash": .string(block.hash.hexadecimal), "number": .integer(block.number),
      "parentHash": .string(block.parentHash.hexadecimal), "timestamp": .integer(block.timestamp),
      "l1origin": block.l1Origin.json, "sequenceNumber": .integer(block.sequenceNumber),
    ]
  }

  /// How far a rollup is.
  static func status(_ rollup: Rollup) -> JSON {
    let unsafe = block(rollup.unsafe.reference)
    let safe = block(rollup.safe.reference)
    return [
      "current_l1": block(rollup.l1Head), "current_l1_finalized": block(rollup.l1Finalized),
      "head_l1": block(rollup.l1Head), "safe_l1": block(rollup.l1Safe),
      "finalized_l1": block(rollup.l1Finalized), "unsafe_l2": unsafe, "safe_l2": safe,
      "finalized_l2": block(rollup.finalized), "pending_safe_l2": safe, "cross_unsafe_l2": unsafe,
      "local_safe_l2": safe,
    ]
  }
}
