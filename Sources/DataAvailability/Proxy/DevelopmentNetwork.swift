import Blobs
import Cryptography
import Pairings
import Primitives

/// A network for development: some operators of this process, their secrets known to everybody.
public struct DevelopmentNetwork: Sendable {
  /// How many operators there are, from 1 to the limit of the version of blobs.
  public var operatorCount: Int
  /// The quorums that they are in.
  public var quorums: Bytes = [0, 1]
  /// What all agree on.
  public var terms: StorageTerms
  /// Who pays.
  public var account: Address

  /// A network of so many operators, paid by an account.
  public init(operatorCount: Int, terms: StorageTerms, account: Address) {
    self.operatorCount = operatorCount
    self.terms = terms
    self.account = account
  }

  /// Terms for development: 64 chunks for at most 16 operators, blobs up to the largest power of
  /// two of coefficients that the string has powers for.
  public static func terms(_ string: ReferenceString) -> StorageTerms {
    var rules = CertificateRules.mainnet
    rules.blobVersions = [.small]
    var limit = 1
    while 2 * limit <= string.order { limit *= 2 }
    return StorageTerms(string: string, rules: rules, blobLengthLimit: limit)
  }

  /// The state before any event.
  public static var initialState: StorageState {
    StorageState(registry: OperatorRegistry(quorums: [(0, 16), (1, 16)]))
  }

  /// Connects the operators to a network, registers those that are new, and makes a deposit where
  /// there is none.
  ///
  /// - Throws: `StorageMisfit` if the state is of another network.
  public func begin(
    _ network: StorageNetwork, block: UInt32, store: (Hash) -> any ChunkStore
  ) throws(StorageMisfit) {
    if network.state.payments.deposit(of: account).isZero {
      // As much as the vault's 80 bits hold.
      try network.decide(.deposited(account: account, amount: UInt256(1) << 79))
    }
    for index in 0..<operatorCount {
      let node = Self.node(index, terms: terms, store: store)
      network.connect(node)
      guard network.state.registry.key(of: node.id) == nil else { continue }
      // Stakes of different sizes, so that thresholds mean something.
      let stake = UInt256(UInt64(100 + 25 * index))
      try network.decide(
        .operatorRegistered(
          key: node.key, account: account, signature: node.registration(account),
          stakes: quorums.map { StorageEvent.QuorumStake(quorum: $0, stake: stake) },
          block: max(block, network.state.registry.block)))
    }
  }

  /// More operators than these are not looked for.
  private static let operatorLimit = 64

  /// Connects the development operators that a network's registry knows.
  public static func connect(_ network: StorageNetwork, store: (Hash) -> any ChunkStore) {
    for index in 0..<operatorLimit {
      let id = OperatorKey(secret: secret(index)).operatorID
      guard network.state.registry.key(of: id) != nil else { return }
      network.connect(node(index, terms: network.terms, store: store))
    }
  }

  private static func secret(_ index: Int) -> BN254.ScalarField {
    BN254.ScalarField(
      reducing: UInt256(Keccak256.hash(Bytes("opal: INSECURE operator \(index)".utf8))))
  }

  private static func node(
    _ index: Int, terms: StorageTerms, store: (Hash) -> any ChunkStore
  ) -> OperatorNode {
    let secret = secret(index)
    let id = OperatorKey(secret: secret).operatorID
    return OperatorNode(secret: secret, store: store(id), terms: terms)
  }
}
