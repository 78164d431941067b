import EVM
import Execution
import JSON
import Primitives

extension RPCValue {
  /// What a call may suppose of accounts: geth's state overrides, by address.
  func stateOverride() throws(RPCError) -> StateOverride {
    var accounts: [AccountOverride] = []
    var seen: Set<Address> = []
    for (name, value) in try members() {
      guard let bytes = Hexadecimal.decode(name), let address = Address(checking: bytes),
        name.utf8.count == 42
      else { throw value.error("the key is no address") }
      guard seen.insert(address).inserted else {
        throw value.error("the account stands here twice")
      }
      accounts.append(try value.accountOverride(address))
    }
    return StateOverride(accounts: accounts)
  }

  private func accountOverride(_ address: Address) throws(RPCError) -> AccountOverride {
    var account = AccountOverride(address: address)
    account.balance = try optional("balance")?.quantity()
    account.nonce = try optional("nonce")?.uint64()
    account.code = try optional("code")?.data()
    let state = try optional("state")
    let difference = try optional("stateDiff")
    if state != nil, difference != nil {
      throw error("account \(address.hexadecimal) has both 'state' and 'stateDiff'")
    }
    account.clearsStorage = state != nil
    for (name, word) in try (state ?? difference)?.members() ?? [] {
      guard let bytes = Hexadecimal.decode(name), let slot = Hash(checking: bytes) else {
        throw word.error("the key is no storage slot of 32 bytes")
      }
      account.slots.append(
        AccountChange.Slot(slot: UInt256(slot), value: UInt256(try word.hash())))
    }
    if let moved = try optional("movePrecompileToAddress") {
      throw moved.error("moving a precompiled contract is not supported")
    }
    return account
  }

  /// What a call may suppose of its block: geth's block overrides.
  func override(_ header: inout BlockHeader) throws(RPCError) {
    if let number = try optional("number") { header.number = try number.uint64() }
    if let time = try optional("time") { header.timestamp = try time.uint64() }
    if let limit = try optional("gasLimit") { header.gasLimit = try limit.uint64() }
    if let recipient = try optional("feeRecipient") {
      header.feeRecipient = try recipient.address()
    }
    if let randomness = try optional("prevRandao") { header.prevRandao = try randomness.hash() }
    if let fee = try optional("baseFeePerGas") { header.baseFee = try fee.quantity() }
    for name in ["difficulty", "blobBaseFee", "withdrawals", "beaconRoot"] {
      if let other = try optional(name) { throw other.error("overriding it is not supported") }
    }
  }
}
