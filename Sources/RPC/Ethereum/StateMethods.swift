import Cryptography
import EVM
import Execution
import JSON
import Ledger
import Primitives

extension EthereumService {
  /// What is asked of accounts.
  var stateMethods: [String: RPCMethod] {
    [
      "eth_getBalance": immediate(2, balance),
      "eth_getCode": immediate(2, code),
      "eth_getStorageAt": immediate(3, storage),
      "eth_getTransactionCount": immediate(2, transactionCount),
      "eth_getProof": working(3, proof),
      "eth_getStorageValues": working(2, storageValues),
      "eth_getAccount": immediate(2, account),
      "eth_getAccountInfo": immediate(2, accountInfo),
    ]
  }

  private func balance(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let address = try parameters.required(0).address()
    let point = try point(parameters.optional(1))
    let account = try readingState { () throws(StateMiss) in try point.state.account(address) }
    return JSON.quantity(account?.balance ?? .zero)
  }

  private func code(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let address = try parameters.required(0).address()
    let point = try point(parameters.optional(1))
    let code = try readingState { () throws(StateMiss) in try point.state.code(at: address) }
    return JSON.data(code)
  }

  private func storage(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let address = try parameters.required(0).address()
    let slot = try parameters.required(1).storageKey()
    let point = try point(parameters.optional(2))
    let word = try readingState { () throws(StateMiss) in try point.state.storage(address, slot) }
    return JSON.data(Hash(word))
  }

  /// `eth_getStorageValues({address: [slot…]…}, block?)`.
  private func storageValues(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let members = try parameters.required(0).members()
    var count = 0
    var asked: [(address: Address, slots: [UInt256])] = []
    for (name, value) in members {
      guard let bytes = Hexadecimal.decode(name), let address = Address(checking: bytes),
        name.utf8.count == 42
      else { throw value.error("the key is no address") }
      var slots: [UInt256] = []
      for element in try value.elements() { slots.append(try element.storageKey()) }
      count += slots.count
      asked.append((address, slots))
    }
    guard count > 0 else { throw .invalidParameters("empty request") }
    guard count <= limits.proofSlots else {
      throw RPCError(code: -38026, message: "too many slots (max \(limits.proofSlots))")
    }
    let point = try point(parameters.optional(1))
    var json = JSONObject()
    for (address, slots) in asked {
      json[address.hexadecimal] = .array(
        try slots.map { (slot) throws(RPCError) in
          .data(
            Hash(
              try readingState { () throws(StateMiss) in
                try point.state.storage(address, slot)
              }))
        })
    }
    return .object(json)
  }

  /// An account as its trie holds it.
  private func account(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let address = try parameters.required(0).address()
    let point = try point(parameters.optional(1))
    let account = try readingState { () throws(StateMiss) in try point.state.account(address) }
    guard let account else { return .null }
    return [
      "balance": .quantity(account.balance), "codeHash": .data(account.codeHash),
      "nonce": .quantity(account.nonce), "storageRoot": .data(account.storageRoot),
    ]
  }

  /// An account with its code.
  private func accountInfo(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let address = try parameters.required(0).address()
    let point = try point(parameters.optional(1))
    let (account, code) = try readingState { () throws(StateMiss) in
      (try point.state.account(address) ?? .empty, try point.state.code(at: address))
    }
    return [
      "balance": .quantity(account.balance), "nonce": .quantity(account.nonce),
      "code": .data(code),
    ]
  }

  /// The nonce; for the pending block with the unbroken run of transactions in the pool.
  private func transactionCount(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let address = try parameters.required(0).address()
    let selector = try parameters.optional(1)?.block() ?? .latest
    let chain = try chain()
    if selector == .pending { return JSON.quantity(try nextNonce(of: address, on: chain)) }
    let point = try point(selector, on: chain)
    let account = try readingState { () throws(StateMiss) in try point.state.account(address) }
    return JSON.quantity(account?.nonce ?? 0)
  }

  /// The nonce that an account's next transaction should have.
  func nextNonce(of address: Address, on chain: Chain) throws(RPCError) -> UInt64 {
    let account = try readingState { () throws(StateMiss) in try chain.head.state.account(address) }
    return chain.pool.nextNonce(sender: address, from: account?.nonce ?? 0)
  }

  /// An account with proofs (EIP-1186).
  private func proof(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let address = try parameters.required(0).address()
    let keys = try parameters.required(1).elements()
    guard keys.count <= limits.proofSlots else {
      throw .invalidParameters("too many keys (want at most \(limits.proofSlots))")
    }
    var slots: [UInt256] = []
    for key in keys { slots.append(try key.storageKey()) }
    let point = try point(parameters.optional(2))
    let proof = try readingState { () throws(StateMiss) in
      try point.state.accountProof(address, slots: slots)
    }
    let account = proof.account ?? .empty
    return [
      "address": JSON.data(address),
      "accountProof": .array(proof.nodes.map { JSON.data($0) }),
      "balance": JSON.quantity(account.balance),
      "codeHash": JSON.data(account.codeHash),
      "nonce": JSON.quantity(account.nonce),
      "storageHash": JSON.data(account.storageRoot),
      "storageProof": .array(
        zip(keys, proof.storage).map { key, slot in
          [
            "key": Self.name(ofSlot: slot.slot, sentAs: key),
            "value": JSON.quantity(slot.value),
            "proof": .array(slot.nodes.map { JSON.data($0) }),
          ]
        }),
    ]
  }

  /// A slot's key as geth returns it: whole words whole, and short keys as numbers.
  private static func name(ofSlot slot: UInt256, sentAs key: RPCValue) -> JSON {
    let isWord = key.json.string.map { $0.utf8.count >= 66 } ?? false
    return isWord ? JSON.data(Hash(slot)) : JSON.quantity(slot)
  }
}
