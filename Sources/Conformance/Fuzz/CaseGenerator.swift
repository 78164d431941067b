import Cryptography
import EVM
import Execution
import NativeCryptography
import Primitives

/// Makes the cases of a seed: each is a function of the seed, its index and what is asked for, so
/// that a case can be had again without those before it.
public struct CaseGenerator: Sendable {
  /// What the cases are for: a peer can take some and not others.
  public enum Peer: String, CaseIterable, Sendable {
    /// revm of 2024: fast, Spurious Dragon to Cancun, without base fees.
    case pyrevm
    /// Ethereum's executable specification: slow, every fork.
    case eels

    /// The forks that it is asked about, by their names in state tests; Cancun more often.
    public var forks: [String] {
      let both = [
        "EIP158", "Byzantium", "ConstantinopleFix", "Istanbul", "Berlin", "London", "Paris",
        "Shanghai", "Cancun", "Cancun",
      ]
      return self == .pyrevm ? both : Self.first + both + Self.last
    }

    /// The forks that pyrevm gets wrong (`tools/fuzz-peers/pyrevm_peer.py` says how).
    fileprivate static let first = ["Frontier", "Homestead", "EIP150"]
    /// The forks that came after it.
    fileprivate static let last = ["Prague", "Osaka"]
  }

  /// What all cases come from.
  public var seed: UInt64
  /// Whom the cases are for.
  public var peer: Peer
  /// The only forks to use, by their names in state tests; nil for all that the peer knows.
  public var forks: [String]?

  /// The cases of a seed for a peer.
  public init(seed: UInt64, peer: Peer, forks: [String]? = nil) {
    self.seed = seed
    self.peer = peer
    self.forks = forks
  }

  /// The case of an index.
  public func fuzzCase(_ index: UInt64) -> FuzzCase {
    var random = SplitMix(seed: seed ^ (peer == .eels ? 0x45454c53 : 0), index: index)
    let name = random.pick(forks ?? usualForks(&random))
    let fork = Network.fork(name) ?? .frontier
    let sender = FuzzWorld.keys[0]
    let contracts = (0..<random.number(2...4)).map { Address(UInt256(UInt64(0xc0de00 + $0))) }
    let feeRecipient: Address =
      switch random.below(12) {
      case 0: contracts[0]
      case 1: sender.address
      case 2: Address(UInt256(UInt64(random.number(1...9))))
      default: Address(UInt256(0xc014_ba5e as UInt64))
      }
    let world = FuzzWorld(
      fork: fork, table: OpcodeTable(fork), sender: sender, wallets: FuzzWorld.keys,
      contracts: contracts, feeRecipient: feeRecipient, isSlow: peer == .eels)
    var fuzzCase = FuzzCase(
      forkName: name, header: header(world, &random),
      transaction: Transaction(
        legacyTo: contracts[0], chainID: nil, nonce: 0, gasPrice: 1, gasLimit: 100_000),
      senderKey: sender, pairs: [])
    fuzzCase.accounts = accounts(world, &random)
    TransactionGenerator(world: world, peer: peer).fill(&fuzzCase, &random)
    return fuzzCase
  }

  /// For EELS what nobody else here knows is most of the work.
  private func usualForks(_ random: inout SplitMix) -> [String] {
    guard peer == .eels else { return peer.forks }
    switch random.below(10) {
    case 0..<7: return Peer.last
    case 7..<9: return Peer.first
    default: return peer.forks
    }
  }

  private func header(_ world: FuzzWorld, _ random: inout SplitMix) -> BlockHeader {
    var header = BlockHeader(
      parentHash: .zero, feeRecipient: world.feeRecipient,
      number: random.pick([1, 2, 200, 257, 1000, 20_000_000]),
      gasLimit: random.oneIn(6) ? 60_000_000 : 30_000_000,
      timestamp: random.oneIn(4) ? UInt64(random.below(1 << 40)) : 1000)
    if world.fork >= .paris {
      header.prevRandao = Hash(random.word())
    } else {
      header.difficulty = random.oneIn(2) ? 0x20000 : random.word() >> 128
    }
    if world.fork >= .london {
      // pyrevm knows no other base fee.
      header.baseFee = peer == .pyrevm ? .zero : UInt256(UInt64(random.below(12)))
    }
    if world.fork >= .cancun {
      header.blobGasUsed = 0
      header.excessBlobGas = random.oneIn(2) ? 0 : UInt64(random.below(20_000_000))
    }
    return header
  }

  private func accounts(
    _ world: FuzzWorld, _ random: inout SplitMix
  ) -> [(address: Address, account: GenesisAccount)] {
    var accounts: [Address: GenesisAccount] = [:]
    for key in world.wallets.dropFirst() where random.oneIn(2) {
      var account = GenesisAccount(
        balance: random.oneIn(3) ? .one : UInt256(UInt64(random.below(1 << 40))),
        nonce: UInt64(random.below(3)))
      if world.fork >= .prague, random.oneIn(3) {
        account.code = [0xef, 0x01, 0x00] + world.address(&random).bytes
      }
      accounts[key.address] = account
    }
    var sender = GenesisAccount(balance: UInt256(1 as UInt64) << 100)
    if random.oneIn(3) { sender.nonce = UInt64(random.below(300)) }
    if random.oneIn(200) { sender.code = [0x00] }
    if world.fork >= .prague, random.oneIn(8) {
      sender.code = [0xef, 0x01, 0x00] + world.address(&random).bytes
    }
    for (position, address) in world.contracts.enumerated() {
      var program = ProgramGenerator(
        SplitMix(seed: random.next()), world: world, position: position)
      let steps = world.isSlow ? random.number(3...14) : random.number(3...35)
      var account = GenesisAccount(
        balance: random.oneIn(3) ? .zero : UInt256(UInt64(random.below(1 << 30))),
        nonce: random.oneIn(12) ? UInt64.max - UInt64(random.below(2)) : 1,
        code: program.program(steps: steps))
      account.storage = (0..<random.below(4)).map {
        (UInt256(UInt64($0)), random.oneIn(2) ? .one : random.word())
      }
      accounts[address] = account
    }
    // A creation may find somebody there already.
    if random.oneIn(12), let creator = world.contracts.first {
      let address = Address.contract(createdBy: creator, nonce: 1)
      var account = random.oneIn(2) ? GenesisAccount(nonce: 1) : GenesisAccount(balance: 5)
      // revm of 2024 lets a contract be created over storage (EIP-7610).
      if peer == .eels, random.oneIn(3) { account.storage = [(0, 1)] }
      accounts[address] = account
    }
    if random.oneIn(5) {
      accounts[Address(UInt256(UInt64(random.number(1...9))))] = .init(balance: 1)
    }
    if world.fork < .spuriousDragon, random.oneIn(3) {
      accounts[FuzzWorld.strangers[0]] = GenesisAccount()
    }
    if random.oneIn(4) { accounts[world.feeRecipient, default: .init()].balance = 7 }
    accounts[world.sender.address] = sender
    return accounts.keys.sorted().map { ($0, accounts[$0] ?? GenesisAccount()) }
  }
}
