import Cryptography
import EVM
import Execution
import JSON
import Ledger
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
      throw .refused("account \(address.checksummed) has both 'state' and 'stateDiff'")
    }
    account.clearsStorage = state != nil
    for (name, word) in try (state ?? difference)?.members() ?? [] {
      guard let bytes = Hexadecimal.decode(name), let slot = Hash(checking: bytes) else {
        throw word.error("the key is no storage slot of 32 bytes")
      }
      account.slots.append(
        AccountChange.Slot(slot: UInt256(slot), value: UInt256(try word.hash())))
    }
    account.precompileTarget = try optional("movePrecompileToAddress")?.address()
    return account
  }

  /// What a call may suppose of its block: geth's block overrides.
  func override(_ point: inout ExecutionPoint) throws(RPCError) {
    for name in ["withdrawals", "beaconRoot"] where try optional(name) != nil {
      throw .refused("block override \"\(name)\" is not supported for this RPC method")
    }
    if let number = try optional("number") { point.header.number = try number.uint64() }
    if let difficulty = try optional("difficulty") {
      // Code sees the randomness instead, as on every chain with proof of stake.
      let value = try difficulty.quantity()
      if !point.chain.specification.isMerged(point.header) { point.header.difficulty = value }
    }
    if let time = try optional("time") { point.header.timestamp = try time.uint64() }
    if let limit = try optional("gasLimit") { point.header.gasLimit = try limit.uint64() }
    if let recipient = try optional("feeRecipient") {
      point.header.feeRecipient = try recipient.address()
    }
    if let randomness = try optional("prevRandao") {
      point.header.prevRandao = try randomness.hash()
    }
    if let fee = try optional("baseFeePerGas") { point.header.baseFee = try fee.quantity() }
    if let fee = try optional("blobBaseFee") { point.blobBaseFee = try fee.quantity() }
  }
}

extension StateOverride {
  /// Refuses what moves a contract that is not precompiled, or moves one on top of another account
  /// of the list.
  func checkPrecompiles(_ fork: Fork, _ rollup: RollupFork?) throws(RPCError) {
    guard accounts.contains(where: { $0.precompileTarget != nil }) else { return }
    let known = Journal.precompiles(of: fork, rollup: rollup)
    var placed: Set<Address> = []
    for account in accounts.sorted(by: { $0.address < $1.address }) {
      if placed.contains(account.address) {
        throw .refused(
          "account \(account.address.checksummed) has already been overridden by a precompile")
      }
      guard let target = account.precompileTarget else { continue }
      guard known.contains(account.address) else {
        throw .refused("account \(account.address.checksummed) is not a precompile")
      }
      if accounts.contains(where: { $0.address == target }) {
        throw .refused("account \(target.checksummed) is already overridden")
      }
      placed.insert(target)
    }
  }

  /// The same for the block that a call runs in.
  func checkPrecompiles(on point: ExecutionPoint) throws(RPCError) {
    let specification = point.chain.specification
    try checkPrecompiles(
      specification.fork(of: point.header),
      specification.rollupFork(at: point.header.timestamp))
  }
}
