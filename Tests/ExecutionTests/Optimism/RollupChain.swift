import Cryptography
import EVM
import Execution
import NativeCryptography
import Primitives

/// A small OP chain: a rich account with a key, a caller of 0x08 and 0x100, L1's parameters.
struct RollupChain {
  static let ether: UInt256 = 1_000_000_000_000_000_000
  static let provider = NativeCryptographyProvider.shared
  /// Sends as many zero bytes to 0x08 as its input's first word says, and stores the status.
  static let pairer = Address(UInt256(0x8a1 as UInt64))
  /// The same for the sums of G1 and G2 of BLS12-381, and its pairing.
  static let sumG1 = Address(UInt256(0x8ac as UInt64))
  static let sumG2 = Address(UInt256(0x8ae as UInt64))
  static let longPairer = Address(UInt256(0x8af as UInt64))
  /// Sends nothing to 0x100, and stores the gas that it took.
  static let verifier = Address(UInt256(0x9256 as UInt64))
  static let alice = Address(UInt256(0xa11ce as UInt64))
  static let chainID: UInt64 = 901

  let genesis: Genesis
  var head: BlockHeader
  var state: State

  init(_ schedule: RollupSchedule, timestamp: UInt64 = 1_000, parameters: [(UInt64, UInt256)] = [])
  {
    var genesis = Genesis(
      specification: ChainSpecification(chainID: Self.chainID, rollup: schedule))
    genesis.timestamp = timestamp
    genesis.alloc = [
      (Self.alice, GenesisAccount(balance: 1_000 * Self.ether)),
      (Self.pairer, Self.contract("600060006000356000600060085af1600055")),
      (Self.sumG1, Self.contract("6000600060003560006000600c5af1600055")),
      (Self.sumG2, Self.contract("6000600060003560006000600e5af1600055")),
      (Self.longPairer, Self.contract("6000600060003560006000600f5af1600055")),
      (Self.verifier, Self.contract("5a60006000600060006000610100620f4240f1505a9003600055")),
      (
        Predeploys.l1Block,
        GenesisAccount(nonce: 1, storage: parameters.map { (UInt256($0.0), $0.1) })
      ),
      (
        Predeploys.messagePasser,
        GenesisAccount(nonce: 1, storage: [(slot: 1, value: 2)])
      ),
    ]
    self.genesis = genesis
    head = genesis.block().header
    state = genesis.state()
  }

  private static func contract(_ code: String) -> GenesisAccount {
    GenesisAccount(nonce: 1, code: Hexadecimal.decode(code) ?? [])
  }

  var specification: ChainSpecification { genesis.specification }
  var ancestors: RecentHashes { RecentHashes(first: head.number, hashes: [head.hash]) }

  func build(
    _ candidates: [Candidate], timestamp: UInt64? = nil, extraData: Bytes = []
  ) throws -> BlockOutcome {
    try buildBlock(
      specification: specification, parent: head, state: state,
      inputs: BlockInputs(
        timestamp: timestamp ?? head.timestamp + 2, feeRecipient: Predeploys.sequencerFeeVault,
        gasLimit: head.gasLimit, extraData: extraData),
      candidates: candidates, ancestorHashes: ancestors, provider: Self.provider)
  }

  func importing(_ block: Block) throws -> BlockOutcome {
    try importBlock(
      specification: specification, parent: head, state: state, block: block,
      ancestorHashes: ancestors, provider: Self.provider)
  }

  static func deposit(
    to: Address?, data: Bytes = [], gasLimit: UInt64 = 200_000, isSystem: Bool = false
  ) -> Candidate {
    let fields = DepositFields(
      sourceHash: DepositSource.upgrade(intent: "test").hash, from: L1Attributes.depositor,
      mint: .zero, isSystemTransaction: isSystem)
    return Candidate(
      transaction: Transaction(
        deposit: fields, to: to, value: .zero, gasLimit: gasLimit, data: data),
      sender: L1Attributes.depositor)
  }

  static func transfer(
    to: Address = alice, nonce: UInt64 = 0, gasLimit: UInt64 = 1_500_000, data: Bytes = []
  ) -> Candidate {
    Candidate(
      transaction: Transaction(
        to: to, chainID: chainID, nonce: nonce, maxFeePerGas: 3_000_000_000,
        maxPriorityFeePerGas: 1_000_000_000, gasLimit: gasLimit, data: data),
      sender: alice)
  }
}
