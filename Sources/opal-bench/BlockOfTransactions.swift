import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Node
import Primitives
import Trie

/// A chain of 100,000 accounts, and blocks of signed transactions on its head, each by another
/// sender.
struct BlockOfTransactions {
  /// What the transactions do.
  enum Kind: CaseIterable {
    case transfer, token, swap

    var name: String {
      switch self {
      case .transfer: "1,000 transfers"
      case .token: "1,000 ERC-20 transfers"
      case .swap: "1,000 swaps"
      }
    }
  }

  private static let ether: UInt256 = 1_000_000_000_000_000_000
  private static let deployer = Address(UInt256(0xde9 as UInt64))
  private static let provider = NativeCryptographyProvider.shared

  private let kind: Kind
  private let keys: [PrivateKey]
  private let specification: ChainSpecification
  private var parent: BlockHeader
  private var state: State
  private var contracts: [Address] = []
  private let workspace = Workspace()

  /// A chain with the contracts that the kind needs; nil if they cannot be deployed.
  init?(_ kind: Kind, count: Int) {
    self.kind = kind
    keys = (1...count).compactMap { PrivateKey(Hash(UInt256(UInt64($0))).bytes) }
    var genesis = Genesis(
      specification: ChainSpecification(chainID: 31_337, forks: .all(upTo: .prague)))
    genesis.gasLimit = 1_000_000_000
    genesis.alloc = SystemContracts.accounts(for: .prague)
    genesis.alloc.append((Self.deployer, GenesisAccount(balance: 1_000 * Self.ether)))
    for key in keys { genesis.alloc.append((key.address, GenesisAccount(balance: Self.ether))) }
    for index in 0..<100_000 {
      genesis.alloc.append((Self.stranger(index), GenesisAccount(balance: 1)))
    }
    specification = genesis.specification
    state = genesis.state()
    parent = genesis.block(over: state).header
    if kind != .transfer, !deploy() { return nil }
  }

  private static func stranger(_ index: Int) -> Address {
    Address(suffixOf: Keccak256.hash(UInt256(UInt64(index))))
  }

  /// The consensus forms of the transactions; those of another round have other signatures.
  func signed(round: Int) -> [Bytes] {
    keys.enumerated().map { index, key in
      let (to, data) = call(index, round: round)
      let unsigned = Transaction(
        to: to, chainID: specification.chainID, nonce: 0, maxFeePerGas: 1_000_000_000,
        maxPriorityFeePerGas: UInt256(UInt64(round)),
        gasLimit: kind == .transfer ? 21_000 : 200_000, value: kind == .transfer ? 1 : 0,
        data: data)
      return unsigned.signed(with: key.sign(unsigned.signingHash)).encoded
    }
  }

  private func call(_ index: Int, round: Int) -> (to: Address, data: Bytes) {
    let other = Self.stranger(97 * index + round)
    switch kind {
    case .transfer: return (other, [])
    case .token:
      return (contracts[0], Self.input("transfer(address,uint256)", UInt256(other), 1))
    case .swap:
      let selector = "swap(bool,uint256,uint256)"
      return (
        contracts[2], Self.input(selector, UInt256(UInt64(index & 1)), UInt256(1_000_000), 0)
      )
    }
  }

  /// The block of transactions, from their bytes on; with two threads one recovers ahead.
  func block(of encoded: [Bytes], threads: Int) -> BlockOutcome? {
    let recovery = threads > 1 ? SenderRecovery() : nil
    recovery?.begin(encoded.map { .transaction($0) })
    var candidates: [Candidate] = []
    candidates.reserveCapacity(encoded.count)
    for bytes in encoded {
      guard let transaction = try? Transaction.decode(bytes),
        let sender = try? transaction.sender(Self.provider)
      else { return nil }
      candidates.append(
        Candidate(transaction: transaction, sender: sender, hash: Keccak256.hash(bytes)))
    }
    return build(candidates)
  }

  private func build(_ candidates: [Candidate]) -> BlockOutcome? {
    try? buildBlock(
      specification: specification, parent: parent, state: state,
      inputs: BlockInputs(
        timestamp: parent.timestamp + 12, feeRecipient: Address(UInt256(0xfee as UInt64)),
        gasLimit: parent.gasLimit),
      candidates: candidates,
      ancestorHashes: RecentHashes(first: parent.number, hashes: [parent.hash]),
      provider: Self.provider, workspace: workspace)
  }
}

// MARK: The bare cost

extension BlockOfTransactions {
  /// What is signed, and the signatures as libsecp256k1 takes them.
  static func signatures(_ encoded: [Bytes]) -> [(hash: Bytes, compact: Bytes, parity: Int32)] {
    encoded.compactMap { bytes in
      guard let transaction = try? Transaction.decode(bytes), let signature = transaction.signature
      else { return nil }
      return (
        transaction.signingHash.bytes, Hash(signature.r).bytes + Hash(signature.s).bytes,
        signature.yParity ? 1 : 0
      )
    }
  }

  /// What must be hashed to make the block, each once; what code hashes is not among it.
  static func mustHash(_ encoded: [Bytes], _ outcome: BlockOutcome) -> [Bytes] {
    var inputs = encoded
    for bytes in encoded {
      // What is signed is the transaction without its signature; a key has 64 bytes.
      inputs.append(Bytes(bytes.dropLast(67)))
      inputs.append(Bytes(repeating: 1, count: 64))
    }
    var nodes: Set<Bytes> = []
    for change in outcome.diff.accounts {
      inputs.append(change.address.bytes)
      inputs += change.storage.map { Hash($0.slot).bytes }
      let slots = change.storage.map(\.slot)
      guard let proof = try? outcome.state.accountProof(change.address, slots: slots) else {
        continue
      }
      nodes.formUnion(proof.nodes)
      for slot in proof.storage { nodes.formUnion(slot.nodes) }
    }
    for items in [encoded, outcome.receipts.map(\.consensusForm)] {
      MerklePatriciaTrie.ordered(items).visitNodes { _, encoding in
        nodes.insert(encoding)
        return true
      }
    }
    for log in outcome.receipts.flatMap(\.logs) {
      inputs.append(log.address.bytes)
      inputs += log.topics.map(\.bytes)
    }
    return inputs + nodes + [outcome.block.header.encoded]
  }
}

// MARK: Contracts

extension BlockOfTransactions {
  /// Deploys two tokens and an exchange, and gives all senders of the tokens.
  private mutating func deploy() -> Bool {
    guard let token = Self.artifact("Token"), let exchange = Self.artifact("Exchange") else {
      return false
    }
    contracts = (0..<3).map { Address.contract(createdBy: Self.deployer, nonce: $0) }
    // Token("T", "T", 10^24), by hand: two offsets, the supply, two strings.
    let name = UInt256(Hash(0x5400_0000_0000_0000, 0, 0, 0))
    let supply = UInt256(1_000_000) &* Self.ether
    let arguments = Self.words([96, 160, supply, 1, name, 1, name])
    let sides = Self.words(contracts[..<2].map { UInt256($0) })
    let codes = [token + arguments, token + arguments, exchange + sides]
    guard apply(codes.enumerated().map { creation($0, nonce: $1) }) else { return false }
    for contract in contracts[..<2] { give(contract, supply) }
    let sync = Transaction(
      to: contracts[2], chainID: specification.chainID, nonce: 3,
      maxFeePerGas: 1_000_000_000, maxPriorityFeePerGas: 0, gasLimit: 1_000_000,
      data: Self.input("sync()"))
    return apply([Candidate(transaction: sync, sender: Self.deployer)])
  }

  private func creation(_ index: Int, nonce code: Bytes) -> Candidate {
    let transaction = Transaction(
      to: nil, chainID: specification.chainID, nonce: UInt64(index),
      maxFeePerGas: 1_000_000_000, maxPriorityFeePerGas: 0, gasLimit: 3_000_000, data: code)
    return Candidate(transaction: transaction, sender: Self.deployer)
  }

  /// Makes a block of candidates the head; false if not all succeed.
  private mutating func apply(_ candidates: [Candidate]) -> Bool {
    guard let outcome = build(candidates), outcome.receipts.count == candidates.count,
      outcome.receipts.allSatisfy(\.succeeded)
    else { return false }
    parent = outcome.block.header
    state = outcome.state
    return true
  }

  /// Gives every sender of a token and the exchange as much, and the exchange leave to take it.
  private mutating func give(_ token: Address, _ amount: UInt256) {
    // `balanceOf` is the token's slot 3, `allowance` its slot 4.
    func slot(_ key: UInt256, _ position: UInt256) -> UInt256 {
      UInt256(Keccak256.hash(key, position))
    }
    var slots = [AccountChange.Slot(slot: slot(UInt256(contracts[2]), 3), value: amount)]
    for key in keys {
      let owner = UInt256(key.address)
      slots.append(AccountChange.Slot(slot: slot(owner, 3), value: amount))
      let granted = slot(UInt256(contracts[2]), slot(owner, 4))
      slots.append(AccountChange.Slot(slot: granted, value: .max))
    }
    guard let account = try? state.account(token) else { return }
    let change = AccountChange(
      address: token,
      account: .init(
        nonce: account.nonce, balance: account.balance, codeHash: account.codeHash),
      storage: slots.sorted())
    try? state.apply(StateDiff(accounts: [change]))
    parent.stateRoot = state.root
  }

  private static func words(_ words: [UInt256]) -> Bytes { words.flatMap { Hash($0).bytes } }

  private static func input(_ signature: String, _ arguments: UInt256...) -> Bytes {
    Keccak256.hash(Bytes(signature.utf8)).bytes.prefix(4) + words(arguments)
  }

  /// The code that deploys a contract of the tests.
  private static func artifact(_ name: String) -> Bytes? {
    guard let text = TextFile.read("Tests/Vectors/solidity/\(name).json"),
      let json = try? JSON.parse(text)
    else { return nil }
    return json["bytecode"]?.string.flatMap { Hexadecimal.decode($0) }
  }
}
