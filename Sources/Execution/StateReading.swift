import EVM
import Primitives

/// Where BLOCKHASH gets its answers; asked only within the last 256 blocks.
///
/// Class-bound, so that the embedded core may hold it.
public protocol AncestorHashes: AnyObject {
  /// The hash of the block `number` of this block's own chain.
  ///
  /// - Throws: `StateMiss.blockHash` when it is not here.
  func blockHash(_ number: UInt64) throws(StateMiss) -> Hash
}

/// Hashes of blocks that follow each other, the last of them the parent.
public final class RecentHashes: AncestorHashes, Sendable {
  /// The number of the first.
  public let first: UInt64
  /// The hashes, oldest first.
  public let hashes: [Hash]

  /// The hashes of the blocks from `first` on.
  public init(first: UInt64, hashes: [Hash]) {
    self.first = first
    self.hashes = hashes
  }

  /// The hash of the block `number`.
  ///
  /// - Throws: `StateMiss.blockHash` for a block that is not among them.
  public func blockHash(_ number: UInt64) throws(StateMiss) -> Hash {
    guard number >= first, let index = Int(exactly: number - first), index < hashes.count else {
      throw .blockHash(number)
    }
    return hashes[index]
  }
}

/// What a machine reads of a state.
///
/// It remembers the last account's storage, since slots of one account are asked for together.
final class StateView: StateReader {
  private let state: State
  private let ancestors: any AncestorHashes
  private var last: (address: Address, entry: StateEntry)?

  init(_ state: State, _ ancestors: any AncestorHashes) {
    self.state = state
    self.ancestors = ancestors
  }

  func account(_ address: Address) throws(StateMiss) -> Account? {
    try entry(address)?.account
  }

  func storage(_ address: Address, _ slot: UInt256) throws(StateMiss) -> UInt256 {
    guard let entry = try entry(address) else { return .zero }
    return try entry.word(in: slot)
  }

  func code(_ codeHash: Hash) throws(StateMiss) -> Bytes { try state.code(codeHash) }

  func blockHash(_ number: UInt64) throws(StateMiss) -> Hash {
    try ancestors.blockHash(number)
  }

  private func entry(_ address: Address) throws(StateMiss) -> StateEntry? {
    if let last, last.address == address { return last.entry }
    guard let entry = try state.entry(address) else { return nil }
    last = (address, entry)
    return entry
  }
}

extension State {
  /// This state for a machine, with the hashes of earlier blocks from `blockHashes`.
  public func reader(blockHashes: any AncestorHashes) -> any StateReader {
    StateView(self, blockHashes)
  }
}
