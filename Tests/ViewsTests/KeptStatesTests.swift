import EVM
import Execution
import Foundation
import Ledger
import Primitives
import TestSupport
import Testing
import Trie
import Views

/// A made-up chain of which only the states matter: some accounts and slots change in each block.
private struct StateChain {
  static let accountCount: UInt64 = 6_000
  static let slotCount: UInt64 = 3_000
  /// The account that has storage.
  static let owner = Address(UInt256(1))

  let genesis: Genesis
  private(set) var outcomes: [BlockOutcome] = []
  private var generator = SeededGenerator(seed: 11)

  init(blockCount: Int) throws {
    var genesis = Genesis(
      specification: ChainSpecification(chainID: 902, forks: ForkSchedule()))
    for number in 1...Self.accountCount {
      genesis.alloc.append(
        (Address(UInt256(number)), GenesisAccount(balance: UInt256(number))))
    }
    self.genesis = genesis
    let template = try SampleChain.emptyOutcome()
    var state = genesis.state()
    for number in 1...UInt64(blockCount) {
      var outcome = template
      outcome.diff = diff()
      try state.apply(outcome.diff)
      outcome.state = state
      var header = BlockHeader(
        parentHash: .zero, feeRecipient: .zero, number: number, gasLimit: 30_000_000,
        timestamp: 1_000 + number)
      header.stateRoot = state.root
      outcome.put(Block(header: header, transactions: [], withdrawals: []))
      outcomes.append(outcome)
    }
  }

  /// Up to thirty accounts, of which some are deleted or made, and as many slots of one.
  private mutating func diff() -> StateDiff {
    var changes: [Address: AccountChange] = [:]
    for _ in 0..<Int.random(in: 0...30, using: &generator) {
      let address = Address(UInt256(.random(in: 2...Self.accountCount * 5 / 4, using: &generator)))
      let isDeleted = Int.random(in: 0..<6, using: &generator) == 0
      let balance = UInt256(generator.next() >> 1 + 1)
      changes[address] = AccountChange(
        address: address,
        account: isDeleted ? nil : .init(nonce: 1, balance: balance, codeHash: Account().codeHash))
    }
    var slots: [UInt256: UInt256] = [:]
    for _ in 0..<Int.random(in: 0...30, using: &generator) {
      let value = UInt64.random(in: 0...9, using: &generator)
      slots[UInt256(.random(in: 0..<Self.slotCount, using: &generator))] = UInt256(value)
    }
    changes[Self.owner] = AccountChange(
      address: Self.owner,
      account: .init(nonce: 1, balance: 1, codeHash: Account().codeHash),
      storage: slots.sorted { $0.key < $1.key }.map { .init(slot: $0.key, value: $0.value) })
    return StateDiff(accounts: changes.values.sorted { $0.address < $1.address })
  }

  var entries: [ViewEntry] {
    let all: [Consequence] = [.started(.two, genesis)] + outcomes.map { .extended(.two, $0) }
    return all.enumerated().map { index, consequence in
      ViewEntry(
        sequence: UInt64(index + 1), commitment: Hash(UInt256(UInt64(index + 1))),
        consequences: [consequence])
    }
  }
}

@Suite("States that are kept as a whole")
struct KeptStatesTests {
  @Test("are read at any height, and are the same whether the views were open all the time or not")
  func anyHeight() throws {
    let chain = try StateChain(blockCount: 2_600)
    try withTemporaryDirectory { directory in
      let open = directory + "/open.sqlite"
      let views = try Views.open(path: open)
      for entry in chain.entries { try views.take([entry]) }
      let reopened = directory + "/reopened.sqlite"
      var rest = chain.entries[...]
      while !rest.isEmpty {
        let again = try Views.open(path: reopened)
        for _ in 0..<3 where !rest.isEmpty {
          try again.take(Array(rest.prefix(67)))
          rest = rest.dropFirst(67)
        }
      }
      #expect(try views.digests() == Views.open(path: reopened).digests())
      for path in [open, reopened] { try expectStates(of: chain, in: path) }
    }
  }

  private func expectStates(of chain: StateChain, in path: String) throws {
    let history = StateHistory(try ViewReader.open(path: path))
    for outcome in chain.outcomes where outcome.block.header.number % 97 == 0 {
      let number = outcome.block.header.number
      let state = try #require(try history.state(.two, number: number))
      #expect(state.root == outcome.state.root, "block \(number)")
      for account in stride(from: number % 50, to: StateChain.accountCount, by: 50) {
        let address = Address(UInt256(account))
        #expect(try state.account(address) == outcome.state.account(address))
      }
      for slot in stride(from: number % 50, to: StateChain.slotCount, by: 50) {
        let value = try state.storage(StateChain.owner, UInt256(slot))
        #expect(try value == outcome.state.storage(StateChain.owner, UInt256(slot)))
      }
    }
  }

  @Test("of a damaged index are not there, rather than wrong")
  func damage() throws {
    let chain = try StateChain(blockCount: 700)
    try withTemporaryDirectory { directory in
      let path = directory + "/views.sqlite"
      let views = try Views.open(path: path)
      try views.take(chain.entries)
      for change in [
        "UPDATE node_chunks SET entries = substr(entries, 5)",
        "UPDATE node_runs SET bits = bits + 1", "UPDATE node_runs SET bits = 64",
        "UPDATE node_runs SET first_chunk = -9223372036854775808", "DELETE FROM node_chunks",
      ] {
        let copy = directory + "/copy.sqlite"
        try views.settle()
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        try alter(copy, change)
        let history = StateHistory(try ViewReader.open(path: copy))
        for outcome in chain.outcomes where outcome.block.header.number % 131 == 0 {
          let number = outcome.block.header.number
          guard let state = (try? history.state(.two, number: number)) ?? nil else { continue }
          #expect(state.root == outcome.state.root, "\(change)")
          for account in stride(from: 1, to: StateChain.accountCount, by: 61) {
            let address = Address(UInt256(account))
            guard let found = try? state.account(address) else { continue }
            #expect(try found == outcome.state.account(address), "\(change)")
          }
        }
        // Nothing is made of it that seems sound.
        #expect(throws: Never.self) { _ = try? Views.open(path: copy).digests() }
        Views.delete(path: copy)
      }
    }
  }
}
