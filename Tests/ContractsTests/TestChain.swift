import Contracts
import Cryptography
import EVM
import JSON
import NativeCryptography
import Primitives
import Testing

/// The state of the development chain's genesis.
private final class GenesisReader: StateReader {
  private var accounts: [Address: Account] = [:]
  private var codes: [Hash: Bytes] = [:]

  init(_ genesis: JSON) throws {
    for (text, entry) in try genesis["alloc"].members() {
      let code = try entry["code"].map { try $0.asBytes() } ?? []
      let hash = Keccak256.hash(code)
      codes[hash] = code
      let address = try #require(Address(hexadecimal: text))
      accounts[address] = Account(
        nonce: code.isEmpty ? 0 : 1, balance: try entry["balance"].asNumber(), codeHash: hash)
    }
  }

  func account(_ address: Address) throws(StateMiss) -> Account? { accounts[address] }
  func storage(_ address: Address, _ slot: UInt256) throws(StateMiss) -> UInt256 { .zero }
  func code(_ codeHash: Hash) throws(StateMiss) -> Bytes {
    guard let code = codes[codeHash] else { throw .code(codeHash) }
    return code
  }
  func blockHash(_ number: UInt64) throws(StateMiss) -> Hash { .zero }
}

/// Opal's contracts in Opal's interpreter, from the committed genesis, without blocks or fees.
final class TestChain {
  let domain = UsageDomain(chainID: 31337)
  let journal: Journal
  var timestamp: UInt64 = 1_700_000_000

  init() throws {
    journal = Journal(
      reader: try GenesisReader(try Fixtures.json("genesis/dev.json")), fork: .prague)
  }

  struct Outcome {
    var events: [ContractEvent]
    var gasUsed: UInt64
  }

  /// Why a call came to nothing.
  enum Failure: Error, Equatable {
    case refused(ContractError?)
    case halted(CallStatus)
  }

  private func run(
    from caller: Address, to target: Address, value: UInt256, input: Bytes, isStatic: Bool
  ) throws -> (MessageResult, [Log]) {
    let machine = Machine(
      fork: .prague, block: BlockEnvironment(number: 1, timestamp: timestamp, chainID: 31337),
      transaction: TransactionEnvironment(origin: caller), journal: journal,
      provider: NativeCryptographyProvider.shared)
    journal.beginTransaction()
    var message = Message.call(
      from: caller, to: target, value: value, input: input, gasLimit: 10_000_000)
    message.isStatic = isStatic
    let result = try machine.run(message)
    let logs = journal.endTransaction()
    switch result.status {
    case .success: return (result, logs)
    case .revert: throw Failure.refused(ContractError(revertData: result.output))
    case .halt: throw Failure.halted(result.status)
    }
  }

  /// Sends a transaction's message; throws `Failure` if it reverts.
  @discardableResult
  func send(
    _ caller: Address, _ target: Address, _ input: Bytes, value: UInt256 = 0
  ) throws -> Outcome {
    let (result, logs) = try run(
      from: caller, to: target, value: value, input: input, isStatic: false)
    return Outcome(
      events: logs.compactMap { log in
        ContractEvent(address: log.address, topics: log.topics, data: log.data)
      }, gasUsed: 10_000_000 - result.gasLeft)
  }

  /// What a view answers.
  func read<Result>(_ view: ContractView<Result>) throws -> Result {
    let (result, _) = try run(
      from: .zero, to: view.contract, value: 0, input: view.input, isStatic: true)
    return try view.result(from: result.output)
  }

  /// The name of the error with which a transaction is refused; nil if it is not.
  func refusal(
    _ caller: Address, _ target: Address, _ input: Bytes, value: UInt256 = 0
  ) throws -> String? {
    do {
      try send(caller, target, input, value: value)
      return nil
    } catch Failure.refused(let error) {
      return error?.name ?? "without a reason"
    }
  }

  func settle(_ settlement: Settlement) throws -> Outcome {
    try send(
      Actors.stranger.address, AttributionContract.address, AttributionContract.settle(settlement))
  }

  /// The name of the error with which a settlement is refused; nil if it is not.
  func refusal(_ settlement: Settlement) throws -> String? {
    try refusal(
      Actors.stranger.address, AttributionContract.address, AttributionContract.settle(settlement))
  }

  func earnings(_ account: Address) throws -> UInt256 {
    try read(AttributionContract.earnings(of: account))
  }
}

/// Who plays which part, with keys of the development mnemonic.
enum Actors {
  static let curator = key(0)
  static let firstContributor = key(1)
  static let secondContributor = key(2)
  static let modelOwner = key(3)
  static let engine = key(4)
  static let payer = key(5)
  static let stranger = key(6)

  private static func key(_ index: UInt32) -> PrivateKey {
    let phrase = "test test test test test test test test test test test junk"
    guard let key = Mnemonic(phrase)?.privateKey(account: index) else {
      preconditionFailure("the development mnemonic has keys")
    }
    return key
  }
}
