import Execution
import JSON
import Ledger
import Node
import Primitives

extension EthereumService {
  /// What moves the head back, and says in whose name is sent.
  var headControls: [(String, RPCMethod)] {
    let snapshot = asynchronous(0, self.snapshot)
    let revert = asynchronous(1, self.revert)
    let reset = asynchronous(1, self.reset)
    let impersonate = asking(1, answer: true) { (parameters) throws(RPCError) in
      .impersonate(try parameters.required(0).address(), isOn: true)
    }
    let stop = asking(1, answer: true) { (parameters) throws(RPCError) in
      .impersonate(try parameters.required(0).address(), isOn: false)
    }
    let all = asking(1) { (parameters) throws(RPCError) in
      .impersonateAll(isOn: try parameters.required(0).bool())
    }
    let trust = asking(2) { (parameters) throws(RPCError) in
      var signature = try parameters.required(0).data(count: 65)
      if signature[64] < 27 { signature[64] += 27 }
      return .trustSignature(
        OperatorState.name(ofSignature: signature), try parameters.required(1).address())
    }
    return [
      ("anvil_snapshot", snapshot), ("evm_snapshot", snapshot), ("anvil_revert", revert),
      ("evm_revert", revert), ("anvil_reset", reset), ("hardhat_reset", reset),
      ("anvil_rollback", asynchronous(1, rollback)), ("anvil_reorg", asynchronous(2, reorganise)),
      ("anvil_impersonateAccount", impersonate), ("hardhat_impersonateAccount", impersonate),
      ("anvil_stopImpersonatingAccount", stop), ("hardhat_stopImpersonatingAccount", stop),
      ("anvil_autoImpersonateAccount", all), ("hardhat_autoImpersonateAccount", all),
      ("anvil_impersonateSignature", trust),
    ]
  }

  /// A control by which the operator asks for something that is no block.
  func asking(
    _ most: Int, answer: JSON = .null,
    _ read: @escaping @Sendable (RPCParameters) throws(RPCError) -> OperatorChange.Act
  ) -> RPCMethod {
    asynchronous(most) { [self] (parameters) async throws(RPCError) in
      try await perform(.ask(OperatorChange(layer: layer, act: try read(parameters))))
      return answer
    }
  }

  /// Remembers how things stand, and answers with the number to go back to it by.
  private func snapshot(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    let outcome = try await perform(
      .ask(OperatorChange(layer: layer, act: .snapshot(number: 0))))
    for case .snapshotTaken(layer, let number) in outcome.consequences {
      return .quantity(number)
    }
    throw .internalFailure("no snapshot was taken")
  }

  /// What takes transactions out of the pool.
  var poolControls: [(String, RPCMethod)] {
    let drop = asynchronous(1) { [self] (parameters) async throws(RPCError) in
      let hash = try parameters.required(0).hash()
      return try await self.drop(hash) ? .data(hash) : .null
    }
    let dropAsHardhat = asynchronous(1) { [self] (parameters) async throws(RPCError) in
      .bool(try await self.drop(try parameters.required(0).hash()))
    }
    let dropEverything = asynchronous(0) { [self] (_) async throws(RPCError) in
      try await dropAll(try chain().pool.all)
    }
    let dropOfSender = asynchronous(1) { [self] (parameters) async throws(RPCError) in
      let sender = try parameters.required(0).address()
      return try await dropAll(try chain().pool.all.filter { $0.sender == sender })
    }
    return [
      ("anvil_dropTransaction", drop), ("hardhat_dropTransaction", dropAsHardhat),
      ("anvil_dropAllTransactions", dropEverything),
      ("hardhat_dropAllTransactions", dropEverything), ("debug_clearTxpool", dropEverything),
      ("anvil_removePoolTransactions", dropOfSender),
    ]
  }

  /// Drops a transaction; false where the pool does not hold it.
  private func drop(_ hash: Hash) async throws(RPCError) -> Bool {
    guard try chain().pool[hash] != nil else { return false }
    try await perform(.dropTransaction(layer, hash: hash))
    return true
  }

  private func dropAll(_ list: [PooledTransaction]) async throws(RPCError) -> JSON {
    for pooled in list { try await perform(.dropTransaction(layer, hash: pooled.hash)) }
    return .null
  }

  /// Goes back to a snapshot; false where there is none of that number.
  private func revert(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    let number = try parameters.required(0).looseUInt64()
    guard let position = try chain().operatorState.snapshots[number] else { return false }
    try await perform(.resetHead(HeadReset(layer: layer, position: position)))
    return true
  }

  /// `anvil_reset({forking?})`: goes back to the chain's beginning, or on from another chain's block.
  private func reset(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    if let forking = try parameters.optional(0)?.optional("forking") {
      try await fork(from: forking)
      return true
    }
    try await perform(
      .resetHead(HeadReset(layer: layer, position: try chain().firstPosition)))
    return true
  }

  /// `anvil_rollback(depth?)`.
  private func rollback(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    let depth = try parameters.optional(0)?.looseUInt64() ?? 1
    try await takeBack(depth, on: try chain())
    return .null
  }

  func takeBack(_ depth: UInt64, on chain: Chain) async throws(RPCError) {
    let position: UInt64
    do throws(ResetRefusal) {
      position = try chain.position(depth: depth)
    } catch {
      throw .refused(error.message)
    }
    try await perform(.resetHead(HeadReset(layer: layer, position: position)))
  }

  /// `anvil_reorg(depth, [[transaction, block], …])`: other blocks in the place of the last ones,
  /// with the transactions given, each in the block of that index.
  private func reorganise(_ parameters: RPCParameters) async throws(RPCError) -> JSON {
    let first = try parameters.required(0)
    // Either two parameters, or one object with both.
    let isObject = if case .object = first.json { true } else { false }
    let depth = try isObject ? first.required("depth").looseUInt64() : first.looseUInt64()
    let list = try isObject ? first.optional("txBlockPairs") : parameters.optional(1)
    var blocks: [UInt64: [RPCValue]] = [:]
    for pair in try list?.elements() ?? [] {
      let parts = try pair.elements()
      guard parts.count == 2 else { throw pair.error("want a transaction and a block's index") }
      let index = try parts[1].looseUInt64()
      guard index < depth else { throw pair.error("the block is not below the depth") }
      blocks[index, default: []].append(parts[0])
    }
    let mode = try chain().controls.mode
    try await takeBack(depth, on: try chain())
    try await setMode(.manual)
    for index in 0..<depth {
      for transaction in blocks[index] ?? [] { _ = try await send(transaction) }
      try await seal()
    }
    try await setMode(mode)
    return .null
  }

  private func setMode(_ mode: ChainControls.Mode?) async throws(RPCError) {
    try await adjust { controls in controls.mode = mode }
  }

  /// Sends a transaction that is signed, or described.
  private func send(_ value: RPCValue) async throws(RPCError) -> Hash {
    if case .string = value.json { return try await submit(try value.data()) }
    return try await sendDescribed(value)
  }
}
