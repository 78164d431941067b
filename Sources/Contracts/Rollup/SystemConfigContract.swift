import Cryptography
import Primitives

/// Typed calls of `contracts/rollup/l1/SystemConfig.sol`; only its owner may make those that set.
public enum SystemConfigContract {
  /// Where genesis places it.
  public static let address = LayerOneAddresses.systemConfig

  /// The slot that nodes read the signer of unsafe blocks from.
  public static let unsafeBlockSignerSlot = UInt256(
    Keccak256.hash(Bytes("systemconfig.unsafeblocksigner".utf8)))

  /// Names the batcher: for derivation, an address in 32 bytes.
  public static func setBatcher(_ batcher: Address) -> Bytes {
    ABI.call("setBatcherHash(address)", [.address(batcher)])
  }

  /// Sets the fee scalars of Ecotone and later, in millionths.
  public static func setGasConfig(baseFeeScalar: UInt32, blobBaseFeeScalar: UInt32) -> Bytes {
    ABI.call(
      "setGasConfigEcotone(uint32,uint32)",
      [.uint(UInt64(baseFeeScalar)), .uint(UInt64(blobBaseFeeScalar))])
  }

  /// Sets the fee parameters of Bedrock.
  public static func setLegacyGasConfig(overhead: UInt256, scalar: UInt256) -> Bytes {
    ABI.call("setGasConfig(uint256,uint256)", [.uint(overhead), .uint(scalar)])
  }

  /// Sets the gas limit of L2's blocks.
  public static func setGasLimit(_ gasLimit: UInt64) -> Bytes {
    ABI.call("setGasLimit(uint64)", [.uint(gasLimit)])
  }

  /// Names the signer of unsafe blocks.
  public static func setUnsafeBlockSigner(_ signer: Address) -> Bytes {
    ABI.call("setUnsafeBlockSigner(address)", [.address(signer)])
  }

  /// Sets how the base fee follows demand; neither may be 0.
  public static func setBaseFeeParameters(denominator: UInt32, elasticity: UInt32) -> Bytes {
    ABI.call(
      "setEIP1559Params(uint32,uint32)", [.uint(UInt64(denominator)), .uint(UInt64(elasticity))])
  }

  /// Sets the operator's fee.
  public static func setOperatorFee(scalar: UInt32, constant: UInt64) -> Bytes {
    ABI.call("setOperatorFeeScalars(uint32,uint64)", [.uint(UInt64(scalar)), .uint(constant)])
  }

  /// Sets the lowest base fee, in wei.
  public static func setLowestBaseFee(_ fee: UInt64) -> Bytes {
    ABI.call("setMinBaseFee(uint64)", [.uint(fee)])
  }

  /// Sets how much gas a byte of data takes of a block.
  public static func setDataFootprintScalar(_ scalar: UInt16) -> Bytes {
    ABI.call("setDAFootprintGasScalar(uint16)", [.uint(UInt64(scalar))])
  }

  /// The gas limit of L2's blocks.
  public static var gasLimit: ContractView<UInt64> {
    ContractView(shortNumber: address, ABI.call("gasLimit()"))
  }

  /// The batcher, as derivation knows it.
  public static var batcherHash: ContractView<Hash> {
    ContractView(hash: address, ABI.call("batcherHash()"))
  }

  /// The fee scalars, packed as in the events.
  public static var scalar: ContractView<UInt256> {
    ContractView(number: address, ABI.call("scalar()"))
  }

  /// Who signs unsafe blocks.
  public static var unsafeBlockSigner: ContractView<Address> {
    ContractView(address: address, ABI.call("unsafeBlockSigner()"))
  }

  /// Who may set.
  public static var owner: ContractView<Address> {
    ContractView(address: address, ABI.call("owner()"))
  }

  /// Whether nothing arrives on L1 at present.
  public static var isPaused: ContractView<Bool> {
    ContractView(flag: address, ABI.call("paused()"))
  }
}

/// Typed calls of `contracts/rollup/l1/SuperchainConfig.sol`; only the guardian may make them.
public enum SuperchainConfigContract {
  /// Where genesis places it.
  public static let address = LayerOneAddresses.superchainConfig

  /// Stops what arrives on L1.
  public static func pause(_ reason: String) -> Bytes {
    ABI.call("pause(string)", [.string(reason)])
  }

  /// Lets it arrive again.
  public static var unpause: Bytes { ABI.call("unpause()") }

  /// Who may pause.
  public static var guardian: ContractView<Address> {
    ContractView(address: address, ABI.call("guardian()"))
  }
}
