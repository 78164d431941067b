import Contracts
import Cryptography
import EVM
import Execution
import NativeCryptography
import Primitives
import Testing
import Trie

/// Both layers of a rollup, and what carries messages between them in the place of a node.
final class RollupPair {
  let l1: RollupChain
  let l2: RollupChain
  var depositIndex: UInt64 = 0

  static let week: UInt64 = 604_800

  init() throws {
    l1 = try RollupChain(layer: 1)
    l2 = try RollupChain(layer: 2)
  }

  /// Lets time pass on L1.
  func wait(_ seconds: UInt64) {
    l1.timestamp += seconds
    l1.number += max(seconds / 12, 1)
  }

  /// The deposits among the logs of L1, as derivation makes them.
  func deposits(_ outcome: RollupChain.Outcome) throws -> [Transaction] {
    try outcome.logs.filter { $0.address == PortalContract.address }.filter {
      $0.topics.first == Transaction.depositEvent
    }.map { log in
      depositIndex += 1
      return try Transaction.deposit(
        from: log, l1BlockHash: Keccak256.hash(UInt256(l1.number)), logIndex: depositIndex)
    }
  }

  /// Runs the deposits among the logs of L1 on L2, as a block does.
  @discardableResult
  func deliver(_ outcome: RollupChain.Outcome) throws -> [TransactionOutcome] {
    try deposits(outcome).map { deposit in
      var header = BlockHeader(
        parentHash: .zero, feeRecipient: .zero, number: l2.number, gasLimit: 60_000_000,
        timestamp: l2.timestamp)
      header.baseFee = 1_000_000_000
      header.excessBlobGas = 0
      let fields = try #require(deposit.deposit)
      let execution = try executeTransaction(
        specification: l2.specification, header: header, state: l2.state,
        candidate: Candidate(transaction: deposit, sender: fields.from),
        ancestorHashes: NumberedHashes(), provider: NativeCryptographyProvider.shared)
      l2.state = execution.state
      return execution.outcome
    }
  }

  /// The message that left L2 in a transaction.
  func withdrawal(_ outcome: RollupChain.Outcome) throws -> LayerMessage {
    let passed = outcome.events.compactMap { event in
      if case .messagePassed(let passed) = event { passed } else { nil }
    }
    let message = try #require(passed.last)
    #expect(message.withdrawal.withdrawalHash == message.hash)
    return message.withdrawal
  }

  /// What a proposer says of L2's state now.
  func output() throws -> OutputRoot {
    OutputRoot(
      stateRoot: l2.state.root,
      messagePasserStorageRoot: try l2.state.storageTrie(MessagePasserContract.address).root,
      blockHash: Keccak256.hash(UInt256(l2.number)))
  }

  /// Claims an output root; the number of the game, counted from 0.
  @discardableResult
  func propose(_ output: OutputRoot, blockNumber: UInt64? = nil) throws -> UInt64 {
    l2.number += 1
    let bond = try l1.read(DisputeGameFactoryContract.bond())
    try l1.send(
      Parts.proposer, DisputeGameFactoryContract.address,
      DisputeGameFactoryContract.propose(output.hash, blockNumber: blockNumber ?? l2.number),
      value: bond)
    return try l1.read(DisputeGameFactoryContract.gameCount) - 1
  }

  func game(_ index: UInt64) throws -> DisputeGameContract {
    DisputeGameContract(try l1.read(DisputeGameFactoryContract.game(at: index)).address)
  }

  /// The nodes that prove a message in L2's state now.
  func proof(_ message: LayerMessage) throws -> [Bytes] {
    let proof = try l2.state.accountProof(
      MessagePasserContract.address, slots: [message.sentMessagesSlot])
    #expect(proof.isValid(root: l2.state.root) && proof.storage[0].value == 1)
    return proof.storage[0].nodes
  }

  /// A message with everything that proves it.
  struct Proved {
    var message: LayerMessage
    var output: OutputRoot
    var game: UInt64
    var proof: [Bytes]

    var call: Bytes {
      PortalContract.prove(message, gameIndex: UInt256(game), output: output, proof: proof)
    }
  }

  /// Claims the state in which a message is, and waits until it can be proved.
  func proposed(_ message: LayerMessage) throws -> Proved {
    let output = try output()
    let index = try propose(output)
    wait(12)
    return Proved(message: message, output: output, game: index, proof: try proof(message))
  }

  /// Proves a message and waits until it can be finalised.
  func prove(_ message: LayerMessage) throws {
    let proved = try proposed(message)
    try l1.send(Parts.alice, PortalContract.address, proved.call)
    try mature(proved.game)
  }

  /// Waits, resolves a game, and waits again.
  func mature(_ index: UInt64) throws {
    wait(Self.week / 2)
    try l1.send(Parts.challenger, try game(index).address, DisputeGameContract.resolve)
    wait(Self.week / 2 + 24)
  }

  /// Proves and finalises a message; what its call on L1 did.
  @discardableResult
  func complete(_ message: LayerMessage) throws -> RollupChain.Outcome {
    try prove(message)
    return try l1.send(Parts.alice, PortalContract.address, PortalContract.finalize(message))
  }
}
