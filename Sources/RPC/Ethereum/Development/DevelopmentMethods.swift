import Cryptography
import EVM
import Execution
import JSON
import Ledger
import Node
import Primitives

/// A control under all its names: anvil's, hardhat's, and those of the older tools.
private func named(_ names: String..., method: RPCMethod) -> [(String, RPCMethod)] {
  names.map { ($0, method) }
}

extension EthereumService {
  /// The controls of a development chain under all the names that tools know them by.
  ///
  /// What they change is an event of the log, so that a replay does it again.
  var developmentMethods: [String: RPCMethod] {
    var methods: [String: RPCMethod] = [:]
    for (name, method) in accountControls + blockControls + timeControls + poolControls
      + headControls + nodeControls
    {
      methods[name] = method
    }
    return methods
  }

  // MARK: Accounts

  private var accountControls: [(String, RPCMethod)] {
    named(
      "anvil_setBalance", "hardhat_setBalance", "tenderly_setBalance", "evm_setAccountBalance",
      method: editing(2) { (parameters) throws(RPCError) in
        .init(
          address: try parameters.required(0).address(),
          balance: try parameters.required(1).looseQuantity())
      })
      + named(
        "anvil_setCode", "hardhat_setCode", "evm_setAccountCode",
        method: editing(2) { (parameters) throws(RPCError) in
          .init(
            address: try parameters.required(0).address(),
            code: try parameters.required(1).data())
        })
      + named(
        "anvil_setNonce", "hardhat_setNonce", "evm_setAccountNonce",
        method: editing(2) { (parameters) throws(RPCError) in
          .init(
            address: try parameters.required(0).address(),
            nonce: try parameters.required(1).looseUInt64())
        })
      + named(
        "anvil_setStorageAt", "hardhat_setStorageAt", "evm_setAccountStorageAt",
        method: editing(3) { (parameters) throws(RPCError) in
          let slot = try parameters.required(1).looseQuantity()
          let word = try parameters.required(2).looseWord()
          return .init(
            address: try parameters.required(0).address(),
            slots: [.init(slot: slot, value: word)])
        })
      + named("anvil_addBalance", "hardhat_addBalance", "tenderly_addBalance", method: addBalance)
      + named(
        "anvil_dealERC20", "hardhat_dealERC20", "anvil_setERC20Balance",
        method: asynchronous(3, dealToken))
      + named("anvil_setERC20Allowance", method: asynchronous(4, setAllowance))
  }

  /// A control that changes one account; the answer is true.
  private func editing(
    _ most: Int,
    _ read: @escaping @Sendable (RPCParameters) throws(RPCError) -> AccountEdit.Change
  ) -> RPCMethod {
    asynchronous(most) { [self] (parameters) async throws(RPCError) in
      try await perform(
        .editAccounts(AccountEdit(layer: layer, changes: [try read(parameters)])))
      return true
    }
  }

  private var addBalance: RPCMethod {
    asynchronous(2) { [self] (parameters) async throws(RPCError) in
      let address = try parameters.required(0).address()
      let amount = try parameters.required(1).looseQuantity()
      let state = try chain().head.state
      let account = try readingState { () throws(StateMiss) in try state.account(address) }
      let balance = (account?.balance ?? .zero).addingClamped(amount)
      try await perform(
        .editAccounts(
          AccountEdit(layer: layer, changes: [.init(address: address, balance: balance)])))
      return .quantity(balance)
    }
  }

  // MARK: Blocks

  private var blockControls: [(String, RPCMethod)] {
    named(
      "anvil_setCoinbase", "hardhat_setCoinbase",
      method: changing(1) { (parameters, controls) throws(RPCError) in
        controls.feeRecipient = try parameters.required(0).address()
      })
      + named(
        "anvil_setNextBlockPrevRandao", "hardhat_setPrevRandao", "anvil_setPrevRandao",
        method: changing(1) { (parameters, controls) throws(RPCError) in
          controls.nextPrevRandao = Hash(try parameters.required(0).looseWord())
        })
      + named(
        "anvil_setNextBlockBaseFeePerGas", "hardhat_setNextBlockBaseFeePerGas",
        method: changing(1) { (parameters, controls) throws(RPCError) in
          controls.nextBaseFee = try parameters.required(0).looseQuantity()
        })
      + named(
        "evm_setBlockGasLimit", "anvil_setBlockGasLimit",
        method: changing(1, answer: true) { (parameters, controls) throws(RPCError) in
          controls.gasLimit = try parameters.required(0).looseUInt64()
        })
      + named(
        "anvil_setChainId",
        method: changing(1) { (parameters, controls) throws(RPCError) in
          controls.chainID = try parameters.required(0).looseUInt64()
        })
      + named(
        "anvil_setMinGasPrice", "hardhat_setMinGasPrice",
        method: asynchronous(1) { [self] (parameters) async throws(RPCError) in
          let price = try parameters.required(0).looseQuantity()
          guard try chain().head.header.baseFee == nil else {
            throw .refused(
              "anvil_setMinGasPrice is not supported when EIP-1559 is active")
          }
          try await perform(
            .ask(OperatorChange(layer: layer, act: .setMinimumGasPrice(price))))
          return .null
        })
      + named("evm_mine", method: asynchronous(1, mineOne))
      + named("anvil_mine", "hardhat_mine", method: asynchronous(2, mineMany))
      + named("anvil_mine_detailed", "evm_mine_detailed", method: asynchronous(1, mineDetailed))
      + named(
        "anvil_setAutomine", "evm_setAutomine",
        method: changing(1) { (parameters, controls) throws(RPCError) in
          let isOn = try parameters.required(0).bool()
          controls.mode = isOn ? .instant : .manual
        })
      + named(
        "anvil_getAutomine", "hardhat_getAutomine",
        method: immediate(0) { [self] (_) throws(RPCError) in
          switch try miningMode() {
          case .instant, .mixed: true
          default: false
          }
        })
      + named("anvil_setIntervalMining", method: settingInterval { $0 })
      // hardhat counts milliseconds under this name, and anvil seconds; nobody wants a block each
      // quarter of an hour.
      + named(
        "evm_setIntervalMining",
        method: settingInterval { $0 < 1_000 ? $0 : $0 / 1_000 + ($0 % 1_000 == 0 ? 0 : 1) })
      + named(
        "anvil_getIntervalMining",
        method: immediate(0) { [self] (_) throws(RPCError) in
          switch try miningMode() {
          case .interval(let seconds), .mixed(let seconds): .integer(seconds)
          default: .null
          }
        })
  }

  /// Has a block be made each so many seconds.
  private func settingInterval(
    _ seconds: @escaping @Sendable (UInt64) -> UInt64
  ) -> RPCMethod {
    changing(1) { [self] (parameters, controls) throws(RPCError) in
      let seconds = seconds(try parameters.required(0).looseUInt64())
      controls.mode = seconds == 0 ? .manual : .interval(seconds: seconds)
      // A head that is ahead of the time would have the first block wait for it.
      let head = try chain().head.header.timestamp
      let now = node.configuration.clock() / 1000
      if head > controls.time(at: now), let ahead = Int64(exactly: head - min(head, now)) {
        controls.clockOffset = ahead
      }
    }
  }

  /// A control that changes how the next blocks are made.
  func changing(
    _ most: Int, answer: JSON = .null,
    _ change: @escaping @Sendable (RPCParameters, inout ChainControls) throws(RPCError) -> Void
  ) -> RPCMethod {
    asynchronous(most) { [self] (parameters) async throws(RPCError) in
      try await adjust { (controls) throws(RPCError) in try change(parameters, &controls) }
      return answer
    }
  }

  /// Changes how the next blocks are made, and answers what the change says; it begins anew where
  /// a block or somebody else was quicker, so that neither is undone.
  @discardableResult
  func adjust<Value>(
    _ change: (inout ChainControls) throws(RPCError) -> Value
  ) async throws(RPCError) -> Value {
    for _ in 0..<Self.adjustmentLimit {
      let basis = try chain().controls
      var controls = basis
      let value = try change(&controls)
      do throws(WriteFailure) {
        _ = try await write(
          .changeControls(ControlChange(layer: layer, controls: controls), basis: basis))
        return value
      } catch {
        guard case .refused(.control(.changedMeanwhile)) = error else { throw RPCError(error) }
      }
    }
    throw .refused(ControlRefusal.changedMeanwhile.message)
  }

  private static let adjustmentLimit = 1_000

  /// What makes a block due now.
  func miningMode() throws(RPCError) -> Sequencer.Mode {
    switch try chain().controls.mode {
    case .instant: return .instant
    case .manual: return .manual
    case .interval(let seconds): return .interval(seconds: seconds)
    case nil:
      return node.configuration.sequencers.first { $0.layer == layer }?.mode ?? .manual
    }
  }

  // MARK: The node

  private var nodeControls: [(String, RPCMethod)] {
    named(
      "anvil_setLoggingEnabled", "hardhat_setLoggingEnabled",
      method: asking(1) { (parameters) throws(RPCError) in
        .setLogging(isOn: try parameters.required(0).bool())
      })
      + named("anvil_nodeInfo", method: immediate(0, nodeInfo))
      + named("anvil_metadata", "hardhat_metadata", method: immediate(0, metadata))
      + named(
        "anvil_getGenesisTime",
        method: immediate(0) { [self] (_) throws(RPCError) in
          .integer(try chain().genesisTimestamp)
        })
  }

  private func nodeInfo(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let chain = try chain()
    let fork = chain.specification.fork(of: chain.head.header)
    return [
      "currentBlockNumber": .quantity(chain.number),
      "currentBlockTimestamp": .integer(chain.head.header.timestamp),
      "currentBlockHash": .data(chain.head.hash),
      "hardFork": .string("\(fork)"),
      "transactionOrder": transactionOrder == .fees ? "fees" : "fifo",
      "environment": [
        "baseFee": .quantity(chain.baseFeeOfNextBlock),
        "chainId": .integer(chain.specification.chainID),
        "gasLimit": .quantity(chain.controls.gasLimit ?? chain.head.header.gasLimit),
        "gasPrice": .quantity(suggestedGasPrice(on: chain)),
      ],
      "forkConfig": [
        "forkUrl": chain.isForked ? node.fork.remote.map { .string($0.url) } ?? .null : .null,
        "forkBlockNumber": chain.forkNumber.map { .integer($0) } ?? .null,
        "forkRetryBackoff": .null,
      ],
    ]
  }

  private func metadata(_ parameters: RPCParameters) throws(RPCError) -> JSON {
    let chain = try chain()
    let json: JSON = [
      "clientVersion": .string(ethereumClientVersion),
      "chainId": .integer(chain.specification.chainID),
      "instanceId": .data(chain.genesisHash),
      "latestBlockNumber": .integer(chain.number),
      "latestBlockHash": .data(chain.head.hash),
    ]
    if let number = chain.forkNumber, case .object(var members) = json {
      members["forkedNetwork"] = [
        "chainId": .integer(chain.specification.chainID), "forkBlockNumber": .integer(number),
        "forkBlockHash": (chain.block(number)?.hash).map { .data($0) } ?? .null,
      ]
      return .object(members)
    }
    return json
  }

  /// Asks for a command, and waits until it is durable.
  @discardableResult
  func perform(_ command: Command) async throws(RPCError) -> Outcome {
    do throws(WriteFailure) { return try await write(command) } catch { throw RPCError(error) }
  }

  private func write(_ command: Command) async throws(WriteFailure) -> Outcome {
    try await withCheckedContinuation { continuation in
      node.submit(command) { continuation.resume(returning: $0) }
    }.get()
  }

  /// Closes a block now, and waits until it is durable.
  @discardableResult
  func seal() async throws(RPCError) -> Outcome {
    let result = await withCheckedContinuation { continuation in
      node.seal(layer) { continuation.resume(returning: $0) }
    }
    return try result.mapError { RPCError($0) }.get()
  }
}

extension RPCValue {
  /// A number of at most 64 bits, written as the tools for development chains write it.
  func looseUInt64() throws(RPCError) -> UInt64 {
    guard let number = try looseQuantity().asUInt64 else { throw error("number > 64 bits") }
    return number
  }

  /// A block by its number or name; geth's `debug_` methods take plain numbers too.
  func looseBlockNumber() throws(RPCError) -> BlockSelector {
    if case .number = json { return .number(try looseUInt64()) }
    return try blockNumber()
  }

  /// A word, of which the left digits may be left out.
  func looseWord() throws(RPCError) -> UInt256 {
    if case .string(let text) = json, text.utf8.count == 66 { return UInt256(try hash()) }
    return try looseQuantity()
  }
}
