import JSON
import Primitives

/// Which block a call speaks of.
public enum BlockSelector: Hashable, Sendable {
  /// The block of that number on the canonical chain.
  case number(UInt64)
  /// The block of that hash; if so asked, only on the canonical chain (EIP-1898).
  case hash(Hash, requireCanonical: Bool)
  /// The first block.
  case earliest
  /// The head.
  case latest
  /// The newest block unlikely to be reverted.
  case safe
  /// The newest block that will not be reverted.
  case finalized
  /// The block that would be made now.
  case pending

  /// The block of that name.
  init?(tag: String) {
    switch tag {
    case "earliest": self = .earliest
    case "latest": self = .latest
    case "safe": self = .safe
    case "finalized": self = .finalized
    case "pending": self = .pending
    default: return nil
    }
  }
}

extension RPCValue {
  /// A block by its number or name.
  ///
  /// Otterscan and scripts for anvil write the number as JSON does.
  public func blockNumber() throws(RPCError) -> BlockSelector {
    if let number = json.uint64, number <= UInt64(Int64.max) { return .number(number) }
    guard case .string(let text) = json else { throw error("block number is no string") }
    if let tag = BlockSelector(tag: text) { return tag }
    // The wording is pinned by the execution API's own tests.
    guard text.utf8.starts(with: "0x".utf8) else { throw error("hex string without 0x prefix") }
    let number = try uint64(as: "block number")
    guard number <= UInt64(Int64.max) else { throw error("block number larger than int64") }
    return .number(number)
  }

  /// A block by its number, name or hash (EIP-1898).
  public func block() throws(RPCError) -> BlockSelector {
    if case .string(let text) = json {
      if text.utf8.count == 66 { return .hash(try hash(), requireCanonical: false) }
      return try blockNumber()
    }
    if json.uint64 != nil { return try blockNumber() }
    guard case .object = json else { throw error("block is neither string nor object") }
    switch (try optional("blockNumber"), try optional("blockHash")) {
    case (_?, _?):
      throw error("cannot specify both BlockHash and BlockNumber, choose one or the other")
    case (let number?, nil): return try number.blockNumber()
    case (nil, let hash?):
      let requireCanonical = try optional("requireCanonical")?.bool() ?? false
      return .hash(try hash.hash(), requireCanonical: requireCanonical)
    case (nil, nil): throw error("neither blockNumber nor blockHash")
    }
  }
}
