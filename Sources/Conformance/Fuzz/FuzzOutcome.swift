import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Primitives
import Trie

/// An account as two implementations compare it; slots that hold zero are not listed.
struct FuzzAccount: Hashable, Sendable {
  var nonce: UInt64
  var balance: UInt256
  var code: Bytes
  var storage: [UInt256: UInt256]

  init(nonce: UInt64 = 0, balance: UInt256 = .zero, code: Bytes = []) {
    self.nonce = nonce
    self.balance = balance
    self.code = code
    storage = [:]
  }

  init(_ account: GenesisAccount) {
    self.init(nonce: account.nonce, balance: account.balance, code: account.code)
    for (slot, value) in account.storage where !value.isZero { storage[slot] = value }
  }

  /// Writes the account as state tests list it.
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("balance")
    writer.quantity(balance)
    writer.key("nonce")
    writer.quantity(nonce)
    writer.key("code")
    writer.data(code)
    writer.key("storage")
    writer.beginObject()
    for slot in storage.keys.sorted() {
      writer.key(slot.hexadecimal)
      writer.quantity(storage[slot] ?? .zero)
    }
    writer.endObject()
    writer.endObject()
  }

  var genesisAccount: GenesisAccount {
    GenesisAccount(
      balance: balance, nonce: nonce, code: code,
      storage: storage.keys.sorted().map { ($0, storage[$0] ?? .zero) })
  }
}

/// What a case came to in one implementation.
public struct FuzzOutcome: Sendable {
  /// How a transaction that ran ended; a halt is a halt whatever its reason is called.
  enum Status: String, Sendable {
    case success, revert, halt
  }

  /// Why the transaction was refused; nil where it ran.
  var refusal: String?
  var status = Status.success
  var gasUsed: UInt64 = 0
  /// What a call returned, or why anything reverted.
  var output: Bytes = []
  var logs: [Log] = []
  /// Every account that exists afterwards.
  var accounts: [Address: FuzzAccount] = [:]

  static func refused(_ reason: String) -> FuzzOutcome {
    var outcome = FuzzOutcome()
    outcome.refusal = reason
    return outcome
  }
}

// MARK: Ours

extension FuzzCase {
  /// Runs the case here.
  public func run(workspace: Workspace = Workspace()) -> FuzzOutcome {
    guard let network = Network(forkName),
      let specification = try? network.specification(config: nil)
    else { return .refused("no fork \(forkName)") }
    var genesis = Genesis(specification: specification)
    genesis.alloc = accounts
    do throws(ExecutionFailure) {
      let result = try executeTransaction(
        specification: specification, header: header, state: genesis.state(),
        candidate: Candidate(transaction: transaction, sender: senderKey.address),
        ancestorHashes: TextHashes(), provider: NativeCryptographyProvider.shared,
        workspace: workspace)
      return FuzzOutcome(
        result, before: pairs.map { ($0.address, FuzzAccount($0.account)) })
    } catch {
      switch error {
      case .refused(let refusal): return .refused(refusal.message)
      case .stopped(let stop): return .refused(BlockRejection.undecided(stop).message)
      }
    }
  }
}

extension FuzzOutcome {
  /// The outcome without its accounts.
  init(_ outcome: TransactionOutcome) {
    switch outcome.status {
    case .success: status = .success
    case .revert: status = .revert
    case .halt: status = .halt
    }
    gasUsed = outcome.gasUsed
    // A creation's code is in its account.
    let isCall = outcome.contractAddress == nil
    if status == .revert || (status == .success && isCall) { output = outcome.output }
    logs = outcome.logs
  }

  init(_ execution: TransactionExecution, before: [(Address, FuzzAccount)]) {
    self.init(execution.outcome)
    for (address, account) in before { accounts[address] = account }
    for change in execution.diff.accounts { apply(change) }
  }

  private mutating func apply(_ change: AccountChange) {
    guard let fields = change.account else {
      accounts[change.address] = nil
      return
    }
    var account = accounts[change.address] ?? FuzzAccount()
    account.nonce = fields.nonce
    account.balance = fields.balance
    if let code = change.newCode { account.code = code }
    if fields.codeHash == Keccak256.empty { account.code = [] }
    if change.storageCleared { account.storage = [:] }
    for slot in change.storage {
      account.storage[slot.slot] = slot.value.isZero ? nil : slot.value
    }
    accounts[change.address] = account
  }
}

// MARK: Theirs

extension FuzzOutcome {
  /// Why a peer has no outcome.
  public enum PeerError: Error, Sendable {
    /// It is known not to do this, for the reason that it names.
    case unsupported(String)
    /// Its answer is none.
    case malformed(FixtureError)
  }

  /// The outcome that a peer's line tells (`tools/fuzz-peers/peer.py`).
  ///
  /// - Throws: `PeerError` if the line tells none.
  public init(line: Bytes) throws(PeerError) {
    let document: Fixture
    do throws(JSONError) {
      document = Fixture(try JSON.parse(line))
    } catch {
      throw .malformed(FixtureError(place: "", reason: error.description))
    }
    if let reason = document.optional("unsupported")?.json.string { throw .unsupported(reason) }
    do throws(FixtureError) {
      try self.init(document)
    } catch {
      throw .malformed(error)
    }
  }

  private init(_ document: Fixture) throws(FixtureError) {
    if let reason = document.optional("refused")?.json.string {
      self = .refused(reason)
      return
    }
    let status = try document.field("status")
    guard let known = Status(rawValue: try status.text()) else {
      throw status.fault("expected success, revert or halt")
    }
    self.status = known
    gasUsed = try document.field("gasUsed").uint64()
    output = try document.field("output").bytes()
    logs = try document.field("logs").elements().map { log throws(FixtureError) -> Log in
      Log(
        address: try log.field("address").address(),
        topics: try log.field("topics").elements().map { topic throws(FixtureError) -> Hash in
          try topic.hash()
        }, data: try log.field("data").bytes())
    }
    for (address, account) in try document.field("post").accounts() {
      accounts[address] = FuzzAccount(account)
    }
  }
}

// MARK: As a line

extension FuzzOutcome {
  /// The line with which a peer would tell this outcome.
  public var line: Bytes {
    var writer = JSONWriter()
    writer.beginObject()
    if let refusal {
      writer.key("refused")
      writer.string(refusal)
    } else {
      writer.key("status")
      writer.string(status.rawValue)
      writer.key("gasUsed")
      writer.quantity(gasUsed)
      writer.key("output")
      writer.data(output)
      writer.array("logs") { for log in logs { Self.write(log, to: &$0) } }
      writer.key("post")
      writer.beginObject()
      for address in accounts.keys.sorted() {
        writer.key(address.hexadecimal)
        (accounts[address] ?? FuzzAccount()).write(to: &writer)
      }
      writer.endObject()
    }
    writer.endObject()
    return writer.bytes
  }

  private static func write(_ log: Log, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("address")
    writer.data(log.address)
    writer.array("topics") { for topic in log.topics { $0.data(topic) } }
    writer.key("data")
    writer.data(log.data)
    writer.endObject()
  }
}
