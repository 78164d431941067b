import Cryptography
import EVM
import Primitives

/// Why a log of the portal is no deposit.
public enum DepositLogError: Error, Hashable, Sendable {
  /// It is another event, or has not its four topics.
  case otherEvent
  /// The version is not 0.
  case unknownVersion
  /// The data are not one byte string, padded to words, as the ABI writes it.
  case malformedData
  /// The byte string is shorter than its fixed fields.
  case truncated
}

extension Transaction {
  /// `TransactionDeposited(address,address,uint256,bytes)`, the portal's event.
  public static let depositEvent = Keccak256.hash(
    Bytes("TransactionDeposited(address,address,uint256,bytes)".utf8))

  /// The deposit that a log of the portal asks for.
  ///
  /// Source: the OP Stack specification, deposits, user-deposited transactions.
  ///
  /// - Throws: `DepositLogError`.
  public static func deposit(
    from log: Log, l1BlockHash: Hash, logIndex: UInt64
  ) throws(DepositLogError) -> Transaction {
    guard log.topics.count == 4, log.topics[0] == depositEvent else { throw .otherEvent }
    guard log.topics[3].isZero else { throw .unknownVersion }
    let opaque = try opaqueData(log.data)
    guard opaque.count >= 73 else { throw .truncated }
    let isCreation = opaque[72] != 0
    let deposit = DepositFields(
      sourceHash: DepositSource.user(l1BlockHash: l1BlockHash, logIndex: logIndex).hash,
      from: Address(suffixOf: log.topics[1]), mint: UInt256(bigEndian: opaque[0..<32]),
      isSystemTransaction: false)
    let gasLimit = opaque[64..<72].reduce(0) { $0 << 8 | UInt64($1) }
    return Transaction(
      deposit: deposit, to: isCreation ? nil : Address(suffixOf: log.topics[2]),
      value: UInt256(bigEndian: opaque[32..<64]), gasLimit: gasLimit,
      data: Bytes(opaque[73...]))
  }

  private static func opaqueData(_ data: Bytes) throws(DepositLogError) -> Bytes {
    guard data.count >= 64, data.count % 32 == 0,
      UInt256(bigEndian: data[0..<32]) == 32,
      let size = UInt256(bigEndian: data[32..<64]).asInt,
      size <= data.count - 64, data.count - 64 - size < 32
    else { throw .malformedData }
    return Bytes(data[64..<64 + size])
  }
}
