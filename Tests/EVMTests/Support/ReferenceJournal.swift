import Cryptography
import EVM
import Primitives

/// What `Journal` does, as slowly and readably as can be: dictionaries and sets, one value, which is
/// copied at a checkpoint and put back at a revert; the rules of London and later.
///
/// Each operation that is priced returns what it costs.
struct ReferenceJournal {
  struct Account: Equatable {
    var nonce: UInt64 = 0
    var balance: UInt256 = 0
    var codeHash = Keccak256.empty
    var isEmpty: Bool { nonce == 0 && balance.isZero && codeHash == Keccak256.empty }
  }

  /// A slot of an account.
  struct Place: Hashable {
    var address: Address
    var slot: UInt256
  }

  let fork: Fork
  /// The accounts that exist.
  var accounts: [Address: Account] = [:]
  /// The words that are not zero.
  var slots: [Place: UInt256] = [:]
  /// Accounts with a storage from before the block, which nobody has removed.
  var rooted: Set<Address> = []

  // What lasts for a transaction.
  var slotsBefore: [Place: UInt256] = [:]
  var transient: [Place: UInt256] = [:]
  var warmAccounts: Set<Address> = []
  var warmSlots: Set<Place> = []
  var touched: Set<Address> = []
  var created: Set<Address> = []
  var destroyed: Set<Address> = []
  var refund: Int64 = 0
  var logs: [Log] = []

  init(_ state: TestState, _ fork: Fork) {
    self.fork = fork
    for (address, account) in state.accounts {
      accounts[address] = Account(
        nonce: account.nonce, balance: account.balance, codeHash: account.codeHash)
      if account.storageRoot != EVM.Account.emptyStorageRoot { rooted.insert(address) }
    }
    for (address, words) in state.slots {
      for (slot, word) in words where !word.isZero {
        slots[Place(address: address, slot: slot)] = word
      }
    }
    slotsBefore = slots
  }

  // MARK: Transactions

  mutating func endTransaction() -> [Log] {
    for (address, account) in accounts {
      if destroyed.contains(address) || touched.contains(address) && account.isEmpty {
        accounts[address] = nil
        rooted.remove(address)
        slots = slots.filter { $0.key.address != address }
      }
    }
    slotsBefore = slots
    (transient, warmAccounts, warmSlots) = ([:], [], [])
    (touched, created, destroyed, refund) = ([], [], [], 0)
    defer { logs = [] }
    return logs
  }

  // MARK: Accounts

  mutating func touch(_ address: Address) {
    touched.insert(address)
    if accounts[address] == nil { accounts[address] = Account() }
  }

  mutating func change(_ address: Address, _ body: (inout Account) -> Void) {
    touch(address)
    body(&accounts[address, default: Account()])
  }

  /// Moves wei, if there are so many.
  mutating func transfer(_ amount: UInt256, _ sender: Address, _ recipient: Address) -> Bool {
    let balance = accounts[sender]?.balance ?? 0
    if balance < amount { return false }
    touch(recipient)
    if amount.isZero { return true }
    accounts[sender]?.balance = balance &- amount
    let received = (accounts[recipient]?.balance ?? 0) &+ amount
    accounts[recipient]?.balance = received
    return true
  }

  /// EIP-2929: the price of an access.
  mutating func access(_ address: Address) -> UInt64 {
    warmAccounts.insert(address).inserted ? 2600 : 100
  }

  /// Makes a contract with a code; false if its address is taken (EIP-684, EIP-7610).
  mutating func create(_ address: Address, codeHash: Hash) -> Bool {
    let account = accounts[address] ?? Account()
    if account.nonce != 0 || account.codeHash != Keccak256.empty || rooted.contains(address)
      || slots.keys.contains(where: { $0.address == address })
    {
      return false
    }
    created.insert(address)
    change(address) {
      $0.nonce = 1
      $0.codeHash = codeHash
    }
    return true
  }

  /// SELFDESTRUCT.
  mutating func destroy(_ address: Address, to beneficiary: Address) -> UInt64 {
    var cost: UInt64 = 5000
    if warmAccounts.insert(beneficiary).inserted { cost += 2600 }
    let balance = accounts[address]?.balance ?? 0
    if !balance.isZero && accounts[beneficiary]?.isEmpty ?? true { cost += 25_000 }
    _ = transfer(balance, address, beneficiary)
    if fork < .cancun || created.contains(address) {
      accounts[address]?.balance = 0
      destroyed.insert(address)
    }
    return cost
  }

  // MARK: Storage

  /// SLOAD.
  mutating func load(_ place: Place) -> (word: UInt256, cost: UInt64) {
    (slots[place] ?? 0, warmSlots.insert(place).inserted ? 2100 : 100)
  }

  /// SSTORE: EIP-2200 with the prices of EIP-2929 and EIP-3529.
  mutating func store(_ place: Place, _ new: UInt256) -> UInt64 {
    var cost: UInt64 = warmSlots.insert(place).inserted ? 2100 : 0
    let (before, now) = (slotsBefore[place] ?? 0, slots[place] ?? 0)
    if new == now { return cost + 100 }
    if now == before {
      cost += before.isZero ? 20_000 : 2900
      if !before.isZero && new.isZero { refund += 4800 }
    } else {
      cost += 100
      if !before.isZero && now.isZero { refund -= 4800 }
      if !before.isZero && new.isZero { refund += 4800 }
      if new == before { refund += before.isZero ? 19_900 : 2800 }
    }
    slots[place] = new.isZero ? nil : new
    return cost
  }
}
