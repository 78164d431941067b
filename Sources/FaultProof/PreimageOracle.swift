import Primitives

/// Where the program gets everything from: bytes under keys that commit to them.
///
/// Class-bound, so that the embedded core may hold it. The host implements it with what it knows, a
/// replay with a file, and the proof machine with its channels.
public protocol PreimageOracle: AnyObject, Sendable {
  /// The preimage of `key`, or nil when it is not here.
  func preimage(_ key: PreimageKey) -> Bytes?

  /// Tells the host what is asked for next; it changes nothing, and a replay does without.
  func hint(_ hint: PreimageHint)
}

/// What the program will ask for next, in OP's words.
public enum PreimageHint: Hashable, Sendable {
  /// The header of an L1 block.
  case l1Header(Hash)
  /// The trie of an L1 block's transactions.
  case l1Transactions(Hash)
  /// The trie of an L1 block's receipts.
  case l1Receipts(Hash)
  /// A blob of an L1 block of that time: its index and versioned hash.
  case l1Blob(versionedHash: Hash, index: UInt64, timestamp: UInt64)
  /// The state of L1 after a block, of which contracts are read.
  case l1State(Hash)
  /// A contract's code on L1.
  case l1Code(Hash)
  /// The parts of the output that was agreed on.
  case l2Output(Hash)
  /// The header of an L2 block.
  case l2Header(Hash)
  /// The trie of an L2 block's transactions.
  case l2Transactions(Hash)
  /// A node of an L2 state.
  case l2StateNode(Hash)
  /// A contract's code on L2.
  case l2Code(Hash)
  /// What a commitment to data elsewhere stands for.
  case l2Input(Bytes)
  /// The configuration of the rollup.
  case configuration(Hash)

  /// The hint as it is written: a word, a space, and hexadecimal digits.
  public var text: String {
    switch self {
    case .l1Header(let hash): "l1-block-header " + hash.hexadecimal
    case .l1Transactions(let hash): "l1-transactions " + hash.hexadecimal
    case .l1Receipts(let hash): "l1-receipts " + hash.hexadecimal
    case .l1Blob(let hash, let index, let timestamp):
      "l1-blob " + hash.hexadecimal
        + Hexadecimal.encode(
          UInt256(index).bigEndianBytes[24...] + UInt256(timestamp).bigEndianBytes[24...])
    case .l1State(let hash): "l1-state " + hash.hexadecimal
    case .l1Code(let hash): "l1-code " + hash.hexadecimal
    case .l2Output(let hash): "starting-l2-output " + hash.hexadecimal
    case .l2Header(let hash): "l2-block-header " + hash.hexadecimal
    case .l2Transactions(let hash): "l2-transactions " + hash.hexadecimal
    case .l2StateNode(let hash): "l2-state-node " + hash.hexadecimal
    case .l2Code(let hash): "l2-code " + hash.hexadecimal
    case .l2Input(let commitment): "l2-input " + Hexadecimal.encodePrefixed(commitment)
    case .configuration(let hash): "rollup-configuration " + hash.hexadecimal
    }
  }
}

/// What the oracle did not have, or had wrong.
public enum PreimageFault: Error, Hashable, Sendable {
  /// There is nothing under this key.
  case missing(PreimageKey)
  /// What is there is not what its place requires.
  case malformed(PreimageKey)

  /// What is wrong, in words.
  public var message: String {
    switch self {
    case .missing(let key): "no preimage of " + key.bytes.hexadecimal
    case .malformed(let key): "malformed preimage of " + key.bytes.hexadecimal
    }
  }
}
