import Cryptography
import Derivation
import Execution
import Primitives

/// What a world that began with a snapshot may still want to know of what came before.
///
/// It follows from the log, so whoever gives it is believed no more than the log is.
public protocol PastEvents: Sendable {
  /// The transaction that an event accepted; nil if that cannot be read.
  func transaction(acceptedAt sequence: UInt64) -> PooledTransaction?

  /// The transactions of a block of the second layer, checked against its hash; nil if they cannot
  /// be read.
  func transactions(inBlock number: UInt64, hash: Hash) -> [Bytes]?

  /// An L1 block with its receipts, checked against its hash; nil if it cannot be read.
  func l1Block(number: UInt64, hash: Hash, of configuration: RollupConfiguration) -> L1Block?
}

extension Event {
  /// The transaction that the event, which stands at `sequence`, put into a pool; nil where it is
  /// another event.
  public func pooledTransaction(
    at sequence: UInt64, provider: any CryptographyProvider
  ) -> PooledTransaction? {
    let encoded: Bytes
    var sender: Address?
    switch self {
    case .transactionAccepted(let acceptance): encoded = acceptance.encoded
    case .carrierAccepted(let acceptance): encoded = acceptance.encoded
    case .transactionImpersonated(let impersonation):
      encoded = impersonation.encoded
      sender = impersonation.sender
    default: return nil
    }
    guard let transaction = try? Transaction.decode(encoded),
      let sender = sender ?? (try? transaction.sender(provider))
    else { return nil }
    return PooledTransaction(
      transaction: transaction, hash: Keccak256.hash(encoded), sender: sender, arrival: sequence)
  }
}
