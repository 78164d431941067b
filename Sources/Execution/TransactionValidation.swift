import Cryptography
import EVM
import Primitives

/// What a transaction is checked against.
struct TransactionRules {
  let specification: ChainSpecification
  let fork: Fork
  /// What code sees of the block.
  var block: BlockEnvironment
  /// The most blob gas in the block.
  let blobGasLimit: UInt64
  /// The OP Stack's rules; nil on other chains.
  let rollup: RollupFork?

  /// EIP-7825: the most gas for one transaction.
  static let gasLimitCap: UInt64 = 1 << 24
  /// EIP-4844: the first byte of a blob's versioned hash.
  static let blobHashVersion: UInt64 = 1

  init(_ specification: ChainSpecification, _ header: BlockHeader) {
    self.specification = specification
    fork = specification.fork(of: header)
    block = header.environment(specification)
    rollup = specification.rollupFork(at: header.timestamp)
    blobGasLimit = specification.blobParameters(at: header.timestamp).maximumGas
  }

  /// Checks what the transaction alone says, without the state.
  func check(_ transaction: Transaction, sender: Address) throws(TransactionRefusal) {
    try checkKind(transaction)
    if transaction.nonce == .max {
      throw .nonceExhausted(sender: sender, nonce: transaction.nonce)
    }
    if fork >= .osaka, transaction.gasLimit > Self.gasLimitCap {
      throw .gasLimitAboveCap(limit: transaction.gasLimit, cap: Self.gasLimitCap)
    }
    if transaction.gasLimit > block.gasLimit {
      throw .gasLimitAboveBlock(limit: transaction.gasLimit, block: block.gasLimit)
    }
    try checkFees(transaction, sender: sender)
    try checkBlobs(transaction, sender: sender)
    try checkGas(transaction)
  }

  /// Whether the fork and the chain know such transactions.
  private func checkKind(_ transaction: Transaction) throws(TransactionRefusal) {
    let isKnown =
      switch transaction.kind {
      case .legacy: true
      case .accessList: fork >= .berlin
      case .dynamicFee: fork >= .london
      case .blob: fork >= .cancun && !specification.isOptimism
      case .setCode: fork >= .prague
      case .deposit: specification.isOptimism
      }
    guard isKnown else { throw .typeNotSupported(transaction.kind) }
    let namesChain = transaction.chainID != nil
    let mayNameNone = transaction.kind == .legacy || transaction.kind == .deposit
    let isOurs = transaction.chainID == specification.chainID
    guard isOurs || (!namesChain && mayNameNone), !namesChain || fork >= .spuriousDragon else {
      throw .wrongChainID(expected: specification.chainID, got: transaction.chainID)
    }
    if transaction.kind == .setCode {
      if transaction.isCreation { throw .setCodeCreation }
      if transaction.authorizations.isEmpty { throw .authorizationsMissing }
    }
  }

  /// Whether the transaction would pay the block's fees.
  func checkFees(_ transaction: Transaction, sender: Address) throws(TransactionRefusal) {
    let cap = transaction.maxFeePerGas
    if transaction.maxPriorityFeePerGas > cap {
      throw .tipAboveFeeCap(sender: sender, tip: transaction.maxPriorityFeePerGas, cap: cap)
    }
    if fork >= .london, cap < block.baseFee {
      throw .feeCapBelowBaseFee(sender: sender, cap: cap, baseFee: block.baseFee)
    }
  }

  /// Whether the blobs are as EIP-4844 and EIP-7594 want them.
  func checkBlobs(
    _ transaction: Transaction, sender: Address, asksFee: Bool = true
  ) throws(TransactionRefusal) {
    guard transaction.kind == .blob else { return }
    if transaction.isCreation { throw .blobCreation }
    let hashes = transaction.blobHashes
    if hashes.isEmpty { throw .blobsMissing }
    if fork >= .osaka, hashes.count > BlobParameters.blobsPerTransaction {
      throw .tooManyBlobs(count: hashes.count, limit: BlobParameters.blobsPerTransaction)
    }
    for (index, hash) in hashes.enumerated() where hash.word0 >> 56 != Self.blobHashVersion {
      throw .blobVersionUnknown(index: index)
    }
    if asksFee, transaction.maxFeePerBlobGas < block.blobBaseFee {
      throw .blobFeeCapBelowBlobBaseFee(
        sender: sender, cap: transaction.maxFeePerBlobGas, blobBaseFee: block.blobBaseFee)
    }
    if transaction.blobGas > blobGasLimit {
      throw .blobGasExhausted(needed: transaction.blobGas, available: blobGasLimit)
    }
  }

  /// Whether the gas limit covers what is due before the first instruction.
  func checkGas(_ transaction: Transaction) throws(TransactionRefusal) {
    let intrinsic = transaction.intrinsicGas(fork)
    if transaction.gasLimit < intrinsic.gas {
      throw .intrinsicGasTooLow(have: transaction.gasLimit, need: intrinsic.gas)
    }
    if transaction.gasLimit < intrinsic.floor {
      throw .floorGasTooLow(have: transaction.gasLimit, need: intrinsic.floor)
    }
    let size = transaction.data.count
    if fork >= .shanghai, transaction.isCreation, size > block.initCodeSizeLimit {
      throw .initCodeTooLarge(sizeInBytes: size, limit: block.initCodeSizeLimit)
    }
  }
}

extension Transaction {
  /// The most that it may cost its sender, in wei; nil when no 256 bits hold it.
  public var maximumCost: UInt256? {
    let gas = UInt256(gasLimit).multipliedReportingOverflow(by: maxFeePerGas)
    let blobs = UInt256(blobGas).multipliedReportingOverflow(by: maxFeePerBlobGas)
    let fees = gas.partialValue.addingReportingOverflow(blobs.partialValue)
    let total = fees.partialValue.addingReportingOverflow(value)
    let overflow = gas.overflow || blobs.overflow || fees.overflow || total.overflow
    return overflow ? nil : total.partialValue
  }
}

/// Checks a transaction for the pool of a chain, against its head; geth's order and words.
///
/// Nonces above the account's and fees below the base fee are left to the pool. On an OP chain the
/// balance must cover what is owed beside gas, by the parameters that `rollupFees` gives.
///
/// - Throws: `TransactionRefusal`.
public func validate(
  _ transaction: Transaction, sender: Address, account: Account?, head: BlockHeader,
  specification: ChainSpecification, rollupFees: RollupFeeParameters? = nil
) throws(TransactionRefusal) {
  var header = head
  header.baseFee = .zero
  let rules = TransactionRules(specification, header)
  if transaction.kind == .deposit { throw .typeNotSupported(.deposit) }
  try rules.check(transaction, sender: sender)
  let account = account ?? .empty
  if transaction.nonce < account.nonce {
    throw .nonceTooLow(expected: account.nonce, got: transaction.nonce)
  }
  var cost = transaction.maximumCost ?? .max
  if let rollupFees, let fork = rules.rollup {
    let (sum, overflow) = cost.addingReportingOverflow(
      rollupFees.mostOwed(by: transaction, fork: fork))
    cost = overflow ? .max : sum
  }
  guard transaction.maximumCost != nil, cost <= account.balance else {
    throw .insufficientFunds(sender: sender, balance: account.balance, cost: cost)
  }
}
