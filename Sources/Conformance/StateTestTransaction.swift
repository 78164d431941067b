import EVM
import Execution
import JSON
import NativeCryptography
import Primitives

/// Why a state test has no transaction that could be run.
enum StateTestTransactionError: Error {
  /// Its bytes are no transaction under the rules, or no sender signed them.
  case refused(String)
  /// The file is not what it should be, or holds a value that no transaction can hold.
  case malformed(FixtureError)
}

/// The transaction of one case: its signed bytes where the file has them, otherwise its fields.
struct StateTestTransaction {
  let test: Fixture
  let expected: Fixture
  let fork: Fork
  let chainID: UInt64

  func candidate() throws(StateTestTransactionError) -> Candidate {
    if let field = expected.optional("txbytes") {
      let bytes = try reading { () throws(FixtureError) in try field.bytes() }
      do throws(TransactionError) {
        let transaction = try Transaction.decode(bytes)
        let sender = try transaction.sender(
          NativeCryptographyProvider.shared, allowsHighS: fork < .homestead)
        return Candidate(transaction: transaction, sender: sender)
      } catch {
        throw .refused(error.message)
      }
    }
    return try reading { () throws(FixtureError) in try candidateOfFields() }
  }

  private func reading<Value>(
    _ body: () throws(FixtureError) -> Value
  ) throws(StateTestTransactionError) -> Value {
    do throws(FixtureError) { return try body() } catch { throw .malformed(error) }
  }

  private func candidateOfFields() throws(FixtureError) -> Candidate {
    let fields = try test.field("transaction")
    let indexes = try expected.field("indexes")
    let dataIndex = try indexes.field("data").index()
    var transaction = Transaction(
      legacyTo: try fields.optional("to")?.optionalAddress(), chainID: nil,
      nonce: try fields.field("nonce").uint64(),
      gasPrice: try fields.optional("gasPrice")?.uint256() ?? .zero,
      gasLimit: try choice(fields, "gasLimit", try indexes.field("gas").index()).uint64(),
      value: try choice(fields, "value", try indexes.field("value").index()).uint256(),
      data: try choice(fields, "data", dataIndex).bytes())
    if let lists = fields.optional("accessLists") {
      let list = try lists.element(dataIndex)
      if !list.json.isNull {
        transaction.kind = .accessList
        transaction.accessList = try Self.accessList(list)
      }
    }
    if let cap = fields.optional("maxFeePerGas") {
      transaction.kind = .dynamicFee
      transaction.maxFeePerGas = try cap.uint256()
      transaction.maxPriorityFeePerGas =
        try fields.optional("maxPriorityFeePerGas")?.uint256() ?? .zero
    }
    if let hashes = fields.optional("blobVersionedHashes") {
      transaction.kind = .blob
      transaction.blobHashes = try hashes.elements().map { hash throws(FixtureError) -> Hash in
        try hash.hash()
      }
      transaction.maxFeePerBlobGas =
        try fields.optional("maxFeePerBlobGas")?.uint256() ?? .zero
    }
    if let list = fields.optional("authorizationList") {
      transaction.kind = .setCode
      transaction.authorizations = try list.elements().map {
        entry throws(FixtureError) -> CodeAuthorization in
        try Self.authorization(entry)
      }
    }
    if transaction.kind != .legacy { transaction.chainID = chainID }
    return Candidate(transaction: transaction, sender: try sender(fields))
  }

  private func sender(_ fields: Fixture) throws(FixtureError) -> Address {
    guard let secret = fields.optional("secretKey") else {
      return try fields.field("sender").address()
    }
    guard let key = PrivateKey(try secret.hash().bytes) else {
      throw secret.fault("is no secret key")
    }
    return key.address
  }

  private func choice(
    _ fields: Fixture, _ name: String, _ index: Int
  ) throws(FixtureError) -> Fixture {
    try fields.field(name).element(index)
  }

  /// An access list (EIP-2930).
  static func accessList(_ list: Fixture) throws(FixtureError) -> [AccessListEntry] {
    try list.elements().map { entry throws(FixtureError) -> AccessListEntry in
      let keys = try entry.field("storageKeys").elements()
      return AccessListEntry(
        address: try entry.field("address").address(),
        storageKeys: try keys.map { key throws(FixtureError) -> UInt256 in try key.uint256() })
    }
  }

  /// A delegation that somebody signed (EIP-7702).
  static func authorization(
    _ entry: Fixture
  ) throws(FixtureError) -> CodeAuthorization {
    let parity = try entry.field(entry.optional("yParity") == nil ? "v" : "yParity").uint64()
    return CodeAuthorization(
      chainID: try entry.field("chainId").uint256(),
      address: try entry.field("address").address(), nonce: try entry.field("nonce").uint64(),
      yParity: UInt8(clamping: parity), r: try entry.field("r").uint256(),
      s: try entry.field("s").uint256())
  }
}
