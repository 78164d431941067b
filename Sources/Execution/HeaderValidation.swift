import Cryptography
import EVM
import Primitives

/// Checks a header against its parent's, before anything has run; the body is not looked at.
///
/// For ommers, whose bodies nobody has; `importBlock` does the same for a block's own header. The
/// seal of proof of work is not checked.
///
/// - Throws: `BlockRejection.field`.
public func validateHeader(
  _ header: BlockHeader, parent: BlockHeader, specification: ChainSpecification
) throws(BlockRejection) {
  try HeaderValidation(specification, parent: parent, header: header).check()
}

/// A header against its parent, before anything has run; the seal of proof of work is not checked.
struct HeaderValidation {
  let specification: ChainSpecification
  let parent: BlockHeader
  let header: BlockHeader
  let fork: Fork

  init(_ specification: ChainSpecification, parent: BlockHeader, header: BlockHeader) {
    self.specification = specification
    self.parent = parent
    self.header = header
    fork = specification.fork(of: header)
  }

  func check() throws(BlockRejection) {
    try match(.parentHash, .hash(parent.hash), .hash(header.parentHash))
    try match(.number, number(parent.number &+ 1), number(header.number))
    try checkTime()
    try checkExtraData()
    if WithdrawalOfTheDAO.marks(header.number, since: specification.forks.daoForkBlock) {
      try match(.extraData, .bytes(WithdrawalOfTheDAO.extraData), .bytes(header.extraData))
    }
    try checkGas()
    try checkProof()
    try checkPresence()
    if fork >= .london {
      let expected = nextBaseFee(
        parent: parent, specification: specification, timestamp: header.timestamp)
      try match(.baseFee, .number(expected), .number(header.baseFee ?? .zero))
    }
    if fork >= .cancun { try checkBlobs() }
  }

  private func checkTime() throws(BlockRejection) {
    if header.timestamp > parent.timestamp { return }
    throw .field(
      .timestamp, expected: .atLeast(UInt256(parent.timestamp) + .one),
      got: number(header.timestamp))
  }

  /// At most 32 bytes; on an OP chain since Holocene exactly what its fork asks for.
  private func checkExtraData() throws(BlockRejection) {
    try limit(.extraData, UInt64(header.extraData.count), 32)
    guard let rollup = specification.rollupFork(at: header.timestamp), rollup >= .holocene,
      RollupExtraData(header.extraData, fork: rollup) == nil
    else { return }
    throw .field(.extraData, expected: .present, got: .bytes(header.extraData))
  }

  /// The limit moves by less than a 1024th, and is at least 5000 (Yellow Paper, equation 46).
  private func checkGas() throws(BlockRejection) {
    try limit(.gasLimit, header.gasLimit, UInt64(Int64.max))
    try limit(.gasUsed, header.gasUsed, header.gasLimit)
    if specification.isOptimism { return }
    var previous = parent.gasLimit
    if fork >= .london, parent.baseFee == nil {
      let elastic = previous.multipliedReportingOverflow(
        by: specification.baseFeeParameters.elasticity)
      previous = elastic.overflow ? .max : elastic.partialValue
    }
    let bound = previous / 1024
    let most = previous.addingReportingOverflow(bound == 0 ? 0 : bound - 1)
    let least = max(5_000, previous - (bound == 0 ? 0 : bound - 1))
    try limit(.gasLimit, header.gasLimit, most.overflow ? .max : most.partialValue)
    if header.gasLimit < least {
      throw .field(
        .gasLimit, expected: .atLeast(UInt256(least)), got: number(header.gasLimit))
    }
  }

  /// Difficulty and nonce, by proof of work or of stake (EIP-3675).
  private func checkProof() throws(BlockRejection) {
    guard !specification.isMerged(header) else {
      try match(.nonce, number(0), number(header.nonce))
      try match(
        .ommersHash, .hash(BlockHeader.emptyOmmersHash), .hash(header.ommersHash))
      return
    }
    if specification.isMerged(parent), parent.number > 0 {
      throw .field(.difficulty, expected: number(0), got: .number(header.difficulty))
    }
    let expected = Difficulty.next(
      parent: parent, timestamp: header.timestamp, specification: specification)
    try match(.difficulty, .number(expected ?? .max), .number(header.difficulty))
  }

  /// Whether exactly the fields of the fork are there.
  private func checkPresence() throws(BlockRejection) {
    try presence(.baseFee, since: .london, header.baseFee != nil)
    try presence(.withdrawalsRoot, since: .shanghai, header.withdrawalsRoot != nil)
    try presence(.blobGasUsed, since: .cancun, header.blobGasUsed != nil)
    try presence(.excessBlobGas, since: .cancun, header.excessBlobGas != nil)
    try presence(.parentBeaconBlockRoot, since: .cancun, header.parentBeaconBlockRoot != nil)
    try presence(.requestsHash, since: .prague, header.requestsHash != nil)
  }

  private func checkBlobs() throws(BlockRejection) {
    if let rollup = specification.rollupFork(at: header.timestamp) {
      // Since Jovian the field holds the footprint of the block's data.
      let most = rollup >= .jovian ? header.gasLimit : 0
      try limit(.blobGasUsed, header.blobGasUsed ?? 0, most)
    } else {
      let parameters = specification.blobParameters(at: header.timestamp)
      try limit(.blobGasUsed, header.blobGasUsed ?? 0, parameters.maximumGas)
    }
    let expected = nextExcessBlobGas(
      parent: parent, timestamp: header.timestamp, specification: specification)
    try match(.excessBlobGas, number(expected), number(header.excessBlobGas ?? 0))
  }

  private func presence(
    _ field: BlockField, since start: Fork, _ isPresent: Bool
  ) throws(BlockRejection) {
    let expected = fork >= start
    if expected == isPresent { return }
    throw .field(
      field, expected: expected ? .present : .absent, got: isPresent ? .present : .absent)
  }

  private func limit(
    _ field: BlockField, _ value: UInt64, _ most: UInt64
  ) throws(BlockRejection) {
    if value <= most { return }
    throw .field(field, expected: .atMost(UInt256(most)), got: number(value))
  }

  private func match(
    _ field: BlockField, _ expected: FieldValue, _ got: FieldValue
  ) throws(BlockRejection) {
    if expected != got { throw .field(field, expected: expected, got: got) }
  }

  private func number(_ value: UInt64) -> FieldValue { .number(UInt256(value)) }
}
