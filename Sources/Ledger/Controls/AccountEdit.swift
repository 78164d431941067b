import Cryptography
import EVM
import Execution
import Primitives

/// That a chain's operator wrote accounts by hand, between two blocks.
public struct AccountEdit: Hashable, Sendable {
  /// What an account holds from now on; nil leaves it.
  public struct Change: Hashable, Sendable {
    /// The account.
    public var address: Address
    /// In wei.
    public var balance: UInt256?
    /// The nonce.
    public var nonce: UInt64?
    /// The code.
    public var code: Bytes?
    /// Slots with their words, ascending.
    public var slots: [AccountChange.Slot]

    /// A change of an account.
    public init(
      address: Address, balance: UInt256? = nil, nonce: UInt64? = nil, code: Bytes? = nil,
      slots: [AccountChange.Slot] = []
    ) {
      self.address = address
      self.balance = balance
      self.nonce = nonce
      self.code = code
      self.slots = slots.sorted { $0.slot < $1.slot }
    }
  }

  /// The chain.
  public var layer: Layer
  /// The changes, ascending by address.
  public var changes: [Change]

  /// An edit of these accounts, each once.
  public init(layer: Layer, changes: [Change]) {
    self.layer = layer
    self.changes = changes.sorted { $0.address < $1.address }
  }

  /// What the changes come to in a state, and the state with them.
  ///
  /// - Throws: `StateMiss` where a part of the state is not at hand.
  func applied(to state: State) throws(StateMiss) -> (state: State, diff: StateDiff) {
    let diff = try diff(from: state)
    var edited = state
    try edited.apply(diff)
    return (edited, diff)
  }

  /// What the changes come to in a state.
  ///
  /// - Throws: `StateMiss` where a part of the state is not at hand.
  func diff(from state: State) throws(StateMiss) -> StateDiff {
    var diff = StateDiff()
    for change in changes {
      let account = try state.account(change.address) ?? .empty
      diff.accounts.append(
        AccountChange(
          address: change.address,
          account: AccountChange.Fields(
            nonce: change.nonce ?? account.nonce, balance: change.balance ?? account.balance,
            codeHash: change.code.map { Keccak256.hash($0) } ?? account.codeHash),
          newCode: change.code, storage: change.slots))
    }
    return diff
  }
}

// MARK: Encoding

extension AccountEdit {
  /// `layer, [[address, [balance]?, [nonce]?, [code]?, [[slot, word], …]], …]`.
  func write(to list: inout RLPWriter) {
    list.append(uint64: UInt64(layer.rawValue))
    list.list { list in
      for change in changes {
        list.list { fields in
          fields.append(address: change.address)
          fields.list { item in if let value = change.balance { item.append(uint256: value) } }
          fields.list { item in if let value = change.nonce { item.append(uint64: value) } }
          fields.list { item in if let value = change.code { item.append(bytes: value) } }
          fields.list { slots in
            for slot in change.slots {
              slots.list { pair in
                pair.append(uint256: slot.slot)
                pair.append(uint256: slot.value)
              }
            }
          }
        }
      }
    }
  }

  init?(from list: inout RLPReader) throws(RLPError) {
    guard let layer = try Layer(from: &list) else { return nil }
    var changes: [Change] = []
    var entries = try list.list()
    while !entries.isAtEnd {
      var fields = try entries.list()
      var change = Change(address: try fields.address())
      var balance = try fields.list()
      if !balance.isAtEnd { change.balance = try balance.uint256() }
      try balance.end()
      var nonce = try fields.list()
      if !nonce.isAtEnd { change.nonce = try nonce.uint64() }
      try nonce.end()
      var code = try fields.list()
      if !code.isAtEnd { change.code = Bytes(try code.bytes()) }
      try code.end()
      var slots = try fields.list()
      while !slots.isAtEnd {
        var pair = try slots.list()
        let slot = AccountChange.Slot(slot: try pair.uint256(), value: try pair.uint256())
        try pair.end()
        if let last = change.slots.last, last.slot >= slot.slot { return nil }
        change.slots.append(slot)
      }
      try fields.end()
      if let last = changes.last, last.address >= change.address { return nil }
      changes.append(change)
    }
    self.init(layer: layer, changes: changes)
  }
}
