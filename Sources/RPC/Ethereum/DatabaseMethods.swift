import Cryptography
import EVM
import Execution
import JSON
import Ledger
import NativeCryptography
import Primitives
import Synchronization
import Tracers
import Views

extension EthereumService {
  /// What looks into the state below the accounts: nodes, preimages, lists, witnesses.
  var databaseMethods: [String: RPCMethod] {
    [
      "debug_preimage": reading(1) { [self] (parameters) throws(RPCError) in
        let hash = try parameters.required(0).hash()
        let found = try reading { (views) throws(ViewsError) in try views.preimage(of: hash) }
        guard let found else { throw .refused("unknown preimage") }
        return .data(found)
      },
      "debug_dbGet": working(1, databaseEntry),
      "debug_accountRange": working(6, accountRange),
      "debug_dumpBlock": working(1) { [self] (parameters) throws(RPCError) in
        let point = try point(parameters.required(0))
        return try listing(point.state, from: .zero, limits.listedAccounts, AccountParts())
      },
      "debug_executionWitness": working(1) { [self] (parameters) throws(RPCError) in
        try witness(try tracedBlock(try parameters.required(0).block()))
      },
    ]
  }

  /// `debug_dbGet(key)`: a node of the state's tries, or code, by its hash; a `c` before the hash
  /// asks for code alone, as in geth's tables.
  private func databaseEntry(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let value = try parameters.required(0)
    let text = try value.string()
    let key = try text.utf8.starts(with: "0x".utf8) ? value.data() : Bytes(text.utf8)
    let isCode = key.count == 33 && key[0] == UInt8(ascii: "c")
    guard let hash = Hash(checking: isCode ? key.dropFirst() : key[...]) else {
      throw .refused("not found")
    }
    let state = try chain().head.state
    if let code = try? state.code(hash) { return .data(code) }
    if isCode { throw .refused("not found") }
    var found: Bytes?
    state.visitNodes { name, encoding in
      if name == hash { found = encoding }
      return found == nil
    }
    guard let found else { throw .refused("not found") }
    return .data(found)
  }

  // MARK: Lists of accounts

  /// What a list of accounts leaves out.
  private struct AccountParts {
    var hasCode = true
    var hasStorage = true
    var hasUnknown = true
  }

  /// `debug_accountRange(block, first hash, count, noCode?, noStorage?, incompletes?)`.
  private func accountRange(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let point = try point(parameters.required(0))
    let first = try parameters.optional(1)?.data() ?? []
    guard first.count <= 32 else {
      throw .invalidParameters("invalid argument 1: more than 32 bytes")
    }
    let start = Hash(Bytes(first + Bytes(repeating: 0, count: 32 - first.count)))
    let asked = try parameters.optional(2)?.looseUInt64() ?? limits.listedAccounts
    var parts = AccountParts()
    parts.hasCode = try !(parameters.optional(3)?.bool() ?? false)
    parts.hasStorage = try !(parameters.optional(4)?.bool() ?? false)
    parts.hasUnknown = try parameters.optional(5)?.bool() ?? true
    return try listing(
      point.state, from: start,
      asked == 0 ? limits.listedAccounts : min(asked, limits.listedAccounts), parts)
  }

  /// Accounts of a state as geth dumps them: numbers without, bytes with a prefix.
  private func listing(
    _ state: State, from start: Hash, _ most: UInt64, _ parts: AccountParts
  ) throws(RPCError) -> JSON {
    let isForked = try chain().isForked
    var accounts = JSONObject()
    var next: Hash?
    for hashed in try readingState({ () throws(StateMiss) in
      try state.accountsByHash(skipsMissing: isForked)
    }) where hashed.key >= start {
      guard UInt64(accounts.count) < most else {
        next = hashed.key
        break
      }
      let address = try reading { (views) throws(ViewsError) in
        try views.preimage(of: hashed.key)
      }.flatMap { Address(checking: $0) }
      guard address != nil || parts.hasUnknown else { continue }
      let name = address?.checksummed ?? "pre(\(hashed.key.hexadecimal))"
      accounts[name] = try entry(hashed, address, state, parts, isForked)
    }
    var json = JSONObject()
    json["root"] = .string(Hexadecimal.encode(state.root.bytes))
    json["accounts"] = .object(accounts)
    if let next { json["next"] = .string(Base64.encode(next.bytes)) }
    return .object(json)
  }

  private func entry(
    _ hashed: HashedAccount, _ address: Address?, _ state: State, _ parts: AccountParts,
    _ isForked: Bool
  ) throws(RPCError) -> JSON {
    let account = hashed.account
    var json = JSONObject()
    json["balance"] = .string(account.balance.decimalString)
    json["nonce"] = .integer(account.nonce)
    json["root"] = .data(account.storageRoot)
    json["codeHash"] = .data(account.codeHash)
    if parts.hasCode, account.codeHash != Keccak256.empty {
      json["code"] = .data(
        try readingState { () throws(StateMiss) in try state.code(account.codeHash) })
    }
    if parts.hasStorage {
      var storage = JSONObject()
      for (key, word) in try readingState({ () throws(StateMiss) in
        try hashed.words(skipsMissing: isForked)
      }) {
        let slot = try reading { (views) throws(ViewsError) in try views.preimage(of: key) }
        storage[slot.map { Hexadecimal.encodePrefixed($0) } ?? key.hexadecimal] = .string(
          Hexadecimal.encode(word.bigEndianBytes.drop { $0 == 0 }))
      }
      if storage.count > 0 { json["storage"] = .object(storage) }
    }
    if let address { json["address"] = .data(address) }
    json["key"] = .data(hashed.key)
    return .object(json)
  }

  // MARK: Witnesses

  /// All that a stateless client needs to execute a block: nodes, code, preimages, headers.
  private func witness(_ block: TracedBlock) throws(RPCError) -> JSON {
    let recorder = WitnessRecorder(block.state)
    var recorded = block
    recorded.state = State(root: block.state.root, source: recorder)
    let tracers = try traces(recorded) { PrestateTracer($0) }
    var replay = try recorded.replay()
    for candidate in recorded.candidates {
      do throws(ExecutionFailure) {
        _ = try replay.run(candidate)
      } catch {
        throw RPCError(tracing: error)
      }
    }
    do throws(ExecutionStop) { _ = try replay.state() } catch { throw .stopped(error) }
    var keys: Set<String> = []
    for tracer in tracers {
      for (address, account) in tracer.result().object?.map({ ($0.key, $0.value) }) ?? [] {
        keys.insert(address)
        keys.formUnion(account["storage"]?.object?.keys ?? [])
      }
    }
    let (nodes, codes) = recorder.found
    return [
      "state": .array(nodes.map { .data($0) }), "codes": .array(codes.map { .data($0) }),
      "keys": .array(keys.sorted().map { .string($0) }),
      "headers": [.data(block.parent.encoded)],
    ]
  }
}

/// A state's nodes and code, of which it remembers what was asked for.
private final class WitnessRecorder: StateSource {
  private struct Found {
    var nodes: [Hash: Bytes] = [:]
    var codes: [Hash: Bytes] = [:]
  }

  private let state: State
  private let nodes: [Hash: Bytes]
  private let asked = Mutex(Found())

  init(_ state: State) {
    self.state = state
    var nodes: [Hash: Bytes] = [:]
    state.visitNodes { hash, encoding in
      nodes[hash] = encoding
      return true
    }
    self.nodes = nodes
  }

  func node(_ hash: Hash) -> Bytes? {
    guard let node = nodes[hash] else { return nil }
    asked.withLock { $0.nodes[hash] = node }
    return node
  }

  func code(_ hash: Hash) -> Bytes? {
    guard let code = try? state.code(hash) else { return nil }
    asked.withLock { $0.codes[hash] = code }
    return code
  }

  /// What was asked for, by its hashes.
  var found: (nodes: [Bytes], codes: [Bytes]) {
    asked.withLock { asked in
      (
        asked.nodes.sorted { $0.key < $1.key }.map(\.value),
        asked.codes.sorted { $0.key < $1.key }.map(\.value)
      )
    }
  }
}
