import Cryptography
import Primitives

/// Typed calls of `contracts/rollup/l2/GasPriceOracle.sol`.
public enum GasPriceOracleContract {
  /// Where every OP chain has it.
  public static let address = LayerTwoAddresses.gasPriceOracle

  /// The L1 fee of an unsigned transaction, encoded, in wei.
  public static func l1Fee(_ transaction: Bytes) -> ContractView<UInt256> {
    ContractView(number: address, ABI.call("getL1Fee(bytes)", [.bytes(transaction)]))
  }

  /// The L1 fee of an unsigned transaction of a size that hardly compresses, in wei.
  public static func l1FeeUpperBound(sizeInBytes: UInt64) -> ContractView<UInt256> {
    ContractView(number: address, ABI.call("getL1FeeUpperBound(uint256)", [.uint(sizeInBytes)]))
  }

  /// The L1 gas that an unsigned transaction, encoded, is counted with.
  public static func l1GasUsed(_ transaction: Bytes) -> ContractView<UInt256> {
    ContractView(number: address, ABI.call("getL1GasUsed(bytes)", [.bytes(transaction)]))
  }

  /// The operator's fee for so much gas, in wei.
  public static func operatorFee(gas: UInt256) -> ContractView<UInt256> {
    ContractView(number: address, ABI.call("getOperatorFee(uint256)", [.uint(gas)]))
  }

  /// Whether an upgrade, such as "Fjord", has begun for this contract.
  public static func hasBegun(_ upgrade: String) -> ContractView<Bool> {
    ContractView(flag: address, ABI.call("is" + upgrade + "()"))
  }

  /// Tells it that an upgrade begins; only the depositor may.
  public static func begin(_ upgrade: String) -> Bytes { ABI.call("set" + upgrade + "()") }
}

/// Typed calls of `contracts/rollup/l2/L1Block.sol`.
public enum L1BlockContract {
  /// Where every OP chain has it.
  public static let address = LayerTwoAddresses.l1Block

  /// The number of the L1 block that L2 knows.
  public static var number: ContractView<UInt64> {
    ContractView(shortNumber: address, ABI.call("number()"))
  }

  /// Its time.
  public static var timestamp: ContractView<UInt64> {
    ContractView(shortNumber: address, ABI.call("timestamp()"))
  }

  /// Its hash.
  public static var hash: ContractView<Hash> {
    ContractView(hash: address, ABI.call("hash()"))
  }

  /// How many blocks of L2 came before in its epoch.
  public static var sequenceNumber: ContractView<UInt64> {
    ContractView(shortNumber: address, ABI.call("sequenceNumber()"))
  }

  /// Its base fee, in wei.
  public static var baseFee: ContractView<UInt256> {
    ContractView(number: address, ABI.call("basefee()"))
  }

  /// Its blob base fee, in wei.
  public static var blobBaseFee: ContractView<UInt256> {
    ContractView(number: address, ABI.call("blobBaseFee()"))
  }

  /// The batcher, as derivation knows it.
  public static var batcherHash: ContractView<Hash> {
    ContractView(hash: address, ABI.call("batcherHash()"))
  }
}

/// Typed calls of a fee vault: `contracts/rollup/l2/FeeVault.sol`.
public struct FeeVaultContract: Hashable, Sendable {
  /// Where it lies.
  public let address: Address

  /// Of priority fees.
  public static let sequencer = FeeVaultContract(address: LayerTwoAddresses.sequencerFeeVault)
  /// Of base fees.
  public static let baseFee = FeeVaultContract(address: LayerTwoAddresses.baseFeeVault)
  /// Of L1 fees.
  public static let l1Fee = FeeVaultContract(address: LayerTwoAddresses.l1FeeVault)
  /// Of the operator's fees.
  public static let operatorFee = FeeVaultContract(address: LayerTwoAddresses.operatorFeeVault)

  /// Hands all fees to the recipient.
  public static var withdraw: Bytes { ABI.call("withdraw()") }

  /// What was handed on so far, in wei.
  public var totalProcessed: ContractView<UInt256> {
    ContractView(number: address, ABI.call("totalProcessed()"))
  }

  /// Who gets the fees.
  public var recipient: ContractView<Address> {
    ContractView(address: address, ABI.call("recipient()"))
  }
}
