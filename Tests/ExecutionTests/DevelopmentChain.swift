import Cryptography
import EVM
import Execution
import NativeCryptography
import Primitives

/// A small chain to build blocks on: two rich accounts, the system contracts, a few contracts.
struct DevelopmentChain {
  static let alice = Address(UInt256(0xa11ce as UInt64))
  static let bob = Address(UInt256(0xb0b as UInt64))
  static let poor = Address(UInt256(0x900 as UInt64))
  static let miner = Address(UInt256(0xfee as UInt64))
  /// Stores the first word of its input in slot 0 and logs it.
  static let store = Address(UInt256(0x5709 as UInt64))
  /// Reverts with the word 42.
  static let reverter = Address(UInt256(0x4e7 as UInt64))
  /// Spends all gas.
  static let burner = Address(UInt256(0xb42 as UInt64))

  static let ether: UInt256 = 1_000_000_000_000_000_000
  static let provider = NativeCryptographyProvider.shared

  let genesis: Genesis
  var head: BlockHeader
  var state: State
  var hashes: [Hash]

  init(
    fork: Fork = .prague, isOptimism: Bool = false, schedule: ForkSchedule? = nil,
    specification: ChainSpecification? = nil, gasLimit: UInt64 = 30_000_000
  ) {
    var genesis = Genesis(
      specification: specification
        ?? ChainSpecification(
          chainID: 31_337, forks: schedule ?? .all(upTo: fork), isOptimism: isOptimism))
    genesis.gasLimit = gasLimit
    if fork < .paris { genesis.difficulty = 131_072 }
    genesis.alloc = SystemContracts.accounts(for: fork)
    genesis.alloc += [
      (Self.alice, GenesisAccount(balance: 1_000 * Self.ether)),
      (Self.bob, GenesisAccount(balance: 1_000 * Self.ether)),
      (Self.store, Self.contract("0x6000358060005560005260206000a000")),
      (Self.reverter, Self.contract("0x602a60005260206000fd")),
      (Self.burner, Self.contract("0x5b600056")),
    ]
    self.genesis = genesis
    head = genesis.block().header
    state = genesis.state()
    hashes = [head.hash]
  }

  private static func contract(_ code: String) -> GenesisAccount {
    GenesisAccount(nonce: 1, code: Hexadecimal.decode(code) ?? [])
  }

  var specification: ChainSpecification { genesis.specification }
  var ancestors: RecentHashes { RecentHashes(first: 0, hashes: hashes) }

  func inputs(withdrawals: [Withdrawal] = []) -> BlockInputs {
    BlockInputs(
      timestamp: head.timestamp + 12, feeRecipient: Self.miner, gasLimit: head.gasLimit,
      withdrawals: withdrawals)
  }

  func build(
    _ candidates: [Candidate], withdrawals: [Withdrawal] = []
  ) throws -> BlockOutcome {
    try buildBlock(
      specification: specification, parent: head, state: state,
      inputs: inputs(withdrawals: withdrawals), candidates: candidates,
      ancestorHashes: ancestors, provider: Self.provider)
  }

  mutating func extend(_ outcome: BlockOutcome) {
    head = outcome.block.header
    state = outcome.state
    hashes.append(head.hash)
  }

  func transfer(
    from sender: Address = alice, to: Address? = bob, nonce: UInt64 = 0, value: UInt256 = 1,
    gasLimit: UInt64 = 100_000, data: Bytes = []
  ) -> Candidate {
    let transaction = Transaction(
      to: to, chainID: 31_337, nonce: nonce, maxFeePerGas: 2_000_000_000,
      maxPriorityFeePerGas: 1_000_000_000, gasLimit: gasLimit, value: value, data: data)
    return Candidate(transaction: transaction, sender: sender)
  }

  /// A key, its address, and a transaction signed with it, for what others must be able to check.
  static let key = PrivateKey(Bytes(repeating: 0x46, count: 32))

  func signed(_ candidate: Candidate) -> Candidate? {
    guard let key = Self.key else { return nil }
    let transaction = candidate.transaction
    return Candidate(
      transaction: transaction.signed(with: key.sign(transaction.signingHash)),
      sender: key.address)
  }
}
