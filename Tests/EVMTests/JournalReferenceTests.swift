import Cryptography
import EVM
import Primitives
import Testing

/// The journal's tables against dictionaries.
@Suite struct JournalReferenceTests {
  @Test(
    "random instructions, transfers, creations and reverts cost and leave what the reference says",
    arguments: 0..<40)
  func againstReference(seed: Int) throws {
    var random = Chance(UInt64(seed) &+ 7000)
    let fork = seed % 3 == 0 ? Fork.london : .osaka
    let state = Contest.state(&random)
    // The tables are kept between the journals of a workspace.
    let workspace = Workspace()
    for _ in 0..<3 {
      var contest = Contest(state, fork, workspace)
      for _ in 0..<300 { try contest.step(&random) }
      contest.finish()
    }
  }
}

/// A journal and its reference, which do the same.
private struct Contest {
  private typealias Place = ReferenceJournal.Place

  private let state: TestState
  private let fork: Fork
  private let journal: Journal
  private var reference: ReferenceJournal
  private var saved: [(Journal.Checkpoint, ReferenceJournal)] = []

  /// Accounts, of which some exist and some have storage.
  private static let addresses = (1...6).map { Address(0, $0, 77) }
  /// Where the instructions' programs are.
  private enum Instruction: UInt64, CaseIterable {
    case load, store, loadTransient, storeTransient, balance, log, destroy
    var address: Address { Address(9, rawValue, 9) }

    var program: Program {
      let (first, second) = (push(0) + .calldataload, push(32) + .calldataload)
      return switch self {
      case .load: (first + .sload).returningTop
      case .store: second + first + .sstore
      case .loadTransient: (first + .tload).returningTop
      case .storeTransient: second + first + .tstore
      case .balance: (first + .balance).returningTop
      case .log: first + push(5) + push(0) + .log1
      case .destroy: first + .selfdestruct
      }
    }

    /// What everything but the instruction itself costs.
    var overhead: UInt64 {
      switch self {
      case .load, .loadTransient, .balance: 6 + 12 + 3
      case .store, .storeTransient: 12
      case .log: 12 + 3
      case .destroy: 6
      }
    }
  }

  static func state(_ random: inout Chance) -> TestState {
    let state = TestState()
    for address in addresses.prefix(4) {
      let hasStorage = random.below(2) == 0
      state.add(
        address, nonce: UInt64(random.below(2)), balance: random.word(10),
        code: random.below(2) == 0 ? [0] : [],
        storage: hasStorage ? [1: 1, 2: random.word(3) &+ 1] : [:])
    }
    for instruction in Instruction.allCases {
      state.add(instruction.address, nonce: 1, code: instruction.program.bytes)
    }
    return state
  }

  init(_ state: TestState, _ fork: Fork, _ workspace: Workspace) {
    self.state = state
    self.fork = fork
    journal = Journal(reader: state, fork: fork, workspace: workspace)
    journal.beginTransaction()
    reference = ReferenceJournal(state, fork)
  }

  mutating func step(_ random: inout Chance) throws {
    let address = Self.addresses[random.below(Self.addresses.count)]
    let other = Self.addresses[random.below(Self.addresses.count)]
    let place = Place(address: address, slot: random.word(4))
    switch random.below(16) {
    case 0, 1: saved.append((journal.checkpoint(), reference))
    case 2:
      guard !saved.isEmpty else { return }
      let index = random.below(saved.count)
      journal.revert(to: saved[index].0)
      reference = saved[index].1
      saved.removeLast(saved.count - index)
    case 3: if random.below(4) == 0 { turn() }
    case 4: try change(address, random.word(3), random.below(4))
    case 5: try transfer(random.word(4), address, other)
    case 6: try create(address)
    case 7:
      let (word, cost) = reference.load(place)
      try run(.load, address, place.slot, costs: cost, gives: word)
    case 8, 9, 10:
      guard reference.accounts[address] != nil else { return }
      let word = random.word(3)
      try run(.store, address, place.slot, word, costs: reference.store(place, word))
    case 11:
      guard fork >= .cancun else { return }
      try run(
        .loadTransient, address, place.slot, costs: 100, gives: reference.transient[place] ?? 0)
    case 12:
      guard fork >= .cancun else { return }
      let word = random.word(3)
      reference.transient[place] = word
      try run(.storeTransient, address, place.slot, word, costs: 100)
    case 13:
      let cost = reference.access(other)
      let balance = reference.accounts[other]?.balance ?? 0
      try run(.balance, address, UInt256(other), costs: cost, gives: balance)
    case 14:
      let topic = random.word(9)
      reference.logs.append(
        Log(address: address, topics: [Hash(topic)], data: Bytes(repeating: 0, count: 5)))
      try run(.log, address, topic, costs: 2 * 375 + 5 * 8)
    default:
      guard reference.accounts[address] != nil, random.below(3) == 0 else { return }
      let cost = reference.destroy(address, to: other)
      try run(.destroy, address, UInt256(other), costs: cost)
    }
    #expect(journal.refund == reference.refund)
  }

  /// Runs an instruction as an account's code.
  private func run(
    _ instruction: Instruction, _ address: Address, _ first: UInt256, _ second: UInt256 = 0,
    costs cost: UInt64, gives word: UInt256? = nil
  ) throws {
    let result = try machine.run(
      Message(
        kind: .delegateCall, caller: World.sender, target: address,
        codeAddress: instruction.address, value: 0,
        input: first.bigEndianBytes + second.bigEndianBytes, gasLimit: 100_000, isStatic: false))
    #expect(result.status == .success, "\(instruction)")
    #expect(100_000 - result.gasLeft == cost + instruction.overhead, "\(instruction)")
    if let word { #expect(result.output == word.bigEndianBytes, "\(instruction)") }
  }

  private mutating func turn() {
    #expect(journal.endTransaction() == reference.endTransaction())
    journal.beginTransaction()
    saved = []
  }

  private mutating func change(_ address: Address, _ word: UInt256, _ kind: Int) throws {
    switch kind {
    case 0:
      try journal.setNonce(word.lowUInt64, of: address)
      reference.change(address) { $0.nonce = word.lowUInt64 }
    case 1:
      try journal.setBalance(word, of: address)
      reference.change(address) { $0.balance = word }
    case 2:
      let code = Bytes(repeating: 0, count: Int(word.lowUInt64))
      try journal.setCode(code, of: address)
      reference.change(address) { $0.codeHash = Keccak256.hash(code) }
    default:
      try journal.touch(address)
      reference.touch(address)
    }
  }

  private mutating func transfer(
    _ value: UInt256, _ sender: Address, _ recipient: Address
  ) throws {
    let result = try machine.run(.call(from: sender, to: recipient, value: value, gasLimit: 99))
    #expect((result.status == .success) == reference.transfer(value, sender, recipient))
  }

  private mutating func create(_ address: Address) throws {
    let initCode = (push(1) + push(0) + .return).bytes
    let result = try machine.run(
      .creation(from: World.sender, at: address, initCode: initCode, gasLimit: 1000))
    let isCreated = reference.create(address, codeHash: Keccak256.hash([0] as Bytes))
    #expect((result.status == .success) == isCreated)
  }

  private var machine: Machine {
    Machine(
      fork: fork, block: BlockEnvironment(number: 1),
      transaction: TransactionEnvironment(origin: World.sender), journal: journal,
      provider: TestProvider.shared)
  }

  /// Ends the block, and hands its changes to the state.
  mutating func finish() {
    #expect(journal.endTransaction() == reference.endTransaction())
    state.apply(journal.diff())
    for address in Self.addresses {
      let account = state.accounts[address].map {
        ReferenceJournal.Account(nonce: $0.nonce, balance: $0.balance, codeHash: $0.codeHash)
      }
      #expect(account == reference.accounts[address])
      for slot in 0..<4 {
        let place = Place(address: address, slot: UInt256(slot))
        #expect(state.slots[address]?[place.slot] ?? 0 == reference.slots[place] ?? 0)
      }
    }
  }
}
