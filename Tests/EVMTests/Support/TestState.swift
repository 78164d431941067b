import Cryptography
import EVM
import Primitives

/// A state in dictionaries.
final class TestState: StateReader {
  var accounts: [Address: Account] = [:]
  var slots: [Address: [UInt256: UInt256]] = [:]
  var codes: [Hash: Bytes] = [:]
  /// What the state claims not to have.
  var missing: StateMiss?
  /// How many questions were asked.
  var questions = 0

  func account(_ address: Address) throws(StateMiss) -> Account? {
    try ask(.account(address))
    return accounts[address]
  }

  func storage(_ address: Address, _ slot: UInt256) throws(StateMiss) -> UInt256 {
    try ask(.storage(address, slot))
    return slots[address]?[slot] ?? 0
  }

  func code(_ codeHash: Hash) throws(StateMiss) -> Bytes {
    try ask(.code(codeHash))
    guard let code = codes[codeHash] else { throw .code(codeHash) }
    return code
  }

  func blockHash(_ number: UInt64) throws(StateMiss) -> Hash {
    try ask(.blockHash(number))
    return Hash(UInt256(number) &+ 1000)
  }

  private func ask(_ question: StateMiss) throws(StateMiss) {
    questions += 1
    if question == missing { throw question }
  }

  func add(
    _ address: Address, nonce: UInt64 = 0, balance: UInt256 = 0, code: Bytes = [],
    storage: [UInt256: UInt256] = [:]
  ) {
    let hash = Keccak256.hash(code)
    let root = storage.isEmpty ? Account.emptyStorageRoot : Hash(1)
    accounts[address] = Account(
      nonce: nonce, balance: balance, storageRoot: root, codeHash: hash)
    codes[hash] = code
    slots[address] = storage
  }

  /// Takes a diff over, as a chain does after a block.
  func apply(_ diff: StateDiff) {
    for change in diff.accounts {
      guard let fields = change.account else {
        accounts[change.address] = nil
        slots[change.address] = nil
        continue
      }
      var storage = change.storageCleared ? [:] : slots[change.address] ?? [:]
      for slot in change.storage { storage[slot.slot] = slot.value.isZero ? nil : slot.value }
      slots[change.address] = storage
      if let code = change.newCode { codes[fields.codeHash] = code }
      accounts[change.address] = Account(
        nonce: fields.nonce, balance: fields.balance,
        storageRoot: storage.isEmpty ? Account.emptyStorageRoot : Hash(1),
        codeHash: fields.codeHash)
    }
  }
}

/// A provider that recovers one fixed key and computes nothing.
final class TestProvider: CryptographyProvider {
  static let shared = TestProvider()
  func recoverPublicKey(messageHash: Hash, r: UInt256, s: UInt256, yParity: Bool) -> Bytes? {
    Bytes(repeating: 7, count: 64)
  }
  func ripemd160(_ bytes: Bytes) -> Bytes { Bytes(repeating: 9, count: 20) }
  func modularPower(base: Bytes, exponent: Bytes, modulus: Bytes) -> Bytes {
    Bytes(repeating: 1, count: modulus.count)
  }
  func verifyP256(messageHash: Hash, r: UInt256, s: UInt256, x: UInt256, y: UInt256) -> Bool {
    false
  }
}

/// A world of one sender and one contract, and how a call of that contract ends.
struct World {
  static let sender = Address(1, 0, 1)
  static let contract = Address(2, 0, 2)
  static let other = Address(3, 0, 3)
  static let beneficiary = Address(4, 0, 4)

  var fork: Fork
  var state = TestState()
  var journal: Journal
  var tracer: (any Tracer)?
  var block = BlockEnvironment(
    number: 1000, timestamp: 5, difficulty: 77, prevRandao: Hash(88), chainID: 31337)

  init(_ fork: Fork = .osaka, _ program: Program = .stop) {
    self.fork = fork
    state.add(Self.sender, nonce: 1, balance: 1_000_000)
    state.add(Self.contract, nonce: 1, balance: 500, code: program.bytes)
    journal = Journal(reader: state, fork: fork)
    journal.beginTransaction()
  }

  func machine() -> Machine {
    Machine(
      fork: fork, block: block,
      transaction: TransactionEnvironment(origin: Self.sender, blobHashes: [Hash(5)]),
      journal: journal, provider: TestProvider.shared, tracer: tracer)
  }

  func call(
    value: UInt256 = 0, input: Bytes = [], gas: UInt64 = 1_000_000
  ) throws -> MessageResult {
    try machine().run(
      .call(
        from: Self.sender, to: Self.contract, value: value, input: input, gasLimit: gas))
  }
}

/// What a program run in a fork puts out as one word.
func word(_ program: Program, _ fork: Fork = .osaka, input: Bytes = []) throws -> UInt256 {
  let result = try World(fork, program.returningTop).call(input: input)
  return result.output.count == 32 ? UInt256(bigEndian: result.output) : .max
}

/// The gas that a program uses, and how it ends.
func outcome(
  _ program: Program, _ fork: Fork = .osaka, gas: UInt64 = 1_000_000
) throws -> (status: CallStatus, used: UInt64, refund: Int64) {
  let result = try World(fork, program).call(gas: gas)
  return (result.status, gas - result.gasLeft, result.refund)
}
