import EVM
import Execution
import Primitives

/// What the rollup's owner can change on L1 while the chain runs.
public struct SystemConfiguration: Hashable, Sendable {
  /// The address whose batcher transactions count.
  public var batcher: Address
  /// Bedrock: gas added to that of a transaction's data; 0 since Ecotone.
  public var overhead: UInt256
  /// Bedrock: the scalar of the L1 fee; since Ecotone two scalars, with a version in front.
  public var scalar: Hash
  /// The most gas of an L2 block.
  public var gasLimit: UInt64
  /// Since Holocene: the part by which the base fee moves at most; 0 for the chain's default.
  public var changeDenominator: UInt32 = 0
  /// Since Holocene: the base fee's elasticity; 0 for the chain's default.
  public var elasticity: UInt32 = 0
  /// Since Isthmus: the scalar of the operator's fee.
  public var operatorFeeScalar: UInt32 = 0
  /// Since Isthmus: the constant of the operator's fee, in wei.
  public var operatorFeeConstant: UInt64 = 0
  /// Since Jovian: the base fee does not fall below this, in wei.
  public var lowestBaseFee: UInt64 = 0
  /// Since Jovian: how much of a block's gas limit a byte of data takes; 0 stands for 400.
  public var daFootprintGasScalar: UInt16 = 0

  /// A configuration with these values, and zeros for what came after Ecotone.
  public init(batcher: Address, overhead: UInt256 = .zero, scalar: Hash, gasLimit: UInt64) {
    self.batcher = batcher
    self.overhead = overhead
    self.scalar = scalar
    self.gasLimit = gasLimit
  }

  /// The word of two Ecotone scalars.
  public static func ecotoneScalar(baseFeeScalar: UInt32, blobBaseFeeScalar: UInt32) -> Hash {
    Hash(1 << 56, 0, 0, UInt64(blobBaseFeeScalar) << 32 | UInt64(baseFeeScalar))
  }

  /// Denominator and elasticity in eight bytes, as payload attributes hold them.
  public var encodedBaseFeeParameters: Bytes {
    Bytes(UInt256(UInt64(changeDenominator) << 32 | UInt64(elasticity)).bigEndianBytes[24...])
  }
}

/// A change of the system configuration.
public enum SystemConfigurationUpdate: Hashable, Sendable {
  /// Type 0: another batcher.
  case batcher(Address)
  /// Type 1: overhead and scalar, or since Ecotone the word of two scalars.
  case feeScalars(overhead: UInt256, scalar: Hash)
  /// Type 2: another gas limit.
  case gasLimit(UInt64)
  /// Type 3: another signer of unsafe blocks; derivation does not look at it.
  case unsafeBlockSigner(Address)
  /// Type 4: other parameters of the base fee.
  case baseFeeParameters(changeDenominator: UInt32, elasticity: UInt32)
  /// Type 5: another operator fee.
  case operatorFee(scalar: UInt32, constant: UInt64)
  /// Type 6: another lowest base fee.
  case lowestBaseFee(UInt64)
  /// Type 7: another weight of data.
  case daFootprintGasScalar(UInt16)
}

extension SystemConfiguration {
  /// Makes the change.
  ///
  /// Since Ecotone, by the time of the L1 block, the overhead is dropped, and a scalar that is none
  /// changes nothing.
  public mutating func apply(_ update: SystemConfigurationUpdate, isEcotone: Bool) {
    switch update {
    case .batcher(let address): batcher = address
    case .feeScalars(let overhead, let scalar):
      if isEcotone {
        guard EcotoneScalars(word: scalar) != nil else { return }
        self.overhead = .zero
      } else {
        self.overhead = overhead
      }
      self.scalar = scalar
    case .gasLimit(let limit): gasLimit = limit
    case .unsafeBlockSigner: break
    case .baseFeeParameters(let changeDenominator, let elasticity):
      self.changeDenominator = changeDenominator
      self.elasticity = elasticity
    case .operatorFee(let scalar, let constant):
      operatorFeeScalar = scalar
      operatorFeeConstant = constant
    case .lowestBaseFee(let fee): lowestBaseFee = fee
    case .daFootprintGasScalar(let scalar): daFootprintGasScalar = scalar
    }
  }
}
