import Cryptography
import Execution
import NativeCryptography
import Primitives
import Synchronization

/// The keys that a node holds, and what it signs with them.
public struct Wallet: Sendable {
  private struct Keys {
    var accounts: [Address]
    var keys: [Address: PrivateKey]
  }

  /// What all copies share, so that a key that is added is held by all.
  private final class Ring: Sendable {
    let keys: Mutex<Keys>
    init(_ keys: Keys) { self.keys = Mutex(keys) }
  }

  private let ring: Ring

  /// The accounts whose keys are held, in the order of their derivation, then of their coming.
  public var accounts: [Address] { ring.keys.withLock { $0.accounts } }

  /// Holds these keys.
  public init(keys: [PrivateKey]) {
    ring = Ring(
      Keys(
        accounts: keys.map(\.address),
        keys: Dictionary(keys.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })))
  }

  /// The first accounts of a mnemonic under m/44'/60'/0'/0; nil if the phrase is none.
  public init?(mnemonic phrase: String, count: Int) {
    guard let mnemonic = Mnemonic(phrase) else { return nil }
    let keys = (0..<count).compactMap { mnemonic.privateKey(account: UInt32($0)) }
    guard keys.count == count else { return nil }
    self.init(keys: keys)
  }

  /// The key of an account, if it is held.
  public func key(of account: Address) -> PrivateKey? {
    ring.keys.withLock { $0.keys[account] }
  }

  /// Holds one more key, until the process ends.
  public func add(_ key: PrivateKey) {
    ring.keys.withLock { held in
      guard held.keys.updateValue(key, forKey: key.address) == nil else { return }
      held.accounts.append(key.address)
    }
  }

  /// Lets go of an account's key; false where it is not held.
  public func remove(_ account: Address) -> Bool {
    ring.keys.withLock { held in
      guard held.keys.removeValue(forKey: account) != nil else { return false }
      held.accounts.removeAll { $0 == account }
      return true
    }
  }

  /// Signs a transaction; nil if the account's key is not held.
  public func sign(_ transaction: Transaction, by account: Address) -> Transaction? {
    key(of: account).map { transaction.signed(with: $0.sign(transaction.signingHash)) }
  }
}

/// The parts that a development chain's node plays besides sealing blocks.
///
/// Their keys come from the public test mnemonic, after the ten accounts that belong to the user,
/// so that using models does not move the user's nonces and balances.
public enum DevelopmentRole: UInt32, CaseIterable, Sendable {
  /// Settles usage receipts.
  case settler = 10
  /// Serves models and signs receipts.
  case engine = 11
  /// Owns the embedded model where nobody else has registered it.
  case modelOwner = 12
  /// Pays for requests that name no payer.
  case payer = 13
  /// Posts a rollup's batches to L1.
  case batcher = 14
  /// Claims a rollup's output roots on L1.
  case proposer = 15
  /// Disputes wrong claims.
  case challenger = 16
  /// Gets a rollup sequencer's fees on L1.
  case feeRecipient = 17
  /// Owns a rollup's system configuration.
  case systemOwner = 18

  /// The role's key.
  public var key: PrivateKey {
    guard let key = Mnemonic(Mnemonic.development)?.privateKey(account: rawValue) else {
      preconditionFailure("the development mnemonic has keys for the roles")
    }
    return key
  }
}
