import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Primitives

/// One transaction against a small state in a block: what several implementations run.
public struct FuzzCase: Sendable {
  /// The fork, by its name in state tests.
  public var forkName: String
  /// The block; what a state test's environment has of it counts.
  public var header: BlockHeader
  /// The accounts before the transaction.
  public var accounts: [(address: Address, account: GenesisAccount)] {
    get { pairs.map { ($0.address, $0.account) } }
    set { pairs = newValue.map { Pair(address: $0.address, account: $0.account) } }
  }
  /// The transaction, unsigned.
  public var transaction: Transaction
  /// The key of who sends it.
  public var senderKey: PrivateKey

  struct Pair: Sendable {
    var address: Address
    var account: GenesisAccount
  }
  var pairs: [Pair]

  /// The rules.
  var fork: Fork { Network.fork(forkName) ?? .frontier }

  /// A line for a peer: the shape of a state test, with the fork's name and no post-state.
  public var line: Bytes {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("fork")
    writer.string(forkName)
    write(to: &writer)
    writer.endObject()
    return writer.bytes
  }

  /// Writes the members that a state test has beside its post-state.
  func write(to writer: inout JSONWriter) {
    writer.key("env")
    writeEnvironment(to: &writer)
    writer.key("pre")
    writer.beginObject()
    for pair in pairs {
      writer.key(pair.address.hexadecimal)
      FuzzAccount(pair.account).write(to: &writer)
    }
    writer.endObject()
    writer.key("transaction")
    writeTransaction(to: &writer)
  }

  private func writeEnvironment(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("currentCoinbase")
    writer.data(header.feeRecipient)
    for (name, value) in [
      ("currentNumber", header.number), ("currentTimestamp", header.timestamp),
      ("currentGasLimit", header.gasLimit),
    ] {
      writer.key(name)
      writer.quantity(value)
    }
    writer.key("currentDifficulty")
    writer.quantity(header.difficulty)
    if fork >= .paris {
      writer.key("currentRandom")
      writer.data(header.prevRandao)
    }
    if fork >= .london {
      writer.key("currentBaseFee")
      writer.quantity(header.baseFee ?? .zero)
    }
    if fork >= .cancun {
      writer.key("currentExcessBlobGas")
      writer.quantity(header.excessBlobGas ?? 0)
    }
    writer.endObject()
  }

  private func writeTransaction(to writer: inout JSONWriter) {
    let transaction = transaction
    writer.beginObject()
    writer.key("sender")
    writer.data(senderKey.address)
    writer.key("secretKey")
    writer.data(senderKey.bytes)
    writer.key("to")
    writer.string(transaction.to?.hexadecimal ?? "")
    writer.key("nonce")
    writer.quantity(transaction.nonce)
    writer.array("gasLimit") { $0.quantity(transaction.gasLimit) }
    writer.array("value") { $0.quantity(transaction.value) }
    writer.array("data") { $0.data(transaction.data) }
    if transaction.hasDynamicFee {
      writer.key("maxFeePerGas")
      writer.quantity(transaction.maxFeePerGas)
      writer.key("maxPriorityFeePerGas")
      writer.quantity(transaction.maxPriorityFeePerGas)
    } else {
      writer.key("gasPrice")
      writer.quantity(transaction.maxFeePerGas)
    }
    if transaction.kind != .legacy { writeAccessList(to: &writer) }
    if transaction.kind == .blob {
      writer.array("blobVersionedHashes") { for hash in transaction.blobHashes { $0.data(hash) } }
      writer.key("maxFeePerBlobGas")
      writer.quantity(transaction.maxFeePerBlobGas)
    }
    if transaction.kind == .setCode { writeAuthorizations(to: &writer) }
    writer.endObject()
  }

  private func writeAccessList(to writer: inout JSONWriter) {
    writer.array("accessLists") { lists in
      lists.beginArray()
      for entry in transaction.accessList {
        lists.beginObject()
        lists.key("address")
        lists.data(entry.address)
        lists.array("storageKeys") { for key in entry.storageKeys { $0.data(Hash(key)) } }
        lists.endObject()
      }
      lists.endArray()
    }
  }

  private func writeAuthorizations(to writer: inout JSONWriter) {
    writer.array("authorizationList") { list in
      for authorization in transaction.authorizations {
        list.beginObject()
        list.key("chainId")
        list.quantity(authorization.chainID)
        list.key("address")
        list.data(authorization.address)
        list.key("nonce")
        list.quantity(authorization.nonce)
        list.key("yParity")
        list.quantity(UInt64(authorization.yParity))
        list.key("r")
        list.quantity(authorization.r)
        list.key("s")
        list.quantity(authorization.s)
        list.endObject()
      }
    }
  }
}

extension JSONWriter {
  /// Writes an array as a member of the open object.
  mutating func array(_ name: String, _ body: (inout JSONWriter) -> Void) {
    key(name)
    beginArray()
    body(&self)
    endArray()
  }
}
