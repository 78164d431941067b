import Cryptography
import Execution
import Primitives

/// Typed calls of a layer's messenger: `contracts/rollup/CrossDomainMessenger.sol`.
public struct MessengerContract: Hashable, Sendable {
  /// Where it lies.
  public let address: Address

  /// The messenger of L1.
  public static let layerOne = MessengerContract(address: LayerOneAddresses.messenger)
  /// The messenger of L2.
  public static let layerTwo = MessengerContract(address: LayerTwoAddresses.messenger)

  /// Sends a call to the other layer, with the ether that goes along.
  public static func send(to target: Address, data: Bytes, gasLimit: UInt32) -> Bytes {
    ABI.call(
      "sendMessage(address,bytes,uint32)",
      [.address(target), .bytes(data), .uint(UInt64(gasLimit))])
  }

  /// Tries a message again whose call failed.
  public static func relay(_ message: LayerMessage) -> Bytes { message.relayCall }

  /// Whether a message was relayed.
  public func isRelayed(_ message: Hash) -> ContractView<Bool> {
    ContractView(flag: address, ABI.call("successfulMessages(bytes32)", [.bytes32(message)]))
  }

  /// Whether a message's call failed once.
  public func isFailed(_ message: Hash) -> ContractView<Bool> {
    ContractView(flag: address, ABI.call("failedMessages(bytes32)", [.bytes32(message)]))
  }

  /// The nonce of the next message, with its version.
  public var nonce: ContractView<UInt256> {
    ContractView(number: address, ABI.call("messageNonce()"))
  }

  /// The gas with which a message must be sent so that its call gets `gasLimit`.
  public static func baseGas(dataSizeInBytes: Int, gasLimit: UInt32) -> UInt64 {
    let size = UInt64(dataSizeInBytes) + 260
    let usual = 285_000 + UInt64(gasLimit) * 64 / 63 + size * 16
    return 21_000 + max(usual, size * 40)
  }
}

extension LayerMessage {
  /// The call by which messengers relay it, version 1.
  public var relayCall: Bytes {
    ABI.call(
      "relayMessage(uint256,address,address,uint256,uint256,bytes)",
      [
        .uint(nonce), .address(sender), .address(target), .uint(value), .uint(gasLimit),
        .bytes(data),
      ])
  }

  /// The call by which the first messengers relayed it, version 0: without value and gas.
  public var legacyRelayCall: Bytes {
    ABI.call(
      "relayMessage(address,address,bytes,uint256)",
      [.address(target), .address(sender), .bytes(data), .uint(nonce)])
  }

  /// The hash that messengers know it by.
  public var relayHash: Hash { Keccak256.hash(relayCall) }
}

/// Typed calls of `contracts/rollup/l2/L2ToL1MessagePasser.sol`.
public enum MessagePasserContract {
  /// Where every OP chain has it.
  public static let address = LayerTwoAddresses.messagePasser

  /// Sends a message to L1, with the ether that goes along.
  public static func initiateWithdrawal(
    target: Address, gasLimit: UInt256, data: Bytes
  ) -> Bytes {
    ABI.call(
      "initiateWithdrawal(address,uint256,bytes)",
      [.address(target), .uint(gasLimit), .bytes(data)])
  }

  /// Takes the ether that has left out of L2's supply.
  public static var burn: Bytes { ABI.call("burn()") }

  /// The nonce of the next message, with its version.
  public static var nonce: ContractView<UInt256> {
    ContractView(number: address, ABI.call("messageNonce()"))
  }

  /// Whether a message was sent.
  public static func isSent(_ withdrawal: Hash) -> ContractView<Bool> {
    ContractView(flag: address, ABI.call("sentMessages(bytes32)", [.bytes32(withdrawal)]))
  }
}
