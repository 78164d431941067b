import Contracts
import Cryptography
import EVM
import Execution
import JSON
import NativeCryptography
import Primitives
import TestSupport
import Testing
import Trie

/// The code that real OP chains have at their predeploys, from other projects' vectors.
enum RealPredeploys {
  static let areHere =
    Project.hasVectors("op/genesis_codes.json") && Project.hasVectors("op/upgrade_txs.json")
    && Project.hasVectors("op/genesis_mainnet_unichain.json")

  private static func file(_ name: String) throws -> JSON {
    try #require(try Fixtures.rollupVectors(name).first)
  }

  /// The code that lies at 0x4200…`number` itself in the genesis of a chain.
  static func placed(_ number: String, of chain: String = "mainnet_unichain") throws -> Bytes {
    let alloc = try file("genesis_\(chain)")["alloc"].members()
    let account = try #require(alloc["0x42000000000000000000000000000000000000" + number])
    let hash = try #require(account["codeHash"]?.string)
    return try file("genesis_codes")["codes"].members()[hash].asBytes()
  }

  /// The code behind the proxy 0x4200…`number` in the genesis of a chain.
  static func code(_ number: String, of chain: String = "mainnet_unichain") throws -> Bytes {
    let alloc = try file("genesis_\(chain)")["alloc"].members()
    let suffix = "c0d3c0d3c0d3c0d3c0d3c0d3c0d3c0d3c0d300" + number
    let account = try #require(alloc["0x" + suffix] ?? alloc[suffix])
    let hash = try #require(account["codeHash"]?.string)
    return try file("genesis_codes")["codes"].members()[hash].asBytes()
  }

  /// The code that a network upgrade's deposit creates.
  static func upgrade(_ identifier: String) throws -> Bytes {
    let cases = try Fixtures.rollupVectors("upgrade_txs")
    let entry = try #require(cases.first { $0["id"]?.string == identifier })
    let transaction = try Transaction.decode(try entry["raw"].asBytes())
    let chain = try RollupChain(layer: 2)
    let from = try #require(transaction.deposit?.from)
    let address = try chain.create(from, transaction.data)
    return try chain.state.code(at: address)
  }

  /// A chain of ours, and one with real code at some predeploys.
  static func pair(_ codes: [(Address, Bytes)]) throws -> (ours: RollupChain, real: RollupChain) {
    let ours = try RollupChain(layer: 2)
    let real = try RollupChain(layer: 2)
    for (address, code) in codes { try real.place(code, at: address) }
    return (ours, real)
  }
}

/// What can be seen of a message from outside.
struct Visible: Equatable {
  var succeeded: Bool
  var output: Bytes
  var logs: [Log]

  init(_ outcome: RollupChain.Outcome) {
    succeeded = outcome.status == .success
    output = outcome.output
    logs = outcome.logs
  }
}

@Suite(.enabled(if: RealPredeploys.areHere, "the vectors of OP chains are not here"))
struct RealPredeployTests {
  private let l1Block = L1BlockContract.address
  private let oracle = GasPriceOracleContract.address
  private let passer = MessagePasserContract.address

  /// Sends one message to both; they must look alike.
  private func same(
    _ chains: (ours: RollupChain, real: RollupChain), from caller: Address, to target: Address,
    _ input: Bytes, value: UInt256 = 0, _ comment: String = ""
  ) throws {
    let ours = Visible(
      try chains.ours.run(from: caller, to: target, input: input, value: value))
    let real = Visible(
      try chains.real.run(from: caller, to: target, input: input, value: value))
    #expect(ours == real, "\(comment)")
  }

  @Test("L1Block: the same storage and answers after the same attributes")
  func attributes() throws {
    var numbers = SeededNumbers(state: 31)
    let versions: [(Bytes, [L1Attributes.Format], [String])] = [
      (try RealPredeploys.code("15"), [.bedrock, .ecotone], []),
      (
        try RealPredeploys.upgrade("isthmus-0"), [.bedrock, .ecotone, .isthmus],
        ["operatorFeeScalar", "operatorFeeConstant"]
      ),
    ]
    let getters = [
      "number", "timestamp", "basefee", "hash", "sequenceNumber", "blobBaseFeeScalar",
      "baseFeeScalar", "batcherHash", "l1FeeOverhead", "l1FeeScalar", "blobBaseFee",
      "DEPOSITOR_ACCOUNT", "isCustomGasToken", "gasPayingToken", "gasPayingTokenName",
      "gasPayingTokenSymbol",
    ]
    for (code, formats, more) in versions {
      let chains = try RealPredeploys.pair([(l1Block, code)])
      for format in formats + formats {
        let input = FeeContractTests.attributes(format, &numbers).input
        try same(chains, from: Parts.alice, to: l1Block, input, "as a stranger")
        try same(chains, from: LayerTwoAddresses.depositor, to: l1Block, input)
        for slot in 0..<12 {
          let index = UInt256(UInt64(slot))
          #expect(
            try chains.ours.state.storage(l1Block, index)
              == chains.real.state.storage(l1Block, index), "slot \(slot)")
        }
        for getter in getters + more {
          try same(chains, from: Parts.alice, to: l1Block, ABI.call(getter + "()"), getter)
        }
      }
    }
  }

  @Test("GasPriceOracle: the same fees of the same bytes under each upgrade")
  func fees() throws {
    var numbers = SeededNumbers(state: 32)
    let versions: [(Bytes, [UInt256])] = [
      (try RealPredeploys.code("0f"), [0, 1, 0x101]),
      (try RealPredeploys.upgrade("jovian-gpo-deploy"), [0, 1, 0x101, 0x1_0101, 0x101_0101]),
    ]
    for (code, flags) in versions {
      let chains = try RealPredeploys.pair([(oracle, code)])
      let input = FeeContractTests.attributes(.isthmus, &numbers).input
      for chain in [chains.ours, chains.real] {
        try chain.send(
          LayerTwoAddresses.depositor, l1Block,
          FeeContractTests.attributes(.bedrock, &numbers).input)
        try chain.send(LayerTwoAddresses.depositor, l1Block, input)
      }
      chains.real.state = try Self.with(chains.ours, chains.real, l1Block)
      for word in flags {
        for chain in [chains.ours, chains.real] { try chain.place(word, in: 0, of: oracle) }
        let hasOperatorFee = flags.count > 3
        for _ in 0..<12 {
          let data = FeeContractTests.data(&numbers)
          let gas = UInt256(numbers.next())
          let calls =
            [
              GasPriceOracleContract.l1Fee(data).input,
              GasPriceOracleContract.l1GasUsed(data).input,
              GasPriceOracleContract.l1FeeUpperBound(sizeInBytes: UInt64(data.count)).input,
            ]
            + (hasOperatorFee
              ? [
                GasPriceOracleContract.operatorFee(gas: gas).input,
                GasPriceOracleContract.operatorFee(gas: .max).input,
              ] : [])
          for call in calls {
            try same(chains, from: Parts.alice, to: oracle, call, "flags \(word)")
          }
        }
        for getter in [
          "overhead", "scalar", "l1BaseFee", "blobBaseFee", "baseFeeScalar", "blobBaseFeeScalar",
          "decimals", "DECIMALS", "gasPrice", "baseFee", "isEcotone", "isFjord",
        ] {
          try same(chains, from: Parts.alice, to: oracle, ABI.call(getter + "()"), getter)
        }
      }
    }
  }

  /// The second chain's state with the first one's L1Block.
  private static func with(
    _ first: RollupChain, _ second: RollupChain, _ address: Address
  ) throws -> State {
    for slot in 0..<9 {
      let index = UInt256(UInt64(slot))
      try second.place(try first.state.storage(address, index), in: index, of: address)
    }
    return second.state
  }

  @Test("the message passer: the same messages, storage roots and burnt ether")
  func messages() throws {
    var numbers = SeededNumbers(state: 33)
    let chains = try RealPredeploys.pair([(passer, try RealPredeploys.code("16"))])
    for index in 0..<12 {
      let call = MessagePasserContract.initiateWithdrawal(
        target: Parts.bob, gasLimit: UInt256(numbers.next()),
        data: FeeContractTests.data(&numbers))
      try same(
        chains, from: Parts.alice, to: passer, index % 3 == 2 ? [] : call,
        value: UInt256(numbers.next(below: 1_000)))
      #expect(
        try chains.ours.state.storageTrie(passer).root
          == chains.real.state.storageTrie(passer).root)
    }
    try same(chains, from: Parts.alice, to: passer, MessagePasserContract.nonce.input)
    try same(chains, from: Parts.bob, to: passer, MessagePasserContract.burn)
    #expect(try chains.real.balance(passer) == 0 && chains.ours.balance(passer) == 0)
  }

  /// Real code with the storage that its initializer makes.
  private func messengers() throws -> (ours: RollupChain, real: RollupChain) {
    let messenger = LayerTwoAddresses.messenger
    let chains = try RealPredeploys.pair([
      (messenger, try RealPredeploys.code("07")),
      (LayerTwoAddresses.bridge, try RealPredeploys.code("10")),
    ])
    // The sender of no message, the other messenger; the bridge's messenger and the other bridge.
    try chains.real.place(0xdead, in: 204, of: messenger)
    try chains.real.place(UInt256(LayerOneAddresses.messenger), in: 207, of: messenger)
    try chains.real.place(UInt256(messenger), in: 3, of: LayerTwoAddresses.bridge)
    try chains.real.place(
      UInt256(LayerOneAddresses.bridge), in: 4, of: LayerTwoAddresses.bridge)
    return chains
  }

  @Test("the messenger: messages that come are relayed, kept and replayed alike")
  func relaying() throws {
    let chains = try messengers()
    let messenger = LayerTwoAddresses.messenger
    let origin = AddressAlias.applied(to: LayerOneAddresses.messenger)
    for chain in [chains.ours, chains.real] { try chain.fund(origin, 1_000_000) }
    for (index, target) in [
      Parts.bob, messenger, passer, l1Block, LayerTwoAddresses.wrappedEther, Parts.bob,
    ].enumerated() {
      let message = LayerMessage(
        nonce: UInt256(1).shiftedLeft(by: UInt64(index == 5 ? 241 : 240)) &+ UInt256(UInt64(index)),
        sender: Parts.alice, target: target, value: 5,
        gasLimit: UInt256(UInt64(index) * 10_000), data: [])
      let call = message.relayCall
      try same(chains, from: origin, to: messenger, call, value: 5, "message \(index)")
      try same(chains, from: origin, to: messenger, call, value: 5, "again \(index)")
      try same(chains, from: Parts.bob, to: messenger, call, "replay \(index)")
      try same(chains, from: Parts.bob, to: messenger, call, value: 1, "with ether \(index)")
    }
    try same(chains, from: Parts.bob, to: messenger, ABI.call("xDomainMessageSender()"))
  }

  @Test("messenger and bridge: what leaves is told alike, but for the newer gas formula")
  func leaving() throws {
    let chains = try messengers()
    let bridge = LayerTwoAddresses.bridge
    let calls: [(Address, Bytes, UInt256)] = [
      (
        LayerTwoAddresses.messenger,
        MessengerContract.send(to: Parts.bob, data: [1, 2, 3], gasLimit: 7), 5
      ),
      (bridge, BridgeContract.sendEther(gasLimit: 9, extraData: [1]), 6),
      (bridge, BridgeContract.sendEther(to: Parts.bob, gasLimit: 9), 7),
      (bridge, BridgeContract.withdraw(BridgeContract.legacyEther, amount: 8, gasLimit: 1), 8),
      (bridge, BridgeContract.withdraw(BridgeContract.legacyEther, amount: 8, gasLimit: 1), 7),
      (bridge, [], 9),
    ]
    for (target, input, value) in calls {
      let ours = try chains.ours.run(
        from: Parts.alice, to: target, input: input, value: value)
      let real = try chains.real.run(
        from: Parts.alice, to: target, input: input, value: value)
      #expect(ours.status == real.status && ours.output == real.output)
      #expect(ours.logs.count == real.logs.count)
      for (our, their) in zip(ours.logs, real.logs) {
        // The withdrawal holds the gas limit that the formula gives.
        if our.address == passer {
          #expect(our.topics == their.topics && our.address == their.address)
        } else {
          #expect(our == their)
        }
      }
    }
  }

  @Test("the bridge: ether that comes is told alike")
  func arriving() throws {
    let chains = try messengers()
    let origin = AddressAlias.applied(to: LayerOneAddresses.messenger)
    for chain in [chains.ours, chains.real] { try chain.fund(origin, 1_000_000) }
    for (index, recipient) in [Parts.bob, LayerTwoAddresses.bridge, l1Block].enumerated() {
      let message = LayerMessage(
        nonce: UInt256(1).shiftedLeft(by: 240 as UInt64) &+ UInt256(UInt64(index)),
        sender: LayerOneAddresses.bridge, target: LayerTwoAddresses.bridge, value: 5,
        gasLimit: 200_000,
        data: ABI.call(
          "finalizeBridgeETH(address,address,uint256,bytes)",
          [
            .address(Parts.alice), .address(recipient), .uint(5 as UInt64), .bytes([3]),
          ]))
      try same(
        chains, from: origin, to: LayerTwoAddresses.messenger, message.relayCall, value: 5,
        "to \(recipient)")
    }
  }
}
