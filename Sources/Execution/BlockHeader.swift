import Cryptography
import Primitives
import Trie

/// A block's header, of any fork; fields that came with a fork are nil before it.
public struct BlockHeader: Hashable, Sendable {
  /// The hash of the parent's header.
  public var parentHash: Hash
  /// The hash of the ommers' list; that of the empty list since Paris.
  public var ommersHash: Hash = BlockHeader.emptyOmmersHash
  /// Who gets the priority fees (and once the block reward).
  public var feeRecipient: Address
  /// The state root after the block.
  public var stateRoot: Hash = MerklePatriciaTrie.emptyRoot
  /// The root of the transactions' trie.
  public var transactionsRoot: Hash = MerklePatriciaTrie.emptyRoot
  /// The root of the receipts' trie.
  public var receiptsRoot: Hash = MerklePatriciaTrie.emptyRoot
  /// The filter over all logs.
  public var bloom = Bloom()
  /// The proof-of-work difficulty; 0 since Paris.
  public var difficulty: UInt256 = .zero
  /// How many blocks came before.
  public var number: UInt64
  /// The most gas that the block may use.
  public var gasLimit: UInt64
  /// The gas that its transactions used.
  public var gasUsed: UInt64 = 0
  /// Seconds since 1970.
  public var timestamp: UInt64
  /// At most 32 bytes of the producer's choice.
  public var extraData: Bytes = []
  /// Since Paris the beacon chain's randomness; before, a part of the proof of work.
  public var prevRandao: Hash = .zero
  /// A part of the proof of work; 0 since Paris.
  public var nonce: UInt64 = 0
  /// Since London: what each gas burns, in wei.
  public var baseFee: UInt256?
  /// Since Shanghai: the root of the withdrawals' trie.
  public var withdrawalsRoot: Hash?
  /// Since Cancun: the gas that its blobs took.
  public var blobGasUsed: UInt64?
  /// Since Cancun: how much blob gas the chain is ahead of its target.
  public var excessBlobGas: UInt64?
  /// Since Cancun: the root of the parent beacon block.
  public var parentBeaconBlockRoot: Hash?
  /// Since Prague: the hash over the requests to the beacon chain (EIP-7685).
  public var requestsHash: Hash?

  /// The Keccak-256 of the RLP of an empty list.
  public static let emptyOmmersHash = Keccak256.hash([0xc0])

  /// A header with what must be said; the rest has the values of an empty block.
  public init(
    parentHash: Hash, feeRecipient: Address, number: UInt64, gasLimit: UInt64, timestamp: UInt64
  ) {
    self.parentHash = parentHash
    self.feeRecipient = feeRecipient
    self.number = number
    self.gasLimit = gasLimit
    self.timestamp = timestamp
  }

  /// The Keccak-256 of the encoding, by which the block is named.
  public var hash: Hash { Keccak256.hash(encoded) }

  /// The RLP; the fields of later forks follow as far as they are there.
  public var encoded: Bytes {
    RLPWriter.list(reservingCapacity: 768) { list in
      list.append(hash: parentHash)
      list.append(hash: ommersHash)
      list.append(address: feeRecipient)
      list.append(hash: stateRoot)
      list.append(hash: transactionsRoot)
      list.append(hash: receiptsRoot)
      list.append(bytes: bloom.bytes)
      list.append(uint256: difficulty)
      list.append(uint64: number)
      list.append(uint64: gasLimit)
      list.append(uint64: gasUsed)
      list.append(uint64: timestamp)
      list.append(bytes: extraData)
      list.append(hash: prevRandao)
      list.append(bytes: UInt256(nonce).bigEndianBytes[24...])
      if let baseFee { list.append(uint256: baseFee) }
      if let withdrawalsRoot { list.append(hash: withdrawalsRoot) }
      if let blobGasUsed { list.append(uint64: blobGasUsed) }
      if let excessBlobGas { list.append(uint64: excessBlobGas) }
      if let parentBeaconBlockRoot { list.append(hash: parentBeaconBlockRoot) }
      if let requestsHash { list.append(hash: requestsHash) }
    }
  }

  /// The header whose encoding is `bytes`.
  ///
  /// - Throws: `RLPError` when it is none; an unknown field at the end counts as trailing bytes.
  public static func decode(_ bytes: Bytes) throws(RLPError) -> BlockHeader {
    var reader = RLPReader(bytes)
    let header = try BlockHeader(from: &reader)
    try reader.end()
    return header
  }

  /// The next item of `reader` as a header.
  ///
  /// - Throws: `RLPError` when it is none.
  public init(from reader: inout RLPReader) throws(RLPError) {
    var fields = try reader.list()
    parentHash = try fields.hash()
    ommersHash = try fields.hash()
    feeRecipient = try fields.address()
    stateRoot = try fields.hash()
    transactionsRoot = try fields.hash()
    receiptsRoot = try fields.hash()
    guard let filter = Bloom(checking: try fields.bytes(count: Bloom.sizeInBytes)) else {
      throw .wrongLength
    }
    bloom = filter
    difficulty = try fields.uint256()
    number = try fields.uint64()
    gasLimit = try fields.uint64()
    gasUsed = try fields.uint64()
    timestamp = try fields.uint64()
    extraData = Bytes(try fields.bytes())
    prevRandao = try fields.hash()
    nonce = UInt256(bigEndian: try fields.bytes(count: 8)).lowUInt64
    if !fields.isAtEnd { baseFee = try fields.uint256() }
    if !fields.isAtEnd { withdrawalsRoot = try fields.hash() }
    if !fields.isAtEnd { blobGasUsed = try fields.uint64() }
    if !fields.isAtEnd { excessBlobGas = try fields.uint64() }
    if !fields.isAtEnd { parentBeaconBlockRoot = try fields.hash() }
    if !fields.isAtEnd { requestsHash = try fields.hash() }
    try fields.end()
  }
}
