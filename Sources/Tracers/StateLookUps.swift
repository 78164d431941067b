import Cryptography
import EVM
import Primitives

/// An account as it was when it was first named.
struct SeenAccount {
  var balance: UInt256
  var nonce: UInt64
  var code: Bytes
  var storage: [UInt256: UInt256] = [:]

  var isEmpty: Bool { nonce == 0 && code.isEmpty && balance.isZero }
}

/// What a transaction's instructions name of the state, for the tracers that show it.
///
/// An instruction is told of before it runs. What it names counts from the next one on, unless it
/// could not be paid or had no operands: then it asked for nothing.
struct StateLookUps {
  private enum LookUp {
    case account(Address, SeenAccount)
    case slot(Address, UInt256, UInt256)
    case creation(Address)
    case deletion(Address)
  }

  /// Where things are looked up; nothing is found before it is there.
  var journal: Journal?
  /// All that were named.
  private(set) var accounts: [Address: SeenAccount] = [:]
  /// Those that were created.
  private(set) var created: Set<Address> = []
  /// Those that destroyed themselves.
  private(set) var deleted: Set<Address> = []
  private var pending: [LookUp] = []

  /// An account is named.
  mutating func look(at address: Address) {
    guard accounts[address] == nil, let journal, let balance = try? journal.balance(address),
      let nonce = try? journal.nonce(address), let code = try? journal.code(address)
    else { return }
    pending.append(.account(address, SeenAccount(balance: balance, nonce: nonce, code: code)))
  }

  /// A slot is named, of an account that was.
  mutating func look(at slot: UInt256, of address: Address) {
    guard accounts[address]?.storage[slot] == nil,
      let word = try? journal?.storage(address, slot)
    else { return }
    pending.append(.slot(address, slot, word))
  }

  /// The account to which another's code is delegated is named.
  mutating func look(atDelegateOf address: Address) {
    guard let delegate = (try? journal?.delegate(address)) ?? nil else { return }
    look(at: delegate)
  }

  /// An account is to be created.
  mutating func noteCreation(of address: Address) { pending.append(.creation(address)) }

  /// An account is to destroy itself.
  mutating func noteDeletion(of address: Address) { pending.append(.deletion(address)) }

  /// The address that CREATE or CREATE2 is about to give; nil where it has no operands.
  func addressCreated(by step: TraceStep) -> Address? {
    guard step.opcode == 0xf5 else {
      let nonce = (try? journal?.nonce(step.address)) ?? 0
      return Address.contract(createdBy: step.address, nonce: nonce)
    }
    guard step.stackHeight >= 4, let code = step.memory(step.word(1), step.word(2)) else {
      return nil
    }
    return Address.contract(
      createdBy: step.address, salt: step.word(3), initCodeHash: Keccak256.hash(code))
  }

  /// What was named counts.
  mutating func commit() {
    for lookUp in pending {
      switch lookUp {
      case .account(let address, let account):
        if accounts[address] == nil { accounts[address] = account }
      case .slot(let address, let slot, let word):
        if accounts[address]?.storage[slot] == nil { accounts[address]?.storage[slot] = word }
      case .creation(let address): created.insert(address)
      case .deletion(let address): deleted.insert(address)
      }
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// An instruction failed: whether what it named counts depends on how.
  mutating func stepFailed(_ halt: Halt) {
    switch halt {
    case .outOfGas, .stackUnderflow, .stackOverflow, .writeProtection: pending = []
    default: break
    }
  }
}
