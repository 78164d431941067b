import HTTP
import JSON
import Primitives

/// The state that anvil writes by `--dump-state`, as the genesis of a chain.
enum AnvilDump {
  /// The most bytes that a dump may have once it is unpacked.
  private static let sizeLimitInBytes = 1 << 30

  /// Whether a document is a dump: it has accounts and a block's environment.
  static func isDump(_ json: JSON) -> Bool {
    json["accounts"]?.object != nil && json["block"]?.object != nil
  }

  /// The document in a file, which may be what `anvil_dumpState` answers: gzip in hexadecimal.
  static func document(_ bytes: Bytes) throws(Failure) -> Bytes {
    let text = bytes.filter { !($0 <= 0x20 || $0 == UInt8(ascii: "\"")) }
    guard text.starts(with: "0x1f8b".utf8), let packed = Hexadecimal.decode(text) else {
      return bytes
    }
    do throws(Gzip.Failure) {
      return try Gzip.decompress(packed, limitInBytes: sizeLimitInBytes)
    } catch {
      throw .failed("the dump is no gzip, or too large")
    }
  }

  /// A genesis document with the dump's accounts and its block's environment.
  ///
  /// The rules are those of `base`; so are contracts that it has and the dump has not, without which
  /// its forks have no blocks. Blocks and transactions of the dump are history that cannot be
  /// executed again, and stay behind.
  static func genesis(_ dump: JSON, base: Bytes) throws(Failure) -> Bytes {
    guard var document = (try? JSON.parse(base))?.object, let usual = document["alloc"]?.object,
      let accounts = dump["accounts"]?.object, let block = dump["block"]
    else { throw .failed("the dump has no accounts, or no block") }
    var alloc = JSONObject()
    var known: Set<Address> = []
    for member in accounts {
      guard let address = Address(hexadecimal: member.key), member.value.object != nil,
        known.insert(address).inserted
      else { throw .failed("accounts.\(member.key.prefix(60)): is no account of its own") }
      alloc[address.hexadecimal] = try account(member.value, member.key)
    }
    for member in usual where member.value["code"] != nil {
      guard let address = Address(hexadecimal: member.key), !known.contains(address) else {
        continue
      }
      alloc[member.key] = member.value
    }
    document["alloc"] = .object(alloc)
    for (field, names) in [
      ("timestamp", ["timestamp"]), ("gasLimit", ["gas_limit", "gasLimit"]),
      ("baseFeePerGas", ["basefee", "baseFee"]), ("mixHash", ["prevrandao"]),
      ("coinbase", ["beneficiary", "coinbase"]),
    ] {
      let found = names.compactMap { block[$0] }.first { !$0.isNull }
      if let found { document[field] = found }
    }
    return JSON.object(document).serialized()
  }

  private static func account(_ json: JSON, _ name: String) throws(Failure) -> JSON {
    var account = JSONObject()
    for field in ["nonce", "balance", "code", "storage"] {
      if let value = json[field], !value.isNull { account[field] = value }
    }
    guard let slots = account["storage"]?.object else { return .object(account) }
    var storage = JSONObject()
    for slot in slots {
      guard let number = UInt256(hexadecimal: slot.key), let word = slot.value.string,
        let value = UInt256(hexadecimal: word)
      else { throw .failed("accounts.\(name).storage.\(slot.key.prefix(70)): is no slot") }
      storage[number.hexadecimal] = .quantity(value)
    }
    account["storage"] = .object(storage)
    return .object(account)
  }
}
