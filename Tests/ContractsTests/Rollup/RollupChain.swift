import Contracts
import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Primitives
import Testing

/// Block hashes that depend on the number alone.
final class NumberedHashes: AncestorHashes {
  func blockHash(_ number: UInt64) throws(StateMiss) -> Hash { Keccak256.hash(UInt256(number)) }
}

/// A rollup's contracts on one layer in Opal's interpreter, from the committed genesis.
///
/// Messages are run without fees and nonces; each makes a state with its root.
final class RollupChain {
  let layer: Int
  let specification: ChainSpecification
  let genesis: Genesis
  var state: State
  var number: UInt64 = 1
  var timestamp: UInt64 = 1_000

  init(layer: Int) throws {
    self.layer = layer
    genesis = try Self.genesis(layer: layer)
    specification = genesis.specification
    state = genesis.state()
  }

  static func genesis(layer: Int) throws -> Genesis {
    let document = try Fixtures.json("genesis/rollup/l\(layer).json")
    let specification =
      layer == 1
      ? ChainSpecification(chainID: 900, forks: .all(upTo: .prague))
      : ChainSpecification(chainID: 901, rollup: .all(upTo: .isthmus))
    var genesis = Genesis(specification: specification)
    genesis.gasLimit = try #require(try document["gasLimit"].asNumber().asUInt64)
    genesis.baseFee = try document["baseFeePerGas"].asNumber()
    genesis.extraData = try document["extraData"].asBytes()
    for (text, entry) in try document["alloc"].members() {
      let address = try #require(Address(hexadecimal: text))
      var account = GenesisAccount(balance: try entry["balance"].asNumber())
      account.nonce = try entry["nonce"].map { try $0.asNumber().asUInt64 ?? 0 } ?? 0
      account.code = try entry["code"].map { try $0.asBytes() } ?? []
      if let storage = entry["storage"]?.object {
        account.storage = try storage.map { slot, value in
          (try #require(UInt256(hexadecimal: slot)), try value.asNumber())
        }
      }
      genesis.alloc.append((address, account))
    }
    return genesis
  }

  struct Outcome {
    var status: CallStatus
    var output: Bytes
    var logs: [Log]
    var gasUsed: UInt64
    var events: [RollupEvent]
  }

  /// Why a message came to nothing.
  enum Failure: Error, Equatable {
    case refused(String)
    case halted(Halt)
  }

  /// Runs a message whatever becomes of it; the state changes if it succeeds.
  @discardableResult
  func run(
    from caller: Address, to target: Address?, input: Bytes = [], value: UInt256 = 0,
    gasLimit: UInt64 = 30_000_000, origin: Address? = nil, baseFee: UInt256 = 1_000_000_000
  ) throws -> Outcome {
    let journal = Journal(
      reader: state.reader(blockHashes: NumberedHashes()), fork: .prague,
      rollup: layer == 1 ? nil : .isthmus)
    let machine = Machine(
      fork: .prague,
      block: BlockEnvironment(
        number: number, timestamp: timestamp, baseFee: baseFee,
        chainID: UInt256(specification.chainID)),
      transaction: TransactionEnvironment(origin: origin ?? caller), journal: journal,
      provider: NativeCryptographyProvider.shared)
    journal.beginTransaction()
    let message: Message
    if let target {
      message = .call(
        from: caller, to: target, value: value, input: input, gasLimit: gasLimit)
    } else {
      let address = Address.contract(createdBy: caller, nonce: try journal.nonce(caller))
      try journal.setNonce(try journal.nonce(caller) + 1, of: caller)
      message = .creation(
        from: caller, at: address, value: value, initCode: input, gasLimit: gasLimit)
    }
    let result = try machine.run(message)
    let logs = journal.endTransaction()
    if result.status == .success { try state.apply(journal.diff()) }
    return Outcome(
      status: result.status, output: result.output, logs: result.status == .success ? logs : [],
      gasUsed: gasLimit - result.gasLeft,
      events: logs.compactMap { log in
        layer == 1
          ? RollupEvent(layerOne: log.address, topics: log.topics, data: log.data)
          : RollupEvent(layerTwo: log.address, topics: log.topics, data: log.data)
      })
  }

  /// Runs a message; throws `Failure` if it does not succeed.
  @discardableResult
  func send(
    _ caller: Address, _ target: Address, _ input: Bytes = [], value: UInt256 = 0,
    gasLimit: UInt64 = 30_000_000, origin: Address? = nil, baseFee: UInt256 = 1_000_000_000
  ) throws -> Outcome {
    let outcome = try run(
      from: caller, to: target, input: input, value: value, gasLimit: gasLimit, origin: origin,
      baseFee: baseFee)
    switch outcome.status {
    case .success: return outcome
    case .revert: throw Failure.refused(Self.reason(outcome.output))
    case .halt(let halt): throw Failure.halted(halt)
    }
  }

  /// The name of a custom error, or the text of a plain one.
  static func reason(_ output: Bytes) -> String {
    guard let error = ContractError(revertData: output) else { return "without a reason" }
    return error.name == "Error" ? error.message : error.name
  }

  /// Why a message is refused; nil if it is not.
  func refusal(
    _ caller: Address, _ target: Address, _ input: Bytes = [], value: UInt256 = 0,
    origin: Address? = nil
  ) throws -> String? {
    do {
      try send(caller, target, input, value: value, origin: origin)
      return nil
    } catch Failure.refused(let reason) {
      return reason
    }
  }

  /// Creates a contract; its address.
  func create(_ caller: Address, _ code: Bytes) throws -> Address {
    let nonce = try state.account(caller)?.nonce ?? 0
    let outcome = try run(from: caller, to: nil, input: code)
    #expect(outcome.status == .success)
    return Address.contract(createdBy: caller, nonce: nonce)
  }

  /// What a view answers.
  func read<Result>(_ view: ContractView<Result>) throws -> Result {
    let before = state
    defer { state = before }
    let outcome = try send(.zero, view.contract, view.input)
    return try view.result(from: outcome.output)
  }

  func balance(_ address: Address) throws -> UInt256 {
    try state.account(address)?.balance ?? 0
  }

  /// Puts code at an address, as no transaction could.
  func place(_ code: Bytes, at address: Address) throws {
    let journal = Journal(reader: state.reader(blockHashes: NumberedHashes()), fork: .prague)
    journal.beginTransaction()
    try journal.setCode(code, of: address)
    if try journal.nonce(address) == 0 { try journal.setNonce(1, of: address) }
    _ = journal.endTransaction()
    try state.apply(journal.diff())
  }

  /// Puts a word into storage, as no transaction could.
  func place(_ word: UInt256, in slot: UInt256, of address: Address) throws {
    let journal = Journal(reader: state.reader(blockHashes: NumberedHashes()), fork: .prague)
    journal.beginTransaction()
    try journal.setStorage(address, slot, word)
    _ = journal.endTransaction()
    try state.apply(journal.diff())
  }
}

/// The parts that a rollup's genesis gives to accounts of the development mnemonic.
enum Parts {
  static let batcher = account(14)
  static let proposer = account(15)
  static let challenger = account(16)
  static let feeRecipient = account(17)
  static let owner = account(18)
  static let unsafeBlockSigner = account(19)
  static let alice = Actors.curator.address
  static let bob = Actors.firstContributor.address

  private static func account(_ index: UInt32) -> Address {
    guard let key = Mnemonic(Mnemonic.development)?.privateKey(account: index) else {
      preconditionFailure("the development mnemonic has keys")
    }
    return key.address
  }
}
