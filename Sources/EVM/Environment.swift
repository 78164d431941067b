import Primitives

/// What the instructions may know about the block that they run in.
public struct BlockEnvironment: Sendable {
  /// The block's number.
  public var number: UInt64
  /// The block's time, in seconds since 1970.
  public var timestamp: UInt64
  /// Who receives the fees (COINBASE).
  public var feeRecipient: Address
  /// The largest sum of gas in the block.
  public var gasLimit: UInt64
  /// The price per gas that is burnt, in wei; from London on.
  public var baseFee: UInt256
  /// The proof of work's difficulty; before Paris.
  public var difficulty: UInt256
  /// The beacon chain's randomness; from Paris on, in place of the difficulty.
  public var prevRandao: Hash
  /// The price per gas of blobs, in wei; from Cancun on.
  public var blobBaseFee: UInt256
  /// The chain's number (CHAINID).
  public var chainID: UInt256
  /// The most bytes of a contract's code, from Spurious Dragon on; 24,576 on Ethereum (EIP-170).
  public var codeSizeLimit: Int

  /// The most bytes of a contract's code on Ethereum.
  public static var usualCodeSizeLimit: Int { 24_576 }

  /// The most bytes of the code that makes a contract, from Shanghai on (EIP-3860).
  public var initCodeSizeLimit: Int {
    let (size, overflow) = codeSizeLimit.multipliedReportingOverflow(by: 2)
    return overflow ? .max : size
  }

  /// An environment with these contents.
  public init(
    number: UInt64 = 0, timestamp: UInt64 = 0, feeRecipient: Address = .zero,
    gasLimit: UInt64 = 30_000_000, baseFee: UInt256 = 0, difficulty: UInt256 = 0,
    prevRandao: Hash = .zero, blobBaseFee: UInt256 = 1, chainID: UInt256 = 1,
    codeSizeLimit: Int = BlockEnvironment.usualCodeSizeLimit
  ) {
    self.number = number
    self.timestamp = timestamp
    self.feeRecipient = feeRecipient
    self.gasLimit = gasLimit
    self.baseFee = baseFee
    self.difficulty = difficulty
    self.prevRandao = prevRandao
    self.blobBaseFee = blobBaseFee
    self.chainID = chainID
    self.codeSizeLimit = codeSizeLimit
  }
}

/// What the instructions may know about the transaction that they run in.
public struct TransactionEnvironment: Sendable {
  /// Who signed the transaction (ORIGIN).
  public var origin: Address
  /// What the signer pays per gas, in wei (GASPRICE).
  public var gasPrice: UInt256
  /// The versioned hashes of the transaction's blobs.
  public var blobHashes: [Hash]

  /// An environment with these contents.
  public init(origin: Address, gasPrice: UInt256 = 0, blobHashes: [Hash] = []) {
    self.origin = origin
    self.gasPrice = gasPrice
    self.blobHashes = blobHashes
  }
}

/// An entry that a contract wrote into the transaction's receipt.
public struct Log: Hashable, Sendable {
  /// The contract.
  public var address: Address
  /// At most four words by which the entry can be found.
  public var topics: [Hash]
  /// The entry's contents.
  public var data: Bytes

  /// A log with these contents.
  public init(address: Address, topics: [Hash], data: Bytes) {
    self.address = address
    self.topics = topics
    self.data = data
  }
}
