import Cryptography
import EVM
import Primitives

/// What the execution layer asks of the beacon chain at a block's end (EIP-7685).
public enum Requests {
  /// Deposits (EIP-6110).
  public static let depositType: UInt8 = 0
  /// Withdrawals asked for by an account (EIP-7002).
  public static let withdrawalType: UInt8 = 1
  /// Consolidations of validators (EIP-7251).
  public static let consolidationType: UInt8 = 2

  /// The header's commitment to `requests`, each a type byte and its data.
  ///
  /// A request without data does not count.
  public static func hash(_ requests: [Bytes]) -> Hash {
    var hasher = SHA256Hasher()
    for request in requests where request.count > 1 {
      hasher.update(SHA256.hash(request).bytes)
    }
    return hasher.finalize()
  }

  /// `keccak("DepositEvent(bytes,bytes,bytes,bytes,bytes)")`.
  static let depositEventTopic = Hash(
    0x649b_bc62_d0e3_1342, 0xafea_4e5c_d82d_4049, 0xe7e1_ee91_2fc0_889a, 0xa790_803b_e390_38c5)

  /// The data of the deposit requests in `logs`; nil when a deposit event has not its shape.
  static func deposits(in logs: [Log], of contract: Address) -> Bytes? {
    var data = Bytes()
    for log in logs where log.address == contract && log.topics.first == depositEventTopic {
      guard let deposit = deposit(from: log.data) else { return nil }
      data += deposit
    }
    return data
  }

  /// Public key, withdrawal credentials, amount, signature, index: the lengths in their order.
  private static let fieldSizes = [48, 32, 8, 96, 8]

  /// The event's fields without their ABI padding: 192 bytes.
  private static func deposit(from data: Bytes) -> Bytes? {
    guard data.count == 576 else { return nil }
    var deposit = Bytes()
    var offset = 160
    for (index, size) in fieldSizes.enumerated() {
      let pointer = UInt256(bigEndian: data[index * 32..<index * 32 + 32])
      guard pointer == UInt256(offset) else { return nil }
      guard UInt256(bigEndian: data[offset..<offset + 32]) == UInt256(size) else { return nil }
      deposit += data[offset + 32..<offset + 32 + size]
      offset += 32 + (size + 31) / 32 * 32
    }
    return deposit
  }
}
