import Cryptography
import EVM
import Execution
import JSON
import Ledger
import NativeCryptography
import Node
import Primitives
import Tracers
import Views

extension EthereumService {
  /// What only some tools ask for.
  var furtherMethods: [String: RPCMethod] {
    let typed = immediate(2) { [self] (parameters) throws(RPCError) in
      let (first, second) = (try parameters.required(0), try parameters.required(1))
      // Before there were structures: a list of values, which MetaMask's clients send first.
      let isListFirst = first.json.array != nil
      let document = isListFirst ? first : second
      let account = try (isListFirst ? second : first).address()
      let digest: Hash
      if document.json.array != nil {
        digest = try TypedList.digest(document)
      } else {
        var structured = try TypedDocument(document)
        digest = try structured.digest()
      }
      guard let key = node.wallet.key(of: account) else { throw .refused("unknown account") }
      return JSON.data(key.sign(digest).bytes65)
    }
    let raw = reading(2) { [self] (parameters) throws(RPCError) in
      try rawTransaction(
        of: try parameters.required(0).block(), at: try parameters.required(1).uint64())
    }
    let header = reading(1) { [self] (parameters) throws(RPCError) in
      let selector = try parameters.required(0).block()
      if selector == .pending {
        return EthereumJSON.pendingHeader(try pendingBlock(on: try chain()).block.header)
      }
      let block = try storedBlock(selector)
      return block.map { EthereumJSON.header($0.header, hash: $0.hash) } ?? .null
    }
    let ommer = reading(2) { [self] (parameters) throws(RPCError) in
      let index = try parameters.required(1).uint64()
      guard let block = try storedBlock(try parameters.required(0).block()),
        index < UInt64(block.ommers.count)
      else { return .null }
      let ommer = block.ommers[Int(index)]
      return EthereumJSON.header(ommer, hash: ommer.hash)
    }
    // What Amsterdam brings, which no chain here has yet.
    let noAccessList = reading(1) { [self] (parameters) throws(RPCError) in
      _ = try storedBlock(try parameters.required(0).block())
      return .null
    }
    return [
      "eth_signTypedData": typed, "eth_signTypedData_v3": typed, "eth_signTypedData_v4": typed,
      "eth_getRawTransactionByBlockNumberAndIndex": raw,
      "eth_getRawTransactionByBlockHashAndIndex": raw, "eth_getHeaderByNumber": header,
      "eth_getHeaderByHash": header, "eth_getUncleByBlockNumberAndIndex": ommer,
      "eth_getUncleByBlockHashAndIndex": ommer, "eth_getBlockAccessList": noAccessList,
      "eth_getBlockAccessListByBlockNumber": noAccessList,
      "eth_getBlockAccessListByBlockHash": noAccessList,
      "eth_getBlockAccessListRaw": noAccessList, "debug_getRawBlockAccessList": noAccessList,
      "eth_hashrate": immediate(0) { _ in "0x0" },
      "eth_submitHashrate": immediate(2) { _ in false },
      "eth_mining": immediate(0) { [self] (_) throws(RPCError) in
        .bool(try miningMode() != .manual)
      },
      "eth_requestAccounts": immediate(0) { [node] _ in
        .array(node.wallet.accounts.map { .data($0) })
      },
      "eth_fillTransaction": asynchronous(1, fillTransaction),
      "eth_sendTransactionSync": asynchronous(2) { [self] (parameters) async throws(RPCError) in
        try await receipt(of: try await sendDescribed(try parameters.required(0)), parameters)
      },
      "eth_sendRawTransactionSync": asynchronous(2) {
        [self] (parameters) async throws(RPCError) in
        try await receipt(of: try await submit(try parameters.required(0).data()), parameters)
      },
      "eth_sendRawTransactionConditional": asynchronous(2, sendConditional),
      "debug_codeByHash": working(2, codeByHash),
      "debug_accountInfoAt": working(3, accountInfoAt),
      "debug_setHead": asynchronous(1, setHead),
      "debug_storageRangeAt": working(5, storageRange),
      "debug_getModifiedAccountsByNumber": working(2) { [self] (parameters) throws(RPCError) in
        try modifiedAccounts(
          try parameters.required(0).looseBlockNumber(),
          try parameters.optional(1)?.looseBlockNumber())
      },
      "debug_getModifiedAccountsByHash": working(2) { [self] (parameters) throws(RPCError) in
        try modifiedAccounts(
          .hash(try parameters.required(0).hash(), requireCanonical: false),
          try parameters.optional(1).map { (value) throws(RPCError) in
            .hash(try value.hash(), requireCanonical: false)
          })
      },
    ]
  }

  private func rawTransaction(
    of selector: BlockSelector, at index: UInt64
  ) throws(RPCError) -> JSON {
    guard case .sealed(let number) = try resolve(selector, on: try chain()),
      let place = Int(exactly: index)
    else { return .null }
    let stored = try reading { (views) throws(ViewsError) in
      try views.transaction(layer, inBlock: number, at: place)
    }
    return stored.map { .data($0.transaction.encoded) } ?? .null
  }

  // MARK: Sending

  private func fillTransaction(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    let arguments = try parameters.required(0).transactionArguments()
    let sender = arguments.from ?? .zero
    let filled = try await completedTransaction(arguments, by: sender)
    return [
      "raw": .data(filled.encoded),
      "tx": EthereumJSON.pendingTransaction(filled, hash: filled.hash, sender: sender),
    ]
  }

  /// The receipt of a transaction as soon as it has one; -4 with its hash where that takes too long.
  private func receipt(
    of hash: Hash, _ parameters: RPCParameters
  ) async throws(RPCError) -> JSON {
    let wanted = try parameters.optional(1)?.looseUInt64() ?? 20_000
    let end = ContinuousClock.now.advanced(by: .milliseconds(min(wanted, 60_000)))
    let specification = try chain().specification
    while true {
      let stored = try reading { (views) throws(ViewsError) in
        try views.receipt(layer, hash: hash)
      }
      if let stored { return EthereumJSON.receipt(stored, specification: specification) }
      guard ContinuousClock.now < end else {
        throw RPCError(
          code: 4,
          message: "The transaction was added to the transaction pool but wasn't processed in time",
          data: .string(hash.hexadecimal))
      }
      try? await Task.sleep(for: .milliseconds(5))
    }
  }

  /// `eth_sendRawTransactionConditional(transaction, {blockNumberMin, …, knownAccounts})`.
  private func sendConditional(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    let encoded = try parameters.required(0).data()
    guard let conditions = parameters.optional(1) else {
      return .data(try await submit(encoded))
    }
    let head = try chain().head
    let (number, time) = (head.header.number, head.header.timestamp)
    var holds = true
    if let least = try conditions.optional("blockNumberMin")?.looseUInt64() {
      holds = holds && number >= least
    }
    if let most = try conditions.optional("blockNumberMax")?.looseUInt64() {
      holds = holds && number <= most
    }
    if let least = try conditions.optional("timestampMin")?.looseUInt64() {
      holds = holds && time >= least
    }
    if let most = try conditions.optional("timestampMax")?.looseUInt64() {
      holds = holds && time <= most
    }
    for (name, value) in try conditions.optional("knownAccounts")?.members() ?? [] {
      guard let address = Address(hexadecimal: name) else { throw value.error("no address") }
      if case .string = value.json {
        let account = try readingState { () throws(StateMiss) in try head.state.account(address) }
        let root = account?.storageRoot ?? Account.emptyStorageRoot
        let wanted = try value.hash()
        holds = holds && root == wanted
        continue
      }
      for (slotName, word) in try value.members() {
        guard let slot = UInt256(hexadecimal: slotName) else { throw word.error("no slot") }
        let found = try readingState { () throws(StateMiss) in
          try head.state.storage(address, slot)
        }
        let wanted = UInt256(try word.hash())
        holds = holds && found == wanted
      }
    }
    guard holds else {
      throw RPCError(code: -32003, message: "transaction rejected: a condition does not hold")
    }
    return .data(try await submit(encoded))
  }

  // MARK: State

  private func codeByHash(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let hash = try parameters.required(0).hash()
    let point = try point(parameters.optional(1))
    guard let code = try? point.state.code(hash) else { return .null }
    return .data(code)
  }

  /// `debug_accountInfoAt(block, transaction index, account)`.
  private func accountInfoAt(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let block = try tracedBlock(try parameters.required(0).block())
    let address = try parameters.required(2).address()
    let state = try state(of: block, after: try parameters.required(1).looseUInt64())
    let (account, code) = try readingState { () throws(StateMiss) in
      (try state.account(address) ?? .empty, try state.code(at: address))
    }
    return [
      "balance": .quantity(account.balance), "nonce": .quantity(account.nonce),
      "code": .data(code),
    ]
  }

  /// The state before the transaction at an index.
  private func state(of block: TracedBlock, after index: UInt64) throws(RPCError) -> State {
    var replay = try block.replay()
    for candidate in block.candidates.prefix(Int(min(index, UInt64(block.candidates.count)))) {
      do throws(ExecutionFailure) {
        _ = try replay.run(candidate)
      } catch {
        throw RPCError(tracing: error)
      }
    }
    do throws(ExecutionStop) { return try replay.state() } catch { throw .stopped(error) }
  }

  /// `debug_storageRangeAt(block hash, transaction index, account, first hash, count)`: slots that
  /// the transactions of the block touched, under the hash of their numbers.
  private func storageRange(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let block = try tracedBlock(try parameters.required(0).block())
    let address = try parameters.required(2).address()
    let first = try parameters.required(3).looseWord()
    let count = min(try parameters.required(4).looseUInt64(), UInt64(limits.proofSlots))
    let state = try state(of: block, after: try parameters.required(1).looseUInt64())
    let touched = try traces(block) { PrestateTracer($0) }
    var slots: [Hash: UInt256] = [:]
    for tracer in touched {
      for key in tracer.result()[address.hexadecimal]?["storage"]?.object?.keys ?? [] {
        guard let slot = UInt256(hexadecimal: key) else { continue }
        slots[Keccak256.hash(Hash(slot).bytes)] = slot
      }
    }
    var storage = JSONObject()
    var next: JSON = .null
    for (hash, slot) in slots.sorted(by: { $0.key < $1.key }) where UInt256(hash) >= first {
      guard UInt64(storage.count) < count else {
        next = .data(hash)
        break
      }
      let word = try readingState { () throws(StateMiss) in try state.storage(address, slot) }
      if word.isZero { continue }
      storage[hash.hexadecimal] = ["key": .data(Hash(slot)), "value": .data(Hash(word))]
    }
    return ["storage": .object(storage), "nextKey": next]
  }

  /// The accounts that one block changed, or those after a first one up to a last one.
  private func modifiedAccounts(
    _ first: BlockSelector, _ last: BlockSelector?
  ) throws(RPCError) -> JSON {
    let chain = try chain()
    guard case .sealed(let start) = try resolve(first, on: chain) else {
      throw .refused("start block not found")
    }
    var range = start...start
    if let last {
      guard case .sealed(let end) = try resolve(last, on: chain) else {
        throw .refused("end block not found")
      }
      guard start < end else {
        throw .refused("start block height (\(start)) must be less than end block height (\(end))")
      }
      range = start + 1...end
    }
    guard UInt64(range.count) <= limits.tracedBlocks else {
      throw RPCError(code: -32005, message: "too many blocks")
    }
    var addresses: Set<String> = []
    var options = PrestateOptions()
    options.isDifference = true
    for number in range where number > 0 {
      let block = try tracedBlock(number, on: chain)
      let tracers = try traces(block) { PrestateTracer($0, options) }
      for tracer in tracers {
        let result = tracer.result()
        addresses.formUnion(result["pre"]?.object?.keys ?? [])
        addresses.formUnion(result["post"]?.object?.keys ?? [])
      }
    }
    return .array(addresses.sorted().map { .string($0) })
  }

  /// Takes the head back to a block.
  private func setHead(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    let number = try parameters.required(0).looseUInt64()
    let chain = try chain()
    guard number <= chain.number else { throw .refused("block #\(number) not found") }
    try await takeBack(chain.number - number, on: chain)
    return .null
  }
}
