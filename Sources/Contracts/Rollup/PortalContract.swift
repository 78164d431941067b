import Cryptography
import Execution
import Primitives

/// Typed calls of `contracts/rollup/l1/OptimismPortal2.sol`.
public enum PortalContract {
  /// Where genesis places it.
  public static let address = LayerOneAddresses.portal

  /// The gas limit of a deposit that is only ether, sent without input.
  public static let plainDepositGasLimit: UInt64 = 100_000

  /// How many bytes of data a deposit may have.
  public static let dataLimitInBytes = 120_000

  /// The least gas limit of a deposit with so much data.
  public static func minimumGasLimit(dataSizeInBytes: Int) -> UInt64 {
    21_000 + 40 * UInt64(dataSizeInBytes)
  }

  /// Asks for a transaction on L2; the ether sent along is created there for the sender.
  ///
  /// Without `to` it creates a contract.
  public static func deposit(
    to: Address?, value: UInt256, gasLimit: UInt64, data: Bytes
  ) -> Bytes {
    ABI.call(
      "depositTransaction(address,uint256,uint64,bool,bytes)",
      [
        .address(to ?? .zero), .uint(value), .uint(gasLimit), .bool(to == nil), .bytes(data),
      ])
  }

  /// Shows that a withdrawal stands under the claim of the factory's game with this number.
  ///
  /// `proof` is the storage proof of the message's slot in the message passer, root first.
  public static func prove(
    _ withdrawal: LayerMessage, gameIndex: UInt256, output: OutputRoot, proof: [Bytes]
  ) -> Bytes {
    ABI.call(
      "proveWithdrawalTransaction(" + tuple
        + ",uint256,(bytes32,bytes32,bytes32,bytes32),bytes[])",
      [
        value(withdrawal), .uint(gameIndex),
        .tuple([
          .bytes32(.zero), .bytes32(output.stateRoot), .bytes32(output.messagePasserStorageRoot),
          .bytes32(output.blockHash),
        ]), .array(proof.map { .bytes($0) }),
      ])
  }

  /// Makes a withdrawal that the sender proved a call on L1.
  public static func finalize(_ withdrawal: LayerMessage) -> Bytes {
    ABI.call("finalizeWithdrawalTransaction(" + tuple + ")", [value(withdrawal)])
  }

  /// Makes a withdrawal that another account proved a call on L1.
  public static func finalize(_ withdrawal: LayerMessage, provedBy prover: Address) -> Bytes {
    ABI.call(
      "finalizeWithdrawalTransactionExternalProof(" + tuple + ",address)",
      [value(withdrawal), .address(prover)])
  }

  /// Whether a withdrawal was made a call, whatever became of it.
  public static func isFinalized(_ withdrawal: Hash) -> ContractView<Bool> {
    ContractView(
      flag: address, ABI.call("finalizedWithdrawals(bytes32)", [.bytes32(withdrawal)]))
  }

  /// When an account proved a withdrawal, in Unix time, and by which game; zeros if it did not.
  public static func proof(
    of withdrawal: Hash, by prover: Address
  ) -> ContractView<ProvenWithdrawal> {
    ContractView(
      address,
      ABI.call(
        "provenWithdrawals(bytes32,address)", [.bytes32(withdrawal), .address(prover)]),
      returning: .address, .uint(bits: 64)
    ) { values in
      guard let game = values[0].asAddress, let provenAt = values[1].asUInt64 else { return nil }
      return ProvenWithdrawal(game: game, provenAt: provenAt)
    }
  }

  /// How long a withdrawal waits after its proof, in seconds.
  public static var maturityDelay: ContractView<UInt64> {
    ContractView(shortNumber: address, ABI.call("proofMaturityDelaySeconds()"))
  }

  /// The sender of the withdrawal whose call this is; 0x…dEaD while there is none.
  public static var layerTwoSender: ContractView<Address> {
    ContractView(address: address, ABI.call("l2Sender()"))
  }

  /// The market for deposits' gas: price in wei, gas bought, block number of the last deposit.
  public static var market: ContractView<DepositMarket> {
    ContractView(
      address, ABI.call("params()"), returning: .uint(bits: 128), .uint(bits: 64), .uint(bits: 64)
    ) { values in
      guard let price = values[0].asUInt256, let gas = values[1].asUInt64,
        let number = values[2].asUInt64
      else { return nil }
      return DepositMarket(baseFee: price, boughtGas: gas, blockNumber: number)
    }
  }

  static let tuple = "(uint256,address,address,uint256,uint256,bytes)"

  static func value(_ withdrawal: LayerMessage) -> ABIValue {
    .tuple([
      .uint(withdrawal.nonce), .address(withdrawal.sender), .address(withdrawal.target),
      .uint(withdrawal.value), .uint(withdrawal.gasLimit), .bytes(withdrawal.data),
    ])
  }
}

/// By which game, and when, an account proved a withdrawal.
public struct ProvenWithdrawal: Hashable, Sendable {
  /// The game whose claim it was proved under.
  public var game: Address
  /// When, in Unix time; 0 if it was not.
  public var provenAt: UInt64
}

/// The market for the gas that deposits use on L2.
public struct DepositMarket: Hashable, Sendable {
  /// The price of a unit of gas, in wei.
  public var baseFee: UInt256
  /// How much was bought in the block.
  public var boughtGas: UInt64
  /// The block on L1.
  public var blockNumber: UInt64
}
