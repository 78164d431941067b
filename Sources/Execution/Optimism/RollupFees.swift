import EVM
import Primitives

/// What a transaction's bytes are worth to the L1 fee.
public struct RollupData: Hashable, Sendable {
  /// Bytes that are zero.
  public var zeroCount: UInt64
  /// Other bytes.
  public var otherCount: UInt64
  /// The length that FastLZ would bring them to.
  public var compressedSizeInBytes: UInt64

  /// That of a whole signed transaction, as it stands in a batch.
  public init(_ encoded: Bytes) {
    zeroCount = 0
    for byte in encoded where byte == 0 { zeroCount += 1 }
    otherCount = UInt64(encoded.count) - zeroCount
    compressedSizeInBytes = UInt64(FastLZ.compressedSize(of: encoded))
  }

  /// That of a transaction of which only the compressed length is known.
  public init(compressedSizeInBytes: UInt64) {
    zeroCount = 0
    otherCount = 0
    self.compressedSizeInBytes = compressedSizeInBytes
  }

  /// The gas that the bytes would cost as call data on L1; before Fjord.
  func callDataGas(_ fork: RollupFork) -> UInt64 {
    // Before Regolith as much was added as a signature of 68 bytes may cost.
    let others = fork == .bedrock ? otherCount + 68 : otherCount
    return zeroCount * 4 + others * 16
  }

  /// Fjord's estimate of the bytes in a compressed batch, in millionths; at least 100 bytes.
  var estimatedSizeInMillionths: UInt64 {
    let scaled = compressedSizeInBytes * 836_500
    return max(100_000_000, scaled < 42_585_600 ? 0 : scaled - 42_585_600)
  }

  /// Jovian: how much of the block's gas limit the data takes, for a scalar.
  public func gas(scalar: UInt64) -> UInt64 {
    let (product, overflow) = (estimatedSizeInMillionths / 1_000_000)
      .multipliedReportingOverflow(by: scalar)
    return overflow ? .max : product
  }
}

/// What a transaction costs for L1.
public struct L1Charge: Hashable, Sendable {
  /// The L1 gas that it is counted with.
  public var gasUsed: UInt256
  /// The fee, in wei.
  public var fee: UInt256

  /// A charge with these values.
  public init(gasUsed: UInt256, fee: UInt256) {
    self.gasUsed = gasUsed
    self.fee = fee
  }
}

/// The parameters of the fees that an OP chain takes beside gas, as its L1Block contract has them.
///
/// Source: the OP Stack specification, execution engine of Bedrock, Ecotone, Fjord and Isthmus.
public struct RollupFeeParameters: Hashable, Sendable {
  /// L1's base fee, in wei.
  public var baseFee: UInt256 = .zero
  /// L1's blob base fee, in wei.
  public var blobBaseFee: UInt256 = .zero
  /// Before Ecotone: gas added to that of the data.
  public var overhead: UInt256 = .zero
  /// Before Ecotone: the scalar, in millionths.
  public var scalar: UInt256 = .zero
  /// The scalar of the base fee, in millionths.
  public var baseFeeScalar: UInt32 = 0
  /// The scalar of the blob base fee, in millionths.
  public var blobBaseFeeScalar: UInt32 = 0
  /// The operator's fee for gas.
  public var operatorFeeScalar: UInt32 = 0
  /// The operator's fee for a transaction, in wei.
  public var operatorFeeConstant: UInt64 = 0

  /// Parameters of zeros.
  public init() {}

  /// The fee for a transaction's data.
  public func l1Charge(_ data: RollupData, fork: RollupFork) -> L1Charge {
    l1Charge(data, fork: fork, hasOneScalar: fork < .ecotone || hasNoEcotoneFields)
  }

  /// Ecotone's first block still has the contract of before, whose new fields are empty.
  fileprivate var hasNoEcotoneFields: Bool {
    blobBaseFee.isZero && baseFeeScalar == 0 && blobBaseFeeScalar == 0
  }

  /// The fee for a transaction's data, by Bedrock's one scalar or by Ecotone's two.
  func l1Charge(_ data: RollupData, fork: RollupFork, hasOneScalar: Bool) -> L1Charge {
    if hasOneScalar {
      let gas = UInt256(data.callDataGas(fork)) &+ overhead
      return L1Charge(gasUsed: gas, fee: gas &* baseFee &* scalar / 1_000_000)
    }
    let price =
      16 &* UInt256(UInt64(baseFeeScalar)) &* baseFee
      &+ UInt256(UInt64(blobBaseFeeScalar)) &* blobBaseFee
    if fork < .fjord {
      let gas = UInt256(data.callDataGas(fork))
      return L1Charge(gasUsed: gas, fee: gas &* price / 16_000_000)
    }
    let size = UInt256(data.estimatedSizeInMillionths)
    return L1Charge(
      gasUsed: size &* 16 / 1_000_000, fee: size &* price / 1_000_000_000_000)
  }

  /// The operator's fee for so much gas, in wei; none before Isthmus.
  public func operatorFee(gas: UInt64, fork: RollupFork) -> UInt256 {
    guard fork >= .isthmus else { return .zero }
    let product = UInt256(gas) &* UInt256(UInt64(operatorFeeScalar))
    let share = fork >= .jovian ? product &* 100 : product / 1_000_000
    return share &+ UInt256(operatorFeeConstant)
  }
}

/// Where an OP chain keeps what the protocol itself reads and pays.
public enum Predeploys {
  private static func address(_ number: UInt32) -> Address {
    Address(0x4200_0000_0000_0000, 0, number)
  }

  /// The contract that holds the L1 attributes.
  public static let l1Block = address(0x15)
  /// The contract whose storage commits to the withdrawals.
  public static let messagePasser = address(0x16)
  /// Gets the priority fees, as the blocks' fee recipient.
  public static let sequencerFeeVault = address(0x11)
  /// Gets what other chains burn.
  public static let baseFeeVault = address(0x19)
  /// Gets the L1 fees.
  public static let l1FeeVault = address(0x1a)
  /// Gets the operator's fees, since Isthmus.
  public static let operatorFeeVault = address(0x1b)
}

extension RollupFeeParameters {
  /// The parameters in the slots of the L1Block contract.
  init(
    _ fork: RollupFork, slot: (UInt256) throws(StateMiss) -> UInt256
  ) throws(StateMiss) {
    self.init()
    baseFee = try slot(1)
    if fork >= .ecotone {
      let scalars = Hash(try slot(3))
      baseFeeScalar = UInt32(truncatingIfNeeded: scalars.word2 >> 32)
      blobBaseFeeScalar = UInt32(truncatingIfNeeded: scalars.word2)
      blobBaseFee = try slot(7)
    }
    if hasNoEcotoneFields {
      overhead = try slot(5)
      scalar = try slot(6)
    }
    if fork >= .isthmus {
      let packed = Hash(try slot(8))
      operatorFeeScalar = UInt32(truncatingIfNeeded: packed.word2)
      operatorFeeConstant = packed.word3
    }
  }
}

extension Journal {
  /// The parameters that the chain's L1Block contract holds now.
  func rollupFeeParameters(_ fork: RollupFork) throws(StateMiss) -> RollupFeeParameters {
    try RollupFeeParameters(fork) { slot throws(StateMiss) in
      try storage(Predeploys.l1Block, slot)
    }
  }
}
