import EVM
import Execution
import JSON
import Ledger
import Primitives
import RPC

/// The state that anvil writes by `--dump-state`, as the genesis of a chain.
enum AnvilDump {
  /// A genesis document with the dump's accounts and what code saw of its last block.
  ///
  /// The rules are those of `base`; so are contracts that it has and the dump has not, without which
  /// its forks have no blocks. Blocks and transactions of the dump are history that cannot be
  /// executed again, and stay behind.
  static func genesis(_ dump: Bytes, base: Bytes) throws(Failure) -> Bytes {
    let state: StateDocument
    do throws(RPCError) {
      state = try AnvilState.read(dump)
    } catch {
      throw .failed("the dump cannot be read: \(error.message)")
    }
    guard var document = (try? JSON.parse(base))?.object, let usual = document["alloc"]?.object,
      let header = state.blocks.last?.block.header
    else { throw .failed("the dump has no block") }
    var alloc = JSONObject()
    var known: Set<Address> = []
    for account in state.accounts {
      guard known.insert(account.address).inserted else {
        throw .failed("the dump has account \(account.address.hexadecimal) twice")
      }
      alloc[account.address.hexadecimal] = json(account)
    }
    for member in usual where member.value["code"] != nil {
      guard let address = Address(hexadecimal: member.key), !known.contains(address) else {
        continue
      }
      alloc[member.key] = member.value
    }
    document["alloc"] = .object(alloc)
    document["timestamp"] = .quantity(header.timestamp)
    document["gasLimit"] = .quantity(header.gasLimit)
    document["mixHash"] = .data(header.prevRandao)
    document["coinbase"] = .data(header.feeRecipient)
    if let fee = header.baseFee { document["baseFeePerGas"] = .quantity(fee) }
    return JSON.object(document).serialized()
  }

  private static func json(_ account: StateDocument.Account) -> JSON {
    var json = JSONObject()
    json["nonce"] = .quantity(account.nonce)
    json["balance"] = .quantity(account.balance)
    if !account.code.isEmpty { json["code"] = .data(account.code) }
    var storage = JSONObject()
    for slot in account.slots { storage[slot.slot.hexadecimal] = .quantity(slot.value) }
    if !account.slots.isEmpty { json["storage"] = .object(storage) }
    return .object(json)
  }
}
