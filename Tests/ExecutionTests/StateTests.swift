import Cryptography
import EVM
import Execution
import JSON
import Primitives
import Synchronization
import Testing
import Trie

/// Nodes and code by hash.
final class Witness: StateSource {
  let nodes: [Hash: Bytes]
  let codes: [Hash: Bytes]

  init(nodes: [Hash: Bytes], codes: [Hash: Bytes]) {
    self.nodes = nodes
    self.codes = codes
  }

  func node(_ hash: Hash) -> Bytes? { nodes[hash] }
  func code(_ hash: Hash) -> Bytes? { codes[hash] }
}

@Suite("The state")
struct StateTests {
  typealias Chain = DevelopmentChain

  /// A change of an account's fields, code and slots.
  private func change(
    _ number: UInt64, nonce: UInt64 = 0, balance: UInt256 = 1, code: Bytes? = nil,
    clears: Bool = false, slots: [(UInt64, UInt64)] = []
  ) -> AccountChange {
    AccountChange(
      address: Address(UInt256(number)),
      account: AccountChange.Fields(
        nonce: nonce, balance: balance, codeHash: Keccak256.hash(code ?? [])),
      newCode: code, storageCleared: clears,
      storage: slots.map { AccountChange.Slot(slot: UInt256($0.0), value: UInt256($0.1)) })
  }

  @Test("is the known one when it is empty, and again when everything is gone")
  func empty() throws {
    var state = State()
    #expect(state.root == MerklePatriciaTrie.emptyRoot)
    try state.apply(StateDiff(accounts: [change(1, slots: [(1, 2)])]))
    #expect(state.root != MerklePatriciaTrie.emptyRoot)
    try state.apply(
      StateDiff(accounts: [AccountChange(address: Address(UInt256(1 as UInt64)), account: nil)]))
    #expect(state.root == MerklePatriciaTrie.emptyRoot)
    #expect(try state.account(Address(UInt256(1 as UInt64))) == nil)
    #expect(try state.storage(Address(UInt256(1 as UInt64)), 1) == 0)
  }

  @Test("of an older copy stays as it was")
  func copies() throws {
    var state = State()
    var history: [(State, Hash)] = []
    for round in 0..<40 as Range<UInt64> {
      try state.apply(
        StateDiff(accounts: [change(round % 7, nonce: round, slots: [(round % 5, round)])]))
      history.append((state, state.root))
    }
    for (copy, root) in history { #expect(copy.root == root) }
    #expect(try history[7].0.account(Address(UInt256(0 as UInt64)))?.nonce == 7)
    #expect(try state.account(Address(UInt256(0 as UInt64)))?.nonce == 35)
  }

  @Test("forgets storage that is cleared, and slots that are zero")
  func storage() throws {
    let address = Address(UInt256(1 as UInt64))
    var state = State()
    try state.apply(StateDiff(accounts: [change(1, code: [1, 2], slots: [(1, 2), (3, 4)])]))
    #expect(try state.storage(address, 3) == 4)
    #expect(try state.code(at: address) == [1, 2])
    var other = State()
    try other.apply(StateDiff(accounts: [change(1, code: [1, 2], slots: [(1, 2)])]))
    try state.apply(StateDiff(accounts: [change(1, code: [1, 2], slots: [(3, 0)])]))
    #expect(state.root == other.root)
    try state.apply(StateDiff(accounts: [change(1, code: [1, 2], clears: true, slots: [(3, 4)])]))
    #expect(try state.storage(address, 1) == 0)
    #expect(try state.storage(address, 3) == 4)
  }

  @Test("known by its root builds the same block, and names what it lacks")
  func witness() throws {
    let chain = Chain()
    let whole = try chain.build([chain.transfer(to: Chain.store, data: [1])])
    let nodes = Mutex<[Hash: Bytes]>([:])
    chain.state.visitNodes { hash, encoding in
      nodes.withLock { $0.updateValue(encoding, forKey: hash) == nil }
    }
    var codes: [Hash: Bytes] = [:]
    for (_, account) in chain.genesis.alloc { codes[Keccak256.hash(account.code)] = account.code }
    let known = nodes.withLock { $0 }
    func build(_ source: Witness) throws -> BlockOutcome {
      try buildBlock(
        specification: chain.specification, parent: chain.head,
        state: State(root: chain.state.root, source: source), inputs: chain.inputs(),
        candidates: [chain.transfer(to: Chain.store, data: [1])],
        ancestorHashes: chain.ancestors, provider: Chain.provider)
    }
    #expect(try build(Witness(nodes: known, codes: codes)).block == whole.block)
    #expect(throws: ExecutionStop.miss(.node(chain.state.root))) {
      try build(Witness(nodes: [:], codes: codes))
    }
    let code = try chain.state.code(at: Chain.store)
    #expect(throws: ExecutionStop.miss(.code(Keccak256.hash(code)))) {
      codes[Keccak256.hash(code)] = [1]
      return try build(Witness(nodes: known, codes: codes))
    }
  }

  @Test("proves accounts and slots, those that are not there too")
  func proofs() throws {
    var chain = Chain()
    let word = Bytes(repeating: 0, count: 31) + [9]
    chain.extend(try chain.build([chain.transfer(to: Chain.store, value: 0, data: word)]))
    let absent = Address(UInt256(0xdead as UInt64))
    for address in [Chain.alice, Chain.store, absent] {
      var proof = try chain.state.accountProof(address, slots: [0, 1])
      #expect(proof.isValid(root: chain.state.root))
      #expect((proof.account == nil) == (address == absent))
      #expect(proof.storage.map(\.value) == [address == Chain.store ? 9 : 0, 0])
      #expect(!proof.isValid(root: chain.hashes[0]))
      proof.storage[0].value = 7
      #expect(!proof.isValid(root: chain.state.root))
    }
    var proof = try chain.state.accountProof(Chain.alice, slots: [])
    proof.account?.balance = 7
    #expect(!proof.isValid(root: chain.state.root))
  }

  @Test(
    "proves what geth proves, node by node",
    .enabled(if: ForeignChainTests.isThere, "no rpc-compat vectors"))
  func recordedProofs() throws {
    let (_, _, state, _) = try ForeignChainTests.imported()
    var count = 0
    for (request, response) in try Vectors.exchanges("rpc-compat/tests/eth_getProof") {
      guard let address = try request.field("params")[0]?.address(),
        let slots = try request.field("params")[1]?.array?.map({ try $0.uint256() }),
        let result = response["result"], request["params"]?[2]?.string == "latest"
      else { continue }
      let proof = try state.accountProof(address, slots: slots)
      let nodes = try result.field("accountProof").array?.map { try $0.byteArray() }
      #expect(proof.nodes == nodes)
      let recorded = try result.field("storageProof").array ?? []
      #expect(proof.storage.count == recorded.count)
      for (slot, expected) in zip(proof.storage, recorded) {
        #expect(slot.value == (try expected.field("value").uint256()))
        #expect(slot.nodes == (try expected.field("proof").array?.map { try $0.byteArray() }))
      }
      count += 1
    }
    #expect(count > 0)
  }
}
