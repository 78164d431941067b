import Cryptography
import EVM
import Primitives
import Trie

/// What an account holds at the beginning of a chain.
public struct GenesisAccount: Hashable, Sendable {
  /// In wei.
  public var balance: UInt256
  /// The nonce.
  public var nonce: UInt64
  /// The code; empty for none.
  public var code: Bytes
  /// Slots with their words.
  public var storage: [(slot: UInt256, value: UInt256)] {
    get { slots.map { ($0.slot, $0.value) } }
    set { slots = newValue.map { AccountChange.Slot(slot: $0.slot, value: $0.value) } }
  }
  private var slots: [AccountChange.Slot]

  /// An account with these contents; the order of the slots does not matter.
  public init(
    balance: UInt256 = .zero, nonce: UInt64 = 0, code: Bytes = [],
    storage: [(slot: UInt256, value: UInt256)] = []
  ) {
    self.balance = balance
    self.nonce = nonce
    self.code = code
    slots = storage.map { AccountChange.Slot(slot: $0.slot, value: $0.value) }
  }

  func change(at address: Address) -> AccountChange {
    let fields = AccountChange.Fields(
      nonce: nonce, balance: balance, codeHash: Keccak256.hash(code))
    return AccountChange(
      address: address, account: fields, newCode: code, storageCleared: true, storage: slots)
  }
}

/// The first block of a chain, and the rules of all that follow.
public struct Genesis: Sendable {
  /// The rules.
  public var specification: ChainSpecification
  /// The block's time, in seconds since 1970.
  public var timestamp: UInt64 = 0
  /// The block's gas limit.
  public var gasLimit: UInt64 = 30_000_000
  /// The block's difficulty.
  public var difficulty: UInt256 = .zero
  /// The block's nonce.
  public var nonce: UInt64 = 0
  /// At most 32 bytes, which name the chain.
  public var extraData: Bytes = []
  /// The block's randomness, or mix hash.
  public var prevRandao: Hash = .zero
  /// The block's fee recipient.
  public var feeRecipient: Address = .zero
  /// The block's base fee; used from London on, and nil stands for the initial one.
  public var baseFee: UInt256?
  /// The block's blob gas; used from Cancun on.
  public var blobGasUsed: UInt64 = 0
  /// The block's excess blob gas; used from Cancun on.
  public var excessBlobGas: UInt64 = 0
  /// The block's number; not 0 where a chain begins in the middle.
  public var number: UInt64 = 0
  /// The block's parent; zero for the first.
  public var parentHash: Hash = .zero
  /// The accounts; of two for one address the later counts.
  public var alloc: [(address: Address, account: GenesisAccount)] = []

  /// The genesis of a chain with these rules and no accounts.
  public init(specification: ChainSpecification) { self.specification = specification }

  /// The state at the beginning.
  public func state() -> State {
    var diff = StateDiff()
    diff.accounts = alloc.map { $0.account.change(at: $0.address) }
    var state = State()
    // Nothing can be missing: every node is in memory.
    try? state.apply(diff)
    return state
  }

  /// The first block, as geth makes it of the same fields.
  public func block() -> Block { block(over: state()) }

  /// The first block over `state`, which is what `state()` gave.
  public func block(over state: State) -> Block {
    var header = BlockHeader(
      parentHash: parentHash, feeRecipient: feeRecipient, number: number, gasLimit: gasLimit,
      timestamp: timestamp)
    header.stateRoot = state.root
    header.difficulty = difficulty
    header.nonce = nonce
    header.extraData = extraData
    header.prevRandao = prevRandao
    let fork = specification.fork(of: header)
    if hasBaseFee { header.baseFee = baseFee ?? initialBaseFee }
    if fork >= .shanghai { header.withdrawalsRoot = MerklePatriciaTrie.emptyRoot }
    if fork >= .cancun {
      header.blobGasUsed = blobGasUsed
      header.excessBlobGas = excessBlobGas
      header.parentBeaconBlockRoot = .zero
    }
    if fork >= .prague { header.requestsHash = Requests.hash([]) }
    if let rollup = specification.rollupFork(at: timestamp), rollup >= .isthmus,
      let storage = try? state.storageTrie(Predeploys.messagePasser)
    {
      header.withdrawalsRoot = storage.root
    }
    return Block(header: header, withdrawals: fork >= .shanghai ? [] : nil)
  }

  /// Geth goes by the London block alone, whether or not the block has proof of stake.
  private var hasBaseFee: Bool {
    guard let london = specification.forks.londonBlock else { return false }
    return london <= number
  }
}
