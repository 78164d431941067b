import EVM
import Execution
import JSON
import Primitives

/// Ethereum's values as fixture files write them.
extension Fixture {
  /// A number: hexadecimal or decimal text, or a JSON number; `0x:bigint 0x…` too.
  ///
  /// - Throws: `FixtureError` for other text, and above 256 bits.
  public func uint256() throws(FixtureError) -> UInt256 {
    if let number = json.uint64 { return UInt256(number) }
    var text = try text()[...]
    if text.hasPrefix("0x:bigint ") { text = text.dropFirst(10) }
    if text.hasPrefix("0x") || text.hasPrefix("0X") {
      let digits = text.dropFirst(2).drop { $0 == "0" }
      if digits.isEmpty { return .zero }
      if digits.utf8.count > 64 { throw fault("a number of more than 256 bits") }
      if let number = UInt256(hexadecimal: String(digits)) { return number }
    } else if let number = UInt256(decimal: String(text)) {
      return number
    } else if text.isEmpty {
      return .zero
    }
    throw fault("expected a number, found \"\(text.prefix(80))\"")
  }

  /// A number of at most 64 bits.
  ///
  /// - Throws: `FixtureError` for other text, and above 64 bits.
  public func uint64() throws(FixtureError) -> UInt64 {
    guard let number = try uint256().asUInt64 else {
      throw fault("a number of more than 64 bits")
    }
    return number
  }

  /// A number that is a place in an array.
  ///
  /// - Throws: `FixtureError` for what is none.
  public func index() throws(FixtureError) -> Int {
    guard let index = try uint256().asInt else { throw fault("expected an index") }
    return index
  }

  /// Bytes in hexadecimal, with or without "0x".
  ///
  /// - Throws: `FixtureError` for other text.
  public func bytes() throws(FixtureError) -> Bytes {
    let text = try text()
    guard let bytes = Hexadecimal.decode(text) else {
      throw fault("expected hexadecimal bytes, found \"\(text.prefix(80))\"")
    }
    return bytes
  }

  /// An address.
  ///
  /// - Throws: `FixtureError` for what has not 20 bytes.
  public func address() throws(FixtureError) -> Address {
    guard let address = Address(checking: try bytes()) else {
      throw fault("expected an address of 20 bytes")
    }
    return address
  }

  /// An address, or nothing where the text is empty: what a creation names.
  ///
  /// - Throws: `FixtureError` for what is neither.
  public func optionalAddress() throws(FixtureError) -> Address? {
    let text = try text()
    return text.isEmpty || text == "0x" ? nil : try address()
  }

  /// A hash.
  ///
  /// - Throws: `FixtureError` for what has not 32 bytes.
  public func hash() throws(FixtureError) -> Hash {
    guard let hash = Hash(checking: try bytes()) else {
      throw fault("expected a hash of 32 bytes")
    }
    return hash
  }

  /// The accounts of a state, by address.
  ///
  /// - Throws: `FixtureError` for what is none.
  public func accounts() throws(FixtureError) -> [(address: Address, account: GenesisAccount)] {
    var accounts: [(address: Address, account: GenesisAccount)] = []
    for (name, fields) in try members() {
      guard let bytes = Hexadecimal.decode(name), let address = Address(checking: bytes) else {
        throw fields.fault("its name is no address")
      }
      var account = GenesisAccount()
      let balance = fields.optional("balance") ?? fields.optional("wei")
      account.balance = try balance?.uint256() ?? .zero
      account.nonce = try fields.optional("nonce")?.uint64() ?? 0
      account.code = try fields.optional("code")?.bytes() ?? []
      account.storage = try fields.optional("storage")?.storage() ?? []
      accounts.append((address, account))
    }
    return accounts
  }

  /// The slots of a storage.
  ///
  /// - Throws: `FixtureError` for what is none.
  func storage() throws(FixtureError) -> [(slot: UInt256, value: UInt256)] {
    var slots: [(slot: UInt256, value: UInt256)] = []
    for (name, word) in try members() {
      guard name.utf8.count <= 66, let slot = UInt256(hexadecimal: name) else {
        throw word.fault("its name is no slot")
      }
      slots.append((slot, try word.uint256()))
    }
    return slots
  }

  /// The state that holds these accounts and nothing else.
  ///
  /// - Throws: `FixtureError` for what is none.
  public func state() throws(FixtureError) -> State {
    var genesis = Genesis(
      specification: ChainSpecification(chainID: 1, forks: .all(upTo: .frontier)))
    genesis.alloc = try accounts()
    return genesis.state()
  }
}
